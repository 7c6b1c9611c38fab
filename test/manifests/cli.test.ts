/** `elevate manifest`, as a process of its own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleEnv } from '../config/sample.ts';
import { runCli } from '../run-cli.ts';

const root = join(import.meta.dirname, '../..');
const appId = '6f1b3c4e-0d7a-4a51-9f2e-5b8c7d6e5f40';
const env = { ...sampleEnv, TEAMS_APP_ID: appId.toUpperCase() } as Record<string, string>;
const url = ['--url', 'https://elevate.example.com'];
const forTeams = [...url, '--app-id', appId];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'elevate-manifest-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const manifest = (args: string[]) => runCli(['manifest', ...args, '--out', folder], { env });
const written = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
const read = (path: string) => readFileSync(join(folder, path));
const json = (path: string) => JSON.parse(read(path).toString('utf8')) as Record<string, unknown>;

describe('what is checked in', () => {
  it.each([
    ['slack', url],
    ['teams', [...url, '--app-id', '00000000-0000-0000-0000-000000000000']],
  ])('for %s is what the code gives', async (chat, args) => {
    const { code, out, err } = await runCli(['manifest', chat, '--check', ...args], { env });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(`What is in manifests is what elevate manifest ${chat} writes.\n`);
  });
});

describe('what is written', () => {
  it('for Slack is one file', async () => {
    const { code, out } = await manifest(['slack', ...url]);
    expect(code).toBe(0);
    expect(out).toBe(`Wrote ${join(folder, 'slack.json')}\n`);
    expect(written()).toEqual(['slack.json']);
  });

  it('for Teams is a package and what is in it, twice the same', async () => {
    const all = ['teams', 'teams.zip', 'teams/color.png', 'teams/manifest.json', 'teams/outline.png'];
    expect((await manifest(['teams', ...forTeams])).code).toBe(0);
    expect(written()).toEqual(all);
    const before = read('teams.zip');
    expect((await manifest(['teams', ...forTeams])).code).toBe(0);
    expect(read('teams.zip').equals(before)).toBe(true);
  });

  it('carries the version of Elevate, and the app id in small letters', async () => {
    await manifest(['teams', ...url, '--app-id', appId.toUpperCase()]);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(json('teams/manifest.json')).toMatchObject({ version, id: appId, bots: [{ botId: appId }] });
  });

  it('has slash commands with --slash, and none with --no-slash', async () => {
    await manifest(['teams', ...forTeams, '--slash']);
    expect(json('teams/manifest.json')).toMatchObject({ manifestVersion: '1.29' });
    await manifest(['teams', ...forTeams, '--no-slash']);
    expect(json('teams/manifest.json')).toMatchObject({ manifestVersion: '1.24' });
  });

  it('takes what no option says from the configuration', async () => {
    const config = configFile({ publicUrl: 'https://from-the-file.example.com/elevate/', teams: true });
    expect(await manifest(['slack', '--config', config])).toMatchObject({ code: 0, err: '' });
    expect(json('slack.json')).toMatchObject({
      settings: { interactivity: { request_url: 'https://from-the-file.example.com/elevate/slack/events' } },
    });
    expect(await manifest(['teams', '--config', config])).toMatchObject({ code: 0, err: '' });
    expect(json('teams/manifest.json')).toMatchObject({
      id: appId,
      developer: { websiteUrl: 'https://from-the-file.example.com/elevate/' },
    });
  });

  it('and what an option says before that', async () => {
    const config = configFile({ publicUrl: 'https://from-the-file.example.com', teams: true });
    await manifest(['teams', '--config', config, ...url]);
    expect(json('teams/manifest.json')).toMatchObject({ id: appId, developer: { websiteUrl: `${url[1]}/` } });
  });
});

describe('a check', () => {
  it('says which values of which file are different, and fails', async () => {
    await manifest(['slack', ...url]);
    const { code, err } = await manifest(['slack', '--url', 'https://other.example.com', '--check']);
    expect(code).toBe(1);
    expect(err).toContain(
      'slack.json is different at /features/slash_commands/0/url, /settings/interactivity/request_url',
    );
    expect(read('slack.json').toString()).not.toContain('other.example.com');
  });

  it('says what is not there, but for the package, which need not be kept', async () => {
    const { code, err } = await manifest(['teams', ...forTeams, '--check']);
    expect(code).toBe(1);
    for (const name of ['manifest.json', 'color.png', 'outline.png']) expect(err).toContain(`${name} is not there.`);
    expect(err).not.toContain('teams.zip');
    expect(written()).toEqual([]);
  });

  it.each([
    ['an icon that was exchanged', 'teams/color.png', 'color.png is different.'],
    ['a package of something else', 'teams.zip', 'teams.zip is different.'],
    ['a manifest that is no JSON', 'teams/manifest.json', 'manifest.json is not JSON.'],
  ])('finds %s', async (_what, path, sentence) => {
    await manifest(['teams', ...forTeams]);
    writeFileSync(join(folder, path), 'something else');
    const { code, err } = await manifest(['teams', ...forTeams, '--check']);
    expect(code).toBe(1);
    expect(err).toContain(sentence);
  });

  it('says so where only the layout of a file is different', async () => {
    await manifest(['slack', ...url]);
    writeFileSync(join(folder, 'slack.json'), JSON.stringify(json('slack.json')));
    expect((await manifest(['slack', ...url, '--check'])).err).toContain(
      'slack.json is different in its layout alone.',
    );
  });
});

describe('what cannot be used is refused with why and what to do, and nothing is written', () => {
  it.each<[string, string[], string]>([
    [
      'no app id and no configuration',
      ['teams', ...url, '--config', '/nowhere.yaml'],
      'With --url, and --app-id for Teams, no configuration is needed.',
    ],
    [
      'no address and no configuration',
      ['slack', '--config', '/nowhere.yaml'],
      'With --url, and --app-id for Teams, no configuration is needed.',
    ],
    ['an app id that is no GUID', ['teams', ...url, '--app-id', 'elevate'], 'The app id is not a GUID'],
    ['an empty app id', ['teams', ...url, '--app-id', ''], 'The app id is not a GUID'],
    [
      'plain http',
      ['slack', '--url', 'http://127.0.0.1:8080'],
      'The address is plain http, which no chat calls. Say --url',
    ],
    [
      'no URL',
      ['slack', '--url', 'elevate.example.com'],
      'The address is not a URL that begins with https://. Say --url',
    ],
    [
      'a URL with a password',
      ['slack', '--url', 'https://a:b@example.com'],
      'The address has a user name or password in it.',
    ],
    ['a URL with a query', ['slack', '--url', 'https://example.com/?a=b'], 'The address has a question mark in it.'],
    ['an app id for Slack', ['slack', ...forTeams], '--app-id and --slash are for Teams. Leave them out for Slack.'],
    ['an unknown chat', ['discord', ...url], 'Allowed choices are slack, teams.'],
    ['no chat', url, "missing required argument 'chat'"],
  ])('%s', async (_what, args, sentence) => {
    const { code, out, err } = await manifest(args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(sentence);
    expect(err).not.toContain('    at ');
    expect(written()).toEqual([]);
  });

  it('a configuration without an app id or an address', async () => {
    const withoutId = configFile({ publicUrl: 'https://elevate.example.com' });
    expect((await manifest(['teams', '--config', withoutId])).err).toMatch(/^There is no app id\. Say --app-id/);
    const withoutAddress = configFile({ teams: true });
    for (const chat of ['slack', 'teams']) {
      const { code, err } = await manifest([chat, '--config', withoutAddress]);
      expect(code).toBe(1);
      expect(err).toMatch(/^There is no address .* Say --url/);
    }
    expect(written()).toEqual(['elevate.yaml']);
  });

  it('a folder that cannot be written to', async () => {
    writeFileSync(join(folder, 'taken'), '');
    const { code, err } = await runCli(['manifest', 'slack', ...url, '--out', join(folder, 'taken')], { env });
    expect(code).toBe(1);
    expect(err).toMatch(/slack\.json can't be written \(\w+\)\. Name a folder that you may write to with --out\.\n$/);
  });
});

function configFile({ publicUrl, teams = false }: { publicUrl?: string; teams?: boolean }): string {
  const path = join(folder, 'elevate.yaml');
  writeFileSync(
    path,
    `
server: { ${publicUrl === undefined ? '' : `public_url: "${publicUrl}"`} }
keys: "\${ELEVATE_KEYS}"
slack: { workspaces: [T01ACME], signing_secret: "\${SLACK_SIGNING_SECRET}", bot_token: "\${SLACK_BOT_TOKEN}" }
${teams ? `teams: { tenants: ["${appId}"], app_id: "\${TEAMS_APP_ID}", app_type: UserAssignedMsi }` : ''}
identity: { domains: [example.com] }
providers: { sandbox: { type: log } }
roles:
  admin:
    providers: [sandbox]
    approval: [{ approvers: { users: [bob@example.com] } }]
`,
  );
  return path;
}
