/** Who may import whom, who may read the environment, and where no platform has a name. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computed, type Import, importsOf, withoutComments } from './source-reader.ts';

const root = join(import.meta.dirname, '..');

/** Path from the root of the project, and text. */
type Sources = Readonly<Record<string, string>>;

/**
 * `from`: a file, or a folder (with a slash at its end); the first row that fits a file is its row. `may` and `types`
 * (for `import type` alone) name files, folders, packages, and scopes or prefixes (`@slack/*`, `node:*`).
 */
interface Row {
  from: string;
  may: readonly string[];
  types?: readonly string[];
}

const contract = 'workflows/contract.ts';
const config = 'src/config/config.ts';
/** What every folder beside the core may know of it. */
const ports = ['src/core/ports.ts', 'src/core/errors.ts', contract];
/** Plain functions of the core about text, addresses and answers, free of everything else. */
const plain = ['calls', 'clean', 'duration', 'email', 'free-text', 'nearest', 'urls'].map(
  (name) => `src/core/${name}.ts`,
);
/** What the command line knows of the core: the grammar, and how things are called. */
const grammar = ['command', 'states', 'words'].map((name) => `src/core/${name}.ts`);
const all = ['src/', 'workflows/', '*'];

const table: readonly Row[] = [
  { from: contract, may: [] },
  { from: 'workflows/approval/', may: ['workflows/approval/'], types: [contract] },
  { from: 'workflows/approval.ts', may: ['workflows/approval/'], types: [contract] },
  { from: 'workflows/', may: ['workflows/', '@temporalio/workflow'] },
  {
    from: 'src/core/',
    may: ['src/core/', contract, 'workflows/approval.ts', 'ajv', 'ajv-formats', 'typebox', 'tinyduration'],
    types: [config, 'cloudevents'],
  },
  {
    from: 'src/slack/',
    may: ['src/slack/', 'src/core/', 'src/doors/', '@slack/*', 'lru-cache', 'node:*'],
    types: [contract, config],
  },
  {
    from: 'src/teams/adapter/',
    may: ['src/teams/', 'src/core/', 'botbuilder', 'botframework-connector', 'node:*'],
    types: [contract, config],
  },
  {
    from: 'src/teams/',
    may: ['src/teams/', 'src/core/', 'src/doors/', 'jose', 'lru-cache', 'node:*'],
    types: [contract, config],
  },
  { from: 'src/doors/', may: ['src/doors/', 'node:*'] },
  {
    from: 'src/manifests/',
    may: ['src/manifests/', 'src/core/', 'node:*'],
    types: [config],
  },
  {
    from: 'src/http/',
    may: ['src/http/', 'src/core/', 'fastify', '@fastify/*', 'jose', 'lru-cache', 'typebox', 'node:*'],
    types: [contract, config, 'pino'],
  },
  {
    from: 'src/temporal/',
    may: [
      'src/temporal/',
      ...ports,
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/envconfig',
      'protobufjs',
      'node:*',
    ],
    types: [config],
  },
  {
    from: 'src/tokens/',
    may: ['src/tokens/', ...ports, 'ajv', 'cloudevents', 'jose', 'typebox', 'node:*'],
    types: [config],
  },
  {
    from: 'src/directory/',
    may: ['src/directory/', ...ports, ...plain, '@slack/*', 'lru-cache', 'node:*'],
    types: [config],
  },
  { from: 'src/store/', may: ['src/store/', ...ports, 'src/core/about.ts', 'kysely', 'pg', 'node:*'], types: [config] },
  {
    from: 'src/providers/',
    may: ['src/providers/', ...ports, ...plain, 'cloudevents', 'standardwebhooks', 'node:*'],
    types: [config],
  },
  {
    from: 'src/worker/',
    may: [
      'src/worker/',
      'src/core/',
      contract,
      'workflows/approval.ts',
      '@temporalio/worker',
      '@temporalio/activity',
      'node:*',
    ],
    types: [config],
  },
  {
    from: 'src/client/',
    may: ['src/client/', ...plain, ...grammar, 'src/config/client-environment.ts', 'openid-client', 'node:*'],
  },
  {
    from: 'src/config/',
    may: ['src/config/', ...plain, 'ajv', 'ajv-formats', 'typebox', 'yaml', 'node:*'],
    types: ['src/core/'],
  },
  { from: 'src/dev/', may: all },
  { from: 'src/app.ts', may: all },
  { from: 'src/app/', may: all },
  { from: 'src/run.ts', may: all },
  { from: 'src/cli.ts', may: all },
];

