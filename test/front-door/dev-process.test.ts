/** `elevate dev` as it is typed: what it tells to try is tried, word for word, and it stops when it is told to. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { afterAll, expect, it } from 'vitest';
import { startCli } from '../run-cli.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'elevate-told-'));
copyFileSync(join(root, 'elevate.yaml'), join(folder, 'elevate.yaml'));

const running = new Set<ReturnType<typeof startCli>>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** What is told at the start: at its end, the commands for a shell. */
const commandsIn = /The API, as Alice, for an hour:\n\n(?<commands>.+?)\n\n/s;

interface Dev {
  commands: string;
  /** Where what it has started listens. */
  addresses: string[];
  /** Asks it to stop, and waits for how it ends. */
  stop(signal: NodeJS.Signals): Promise<unknown>;
}

async function startDev(): Promise<Dev> {
  const { HOME = '', XDG_CACHE_HOME = join(HOME, '.cache') } = process.env;
  const child = startCli(['dev'], {
    cwd: folder,
    env: { HOME, XDG_CACHE_HOME, ELEVATE_PORT: '0' },
    timeoutMs: 100_000,
  });
  running.add(child);
  const exited = once(child, 'exit').finally(() => running.delete(child));
  const complained = text(child.stderr);
  let told = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    told += String(chunk);
    if (commandsIn.test(told)) break;
  }
  const commands = commandsIn.exec(told)?.groups?.['commands'];
  if (commands === undefined) throw new Error(`It told nothing to try.\n${told}\n${await complained}`);
  return {
    commands,
    addresses: [...new Set(told.match(/127\.0\.0\.1:\d+/g))],
    stop(signal) {
      child.stdout.resume();
      child.kill(signal);
      return exited;
    },
  };
}

/** The commands one after the other in one shell, and what each has printed. */
async function tried({ commands }: Dev): Promise<string[]> {
  const separator = '-- next --';
  const each = commands.replaceAll('\\\n', '').split('\n');
  const script = each.join(`\necho; echo '${separator}'\n`);
  const shell = spawn('bash', ['-euc', script], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 50_000,
  });
  const printed = (await text(shell.stdout)).split(separator);
  expect(printed).toHaveLength(each.length);
  return printed;
}

async function expectNobodyAt(addresses: readonly string[]): Promise<void> {
  expect(addresses.length).toBeGreaterThan(4);
  for (const address of addresses)
    await expect(fetch(`http://${address}`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
}

const created = { workflow_id: expect.stringMatching(/^wf_/), run_id: expect.any(String), status: 'running' };
let id: string;

it('what elevate dev tells to try works, and SIGINT stops all that it has started', async () => {
  const dev = await startDev();
  const [, before = '', asked = '', listed] = await tried(dev);
  expect(JSON.parse(before)).toEqual({ executions: [] });
  expect(JSON.parse(asked)).toEqual(created);
  id = (JSON.parse(asked) as { workflow_id: string }).workflow_id;
  expect(listed).toMatch(new RegExp(`^${id.slice(0, 9)} .*admin on sandbox .*Waiting for approval`, 'm'));
  const { iat = 0, exp } = decodeJwt(/ELEVATE_TOKEN=(\S+)/.exec(dev.commands)?.[1] ?? '');
  expect(exp).toBe(iat + 3_600);
  expect(await dev.stop('SIGINT')).toEqual([0, null]);
  await expectNobodyAt(dev.addresses);
});

it('a second elevate dev goes on where the first was, and SIGTERM stops it as well', async () => {
  const dev = await startDev();
  const [, before = '', asked = ''] = await tried(dev);
  expect(JSON.parse(before)).toMatchObject({ executions: [{ workflow_id: id, state: 'awaiting_approval' }] });
  expect(JSON.parse(asked)).toEqual(created);
  expect(await dev.stop('SIGTERM')).toEqual([0, null]);
  await expectNobodyAt(dev.addresses);
});
