import { sql, type Kysely } from 'kysely';
import type { ElevateInput } from '../../../workflows/contract.ts';
import { aboutOf } from '../../core/about.ts';

/** As much of the tables as this migration touches, as it finds and leaves them. */
type Tables = { executions: { id: string; input: string; about: string } };

/** What a list shows, beside what it is ordered by: with these in the index, a list reads nothing else. */
const shown = ['run', 'workflow', 'about', 'phase', 'outcome', 'closed_at'] as const;

/** Rows that are filled at a time. */
const STEP = 500;

/** Lists that never read the texts of an execution, of one owner and of all; and the newest line of a kind. */
export async function narrowLists(db: Kysely<Tables>): Promise<void> {
  await addAbout(db);
  await fillAbout(db);
  const { schema } = db;
  await schema.dropIndex('executions_by_owner').ifExists().execute();
  await schema.dropIndex('executions_by_owner_and_open').ifExists().execute();
  const indexes = {
    executions_of_owner: ['owner', 'created_at', 'id', ...shown],
    executions_of_owner_and_open: ['owner', 'is_open', 'created_at', 'id', ...shown],
    executions_of_all: ['created_at', 'id'],
    executions_of_all_and_open: ['is_open', 'created_at', 'id'],
  };
  for (const [name, columns] of Object.entries(indexes)) {
    await schema.createIndex(name).ifNotExists().on('executions').columns(columns).execute();
  }
  await schema
    .createIndex('executions_open')
    .ifNotExists()
    .on('executions')
    .columns(['is_open', 'id'])
    .where(sql.ref('is_open'), '=', sql.lit(1))
    .execute();
  await schema.createIndex('audit_by_kind').ifNotExists().on('audit').columns(['kind', 'at', 'seq', 'id']).execute();
}

/** SQLite knows no `add column if not exists`; where tables change in a transaction, nothing is ever half done. */
async function addAbout(db: Kysely<Tables>): Promise<void> {
  if (!db.getExecutor().adapter.supportsTransactionalDdl) {
    const tables = await db.introspection.getTables();
    const executions = tables.find(({ name }) => name === 'executions');
    if (executions?.columns.some(({ name }) => name === 'about')) return;
  }
  await db.schema
    .alterTable('executions')
    .addColumn('about', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
}

async function fillAbout(db: Kysely<Tables>): Promise<void> {
  for (let after = ''; ;) {
    const rows = await db
      .selectFrom('executions')
      .select(['id', 'input'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(STEP)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
    const cases = rows.map(({ id, input }) => {
      const { request } = JSON.parse(input) as ElevateInput;
      return sql`when ${id} then ${aboutOf(request.items)}`;
    });
    await db
      .updateTable('executions')
      .set({ about: sql`case id ${sql.join(cases, sql` `)} end` })
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .execute();
  }
}
