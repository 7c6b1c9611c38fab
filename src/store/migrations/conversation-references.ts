import type { Kysely } from 'kysely';

/** Where a chat lets us write, as it told us. */
export async function conversationReferences({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('conversation_references')
    .ifNotExists()
    .addColumn('platform', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addColumn('dead', 'text')
    .addPrimaryKeyConstraint('conversation_references_key', ['platform', 'tenant', 'kind', 'key'])
    .execute();
}
