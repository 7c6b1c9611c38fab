import { sql, type Kysely } from 'kysely';

/** Everything that the first release of the store holds. */
export async function firstTables(db: Kysely<never>): Promise<void> {
  await executionTables(db);
  await auditTable(db);
  await bindingTable(db);
  await admissionTable(db);
  await cardTable(db);
  await ledgerTable(db);
}

async function executionTables({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('executions')
    .ifNotExists()
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('beneficiary', 'text', (column) => column.notNull())
    .addColumn('workflow', 'text', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('is_open', 'integer', (column) => column.notNull())
    .addColumn('self_approval', 'integer', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('closed_at', 'bigint')
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('input', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createIndex('executions_by_owner')
    .ifNotExists()
    .on('executions')
    .columns(['owner', 'created_at', 'id'])
    .execute();
  await schema
    .createIndex('executions_by_owner_and_open')
    .ifNotExists()
    .on('executions')
    .columns(['owner', 'is_open', 'created_at', 'id'])
    .execute();
  await schema
    .createIndex('executions_by_outcome')
    .ifNotExists()
    .on('executions')
    .columns(['beneficiary', 'outcome', 'closed_at'])
    .execute();

  await schema
    .createTable('execution_roles')
    .ifNotExists()
    .addColumn('execution', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('execution_roles_key', ['execution', 'role'])
    .execute();
  await schema
    .createTable('execution_approvers')
    .ifNotExists()
    .addColumn('execution', 'text', (column) => column.notNull())
    .addColumn('approver', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('execution_approvers_key', ['execution', 'approver'])
    .execute();
  await schema
    .createIndex('execution_approvers_by_approver')
    .ifNotExists()
    .on('execution_approvers')
    .columns(['approver', 'execution'])
    .execute();
}

async function auditTable({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('audit')
    .ifNotExists()
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('execution', 'text')
    .addColumn('principal', 'text')
    .addColumn('actor', 'text')
    .addColumn('details', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createIndex('audit_by_execution')
    .ifNotExists()
    .on('audit')
    .columns(['execution', 'at', 'seq', 'id'])
    .execute();
}

async function bindingTable({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('bindings')
    .ifNotExists()
    .addColumn('platform', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('principal', 'text', (column) => column.notNull())
    .addColumn('bound_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('bindings_key', ['platform', 'tenant', 'account'])
    .addUniqueConstraint('bindings_one_account', ['principal', 'platform', 'tenant'])
    .execute();
}

async function admissionTable({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('admissions')
    .ifNotExists()
    .addColumn('execution', 'text', (column) => column.primaryKey().notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('admitted_at', 'bigint', (column) => column.notNull())
    .addColumn('is_open', 'integer', (column) => column.notNull())
    .execute();
  await schema
    .createIndex('admissions_by_owner')
    .ifNotExists()
    .on('admissions')
    .columns(['owner', 'admitted_at'])
    .execute();
  await schema
    .createIndex('admissions_open_once')
    .ifNotExists()
    .unique()
    .on('admissions')
    .columns(['owner', 'fingerprint'])
    .where(sql.ref('is_open'), '=', sql.lit(1))
    .execute();
}

async function cardTable({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('cards')
    .ifNotExists()
    .addColumn('execution', 'text', (column) => column.notNull())
    .addColumn('platform', 'text', (column) => column.notNull())
    .addColumn('recipient', 'text', (column) => column.notNull())
    .addColumn('slot', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('drawing', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('cards_key', ['execution', 'platform', 'recipient', 'slot'])
    .execute();
}

async function ledgerTable({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('ledger')
    .ifNotExists()
    .addColumn('execution', 'text', (column) => column.notNull())
    .addColumn('item', 'integer', (column) => column.notNull())
    .addColumn('beneficiary', 'text')
    .addColumn('target', 'text')
    .addColumn('opened_at', 'bigint', (column) => column.notNull())
    .addColumn('barred_at', 'bigint')
    .addColumn('closed_at', 'bigint')
    .addPrimaryKeyConstraint('ledger_key', ['execution', 'item'])
    .execute();
  await schema
    .createIndex('ledger_by_target')
    .ifNotExists()
    .on('ledger')
    .columns(['beneficiary', 'target', 'closed_at'])
    .execute();
}
