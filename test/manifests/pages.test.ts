/** The pages about Teams, held against the manifest, the configuration, the code and the log that they speak of. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { teamsManifest } from '../../src/manifests/teams.ts';
import { sampleEnv } from '../config/sample.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const install = read('docs/install-teams.md');
const sources = Object.fromEntries(globSync('src/**/*.ts', { cwd: root }).map((file) => [file, read(file)]));

/** By as much as its first line is, as it stands in a list. */
function unindented(text: string): string {
  return text.replaceAll(new RegExp(`^${/^ */.exec(text)![0]}`, 'gm'), '');
}

describe('docs/install-teams.md', () => {
  const steps = install.split(/^(?=\d+\. )/m).slice(1);
  const blocks = [...install.matchAll(/```yaml\n(?<text>.*?)```/gs)].map(({ groups }) => unindented(groups!['text']!));
  const variables = {
    TEAMS_TENANT_ID: '11111111-2222-3333-4444-555555555555',
    TEAMS_APP_ID: '66666666-7777-8888-9999-000000000000',
    TEAMS_APP_PASSWORD: 'not-a-real-password',
  };

  it('is numbered through, and says at each step what is to be seen', () => {
    expect(steps.map((step) => Number.parseInt(step, 10))).toEqual(steps.map((_, index) => index + 1));
    expect(steps.filter((step) => !/You see|says|does not warn/.test(step))).toEqual([]);
  });

  it('names every field of the manifest that is different from one installation to the next', () => {
    const app = { version: '1.0.0', slash: false };
    const one = teamsManifest({ ...app, appId: 'one', address: 'https://one' }) as Record<string, unknown>;
    const other = teamsManifest({ ...app, appId: 'two', address: 'https://two' }) as Record<string, unknown>;
    const filled = Object.keys(one).filter((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]));
    expect(filled.toSorted()).toEqual(['bots', 'developer', 'id']);
    for (const name of ['`id`', '`bots[0].botId`', '`developer`']) expect(install).toContain(name);
  });

  it('names every key of the section teams, and every variable that it needs', () => {
    const { properties } = configJsonSchema() as { properties: { teams: { properties: Record<string, object> } } };
    for (const key of Object.keys(properties.teams.properties)) expect(install).toContain(key);
    for (const name of Object.keys(variables)) expect(install).toContain(name);
  });

  it('shows sections that the loader takes, in order', () => {
    const [section, ask, cloud] = blocks as [string, string, string];
    const endpoints = cloud.replace('teams:\n', '');
    const text = `${section}${endpoints}
keys: "\${ELEVATE_KEYS}"
identity: { domains: [example.com] }
providers: { sandbox: { type: log } }
roles:
  admin:
    providers: [sandbox]
    approval:
      - approvers: { users: [bob@example.com] }
        ${ask.trim()}
`;
    const { config } = loadConfig({ text }, { ...sampleEnv, ...variables });
    expect(config.teams).toMatchObject({ tenants: [variables.TEAMS_TENANT_ID], appId: variables.TEAMS_APP_ID });
    expect(config.teams).toMatchObject({ standardEndpoints: false, app: { type: 'SingleTenant' } });
    expect(config.roles['admin']!.approval[0]!.ask.channels['teams']).toHaveLength(1);
  });

  it('sends Azure to the path that the server listens on', () => {
    expect(install).toContain('https://elevate.example.com/api/messages');
    expect(sources['src/http/server.ts']).toContain("'/api/messages'");
  });

  it('quotes the log as the code writes it', () => {
    const rows = install.match(/^\| log: [^|]+/gm) ?? [];
    const quoted = rows.flatMap((row) => [...row.matchAll(/`([^`]+ [^`]+)`/g)].map(([, line]) => line!));
    const all = Object.values(sources).join('\n');
    expect(quoted.length).toBeGreaterThan(3);
    expect(quoted.filter((line) => !all.includes(line))).toEqual([]);
  });
});

describe('docs/teams-sdk.md', () => {
  const page = read('docs/teams-sdk.md');

  it('names the files that import the SDK, and there are no others', () => {
    const importers = Object.keys(sources).filter((file) =>
      /from '(?:botbuilder|botframework-[a-z]+)'/.test(sources[file]!),
    );
    const named = [...page.matchAll(/^\| `(?<file>src\/[^`]+)`/gm)].map(({ groups }) => groups!['file']!);
    expect(importers.map((file) => basename(file))).not.toEqual([]);
    expect(importers.toSorted()).toEqual(named.toSorted());
  });

  it('names the versions that are installed', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    expect(dependencies).toMatchObject({ botbuilder: '4.23.3', 'botframework-connector': '4.23.3' });
    expect(page).toContain('`botbuilder` and `botframework-connector`, both exactly 4.23.3');
  });
});
