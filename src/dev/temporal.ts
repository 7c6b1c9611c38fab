/** Temporal's dev server as a child process: for `elevate dev` and for tests. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ElevateError } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import { connectLazily } from '../temporal/connect.ts';

export { findTemporal } from './find-temporal.ts';

export interface TemporalServer {
  /** `127.0.0.1:PORT`; the namespace is `default`. */
  address: string;
  pid: number;
  stop: () => Promise<void>;
}

interface Running {
  process: ChildProcess;
  /** What it wrote last. */
  printed(): string;
  complained(): string;
}

const host = '127.0.0.1';
const namespace = 'default';
const readyMs = 30_000;
const stopMs = 5_000;
const attempts = 3;

/**
 * The server takes the shell's place; a subshell waits at a pipe from us. A line means that the server ended and we know.
 * The end of the pipe without a line means that we are dead, if by SIGKILL, and the server must go too. `$$` is the
 * server's pid in both.
 */
const withWatchdog = `
  exec 3<&0
  (read -r _ <&3 || kill -KILL $$) >/dev/null 2>&1 &
  exec "$@" </dev/null 3<&-`;

/**
 * Starts a server and returns when it answers. Without `dbFile` it forgets everything when it stops; with one, only one
 * server at a time may use it. It outlives neither `stop()` nor this process. The terminal's signals do not reach it, so
 * that it can be stopped last.
 *
 * @throws `unavailable` if it does not start
 */
export async function startTemporal(options: {
  path: string;
  dbFile?: string;
  port?: number;
  log: Log;
}): Promise<TemporalServer> {
  // Between finding a free port and taking it, somebody else may.
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const address = `${host}:${port}`;
    const server = launch(options.path, serverArguments(port, options.dbFile));
    if (await becomesReady(server, port)) {
      options.log.debug({ address, pid: server.process.pid }, 'The Temporal dev server is ready');
      return { address, pid: server.process.pid ?? 0, stop: () => end(server.process) };
    }
    await end(server.process);
    if (options.port !== undefined || attempt === attempts) throw notStarted(server);
    options.log.warn(
      { address, complained: server.complained() },
      'The Temporal dev server did not start, trying another port',
    );
  }
}

function serverArguments(port: number, dbFile: string | undefined): string[] {
  const persistence = [
    `--db-filename=${dbFile}`,
    '--sqlite-pragma=journal_mode=WAL',
    '--sqlite-pragma=synchronous=FULL',
  ];
  return [
    'server',
    'start-dev',
    '--headless',
    `--ip=${host}`,
    `--port=${port}`,
    '--log-level=error',
    // With one worker, tasks need not be forwarded between partitions.
    '--dynamic-config-value=matching.numTaskqueueReadPartitions=1',
    '--dynamic-config-value=matching.numTaskqueueWritePartitions=1',
    ...(dbFile === undefined ? [] : persistence),
  ];
}

function launch(path: string, args: string[]): Running {
  const child = spawn('/bin/sh', ['-c', withWatchdog, 'sh', path, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    // Neither our secrets nor the user's Temporal profile are its business.
    env: {},
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.once('exit', () => child.stdin.end('ended\n'));

  return { process: child, printed: tail(child.stdout), complained: tail(child.stderr) };
}

function tail(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2_000);
  });
  return () => text.trim();
}

/** It must have printed its port, or somebody else's server on the same port would answer for it. */
async function becomesReady(server: Running, port: number): Promise<boolean> {
  const deadline = Date.now() + readyMs;
  while (isRunning(server.process) && Date.now() < deadline) {
    if (server.printed().includes(`:${port}`) && (await answers(`${host}:${port}`))) return true;
    await sleep(20);
  }
  return false;
}

/** A new connection for each try: a refused one waits a second before it tries again. */
async function answers(address: string): Promise<boolean> {
  const connection = connectLazily({ connectionOptions: { address }, namespace });
  try {
    await connection.withDeadline(Date.now() + 1_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await exited;
  clearTimeout(force);
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function notStarted(server: Running): ElevateError {
  return new ElevateError('unavailable', 'The Temporal dev server does not start. Its last words are in the log.', {
    cause: new Error(server.complained()),
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
