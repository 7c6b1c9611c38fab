/** `elevate start` as a process of its own, without a chat, and told by SIGHUP to read its configuration again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newKey } from '../../src/config/keys.ts';
import { type IdentityProvider, startIdentityProvider } from '../../src/dev/identity-provider.ts';
import { PATIENCE } from './house.ts';

const folder = mkdtempSync(join(tmpdir(), 'elevate-reload-'));
const file = join(folder, 'elevate.yaml');
const yaml = `
server: { port: 0 }
temporal: { task_queue: reload-${randomUUID()} }
store: "sqlite:${join(folder, 'elevate.db')}"
keys: "\${KEYS}"
include: [roles.yaml]
api: { issuer: "\${ISSUER}", audience: elevate, decide_scope: elevate.decide }
identity: { domains: [example.com] }
providers: { sandbox: { type: log } }
`;
const roles = (...names: string[]) =>
  `roles: {${names.map((name) => `${name}: { providers: [sandbox], approval: [{ approvers: { users: [bob@example.com] } }] }`).join(', ')}}`;

interface Line {
  msg: string;
  url?: string;
  why?: unknown;
}

let identityProvider: IdentityProvider;
let child: ChildProcess;
const lines: Line[] = [];

beforeAll(async () => {
  identityProvider = await startIdentityProvider({ people: [], audience: 'elevate' });
  writeFileSync(file, yaml);
  writeFileSync(join(folder, 'roles.yaml'), roles('reader'));
  child = spawn(process.execPath, [join(import.meta.dirname, '../../src/cli.ts'), 'start', '--config', file], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      KEYS: newKey(),
      ISSUER: identityProvider.issuer,
      TEMPORAL_ADDRESS: inject('temporalAddress'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(JSON.parse(line) as Line));
});

afterAll(async () => {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
  await identityProvider.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Waits for the next line that says this, from a place in the log on. */
async function logged(words: string, from = 0): Promise<Line> {
  const find = () => lines.slice(from).find(({ msg }) => msg.includes(words));
  await expect.poll(find, { timeout: 2 * PATIENCE }).toBeDefined();
  return find()!;
}

async function offered(): Promise<string[]> {
  const { url } = await logged('Elevate is ready');
  const authorization = `Bearer ${await identityProvider.tokenFor('alice@example.com')}`;
  const answer = await fetch(`${url}/api/v1/roles`, { headers: { authorization } });
  const { roles: found } = (await answer.json()) as { roles: { name: string }[] };
  return found.map(({ name }) => name);
}

async function hangUp(words: string): Promise<Line> {
  const from = lines.length;
  child.kill('SIGHUP');
  return logged(words, from);
}

describe('elevate start', () => {
  it('takes a changed configuration at SIGHUP, with what it includes', async () => {
    expect(await offered()).toEqual(['reader']);
    writeFileSync(join(folder, 'roles.yaml'), roles('reader', 'writer'));
    await hangUp('is in force');
    expect(await offered()).toEqual(['reader', 'writer']);
  });

  it('takes none of one with a mistake, names it with file and line, and goes on with what it had', async () => {
    writeFileSync(join(folder, 'roles.yaml'), `${roles('reader')}\nlimits: { per_hour: none }\n`);
    const { why } = await hangUp('was not taken');
    expect(String(why)).toMatch(/roles\.yaml:2:\d+ limits\.per_hour: /);
    expect(await offered()).toEqual(['reader', 'writer']);
  });

  it('takes none of one that needs a restart, and says which section', async () => {
    writeFileSync(join(folder, 'roles.yaml'), roles('reader'));
    writeFileSync(file, readFileSync(file, 'utf8').replace('audience: elevate', 'audience: other'));
    const { why } = await hangUp('was not taken');
    expect(JSON.stringify(why)).toMatch(/api.*restart/);
    expect(await offered()).toEqual(['reader', 'writer']);
  });
});
