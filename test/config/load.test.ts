import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/mistakes.ts';
import { teamsConfig } from '../samples.ts';
import { changed, errorOf, load, mistakesIn, sampleEnv, sampleKeys, sampleSecret, sampleText } from './sample.ts';
import { newFolder } from '../folder.ts';

const root = new URL('../../', import.meta.url).pathname;
const hour = 3_600_000;

describe('the files that come with Elevate', () => {
  it('T1: elevate.yaml loads, with warnings that its Teams is not the real one, and names people in another way', () => {
    const { config, warnings } = loadConfig({ path: join(root, 'elevate.yaml') }, sampleEnv);
    expect(warnings.map(({ path }) => path)).toEqual(['teams.endpoints', 'identity.one_directory']);
    expect(Object.keys(config.roles)).toEqual(['admin', 'reader', 'db-admin']);
    expect(config.roles['db-admin']?.approval.map(({ quorum }) => quorum)).toEqual([2, 1]);
  });

  it('T34: elevate.yaml grants nothing beyond this machine', () => {
    const { config } = loadConfig({ path: join(root, 'elevate.yaml') }, sampleEnv);
    for (const provider of Object.values(config.providers))
      expect(provider.type === 'log' ? '127.0.0.1' : new URL(provider.url).hostname).toBe('127.0.0.1');
  });

  it('examples/elevate.yaml loads, with the warnings that it explains', () => {
    const secrets = newFolder('secrets');
    writeFileSync(join(secrets, 'slack-signing-secret'), `${sampleEnv['SLACK_SIGNING_SECRET']}\n`);
    const example = readFileSync(join(root, 'examples/elevate.yaml'), 'utf8');
    const { config, warnings } = loadConfig({ text: example.replaceAll('/run/secrets', secrets) }, sampleEnv);
    expect(warnings.map(({ path }) => path)).toEqual(['identity.one_directory', 'roles.vpn-admin.risk']);
    expect(config.slack?.signingSecret).toBe(sampleEnv['SLACK_SIGNING_SECRET']);
    expect(config.store).toBe('postgres://elevate:not-a-real-password@db.example.com:5432/elevate');
    expect(config.api).toMatchObject({
      tokenTypes: ['at+jwt'],
      decideScope: 'elevate.decide',
      clientId: 'elevate-cli',
    });
    expect(config.teams).toEqual(teamsConfig({ app: { type: 'SingleTenant', password: 'not-a-real-app-password' } }));
    expect(config.roles['vpn-admin']?.approval[0]?.ask.channels).toEqual({
      slack: ['C02APPR'],
      teams: ['19:approvals@thread.tacv2'],
    });
    expect(Object.keys(config.identity.links)).toEqual([
      'slack:T01ACME/U02BOB',
      'teams:0ac3e000-0000-4000-8000-000000000001/b0b00000-0000-4000-8000-000000000000',
      'api:https://id.example.com/00u1bob',
    ]);
    expect(config.groups['oncall']).toEqual({ users: ['dana@example.com'], platformGroups: { slack: 'S0123ABC' } });
  });
});

describe('a loaded configuration', () => {
  it('has durations in milliseconds, our names, and the defaults', () => {
    const { config, warnings } = load(sampleText);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      server: { host: '127.0.0.1', port: 8080, publicUrl: undefined },
      temporal: { taskQueue: 'elevate' },
      store: 'sqlite:./elevate.db',
      keys: [sampleKeys[0]],
      slack: { workspaces: ['T01ACME'], apiUrl: 'https://slack.com/api/', botToken: 'xoxb-not-a-real-token' },
      operators: { users: [], groups: [] },
      identity: { oneDirectory: false, links: { 'slack:T01ACME/U02BOB': 'bob@example.com' } },
      limits: { openPerPerson: 5, perHour: 20 },
      providers: { vpn: { type: 'webhook', secrets: [sampleSecret], inspects: false, timeoutMs: 10_000 } },
      workflows: { default: { title: 'Temporary access', enabled: true, performs: 'access', input: undefined } },
    });
    expect(config.roles['admin']).toEqual({
      title: 'Administrator',
      providers: ['vpn'],
      risk: 'normal',
      howTo: undefined,
      requestGroups: undefined,
      reason: { required: true, min: 5, pattern: 'INC-[0-9]+', hint: undefined },
      duration: { defaultMs: hour, maxMs: 4 * hour },
      approval: [
        {
          name: 'approval',
          approvers: { users: [], groups: ['sre'] },
          quorum: 2,
          withinMs: 4 * hour,
          ask: { channels: { slack: ['C02APPR'] }, dm: 'none' },
        },
      ],
      selfApproval: false,
    });
  });

  it('has the workflow for access even if the file lists others only, or none', () => {
    const other = changed('default: { title: Temporary access,', 'other: { title: Other,');
    expect(Object.keys(load(other).config.workflows)).toEqual(['default', 'other']);
    expect(load(other).config.workflows['default']?.enabled).toBe(true);
    expect(load(sampleText.slice(0, sampleText.indexOf('workflows:'))).config.workflows['default']).toBeDefined();
  });

  it('never takes a default duration that is longer than the maximum', () => {
    const short = changed('{ default: 1h, max: 4h }', '{ max: 20m }');
    expect(load(short).config.roles['admin']?.duration).toEqual({ defaultMs: hour / 3, maxMs: hour / 3 });
  });

  it('asks everyone by direct message where a stage says nothing about asking', () => {
    const silent = changed('        ask: { slack: [C02APPR], dm: none }\n', '');
    expect(load(silent).config.roles['admin']?.approval[0]?.ask).toEqual({ channels: {}, dm: 'all' });
  });

  it('has e-mails and domains in lower case, so that they compare', () => {
    const text = sampleText.replaceAll('bob@example.com', 'Bob@Example.COM').replace('[example.com]', '[Example.com]');
    const { config } = load(text);
    expect(config.groups['sre']?.users[0]).toBe('bob@example.com');
    expect(config.identity.links['slack:T01ACME/U02BOB']).toBe('bob@example.com');
    expect(config.identity.domains).toEqual(['example.com']);
  });

  it('is frozen through and through', () => {
    const { config } = load(sampleText);
    expect(() => config.roles['admin']?.approval[0]?.approvers.groups.push('oncall')).toThrow(TypeError);
    expect(() => Object.assign(config.identity.links, { 'slack:T01ACME/U1': 'x@example.com' })).toThrow(TypeError);
  });

  it('P1: knows no role, group or provider that the file does not have, whatever its name', () => {
    const { config } = load(sampleText);
    for (const map of [config.roles, config.groups, config.providers, config.workflows, config.identity.links])
      for (const name of ['constructor', '__proto__', 'toString']) expect(map[name]).toBeUndefined();
  });

  it('T32: has the digest of the text as read', () => {
    expect(load(sampleText).config.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(load(`${sampleText}# more\n`).config.digest).not.toBe(load(sampleText).config.digest);
    expect(load(sampleText, { ...sampleEnv, SLACK_BOT_TOKEN: 'xoxb-other' }).config.digest).toBe(
      load(sampleText).config.digest,
    );
  });
});

