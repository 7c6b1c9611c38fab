import { resolve } from 'node:path';
import { Kysely } from 'kysely';
import { ElevateError } from '../core/errors.ts';
import type { Audit, Bindings, Cards, Ledger, Limits, ReadModel } from '../core/ports.ts';
import { createAudit } from './audit.ts';
import { createBindings } from './bindings.ts';
import { createCards } from './cards.ts';
import { createExecutions } from './executions.ts';
import { createLedger } from './ledger.ts';
import { createLimits } from './limits.ts';
import { migrate } from './migrations.ts';
import type { Database, Tables } from './schema.ts';
import { exclusively, inMemory, sqliteDialect } from './sqlite.ts';

/** Every method throws `unavailable` when the database does not answer, with its error as cause. */
export interface Store {
  executions: ReadModel;
  audit: Audit;
  bindings: Bindings;
  limits: Limits;
  cards: Cards;
  ledger: Ledger;
  /** The database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** As long as another process may take to bring the tables up to date. */
const migrationWaitMs = 30_000;

/**
 * Opens the store and brings its tables up to date.
 * @param url `sqlite:PATH`, or `sqlite::memory:` for one that is gone with the process
 * @throws `invalid_input` for any other URL; `unavailable` if the file cannot be opened or its tables not prepared
 */
export async function openStore(url: string): Promise<Store> {
  const path = pathOf(url);
  const db: Database = new Kysely<Tables>({ dialect: sqliteDialect(path) });
  try {
    await prepare(db, path);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw cannotOpen(path, error);
  }
  return {
    executions: translated(createExecutions(db)),
    audit: translated(createAudit(db)),
    bindings: translated(createBindings(db)),
    limits: translated(createLimits(db)),
    cards: translated(createCards(db)),
    ledger: translated(createLedger(db)),
    ...translated({
      // Of a table, since SQLite answers `select 1` without looking at its file.
      ping: async () => void (await db.selectFrom('executions').select('id').limit(1).execute()),
      close: () => db.destroy(),
    }),
  };
}

/** The URL is not repeated in the message: it may hold a password. */
function pathOf(url: string): string {
  const path = /^sqlite:(?<path>(?!\/\/[^/])[^\0]+)$/.exec(url)?.groups?.['path'];
  if (path === undefined) {
    throw new ElevateError(
      'invalid_input',
      'The store must be a file, written as sqlite:PATH, for example sqlite:./elevate.db. PostgreSQL is not supported yet.',
    );
  }
  return path === inMemory ? path : resolve(path);
}

function prepare(db: Database, path: string): Promise<void> {
  if (path === inMemory) return migrate(db);
  return exclusively(path, migrationWaitMs, () => migrate(db));
}

function cannotOpen(path: string, cause: unknown): ElevateError {
  return new ElevateError(
    'unavailable',
    `The store ${path} could not be opened. Check that its folder exists and can be written, and that no newer version of Elevate has used it.`,
    { cause },
  );
}

/** The port, with everything that is not ours to say turned into `unavailable`. */
function translated<Port extends { [Name in keyof Port]: (...input: never[]) => Promise<unknown> }>(port: Port): Port {
  const methods = Object.entries<(...input: never[]) => Promise<unknown>>(port).map(([name, method]) => [
    name,
    (...input: never[]) => method(...input).catch(rethrow),
  ]);
  return Object.fromEntries(methods) as Port;
}

function rethrow(cause: unknown): never {
  if (cause instanceof ElevateError) throw cause;
  throw new ElevateError('unavailable', 'The store did not answer. Please try again in a moment.', { cause });
}
