/** A SQLite file that is open in this thread: one statement after the other, each answered when it is done. */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

export const inMemory = ':memory:';

export interface Statement {
  sql: string;
  parameters: readonly unknown[];
}

/** Rows as arrays: these cross to another thread for half the price of objects. `changes`: of a statement without rows. */
export interface Result {
  columns: string[];
  rows: unknown[][];
  changes: bigint | undefined;
}

export interface SqliteFile {
  /** @throws what SQLite throws, see {@link isBusy} */
  run(statement: Statement): Result;
  isInTransaction(): boolean;
  close(): void;
}

interface Compiled {
  statement: StatementSync;
  columns: string[];
}

/** Statements that are kept compiled; the queries here are far fewer. */
const KEPT = 200;
const BUSY = 5;

/** @param options.busyMs how long a database that another process has locked is waited for, and this thread with it */
export function openFile(path: string, options: { use: 'reads' | 'writes'; busyMs: number }): SqliteFile {
  const database = new DatabaseSync(path, { timeout: options.busyMs });
  if (options.use === 'reads') database.exec('pragma query_only = on');
  else makeDurable(database, path);
  const statements = new Map<string, Compiled>();

  function compiled(sql: string): Compiled {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    if (statements.size >= KEPT) statements.clear();
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    const fresh = { statement, columns: statement.columns().map(({ name }) => name) };
    statements.set(sql, fresh);
    return fresh;
  }

  return {
    run({ sql, parameters }) {
      const { statement, columns } = compiled(sql);
      const values = parameters as SQLInputValue[];
      if (columns.length === 0) return { columns, rows: [], changes: BigInt(statement.run(...values).changes) };
      return { columns, rows: statement.all(...values) as unknown as unknown[][], changes: undefined };
    },
    isInTransaction: () => database.isTransaction,
    close: () => database.close(),
  };
}

/** Readers and the writer do not wait for each other, and every commit is on disk. @throws where that cannot be had */
function makeDurable(database: DatabaseSync, path: string): void {
  const mode = database.prepare('pragma journal_mode = wal').get()?.['journal_mode'];
  if (mode !== 'wal' && path !== inMemory) throw new Error('The file system cannot keep a write-ahead log.');
  database.exec('pragma synchronous = full');
}

/** Only our own user may read a new file: it holds the reasons that people gave (P7). */
export function makePrivate(path: string): void {
  if (path !== inMemory) closeSync(openSync(path, 'a', 0o600));
}

/** Somebody else has it locked. The low byte of SQLite's result code names the kind of failure; the rest narrows it. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === BUSY;
}
