/** Real SQLite files for tests: each in a folder of its own, all closed and removed after the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openStore, type Store } from '../../src/store/database.ts';

const afterwards: (() => unknown)[] = [];

afterEach(async () => {
  for (const undo of afterwards.splice(0).toReversed()) await undo();
});

export function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'elevate-store-'));
  afterwards.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'elevate.db');
}

export async function open(path = freshPath()): Promise<Store> {
  const store = await openStore(`sqlite:${path}`);
  afterwards.push(() => store.close());
  return store;
}

/** Two connections to one file, as two processes have them. */
export async function openTwice(): Promise<[Store, Store]> {
  const path = freshPath();
  return [await open(path), await open(path)];
}

/** Runs a TypeScript module in a process of its own. It may import from `src`. */
export function runApart(code: string): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  afterwards.push(() => child.kill('SIGKILL'));
  return child;
}

/** Waits for the first line that the process prints. */
export async function firstLine(child: ChildProcess): Promise<string> {
  const stdout = child.stdout;
  if (stdout === null) throw new Error('the process has no output');
  const [line] = (await once(stdout, 'data')) as [Buffer];
  return line.toString().trim();
}

export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
