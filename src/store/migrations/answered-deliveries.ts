import type { Kysely } from 'kysely';

/** Which execution a delivery was answered with that has none of its own. */
export async function answeredDeliveries({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('answered')
    .ifNotExists()
    .addColumn('delivery', 'text', (column) => column.primaryKey())
    .addColumn('execution', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .execute();
}