// ── the rules ────────────────────────────────────────────────────────────────────────────────────────────

/** Imports that the table does not allow. */
function forbiddenImports(sources: Sources): string[] {
  return importsIn(sources).flatMap(({ file, kind, specifier, target }) => {
    const row = table.find(({ from }) => covers(from, file));
    if (row === undefined) return [`${file} has no row in the table`];
    const allowed = [...row.may, ...(kind === 'type' ? (row.types ?? []) : [])];
    return allowed.some((name) => covers(name, target)) ? [] : [`${file} imports ${specifier}`];
  });
}

/** `dev/` is loaded by `cli.ts` alone, and only when it is asked for (T34). */
function importsOfDev(sources: Sources): string[] {
  return importsIn(sources)
    .filter(({ file, target }) => covers('src/dev/', target) && !covers('src/dev/', file))
    .filter(({ file, kind }) => !(file === 'src/cli.ts' && kind === 'dynamic'))
    .map(({ file, kind, specifier }) => `${file} imports ${specifier} (${kind})`);
}

/** Addresses that this test cannot read, so cannot judge. */
function computedImports(sources: Sources): string[] {
  return importsIn(sources)
    .filter(({ specifier }) => specifier === computed)
    .map(({ file }) => `${file} computes what it imports`);
}

/** Files that `elevate start` loads and that belong to `elevate dev`: all that `cli.ts` and `run.ts` reach. */
function devReachedByStart(sources: Sources): string[] {
  const edges = importsIn(sources).filter(({ kind }) => kind === 'value');
  const reached = new Set(['src/cli.ts', 'src/run.ts']);
  // A set also yields what is added while it is walked.
  for (const file of reached) for (const edge of edges) if (edge.file === file) reached.add(edge.target);
  return [...reached].filter((file) => covers('src/dev/', file));
}

function platformsNamed(sources: Sources): string[] {
  return lines(sources, /slack|teams/i, (file) => covers('src/core/', file) || covers('workflows/', file));
}

