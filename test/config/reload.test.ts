import { describe, expect, it } from 'vitest';
import { whyRestart } from '../../src/config/reload.ts';
import { apiSection, changed, load, sampleEnv, sampleKeys, sampleText } from './sample.ts';

const before = load(`${sampleText}${apiSection}`).config;
const after = (text: string, env = sampleEnv) => load(`${text}${apiSection}`, env).config;

describe('a reload', () => {
  it.each([
    ['nothing', sampleText],
    ['a comment', `${sampleText}# more\n`],
    ['groups', changed('sre: [bob@example.com,', 'sre: [bob@example.com, dana@example.com,')],
    ['roles', changed('quorum: 2', 'quorum: 1')],
    ['providers', changed('https://vpn.example.com', 'https://vpn2.example.com')],
    ['people', changed('aliases:', 'one_directory: true\n  aliases:')],
    ['operators', `operators: { groups: [sre] }${sampleText}`],
    ['limits', `limits: { per_hour: 1 }${sampleText}`],
    ['workflows', changed('performs: access }', 'performs: access, enabled: false }')],
  ])('may change %s', (_what, text) => {
    expect(whyRestart(before, after(text))).toBeUndefined();
  });

  it.each([
    ['server', `server: { port: 9090 }${sampleText}`],
    ['temporal', `temporal: { task_queue: other }${sampleText}`],
    ['store', `store: postgres://u:hunter2@db/x${sampleText}`],
    ['slack', changed('[T01ACME]', '[T01ACME, T02ACME]')],
    ['slack', changed('${SLACK_BOT_TOKEN}', 'xoxb-hunter2')],
  ])('cannot change %s, and says so without quoting it', (section, text) => {
    const why = whyRestart(before, after(text));
    expect(why).toContain(`cannot change ${section}.`);
    expect(why).toContain('restart');
    expect(why).not.toContain('hunter2');
  });

  it('names everything that differs', () => {
    const env = { ...sampleEnv, ELEVATE_KEYS: sampleKeys[1] };
    const text = `store: sqlite:./x.db${sampleText}`;
    const { config } = load(text, env);
    expect(whyRestart(before, config)).toContain('cannot change store, keys and api.');
    expect(whyRestart(before, config)).not.toContain(String(sampleKeys[1]));
  });

  it.each(['issuer: https://id2.example.com', 'issuer: https://id.example.com\n  token_types: [jwt]'])(
    'cannot change the API: %s',
    (line) => {
      const api = apiSection.replace('issuer: https://id.example.com', line);
      expect(whyRestart(before, load(`${sampleText}${api}`).config)).toContain('cannot change api.');
    },
  );
});
