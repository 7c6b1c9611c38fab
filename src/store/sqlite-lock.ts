import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { isBusy, makePrivate } from './sqlite-file.ts';

const pauseMs = 5;

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
