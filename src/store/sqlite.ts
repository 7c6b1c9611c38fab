/**
 * Kysely on `node:sqlite`. Every commit is on disk when it returns. A locked database is waited for with timers
 * instead of SQLite's own busy handler, which would hold the event loop, and with it the very transaction in
 * this process that it waits for.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { CompiledQuery, SqliteDialect } from 'kysely';
import type { DatabaseConnection, Dialect, SqliteDatabase } from 'kysely';

export const inMemory = ':memory:';

const busyTimeoutMs = 5_000;
const pauseMs = 5;
const busyCode = 5;

/** @param path an absolute path, or {@link inMemory} */
export function sqliteDialect(path: string): Dialect {
  return new SqliteDialect({
    database: async () => shim(openFile(path)),
    onCreateConnection: async (connection) => {
      waitWhileBusy(connection);
      await connection.executeQuery(CompiledQuery.raw('pragma journal_mode = wal'));
      await connection.executeQuery(CompiledQuery.raw('pragma synchronous = full'));
    },
  });
}

/**
 * Runs `work` while nobody else, in this process or another, runs theirs for the same path. The lock is the
 * operating system's, on a file beside the database, so that it dies with its process. The file itself stays.
 * @throws what SQLite throws when the lock is not to be had for `waitMs`
 */
export async function exclusively<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const lock = openFile(`${path}.lock`);
  try {
    await whenFree(() => lock.exec('begin exclusive'), waitMs);
    return await work();
  } finally {
    lock.close();
  }
}

/** Only our own user may read a new file: it holds the reasons that people gave (P7). */
function openFile(path: string): DatabaseSync {
  if (path !== inMemory) closeSync(openSync(path, 'a', 0o600));
  return new DatabaseSync(path);
}

function shim(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      // A transaction that reads first and writes later would fail when another process wrote in between.
      const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
}

function waitWhileBusy(connection: DatabaseConnection): void {
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = (query, options) => whenFree(() => execute(query, options), busyTimeoutMs);
}

/** A statement that found the database locked has done nothing, so it may be tried again. */
async function whenFree<T>(attempt: () => T | Promise<T>, waitMs: number): Promise<T> {
  for (let waited = 0; ; waited += pauseMs) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || waited >= waitMs) throw error;
    }
    await pause(pauseMs);
  }
}

/** The low byte of SQLite's result code names the kind of failure; the rest narrows it. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busyCode;
}
