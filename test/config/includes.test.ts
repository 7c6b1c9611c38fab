import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, type Loaded } from '../../src/config/load.ts';
import { ConfigError, printMistake } from '../../src/config/mistakes.ts';
import { load, sampleEnv, sampleSecret, sampleText } from './sample.ts';
import { newFolder } from '../folder.ts';

type Files = Record<string, string | Buffer>;

/** A folder with these files; a name ending with `/` is a folder. */
function folderWith(files: Files): string {
  const folder = newFolder('config');
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(path, text);
  }
  return folder;
}

function loadFrom(folder: string, env = sampleEnv): Loaded {
  return loadConfig({ path: join(folder, 'elevate.yaml') }, env);
}

const read = (files: Files) => loadFrom(folderWith(files));

/** Every mistake as `file:line path: message (hint)`, without the folder. */
function mistakesOf(files: Files, folder = folderWith(files)): string[] {
  try {
    loadFrom(folder);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.mistakes.map((mistake) => printMistake(mistake).replaceAll(`${folder}/`, ''));
    expect(error.message.replaceAll(`${folder}/`, '')).toBe(lines.join('\n'));
    return lines.map((line) => line.replace(/^([^:]*:\d+):\d+/, '$1'));
  }
}

const section = (name: string) => new RegExp(`^${name}:\\n(?: .*\\n)+`, 'm');
/** The sample, of which some sections stand in files of their own. */
function split(names: readonly string[], include = names.map((name) => `${name}.yaml`)): Record<string, string> {
  const files: Record<string, string> = {};
  let main = sampleText;
  for (const name of names) {
    files[`${name}.yaml`] = section(name).exec(sampleText)?.[0] ?? '';
    main = main.replace(section(name), '');
  }
  return { ...files, 'elevate.yaml': `include: [${include.join(', ')}]${main}` };
}

