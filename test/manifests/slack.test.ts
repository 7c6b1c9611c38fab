/** Slack's manifest, the Web API methods that the code calls, the command it listens to, and the page about it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HELP, parseCommand } from '../../src/core/command.ts';
import { slackManifest } from '../../src/manifests/slack.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Manifest {
  display_information: { name: string; description: string };
  features: { slash_commands: { command: string; url: string; description: string; usage_hint: string }[] };
  oauth_config: { scopes: { bot: string[] } };
  settings: { interactivity: { request_url: string; message_menu_options_url: string } };
}
const manifest = slackManifest('https://elevate.example.com') as Manifest;
const { bot: scopes } = manifest.oauth_config.scopes;
const [command] = manifest.features.slash_commands;

/** What each method needs, as Slack documents it. A message to a user id opens a direct conversation. */
const needed: Record<string, string[]> = {
  'auth.test': [],
  'views.open': [],
  'chat.postMessage': ['chat:write', 'im:write'],
  'chat.update': ['chat:write'],
  'conversations.info': ['channels:read', 'groups:read'],
  'users.info': ['users:read', 'users:read.email'],
  'users.lookupByEmail': ['users:read.email'],
  'usergroups.users.list': ['usergroups:read'],
};

const source = globSync(['src/slack/**/*.ts', 'src/directory/slack.ts'], { cwd: root }).map(read).join('\n');
const called = [...new Set([...source.matchAll(/client\.(\w+(?:\.\w+)+)\(/g)].map(([, method]) => method!))];

describe('the scopes', () => {
  it('are known for every method that the code calls, and no more methods are listed here', () => {
    expect(called.toSorted()).toEqual(Object.keys(needed).toSorted());
  });

  it('are those of the methods that the code calls, and the one for the command', () => {
    const all = new Set(['commands', ...Object.values(needed).flat()]);
    expect(scopes.toSorted()).toEqual([...all].toSorted());
  });

  it('are each explained in docs/install-slack.md, and no others', () => {
    const cells = [...read('docs/install-slack.md').matchAll(/^\| (?<scopes>`.*?) +\|/gm)];
    const explained = cells.flatMap(({ groups }) => groups!['scopes']!.match(/[\w:.]+/g) ?? []);
    expect(explained).toEqual(scopes);
  });
});

describe('the command', () => {
  it('is the one that the code listens to and the grammar reads', () => {
    expect(source).toContain(`app.command('${command!.command}'`);
    expect(parseCommand(`${command!.command} whoami`, { roles: [], providers: {}, workflows: [] })).toEqual({
      verb: 'whoami',
    });
    expect(`${command!.command} ${command!.usage_hint}`).toBe(HELP[0]!.typed);
  });

  it('keeps to what Slack takes', () => {
    expect(manifest.display_information.name.length).toBeLessThanOrEqual(35);
    expect(manifest.display_information.description.length).toBeLessThanOrEqual(140);
    expect(command!.description.length).toBeLessThanOrEqual(100);
    expect(command!.usage_hint.length).toBeLessThanOrEqual(100);
  });
});

it('sends everything to the one path that the server listens on', () => {
  const { request_url, message_menu_options_url } = manifest.settings.interactivity;
  expect(new Set([command!.url, request_url, message_menu_options_url])).toEqual(
    new Set(['https://elevate.example.com/slack/events']),
  );
  expect(read('src/http/server.ts')).toContain("'/slack/events'");
});