/** However it is spelt: `process.env`, `process['env']`, `const { env } = process`, `import { env } from 'node:process'`. */
const environment =
  /\bprocess\b\s*\??\.?\s*(?:env\b|\[)|\benv\b[^;=]*\}\s*=\s*(?:globalThis\.)?process\b|['"](?:node:)?process['"]/;

function environmentReaders(sources: Sources): string[] {
  return lines(sources, environment, (file) => !covers('src/config/', file) && !covers('src/dev/', file));
}

/** Clock, randomness and network reach the core as arguments. */
const world =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\bcrypto\.|\bfetch\(|\bset(?:Timeout|Interval|Immediate)\(/;

function worldInCore(sources: Sources): string[] {
  return lines(sources, world, (file) =>
    ['src/core/', 'workflows/approval/', 'workflows/approval.ts'].some((pure) => covers(pure, file)),
  );
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────────────

/** `target`: a path from the root for what is ours, else the package or builtin as it is written. */
function importsIn(sources: Sources): (Import & { file: string; target: string })[] {
  return Object.entries(sources).flatMap(([file, source]) =>
    importsOf(source).map((found) => ({
      ...found,
      file,
      target: /^\.{0,2}\//.test(found.specifier) ? normalize(join(dirname(file), found.specifier)) : found.specifier,
    })),
  );
}

function covers(name: string, target: string): boolean {
  const isOurs = /^(?:src|workflows)\//.test(target) || target.startsWith('.');
  if (name === '*') return !isOurs && target !== computed;
  if (name.endsWith('*')) return target.startsWith(name.slice(0, -1));
  if (name.endsWith('/')) return target.startsWith(name);
  return target === name || (!isOurs && target.startsWith(`${name}/`));
}

function lines(sources: Sources, pattern: RegExp, where: (file: string) => boolean): string[] {
  return Object.entries(sources)
    .filter(([file]) => where(file))
    .flatMap(([file, source]) =>
      withoutComments(source)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    );
}

const files = globSync('{src,workflows}/**/*.ts', { cwd: root });
const sources: Sources = Object.fromEntries(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

// ── the tests ────────────────────────────────────────────────────────────────────────────────────────────

/** Each rule with made-up files that break it, and with some that do not. */
const rules: { rule: string; broken: (sources: Sources) => string[]; bad: Sources[]; good: Sources[] }[] = [
  {
    rule: 'everybody imports only what the table allows',
    broken: forbiddenImports,
    bad: [
      { 'workflows/contract.ts': `import type { Row } from './approval.ts';` },
      { 'workflows/approval.ts': `import { names } from './contract.ts';` },
      { 'workflows/lease.ts': `import { readFile } from 'node:fs/promises';` },
      { 'workflows/lease.ts': `import type { Row } from '../src/core/ports.ts';` },
      { 'workflows/lease.ts': `import { Client } from '@temporalio/client';` },
      { 'src/core/view.ts': `import {\n  type Row,\n  openStore,\n} from '../store/database.ts';` },
      { 'src/core/view.ts': `import { loadConfig } from '../config/config.ts';` },
      { 'src/core/view.ts': `import { type Config } from '../config/config.ts';` },
      { 'src/core/view.ts': `export * from '../slack/blocks.ts';` },
      { 'src/core/view.ts': `export { a as b } from '../http/server.ts';` },
      { 'src/core/view.ts': `import 'node:crypto';` },
      { 'src/core/view.ts': `const { webApi } = await import('@slack/bolt');` },
      { 'src/core/policy/plan.ts': `import { drawCard } from '../../slack/blocks.ts';` },
      { 'src/slack/app.ts': `import { createServer } from '../http/server.ts';` },
      { 'src/slack/app.ts': `import { createGateway } from '../temporal/gateway.ts';` },
      { 'src/slack/app.ts': `import { names } from '../../workflows/contract.ts';` },
      { 'src/http/server.ts': `import { App } from '@slack/bolt';` },
      { 'src/http/server.ts': `import type { Row } from '../store/schema.ts';` },
      { 'src/temporal/gateway.ts': `import { createIds } from '../tokens/ids.ts';` },
      { 'src/temporal/gateway.ts': `import { createExecutions } from '../core/executions.ts';` },
      { 'src/tokens/ids.ts': `import { openStore } from '../store/database.ts';` },
      { 'src/directory/groups.ts': `import { createClient } from '../slack/client.ts';` },
      { 'src/store/cards.ts': `import { createIdentity } from '../core/identity.ts';` },
      { 'src/providers/log.ts': `import { createMessenger } from '../slack/messenger.ts';` },
      { 'src/worker/worker.ts': `import { createMessenger } from '../slack/messenger.ts';` },
      { 'src/config/load.ts': `import { createCatalog } from '../core/catalog.ts';` },
      { 'src/utils/all.ts': `import { a } from './b.ts';` },
    ],
    good: [
      { 'workflows/approval.ts': `import type {\n  State,\n} from './contract.ts';` },
      { 'src/core/view.ts': `import type { Config } from '../config/config.ts';` },
      {
        'src/core/view.ts': `// import { App } from '@slack/bolt';\nconst text = "import { App } from '@slack/bolt'";`,
      },
      { 'src/core/catalog.ts': `import { Ajv2020 } from 'ajv/dist/2020.js';` },
      { 'src/slack/app.ts': `import type { Offer } from '../../workflows/contract.ts';` },
      { 'src/app.ts': `import { createSlackApp } from './slack/app.ts';` },
    ],
  },
  {
    rule: 'T34: the embedded parts are loaded by the command line alone, and only when asked for',
    broken: importsOfDev,
    bad: [
      { 'src/cli.ts': `import { runDev } from './dev/dev.ts';` },
      { 'src/app.ts': `import { guard } from './dev/guard.ts';` },
      { 'src/app.ts': `const { guard } = await import('./dev/guard.ts');` },
      { 'src/config/load.ts': `import type { Dev } from '../dev/dev.ts';` },
      { 'src/config/load.ts': `export type { Dev } from '../dev/dev.ts';` },
    ],
    good: [
      { 'src/cli.ts': `const { runDev } = await import('./dev/dev.ts');` },
      { 'src/dev/dev.ts': `import { guard } from './guard.ts';` },
    ],
  },
  {
    rule: 'T34: elevate start reaches nothing embedded',
    broken: devReachedByStart,
    bad: [
      { 'src/cli.ts': `import { a } from './a.ts';`, 'src/a.ts': `export * from './dev/dev.ts';` },
      { 'src/run.ts': `import { app } from './app.ts';`, 'src/app.ts': `import './dev/guard.ts';` },
    ],
    good: [{ 'src/cli.ts': `await import('./dev/dev.ts');`, 'src/run.ts': `import type { A } from './dev/dev.ts';` }],
  },
  {
    rule: 'every import says what it imports',
    broken: computedImports,
    bad: [
      { 'src/app.ts': 'await import(name);' },
      { 'src/app.ts': 'await import(`./${name}.ts`);' },
      { 'src/app.ts': `require(join('..', 'dev'));` },
    ],
    good: [{ 'src/app.ts': 'await import(`./run.ts`);' }],
  },
  {
    rule: 'core and workflows name no platform',
    broken: platformsNamed,
    bad: [
      { 'src/core/view.ts': `const link = 'Open in Slack';` },
      { 'workflows/lease.ts': 'const chat = `${prefix} // teams`;' },
      { 'src/core/view.ts': 'export interface SlackCard {}' },
    ],
    good: [
      { 'src/core/view.ts': '/** As in Slack. */\nconst a = 1; // or Teams' },
      { 'src/slack/app.ts': `const platform = 'slack';` },
    ],
  },
  {
    rule: 'only config and dev read the environment',
    broken: environmentReaders,
    bad: [
      { 'src/app.ts': 'const { PORT } = process.env;' },
      { 'src/app.ts': `const port = process['env'].PORT;` },
      { 'src/app.ts': 'const { env } = process;' },
      { 'src/http/server.ts': `import { env } from 'node:process';` },
      { 'workflows/lease.ts': 'if (process.env.DEBUG) {}' },
    ],
    good: [
      { 'src/config/load.ts': 'const env = process.env;' },
      { 'src/dev/dev.ts': 'const env = process.env;' },
      { 'src/app.ts': '// process.env is read elsewhere\nprocess.exitCode = 1;' },
    ],
  },
  {
    rule: 'the core and the reducer have no clock, chance or network of their own',
    broken: worldInCore,
    bad: [
      { 'src/core/view.ts': 'const now = Date.now();' },
      { 'src/core/policy/plan.ts': 'const id = crypto.randomUUID();' },
      { 'workflows/approval.ts': 'const at = new Date();' },
    ],
    good: [{ 'src/core/view.ts': 'const shown = new Date(at);' }, { 'src/store/cards.ts': 'const at = Date.now();' }],
  },
];

describe.each(rules)('$rule', ({ broken, bad, good }) => {
  it('in this tree', () => {
    expect(broken(sources)).toEqual([]);
  });

  it.each(bad)('and %j breaks it', (made) => {
    expect(broken(made)).not.toEqual([]);
  });

  it.each(good)('and %j does not', (made) => {
    expect(broken(made)).toEqual([]);
  });
});

describe('the table', () => {
  it('has been held against every file, and has no row that fits none', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(table.filter(({ from }) => !files.some((file) => covers(from, file)))).toEqual([]);
    expect(files.filter((file) => !table.some(({ from }) => covers(from, file)))).toEqual([]);
  });
});

describe('the reader of imports', () => {
  it.each<[string, Import[]]>([
    [`import a from 'x';`, [{ kind: 'value', specifier: 'x' }]],
    [`import a, { type B } from "x";`, [{ kind: 'value', specifier: 'x' }]],
    [`import type from 'x';`, [{ kind: 'value', specifier: 'x' }]],
    [`import type A from 'x';`, [{ kind: 'type', specifier: 'x' }]],
    [`import type {\n  A,\n  B as C, // and so on\n} from 'x';`, [{ kind: 'type', specifier: 'x' }]],
    [`import { type A } from 'x';`, [{ kind: 'value', specifier: 'x' }]],
    [`import * as all from 'x';`, [{ kind: 'value', specifier: 'x' }]],
    [`import'x'`, [{ kind: 'value', specifier: 'x' }]],
    [`import json from 'x' with { type: 'json' };`, [{ kind: 'value', specifier: 'x' }]],
    [`export * as all from 'x';`, [{ kind: 'value', specifier: 'x' }]],
    [`export type { A } from 'x';`, [{ kind: 'type', specifier: 'x' }]],
    [`export const from = 'x';`, []],
    [`type A = import('x').A;`, [{ kind: 'dynamic', specifier: 'x' }]],
    ['const a = `${await import("x")} from "y"`;', [{ kind: 'dynamic', specifier: 'x' }]],
    [`const quotes = /['"\`]/; import a from 'x';`, [{ kind: 'value', specifier: 'x' }]],
    [`const half = a / 2; // 'import\nimport b from 'x';`, [{ kind: 'value', specifier: 'x' }]],
    [`const url = 'https://y'; import b from 'x';`, [{ kind: 'value', specifier: 'x' }]],
    ['/* import a from "x" */ const b = `import c from "x"`;', []],
    ['const a = `${[1].map((n) => { return `${n}`; })}`; import b from "x";', [{ kind: 'value', specifier: 'x' }]],
  ])('reads %j', (source, imports) => {
    expect(importsOf(source)).toEqual(imports);
  });
});