describe('include', () => {
  it('makes one configuration of several files', () => {
    const { config, files, warnings } = read(split(['groups', 'providers', 'roles', 'workflows']));
    const { digest: _one, ...whole } = load(sampleText).config;
    const { digest: _other, ...parts } = config;
    expect(parts).toEqual(whole);
    expect(warnings).toEqual([]);
    expect(files.map((file) => file.slice(file.lastIndexOf('/') + 1))).toEqual([
      'elevate.yaml',
      'groups.yaml',
      'providers.yaml',
      'roles.yaml',
      'workflows.yaml',
    ]);
  });

  it('adds up sections that are maps, key by key, and links within identity', () => {
    const { config } = read({
      'elevate.yaml': `include: [more.yaml]${sampleText}`,
      'more.yaml': `
groups: { ops: [bob@example.com] }
providers: { other: { type: log } }
roles: { other: { providers: [other], approval: [{ approvers: { groups: [ops] } }] } }
workflows: { extra: { title: More, performs: access } }
identity: { links: { "slack:T01ACME/U03CAROL": carol@example.com } }
`,
    });
    expect(Object.keys(config.groups)).toEqual(['sre', 'oncall', 'ops']);
    expect(Object.keys(config.providers)).toEqual(['vpn', 'other']);
    expect(Object.keys(config.roles)).toEqual(['admin', 'other']);
    expect(Object.keys(config.workflows)).toEqual(['default', 'extra']);
    expect(Object.keys(config.identity.links)).toEqual(['slack:T01ACME/U02BOB', 'slack:T01ACME/U03CAROL']);
    expect(config.identity.domains).toEqual(['example.com']);
  });

  it('a key in two files is a mistake that names both places', () => {
    const mistakes = mistakesOf({
      'elevate.yaml': `include: [a.yaml, b.yaml]${sampleText}`,
      'a.yaml': 'groups:\n  ops: []\n  sre: [eve@example.com]\n',
      'b.yaml': `keys: x\nidentity: { domains: [evil.com] }\nslack: { workspaces: [T99EVIL] }\ngroups: { ops: [] }\n`,
    });
    expect(mistakes).toEqual([
      'a.yaml:3 groups.sre: is written in elevate.yaml:12 already (keep one of the two)',
      'b.yaml:1 keys: is written in elevate.yaml:2 already (keep one of the two)',
      'b.yaml:2 identity.domains: is written in elevate.yaml:8 already (keep one of the two)',
      'b.yaml:3 slack: is written in elevate.yaml:3 already (keep one of the two)',
      'b.yaml:4 groups.ops: is written in a.yaml:2 already (keep one of the two)',
    ]);
  });

  it('mistakes of all files are told at once, each with its own place', () => {
    const files = split(['groups', 'roles']);
    const mistakes = mistakesOf({
      ...files,
      'elevate.yaml': (files['elevate.yaml'] ?? '').replace('${SLACK_BOT_TOKEN}', '${NOT_SET}'),
      'groups.yaml': (files['groups.yaml'] ?? '').replace('bob@', 'bob@@'),
      'roles.yaml': (files['roles.yaml'] ?? '').replace('[vpn]', '[vpm]').replace('title', 'tittle'),
    });
    expect(mistakes).toEqual([
      'elevate.yaml:6 slack.bot_token: the environment variable NOT_SET is not set (set it, or give a default: ${NOT_SET:-default})',
      'groups.yaml:2 groups.sre[0]: is not an e-mail address',
      'roles.yaml:3 roles.admin.tittle: unknown key "tittle" (did you mean title?)',
      'roles.yaml:4 roles.admin.providers[0]: there is no provider of this name (did you mean vpn?)',
    ]);
  });

  it('a file that cannot be read brings no other mistakes with it', () => {
    const files = split(['groups', 'roles']);
    const hint = '(paths begin at the folder of the file that they stand in)';
    const { 'groups.yaml': _gone, ...others } = files;
    expect(mistakesOf(others)).toEqual([`elevate.yaml:1 include[0]: cannot be read (ENOENT) ${hint}`]);
    expect(mistakesOf({ ...others, 'groups.yaml/': '' })).toEqual([`elevate.yaml:1 include[0]: is not a file ${hint}`]);
    const latin = Buffer.from('groups: { sre: [b\u00f6b@example.com] }', 'latin1');
    expect(mistakesOf({ ...files, 'groups.yaml': latin })).toEqual([
      `elevate.yaml:1 include[0]: is not text in UTF-8 ${hint}`,
    ]);
    expect(mistakesOf({ ...files, 'groups.yaml': 'a'.repeat(1024 * 1024 + 1) })).toEqual([
      `elevate.yaml:1 include[0]: is larger than 1024 KiB ${hint}`,
    ]);
    expect(mistakesOf({ ...files, 'groups.yaml': 'groups: [\n' })).toEqual([
      expect.stringMatching(/^groups\.yaml:\d+ is not valid YAML/),
    ]);
    const unset = split(['groups'], ['"${NOT_SET}/groups.yaml"']);
    expect(mistakesOf(unset)).toEqual([expect.stringContaining('include[0]: the environment variable NOT_SET')]);
  });

  it('a file that is no section is a mistake', () => {
    const files = { ...split(['groups']), 'elevate.yaml': `include: [groups.yaml]${sampleText}` };
    for (const text of ['- a', 'a', '', '# nothing', '5'])
      expect(mistakesOf({ ...files, 'groups.yaml': text })).toEqual(['groups.yaml:1 must be a section with keys']);
  });

  it.each(['constructor', '__proto__', 'toString'])('P1: a key %s of an included file is no more than a key', (key) => {
    const mistakes = mistakesOf({
      'elevate.yaml': `include: [a.yaml]${sampleText}`,
      'a.yaml': `${key}: { x: 1 }\nidentity: { ${key}: { x: 1 } }\n`,
    });
    expect(mistakes).toEqual([
      expect.stringContaining(`a.yaml:1 ${key}: unknown key`),
      expect.stringContaining(`a.yaml:2 identity.${key}: unknown key`),
    ]);
  });

  it('paths begin at the folder of the file that they stand in', () => {
    const files = split(['groups', 'roles'], ['parts/all.yaml']);
    const { config } = read({
      'elevate.yaml': files['elevate.yaml'] ?? '',
      'parts/all.yaml': `include: [groups.yaml, ../roles.yaml]\n`,
      'parts/groups.yaml': files['groups.yaml'] ?? '',
      'roles.yaml': files['roles.yaml'] ?? '',
    });
    expect(Object.keys(config.groups)).toEqual(['sre', 'oncall']);
    expect(Object.keys(config.roles)).toEqual(['admin']);
  });

  it('only a whole path leads out of the folder of the configuration', () => {
    const outside = join(folderWith({ 'groups.yaml': split(['groups'])['groups.yaml'] ?? '' }), 'groups.yaml');
    expect(Object.keys(read(split(['groups'], [outside])).config.groups)).toEqual(['sre', 'oncall']);
    for (const path of ['../groups.yaml', 'a/../../groups.yaml', '..'])
      expect(mistakesOf(split(['groups'], [path]))).toEqual([
        'elevate.yaml:1 include[0]: is outside the folder of the configuration (write the whole path, from / on)',
      ]);
    expect(mistakesOf({ ...split(['groups'], ['..groups.yaml']), '..groups.yaml': 'groups: { sre: [] }' })).toEqual([
      expect.stringContaining('nobody is in the groups'),
    ]);
  });

  it('a file that leads back to itself, or is there twice, is read once and is a mistake', () => {
    const twice = 'is a file that is read already (include each file once)';
    const files = {
      ...split(['groups'], ['groups.yaml', 'a.yaml', 'link.yaml']),
      'a.yaml': 'include: [b.yaml]\n',
      'b.yaml': 'include: [a.yaml, elevate.yaml, "./b.yaml"]\n',
    };
    const folder = folderWith(files);
    symlinkSync(join(folder, 'groups.yaml'), join(folder, 'link.yaml'));
    expect(mistakesOf(files, folder)).toEqual([
      `elevate.yaml:1 include[2]: ${twice}`,
      `b.yaml:1 include[0]: ${twice}`,
      `b.yaml:1 include[1]: ${twice}`,
      `b.yaml:1 include[2]: ${twice}`,
    ]);
  });

  it('five includes deep is the end', () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, n) => [
          `${n + 1}.yaml`,
          n + 1 < length ? `include: [${n + 2}.yaml]\n` : 'groups: {}\n',
        ]),
      );
    const main = { 'elevate.yaml': `include: [1.yaml]${sampleText}` };
    expect(read({ ...main, ...chain(5) }).files).toHaveLength(6);
    expect(mistakesOf({ ...main, ...chain(6) })).toEqual(['5.yaml:1 include[0]: is more than 5 includes deep']);
  });

  it('fifty files are the end', () => {
    const parts = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}.yaml`, `groups: { g${n}: [] }\n`]));
    const main = (count: number) => ({
      'elevate.yaml': `include: [${Object.keys(parts(count)).join(', ')}]${sampleText}`,
    });
    expect(read({ ...parts(50), ...main(50) }).files).toHaveLength(51);
    expect(mistakesOf({ ...parts(51), ...main(51) })).toEqual(['elevate.yaml:1 include: must list at most 50']);
    const nested = { ...parts(49), ...main(49), '0.yaml': 'include: [x.yaml, y.yaml]\n', 'x.yaml': 'groups: {}\n' };
    expect(mistakesOf({ ...nested, 'y.yaml': 'groups: {}\n' })).toEqual([
      'elevate.yaml:1 include[48]: is one include too many; 50 at most',
    ]);
  });

  it('T32: the digest is that of all files in their order', () => {
    const files = split(['groups', 'workflows']);
    const { digest } = read(files).config;
    expect(read(files).config.digest).toBe(digest);
    expect(read({ ...files, 'groups.yaml': `${files['groups.yaml']}# more\n` }).config.digest).not.toBe(digest);
    expect(read(split(['workflows', 'groups'])).config.digest).not.toBe(digest);
    const moved = { 'groups.yaml': `${files['groups.yaml']}# x\n`, 'workflows.yaml': files['workflows.yaml'] ?? '' };
    const other = { 'groups.yaml': files['groups.yaml'] ?? '', 'workflows.yaml': `# x\n${files['workflows.yaml']}` };
    expect(read({ ...files, ...moved }).config.digest).not.toBe(read({ ...files, ...other }).config.digest);
  });

  it('warnings have the place in their file', () => {
    const files = split(['providers', 'roles']);
    const providers = (files['providers.yaml'] ?? '').replace('"${VPN_SECRET}"', sampleSecret);
    const roles = (files['roles.yaml'] ?? '').replace('title: Administrator', 'risk: high');
    const { warnings } = read({ ...files, 'providers.yaml': providers, 'roles.yaml': roles });
    expect(warnings.map(({ file, line, path }) => `${file.slice(file.lastIndexOf('/') + 1)}:${line} ${path}`)).toEqual([
      'providers.yaml:2 providers.vpn.secret',
      'roles.yaml:3 roles.admin.risk',
    ]);
    expect(JSON.stringify(warnings)).not.toContain(sampleSecret);
  });
});

