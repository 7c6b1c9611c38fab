/**
 * Kysely on `node:sqlite`. What is read is read at once, in the thread that asks: it is in memory mostly, and a look there
 * takes less than the way to another thread. What is written goes to a thread of its own: every commit is on disk when it is
 * answered, and the waiting for the disk holds up neither those who read nor those who wait for an answer from us.
 */
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import {
  inMemory,
  isBusy,
  makePrivate,
  openFile,
  type Result,
  type SqliteFile,
  type Statement,
} from './sqlite-file.ts';
import { startWriter, type Writer } from './sqlite-writer.ts';

/** A reader waits for another process this long, and everybody else with it; then the writer's thread reads instead. */
const READER_BUSY_MS = 20;

/** @param path an absolute path, or {@link inMemory} */
export function sqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new ConcurrentSqliteAdapter(),
    createDriver: () => createDriver(path),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely's own would keep every reader waiting for whoever is at work. */
class ConcurrentSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** One that writes, for one after the other, and one that reads meanwhile what was committed. */
function createDriver(path: string): Driver {
  let ends: Ends | undefined;
  const takeTurn = createTurns();
  const sessions = new WeakMap<DatabaseConnection, Session>();
  const sessionOf = (connection: DatabaseConnection): Session => {
    const session = sessions.get(connection);
    if (session === undefined) throw new TypeError('not a connection of this store');
    return session;
  };

  return {
    async init() {
      makePrivate(path);
      ends = { writer: startWriter(path), reader: undefined };
      // Once it has answered, the file is there, with its write-ahead log.
      await ends.writer.ask({ sql: 'select 1', parameters: [] });
      // What is in memory is there for the thread alone that has made it.
      if (path !== inMemory) ends.reader = openFile(path, { use: 'reads', busyMs: READER_BUSY_MS });
    },
    async acquireConnection() {
      if (ends === undefined) throw new Error('The store is closed.');
      const session = createSession(ends, takeTurn);
      sessions.set(session.connection, session);
      return session.connection;
    },
    beginTransaction: async (on) => sessionOf(on).begin(),
    commitTransaction: async (on) => sessionOf(on).finish('commit'),
    rollbackTransaction: async (on) => sessionOf(on).finish('rollback'),
    releaseConnection: async (on) => sessionOf(on).leave(),
    async destroy() {
      ends?.reader?.close();
      await ends?.writer.stop();
      ends = undefined;
    },
  };
}

interface Ends {
  writer: Writer;
  reader: SqliteFile | undefined;
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
  finish(end: 'commit' | 'rollback'): Promise<void>;
  leave(): void;
}

function createSession({ writer, reader }: Ends, takeTurn: TakeTurn): Session {
  let endTurn: (() => void) | undefined;
  /** Of a transaction, the statement that comes next. */
  let part: 'first' | 'later' | undefined;

  async function write<R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> {
    const statement = { sql, parameters, ...(part && { part }) };
    if (part !== undefined) part = 'later';
    endTurn ??= await takeTurn();
    const answer = writer.ask(statement);
    if (statement.part === undefined || !isSilent(query)) return toResult(await answer);
    // Whatever comes next goes the same way, so nobody need wait: if it fails, the end of the transaction says so.
    answer.catch(() => undefined);
    return { rows: [] };
  }

  return {
    connection: {
      async executeQuery<R>(asked: CompiledQuery) {
        const isRead = endTurn === undefined && asked.query.kind === 'SelectQueryNode';
        return (isRead && reader !== undefined ? readNow<R>(reader, asked) : undefined) ?? write<R>(asked);
      },
      // oxlint-disable-next-line require-yield -- nothing here streams
      async *streamQuery() {
        throw new Error('The store does not stream.');
      },
    },
    async begin() {
      endTurn = await takeTurn();
      // It begins with its first statement: the way to the thread and back costs more than most statements.
      part = 'first';
    },
    async finish(end) {
      const hasBegun = part === 'later';
      part = undefined;
      if (hasBegun) await writer.ask({ end });
    },
    leave: () => endTurn?.(),
  };
}

/** Whether it only changes something: nothing in it asks for an answer. */
function isSilent(query: CompiledQuery['query']): boolean {
  const isChange = ['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'].includes(query.kind);
  return isChange && !('returning' in query && query.returning !== undefined);
}

/** `undefined` if another process has it locked just now. */
function readNow<R>(reader: SqliteFile, statement: Statement): QueryResult<R> | undefined {
  try {
    return toResult(reader.run(statement));
  } catch (error) {
    if (isBusy(error)) return undefined;
    throw error;
  }
}

function toResult<R>({ columns, rows, changes }: Result): QueryResult<R> {
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
