/** Kysely on `pg`: a pool whose connections may be lost at any time without harm. */
import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { Pool, type PoolClient } from 'pg';
import type { Log } from '../core/ports.ts';

/** How many connections are held, and how long one statement may take, in milliseconds. */
export interface Patience {
  connections: number;
  statementMs: number;
}

export const patience = {
  requests: { connections: 10, statementMs: 5_000 },
  /** Indexing millions of rows takes its time, and so does waiting for another process that does it. */
  migrations: { connections: 1, statementMs: 600_000 },
} satisfies Record<string, Patience>;

const connectMs = 2_000;
const idleMs = 30_000;
/** A transaction of a process that has stopped in its middle holds up nobody for longer. */
const idleInTransactionMs = 10_000;
/** How much longer than the server's own limit a silent server is waited for. */
const silenceMs = 1_000;
/** The driver's only mark of an answer that did not come in time. */
const silent = 'Query read timeout';

/** @param url may say more about the connection, and then it is right; see {@link Pool} */
export function postgresDialect(url: string, { connections, statementMs }: Patience, log: Log | undefined): Dialect {
  const pool = new Pool({
    connectionString: url,
    application_name: 'elevate',
    max: connections,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: idleMs,
    statement_timeout: statementMs,
    query_timeout: statementMs + silenceMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    // An idle store keeps no process alive.
    allowExitOnIdle: true,
  });
  // Of the error its text alone: the driver hangs the whole connection on it. Whoever was waiting is told by their call.
  const lost = ({ message }: Error) => log?.warn({ why: message }, 'a connection to the store was lost');
  pool.on('error', lost);
  // One that is in use has no listener of the pool's; without any, its loss would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new PostgresDialect({ pool: lending(pool) });
}

/** The pool, but a connection that still waits for an answer is not given to the next. */
function lending(pool: Pool): PostgresPool {
  return { options: pool.options, connect: async () => lent(await pool.connect()), end: () => pool.end() };
}

function lent(client: PoolClient): PostgresPoolClient {
  let isStuck = false;
  const query = async (sql: string, parameters: readonly unknown[]) => {
    if (isStuck) throw new Error('The connection is given up.');
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      isStuck = error instanceof Error && error.message === silent;
      throw error;
    }
  };
  // Kysely's own type knows cursors too, which are for streams; the store has none.
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(isStuck) };
}
