/** A thread that has a SQLite database open to write: runs one statement at a time, and answers when it is on disk. */
import { parentPort, workerData } from 'node:worker_threads';
import { openFile, type Outcome, type Statement } from './sqlite-file.ts';

export interface Work {
  path: string;
}

export interface Writing extends Statement {
  /** It is the first of a transaction. */
  begins?: boolean;
}

export interface Question extends Writing {
  id: number;
}

export type Answer =
  | ({ id: number } & Outcome)
  | { id: number; failure: { message: string; code: string | undefined; errcode: number | undefined } };

const BUSY_MS = 5_000;

const { path } = workerData as Work;
const file = openFile(path, { use: 'writes', busyMs: BUSY_MS });

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)));

function answer({ id, sql, parameters, begins }: Question): Answer {
  try {
    // A transaction that reads first and writes later would fail when another process wrote in between.
    if (begins === true) file.run({ sql: 'begin immediate', parameters: [] });
    // What made it fail may have ended it already, or kept it from beginning.
    if (sql === 'rollback' && !file.isInTransaction()) return { id, columns: [], rows: [], changes: 0n };
    return { id, ...file.run({ sql, parameters }) };
  } catch (error) {
    const { message, code, errcode } = error as Error & { code?: string; errcode?: number };
    return { id, failure: { message, code, errcode } };
  }
}
