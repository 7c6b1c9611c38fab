/** A thread that has a SQLite database open: runs one statement at a time, and answers when it is on disk. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export interface Work {
  path: string;
  use: 'reads' | 'writes';
}

export interface Statement {
  sql: string;
  parameters: readonly unknown[];
  /** It is the first of a transaction. */
  begins?: boolean;
}

export interface Question extends Statement {
  id: number;
}

export type Answer =
  | { id: number; columns: string[]; rows: unknown[][]; changes: bigint | undefined }
  | { id: number; failure: { message: string; code: string | undefined; errcode: number | undefined } };

/** A statement whose rows are arrays: these cross to another thread for half the price of objects. */
interface Compiled {
  statement: StatementSync;
  columns: string[];
}

/** How long a database that another process has locked is waited for. */
const BUSY_MS = 5_000;
/** Statements that are kept compiled; the queries here are far fewer. */
const KEPT = 200;

const { path, use } = workerData as Work;
const database = new DatabaseSync(path, { timeout: BUSY_MS });
const pragmas = {
  reads: 'pragma query_only = on',
  writes: 'pragma journal_mode = wal; pragma synchronous = full',
};
database.exec(pragmas[use]);
const statements = new Map<string, Compiled>();

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)));

function answer({ id, sql, parameters, begins }: Question): Answer {
  try {
    // A transaction that reads first and writes later would fail when another process wrote in between.
    if (begins === true) database.exec('begin immediate');
    // What made it fail may have ended it already, or kept it from beginning.
    if (sql === 'rollback' && !database.isTransaction) return { id, columns: [], rows: [], changes: 0n };
    const { statement, columns } = compiled(sql);
    const values = parameters as SQLInputValue[];
    if (columns.length === 0) return { id, columns, rows: [], changes: BigInt(statement.run(...values).changes) };
    return { id, columns, rows: statement.all(...values) as unknown as unknown[][], changes: undefined };
  } catch (error) {
    const { message, code, errcode } = error as Error & { code?: string; errcode?: number };
    return { id, failure: { message, code, errcode } };
  }
}

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
