import { Kysely, sql } from 'kysely';
import { ElevateError } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import { migrate } from './migrations.ts';
import { patience, postgresDialect } from './postgres.ts';
import type { Database, Tables } from './schema.ts';

/** What may stand behind `sslmode=`. A word that the driver does not know would go unnoticed. */
const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

export function isPostgres(url: string): boolean {
  return /^postgres(?:ql)?:/i.test(url);
}

/**
 * Opens a database of a PostgreSQL server, by TCP or, with `?host=/FOLDER`, by socket. TLS is as the URL says.
 * @throws `invalid_input` for a URL that names no server and database; `unavailable` if that cannot be reached or prepared
 */
export async function openPostgres(url: string, log: Log | undefined): Promise<Database> {
  const { host, database } = placeIn(url);
  const db: Database = new Kysely<Tables>({ dialect: postgresDialect(url, patience.requests, log) });
  try {
    await prepare(url, log);
    // A pool that was never used would open anew after it was closed.
    await sql`select 1`.execute(db);
    return db;
  } catch (cause) {
    await db.destroy().catch(() => undefined);
    throw new ElevateError(
      'unavailable',
      `The store ${database} on ${host} could not be opened. Check that PostgreSQL answers there, that the user may log in and create tables, and that no newer version of Elevate has used it.`,
      { cause },
    );
  }
}

/** The driver's lock lets one starter after the other do this, whichever machine they run on. */
async function prepare(url: string, log: Log | undefined): Promise<void> {
  const db: Database = new Kysely<Tables>({ dialect: postgresDialect(url, patience.migrations, log) });
  try {
    await migrate(db);
  } finally {
    await db.destroy();
  }
}

/** Where the URL points to. Nothing else of it is ever repeated: it may hold a password (P7). */
function placeIn(url: string): { host: string; database: string } {
  const parsed = URL.parse(url);
  if (parsed === null || !isDecodable(parsed.username) || !isDecodable(parsed.password)) {
    throw wrong('Characters such as @ : / # % in the user or the password must be percent-encoded.');
  }
  const host = parsed.host === '' ? parsed.searchParams.get('host') : parsed.host;
  const database = parsed.pathname.slice(1);
  if (host === null || host === '') throw wrong('It names no host.');
  if (database === '' || !isDecodable(database)) throw wrong('It names no database.');
  const sslMode = parsed.searchParams.get('sslmode');
  if (sslMode !== null && !sslModes.includes(sslMode))
    throw wrong(`Its sslmode must be one of ${sslModes.join(', ')}.`);
  return { host, database };
}

function isDecodable(text: string): boolean {
  try {
    return !decodeURIComponent(text).includes('\0');
  } catch {
    return false;
  }
}

function wrong(why: string): ElevateError {
  return new ElevateError(
    'invalid_input',
    `The URL of the store is not valid. ${why} It is written as postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, or as sqlite:PATH.`,
  );
}
