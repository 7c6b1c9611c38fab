/** A thread that has a SQLite database open to write: runs one statement at a time; what it commits is on disk then. */
import { parentPort, workerData } from 'node:worker_threads';
import { openFile, type Result, type Statement } from './sqlite-file.ts';

export interface Work {
  path: string;
}

/** A statement alone, a statement of a transaction, or the end of one. */
export type Writing = (Statement & { part?: 'first' | 'later' }) | { end: 'commit' | 'rollback' };

export interface Question {
  id: number;
  writing: Writing;
}

export type Answer =
  | ({ id: number } & Result)
  | { id: number; failure: { message: string; code: string | undefined; errcode: number | undefined } };

const BUSY_MS = 5_000;

const { path } = workerData as Work;
const file = openFile(path, { use: 'writes', busyMs: BUSY_MS });

/** Why the transaction that is under way can only be rolled back. Nobody may have waited for the answer that said so. */
let broken: { why: unknown } | undefined;

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)));

function answer({ id, writing }: Question): Answer {
  try {
    return { id, ...perform(writing) };
  } catch (error) {
    const { message, code, errcode } = error as Error & { code?: string; errcode?: number };
    return { id, failure: { message, code, errcode } };
  }
}

function perform(writing: Writing): Result {
  if ('end' in writing) return end(writing.end);
  if (writing.part === undefined) return file.run(writing);
  if (broken !== undefined) throw broken.why;
  try {
    // A transaction that reads first and writes later would fail when another process wrote in between.
    if (writing.part === 'first') file.run({ sql: 'begin immediate', parameters: [] });
    return file.run(writing);
  } catch (why) {
    broken = { why };
    throw why;
  }
}

/** @throws what a statement of it has thrown, if it was to be committed */
function end(how: 'commit' | 'rollback'): Result {
  const failed = broken;
  broken = undefined;
  try {
    if (failed !== undefined && how === 'commit') throw failed.why;
    if (how === 'commit') return file.run({ sql: how, parameters: [] });
    return { columns: [], rows: [], changes: undefined };
  } finally {
    // Nothing of it is left open, or what is written next would be part of it. What made it fail may have ended it already.
    if (file.isInTransaction()) file.run({ sql: 'rollback', parameters: [] });
  }
}
