import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Database, Tables } from './schema.ts';

/**
 * What PostgreSQL says of a transaction that ran into another: serialization failure, deadlock, and a key that the
 * other has just taken. SQLite never says so; there, one waits for the other.
 */
const conflicts = new Set<unknown>(['40001', '40P01', '23505']);
/** Each time at least one of those that ran into each other gets through. */
const TRIES = 20;

/** Milliseconds before the next try, a different number for each: those who met once should not meet again. */
const jittered = (tries: number) => Math.random() * Math.min(4 * 2 ** tries, 250);

/**
 * Runs `work` as if nothing else happened at the same time, in this process or another: all of it, or nothing. It may
 * be run several times, so it changes nothing but the database.
 */
export async function serially<T>(
  db: Database,
  work: (transaction: Transaction<Tables>) => Promise<T>,
  pauseMs = jittered,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transaction().setIsolationLevel('serializable').execute(work);
    } catch (error) {
      if (tries === TRIES || !isConflict(error)) throw error;
    }
    await pause(pauseMs(tries));
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && conflicts.has(error.code);
}