describe('files in values', () => {
  const withToken = (reference: string) => ({
    'elevate.yaml': sampleText.replace('${SLACK_BOT_TOKEN}', () => `"${reference}"`),
  });

  it('come from a whole path, or from the folder of the configuration', () => {
    const folder = folderWith({ ...withToken('${file:secrets/bot}'), 'secrets/bot': 'xoxb-of-a-file\n' });
    expect(loadFrom(folder).config.slack?.botToken).toBe('xoxb-of-a-file');
    expect(loadFrom(folder).warnings).toEqual([]);
    const whole = folderWith(withToken(`\${file:${folder}/secrets/bot}`));
    expect(loadFrom(whole).config.slack?.botToken).toBe('xoxb-of-a-file');
  });

  it('in an included file, begin at the folder of the configuration as well', () => {
    const { config } = read({
      'elevate.yaml': sampleText.replace(section('providers'), 'include: [parts/providers.yaml]\n'),
      'parts/providers.yaml':
        'providers: { vpn: { type: webhook, url: https://vpn.example.com/, secret: "${file:vpn}" } }',
      vpn: `${sampleSecret}\n`,
    });
    expect(config.providers['vpn']).toMatchObject({ secrets: [sampleSecret] });
  });

  it.each<[string, Files, string]>([
    ['missing', {}, 'cannot be read (ENOENT)'],
    ['folder', { 'folder/': '' }, 'is not a file'],
    ['/dev/zero', {}, 'is not a file'],
    ['binary', { binary: Buffer.from([0xff, 0xfe, 0x00]) }, 'is not text in UTF-8'],
    ['large', { large: `xoxb-${'x'.repeat(65_536)}` }, 'is larger than 64 KiB'],
  ])('P7: %s is a mistake with its line, which names the path and no content', (path, files, says) => {
    const mistakes = mistakesOf({ ...withToken(`\${file:${path}}`), ...files });
    expect(mistakes).toEqual([
      `elevate.yaml:6 slack.bot_token: the file "${path}" ${says} (paths begin at the folder of the configuration)`,
    ]);
    expect(mistakes.join()).not.toContain('xoxb-');
  });

  it('one of 64 KiB is read', () => {
    const title = { 'elevate.yaml': sampleText.replace('title: Administrator', 'title: "${file:large}"') };
    expect(mistakesOf({ ...title, large: 'x'.repeat(65_536) })).toEqual([
      'elevate.yaml:18 roles.admin.title: must be a title of at most 75 characters',
    ]);
  });

  it('P7: no mistake says what a file holds, wherever it is put', () => {
    for (const place of sampleText.matchAll(/(?<=[:[] )[\w@.-]+(?=[\n,\]}])/g)) {
      const text = `${sampleText.slice(0, place.index)}"\${file:secret}"${sampleText.slice(place.index + place[0].length)}`;
      expect(mistakesOf({ 'elevate.yaml': text, secret: 'xoxb-8c1f-secret' }).join()).not.toContain('8c1f');
    }
  });
});
