import type { Transaction } from 'kysely';
import type { Database, Tables } from './schema.ts';

/** Runs `work` as if nothing else happened at the same time, in this process or another: all of it, or nothing. */
export function serially<T>(db: Database, work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('serializable').execute(work);
}
