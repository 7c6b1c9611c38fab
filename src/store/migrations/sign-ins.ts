import type { Kysely } from 'kysely';

/** What the newest token of each account said. */
export async function signIns({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('sign_ins')
    .ifNotExists()
    .addColumn('platform', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('principal', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('email', 'text')
    .addColumn('email_confirmed', 'integer', (column) => column.notNull())
    .addColumn('groups', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sign_ins_key', ['platform', 'tenant', 'account'])
    .execute();
  await schema.createIndex('sign_ins_by_principal').ifNotExists().on('sign_ins').columns(['principal', 'at']).execute();
  await schema
    .createTable('sign_in_groups')
    .ifNotExists()
    .addColumn('platform', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('sign_in_groups_key', ['platform', 'tenant', 'account', 'name'])
    .execute();
  await schema
    .createIndex('sign_in_groups_by_name')
    .ifNotExists()
    .on('sign_in_groups')
    .columns(['name', 'platform', 'tenant', 'account'])
    .execute();
}
