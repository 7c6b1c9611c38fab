/** Changes the app's database as somebody else would. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than any transaction of the app's. */
const TRIES = 400;

/**
 * Runs a statement in a SQLite file that the app in this process is using. Without waiting inside SQLite: that would keep
 * the app from ending the very transaction that is in the way.
 */
export async function changeFile(store: string, statement: string): Promise<void> {
  const file = new DatabaseSync(store.replace('sqlite:', ''), { timeout: 0 });
  try {
    for (let tries = 1; !isDone(file, statement); tries += 1) {
      if (tries === TRIES) throw new Error('The database was never free.');
      await pause(25);
    }
  } finally {
    file.close();
  }
}

function isDone(file: DatabaseSync, statement: string): boolean {
  try {
    file.exec(statement);
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.includes('locked')) return false;
    throw error;
  }
}