describe('warnings', () => {
  it('T6: a role of high risk is warned about until accounts can be linked', () => {
    const { warnings } = load(changed('title: Administrator', 'risk: high'));
    expect(warnings).toMatchObject([{ path: 'roles.admin.risk', line: 18 }]);
  });

  it.each([
    ['keys', changed('${ELEVATE_KEYS}', String(sampleKeys[1]))],
    ['slack.bot_token', changed('${SLACK_BOT_TOKEN}', 'xoxb-in-the-file')],
    ['slack.bot_token', changed('${SLACK_BOT_TOKEN}', '${UNSET:-xoxb-in-the-file}')],
    ['providers.vpn.secret', changed('"${VPN_SECRET}"', sampleSecret)],
    [
      'providers.vpn.secret[1]',
      changed('"${VPN_SECRET}"', `["\${VPN_SECRET}", "${sampleEnv['VPN_WEBHOOK_SECRET_BEFORE']}"]`),
    ],
  ])('P7: a secret in the file itself is warned about, without saying it: %s', (path, text) => {
    const { warnings } = load(text);
    expect(warnings.map((warning) => warning.path)).toEqual([path]);
    expect(JSON.stringify(warnings)).not.toMatch(/xoxb|whsec/);
  });
});

describe('what cannot be read', () => {
  it('says which file and why', () => {
    const loading = () => loadConfig({ path: '/nowhere/elevate.yaml' }, {});
    expect(loading).toThrow(ConfigError);
    expect(loading).toThrow('/nowhere/elevate.yaml:1:1 cannot be read (ENOENT)');
    expect(() => loadConfig({ path: tmpdir() }, {})).toThrow(/cannot be read \(EISDIR\)/);
  });

  it('a file that never ends is given up after 1 MiB', () => {
    expect(() => loadConfig({ path: '/dev/zero' }, {})).toThrow('/dev/zero:1:1 is larger than 1 MiB');
  });

  it('a file is named in each of its mistakes', () => {
    const file = join(newFolder('config'), 'mine.yaml');
    writeFileSync(file, changed('quorum: 2', 'quorum: many'));
    expect(() => loadConfig({ path: file }, sampleEnv)).toThrow(
      `${file}:24:17 roles.admin.approval[0].quorum: must be a whole number from 1 to 20`,
    );
  });
});

describe('any text at all', () => {
  const fragments = sampleText.split(/(?<=[\s:,[\]{}"])/);
  const text = fc.oneof(
    fc.string({ maxLength: 300, unit: 'binary' }),
    fc.json().map((json) => json),
    fc
      .array(fc.constantFrom(...fragments, '&a ', '*a', '!!set ', '---\n', '? ', '${', '}', '\t', '|\n'), {
        maxLength: 60,
      })
      .map((parts) => parts.join('')),
    fc
      .tuple(fc.nat(fragments.length - 1), fc.constantFrom('null', '[]', '{}', '-1', '"${X}"', '*a', '{', '\n', '~'))
      .map(([index, other]) => fragments.with(index, other).join('')),
  );

  it('is loaded or refused with a ConfigError that has a place for every mistake, and nothing else', () => {
    fc.assert(
      fc.property(text, (any) => {
        const error = errorOf(any);
        if (error === undefined) return;
        expect(error.mistakes.length).toBeGreaterThan(0);
        for (const { line, column, message } of error.mistakes) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(any.split('\n').length + 1);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(message).toMatch(/^[\x20-\x7e]+$/);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('P7: no mistake says what a variable holds, wherever it is put', () => {
    const secret = 'xoxb-8c1f-secret';
    const places = fragments.flatMap((fragment, index) => (/^[\w@.-]+\n?$/.test(fragment.trim()) ? [index] : []));
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.constantFrom('${S}', '"${S}"', 'a${S}b', '"\\"${S}"'),
        (index, use) => {
          const printed = mistakesIn(fragments.with(index, `${use} `).join(''), { ...sampleEnv, S: secret });
          expect(JSON.stringify(printed)).not.toContain(secret);
        },
      ),
      { numRuns: 300 },
    );
  });
});
