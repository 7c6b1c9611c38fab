/** Elevate in a process of its own, as it is run: `elevate start` with a configuration. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Elevate {
  url: string;
  /** Path of what it logs. */
  log: string;
  stop(): Promise<void>;
}

const READY_WITHIN = 180_000;
const STOP_WITHIN = 25_000;

/**
 * Resolves when it is ready.
 * @param options.yaml the configuration, but for `server`
 * @param options.env what the configuration and Temporal's client read
 */
export async function startElevate(options: {
  name: string;
  folder: string;
  yaml: string;
  env: Record<string, string>;
}): Promise<Elevate> {
  const port = await freePort();
  const config = join(options.folder, `${options.name}.yaml`);
  writeFileSync(config, `server: { port: ${port} }\n${options.yaml}`);
  const log = join(options.folder, `${options.name}.log`);
  const output = openSync(log, 'a');
  const child = spawn(process.execPath, ['src/cli.ts', 'start', '--config', config], {
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: ['ignore', output, output],
  });
  const exited = once(child, 'exit');
  process.once('exit', () => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([ready(url), exited.then(() => fail(`Elevate does not start; see ${log}.`))]);
  return {
    url,
    log,
    async stop() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN);
      await exited;
      clearTimeout(force);
    },
  };
}

/** Resolves when what listens there says that it is ready. */
export async function ready(url: string): Promise<void> {
  const until = Date.now() + READY_WITHIN;
  while (Date.now() < until) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok === true) return;
    await pause(100);
  }
  fail('Elevate was not ready within three minutes; see its log.');
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function fail(why: string): never {
  throw new Error(why);
}
