import type { Kysely } from 'kysely';

/** Up to when something was done. */
export async function marks({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('marks')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
}
