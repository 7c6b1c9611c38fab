import type { ExpressionBuilder, Transaction } from 'kysely';
import type { Position, ReadModel, Row } from '../core/ports.ts';
import { askedNow, listedColumns, rowColumns, toColumns, toListed, toRow } from './execution-rows.ts';
import { asNumber, type Database, type Tables, yes } from './schema.ts';
import { serially } from './transaction.ts';

/** The read model: the newest known state of each execution, for lists. It never decides anything. */
export function createExecutions(db: Database): ReadModel {
  return {
    put: (row) =>
      serially(db, async (transaction) => {
        const columns = toColumns(row);
        const written = await transaction
          .insertInto('executions')
          .values(columns)
          .onConflict((conflict) =>
            conflict
              .column('id')
              .doUpdateSet(columns)
              .whereRef('executions.version', '<', 'excluded.version')
              // Another life of the same id, replayed by somebody, takes no row over (T23).
              .whereRef('executions.run', '=', 'excluded.run'),
          )
          .returning('id')
          .executeTakeFirst();
        if (written === undefined) return;
        await transaction.deleteFrom('execution_approvers').where('execution', '=', row.input.request.id).execute();
        await insertLists(transaction, row);
      }),

    create: (row) =>
      serially(db, async (transaction) => {
        const written = await transaction
          .insertInto('executions')
          .values(toColumns(row))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning('id')
          .executeTakeFirst();
        if (written !== undefined) await insertLists(transaction, row);
      }),

    async get(execution) {
      const found = await db.selectFrom('executions').select(rowColumns).where('id', '=', execution).executeTakeFirst();
      return found && toRow(found);
    },

    async ofOwner(owner, { open, limit }) {
      const found = await db
        .selectFrom('executions')
        .select(rowColumns)
        .where('owner', '=', owner)
        .$if(open !== undefined, (query) => query.where('is_open', '=', open ? 1 : 0))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return found.map(toRow);
    },

    async list({ owner, open, limit, after }) {
      const found = await db
        .selectFrom('executions')
        .select(listedColumns)
        .$if(owner !== undefined, (query) => query.where('owner', '=', owner ?? ''))
        .$if(open !== undefined, (query) => query.where('is_open', '=', open ? 1 : 0))
        .$if(after !== undefined, (query) => query.where(isAfter(after)))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return found.map(toListed);
    },

    async waitingFor(principal, groups, { limit, after }) {
      const asked = [...new Set([`user:${principal}`, ...groups.map((group) => `group:${group}`)])];
      const found = await db
        .selectFrom('executions')
        .select(rowColumns)
        .where('id', 'in', (query) =>
          query.selectFrom('execution_approvers').select('execution').where('approver', 'in', asked),
        )
        .where('is_open', '=', 1)
        .where(({ and, eb, or }) =>
          or([eb('self_approval', '=', 1), and([eb('owner', '!=', principal), eb('beneficiary', '!=', principal)])]),
        )
        .$if(after !== undefined, (query) => query.where(isAfter(after)))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return found.map(toRow);
    },

    async open(after, limit) {
      const found = await db
        .selectFrom('executions')
        .select('id')
        .where('is_open', '=', yes)
        .where('id', '>', after ?? '')
        .orderBy('id')
        .limit(limit)
        .execute();
      return found.map(({ id }) => id);
    },

    async refusals(beneficiary, role, since) {
      const { count } = await db
        .selectFrom('executions')
        .innerJoin('execution_roles', 'execution_roles.execution', 'executions.id')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('beneficiary', '=', beneficiary)
        .where('outcome', '=', 'denied')
        .where('closed_at', '>=', since)
        .where('role', '=', role)
        .executeTakeFirstOrThrow();
      return asNumber(count);
    },
  };
}

/** Older than this place in a list, or of its instant and behind it. One range of an index. */
function isAfter(after: Position | undefined) {
  const { at, id } = after ?? { at: 0, id: '' };
  return ({ eb, refTuple, tuple }: ExpressionBuilder<Tables, 'executions'>) =>
    eb(refTuple('created_at', 'id'), '<', tuple(at, id));
}

/** What an execution is found by, beside its own columns: its roles, which stay, and who is asked now. */
async function insertLists(transaction: Transaction<Tables>, { input, state }: Row): Promise<void> {
  const execution = input.request.id;
  const roles = [...new Set(input.request.items.map(({ role }) => role))].map((role) => ({ execution, role }));
  const asked = [...askedNow(input.plan.stages, state)].map((approver) => ({ execution, approver }));
  if (roles.length > 0) {
    await transaction
      .insertInto('execution_roles')
      .values(roles)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  if (asked.length > 0) await transaction.insertInto('execution_approvers').values(asked).execute();
}
