/** The thread that owns a SQLite database: runs one statement at a time, and answers when it is on disk. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export interface Question {
  id: number;
  sql: string;
  parameters: readonly unknown[];
}

export type Answer =
  | { id: number; rows: unknown[]; changes: bigint | undefined }
  | { id: number; failure: { message: string; code: string | undefined; errcode: number | undefined } };

/** How long a database that another process has locked is waited for. */
const BUSY_MS = 5_000;
/** Statements that are kept compiled; the queries here are far fewer. */
const KEPT = 200;

const { path } = workerData as { path: string };
const database = new DatabaseSync(path, { timeout: BUSY_MS });
database.exec('pragma journal_mode = wal; pragma synchronous = full');
const statements = new Map<string, StatementSync>();

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)));

function answer({ id, sql, parameters }: Question): Answer {
  try {
    const statement = compiled(sql);
    const values = parameters as SQLInputValue[];
    if (statement.columns().length > 0) return { id, rows: statement.all(...values), changes: undefined };
    return { id, rows: [], changes: BigInt(statement.run(...values).changes) };
  } catch (error) {
    const { message, code, errcode } = error as Error & { code?: string; errcode?: number };
    return { id, failure: { message, code, errcode } };
  }
}

function compiled(sql: string): StatementSync {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  if (statements.size >= KEPT) statements.clear();
  const statement = database.prepare(sql);
  statements.set(sql, statement);
  return statement;
}
