import { resolve } from 'node:path';
import { Kysely } from 'kysely';
import { ElevateError } from '../core/errors.ts';
import { migrate } from './migrations.ts';
import type { Database, Tables } from './schema.ts';
import { inMemory } from './sqlite-file.ts';
import { exclusively } from './sqlite-lock.ts';
import { sqliteDialect } from './sqlite.ts';

/** As long as another process may take to bring the tables up to date. */
const migrationWaitMs = 30_000;

/** @throws `invalid_input` unless it is `sqlite:PATH`; `unavailable` if the file cannot be opened or prepared */
export async function openSqlite(url: string): Promise<Database> {
  const path = pathOf(url);
  const db: Database = new Kysely<Tables>({ dialect: sqliteDialect(path) });
  try {
    await prepare(db, path);
    return db;
  } catch (cause) {
    await db.destroy().catch(() => undefined);
    throw new ElevateError(
      'unavailable',
      `The store ${path} could not be opened. Check that its folder exists and can be written, and that no newer version of Elevate has used it.`,
      { cause },
    );
  }
}

/** The URL is not repeated in the message: it may hold a password. */
function pathOf(url: string): string {
  const path = /^sqlite:(?<path>(?!\/\/[^/])[^\0]+)$/.exec(url)?.groups?.['path'];
  if (path === undefined) {
    throw new ElevateError(
      'invalid_input',
      'The store must be a file, written as sqlite:PATH, for example sqlite:./elevate.db, or PostgreSQL, written as postgres://USER:PASSWORD@HOST/DATABASE.',
    );
  }
  return path === inMemory ? path : resolve(path);
}

function prepare(db: Database, path: string): Promise<void> {
  if (path === inMemory) return migrate(db);
  return exclusively(path, migrationWaitMs, () => migrate(db));
}
