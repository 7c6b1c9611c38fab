/** Real stores for tests: each in a file or a database of its own, all closed and removed after the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { afterEach, inject } from 'vitest';
import type { Log } from '../../src/core/ports.ts';
import { openStore, type Store } from '../../src/store/database.ts';

/** What every promise of the store is kept on. */
export const kinds = ['sqlite', 'postgres'] as const;
type Kind = (typeof kinds)[number];

const afterwards: (() => unknown)[] = [];

afterEach(async () => {
  for (const undo of afterwards.splice(0).toReversed()) await undo();
});

export function storesOf(kind: Kind) {
  const freshUrl = async () => (kind === 'sqlite' ? `sqlite:${freshPath()}` : freshDatabase(await template()));
  return {
    freshUrl,
    open: async (url?: string): Promise<Store> => openUrl(url ?? (await freshUrl())),
    /** Two connections to one store, as two processes have them. */
    openTwice: async (): Promise<[Store, Store]> => {
      const url = await freshUrl();
      return [await openUrl(url), await openUrl(url)];
    },
  };
}

export async function openUrl(url: string, log?: Log): Promise<Store> {
  const store = await openStore(url, log);
  afterwards.push(() => store.close());
  return store;
}

export function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'elevate-store-'));
  afterwards.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'elevate.db');
}

/** The URL of a new database, without tables unless it is a copy of one that has them. */
export async function freshDatabase(copied = 'template0'): Promise<string> {
  const name = freshName();
  await onServer(`create database ${name} template ${copied}`);
  afterwards.push(() => onServer(`drop database ${name} with (force)`));
  return urlOf(name);
}

/** Speaks to the database behind the store's back. */
export async function onDatabase(url: string, sql: string): Promise<unknown[]> {
  if (url.startsWith('sqlite:')) return onFile(url.slice('sqlite:'.length), sql);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function onFile(path: string, sql: string): unknown[] {
  const database = new DatabaseSync(path);
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

const onServer = (sql: string) => onDatabase(inject('postgresUrl'), sql);
const freshName = () => `store_${randomBytes(8).toString('hex')}`;

function urlOf(database: string): string {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${database}`;
  return url.href;
}

/** A database with tables and nothing in them: copying it is quicker than making the tables. */
let prepared: Promise<string> | undefined;

function template(): Promise<string> {
  prepared ??= (async () => {
    const name = freshName();
    await onServer(`create database ${name}`);
    await (await openStore(urlOf(name))).close();
    return name;
  })();
  return prepared;
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
