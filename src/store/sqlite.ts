/**
 * Kysely on `node:sqlite`, in threads of its own: every commit is on disk when it is answered, and the waiting for
 * the disk holds up neither those who read nor those who wait for an answer from us.
 */
import { closeSync, openSync } from 'node:fs';
import { extname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import type { Answer, Question, Statement, Work } from './sqlite-thread.ts';

export const inMemory = ':memory:';

const pauseMs = 5;
const busyCode = 5;

/** @param path an absolute path, or {@link inMemory} */
export function sqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new ThreadedSqliteAdapter(),
    createDriver: () => createDriver(path),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely's own would keep every reader waiting for whoever is at work. */
class ThreadedSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** One thread that writes, for one after the other, and one that reads meanwhile what was committed. */
function createDriver(path: string): Driver {
  let threads: Threads | undefined;
  const takeTurn = createTurns();
  const sessions = new WeakMap<DatabaseConnection, Session>();

  return {
    async init() {
      makePrivate(path);
      const writer = startThread(path, 'writes');
      // Once it has answered, the file is there, with its write-ahead log.
      await writer.ask({ sql: 'select 1', parameters: [] });
      // What is in memory is there for the thread alone that has made it.
      threads = { writer, reader: path === inMemory ? undefined : startThread(path, 'reads') };
    },
    async acquireConnection() {
      if (threads === undefined) throw new Error('The store is closed.');
      const session = createSession(threads, takeTurn);
      sessions.set(session.connection, session);
      return session.connection;
    },
    beginTransaction: async (on) => sessions.get(on)?.begin(),
    commitTransaction: async (on) => sessions.get(on)?.finish('commit'),
    rollbackTransaction: async (on) => sessions.get(on)?.finish('rollback'),
    releaseConnection: async (on) => sessions.get(on)?.leave(),
    async destroy() {
      await Promise.all([threads?.writer.stop(), threads?.reader?.stop()]);
    },
  };
}

interface Threads {
  writer: Thread;
  reader: Thread | undefined;
}

type TakeTurn = () => Promise<() => void>;

/** Waits until nobody else is at work; gives what lets the next begin. */
function createTurns(): TakeTurn {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const before = last;
    const { promise, resolve: leave } = Promise.withResolvers<void>();
    last = promise;
    await before;
    return leave;
  };
}

/** One user's connection. It has its turn to write for a whole transaction, or for one statement. */
interface Session {
  connection: DatabaseConnection;
  begin(): Promise<void>;
  finish(how: 'commit' | 'rollback'): Promise<void>;
  leave(): void;
}

function createSession({ writer, reader }: Threads, takeTurn: TakeTurn): Session {
  let endTurn: (() => void) | undefined;
  let isToBegin = false;

  async function write<R>({ sql, parameters }: Statement): Promise<QueryResult<R>> {
    endTurn ??= await takeTurn();
    const begins = isToBegin;
    isToBegin = false;
    return toResult(await writer.ask({ sql, parameters, begins }));
  }

  return {
    connection: {
      async executeQuery<R>(asked: CompiledQuery) {
        const isRead = endTurn === undefined && asked.query.kind === 'SelectQueryNode';
        return isRead && reader !== undefined ? toResult<R>(await reader.ask(asked)) : write<R>(asked);
      },
      // oxlint-disable-next-line require-yield -- nothing here streams
      async *streamQuery() {
        throw new Error('The store does not stream.');
      },
    },
    async begin() {
      endTurn = await takeTurn();
      // The first statement brings it along: the way to the thread and back costs more than most statements.
      isToBegin = true;
    },
    async finish(how) {
      if (!isToBegin) await write({ sql: how, parameters: [] });
    },
    leave: () => endTurn?.(),
  };
}

function toResult<R>({ columns, rows, changes }: Answered): QueryResult<R> {
  return {
    rows: rows.map((row) => named(columns, row)) as R[],
    ...(changes === undefined ? {} : { numAffectedRows: changes }),
  };
}

function named(columns: string[], row: unknown[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) object[column] = row[index];
  return object;
}

type Answered = Exclude<Answer, { failure: unknown }>;

interface Thread {
  ask(statement: Statement): Promise<Answered>;
  stop(): Promise<void>;
}

function startThread(path: string, use: 'reads' | 'writes'): Thread {
  const worker = new Worker(new URL(`./sqlite-thread${extname(import.meta.filename)}`, import.meta.url), {
    workerData: { path, use } satisfies Work,
    // Flags of this process, such as those of a test runner, are not meant for it.
    execArgv: [],
  });
  const waiting = new Map<number, PromiseWithResolvers<Answered>>();
  let ended: Error | undefined;
  let next = 0;
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('error', (error) => end(error instanceof Error ? error : new Error('The store has failed.')));
  worker.on('exit', () => end(new Error('The store is closed.')));
  worker.on('message', (answer: Answer) => {
    const asker = waiting.get(answer.id);
    waiting.delete(answer.id);
    // An idle store keeps no process alive.
    if (waiting.size === 0) worker.unref();
    if ('failure' in answer) asker?.reject(Object.assign(new Error(answer.failure.message), answer.failure));
    else asker?.resolve(answer);
  });
  return {
    ask({ sql, parameters, begins = false }) {
      if (ended !== undefined) return Promise.reject(ended);
      const answered = Promise.withResolvers<Answered>();
      next += 1;
      waiting.set(next, answered);
      worker.ref();
      worker.postMessage({ id: next, sql, parameters, begins } satisfies Question);
      return answered.promise;
    },
    async stop() {
      await worker.terminate();
    },
  };
}

/**
 * Runs `work` while nobody else, in this process or another, runs theirs for the same path. The lock is the
 * operating system's, on a file beside the database, so that it dies with its process. The file itself stays.
 * @throws what SQLite throws when the lock is not to be had for `waitMs`
 */
export async function exclusively<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  makePrivate(`${path}.lock`);
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    await whenFree(() => lock.exec('begin exclusive'), waitMs);
    return await work();
  } finally {
    lock.close();
  }
}

/** Only our own user may read a new file: it holds the reasons that people gave (P7). */
function makePrivate(path: string): void {
  if (path !== inMemory) closeSync(openSync(path, 'a', 0o600));
}

/** A statement that found the database locked has done nothing, so it may be tried again. */
async function whenFree(attempt: () => void, waitMs: number): Promise<void> {
  for (let waited = 0; ; waited += pauseMs) {
    try {
      return attempt();
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
