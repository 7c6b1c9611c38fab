/**
 * How the tables came to be. A migration that was released is never changed: add another. Each can be run again
 * after a crash in its middle, since SQLite does not change tables in a transaction here.
 */
import { Migrator, type Migration } from 'kysely/migration';
import { answeredDeliveries } from './migrations/answered-deliveries.ts';
import { conversationReferences } from './migrations/conversation-references.ts';
import { firstTables } from './migrations/first-tables.ts';
import { marks } from './migrations/marks.ts';
import { narrowLists } from './migrations/narrow-lists.ts';
import { signIns } from './migrations/sign-ins.ts';
import type { Database } from './schema.ts';

const migrations: Record<string, Migration> = {
  '0001_first_tables': { up: firstTables },
  '0002_narrow_lists': { up: narrowLists },
  '0003_sign_ins': { up: signIns },
  '0004_conversation_references': { up: conversationReferences },
  '0005_answered_deliveries': { up: answeredDeliveries },
  '0006_marks': { up: marks },
};

/** Brings the tables up to date. One caller at a time. @throws what the database throws */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('a migration failed', { cause: error });
}
