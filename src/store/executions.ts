import type { Insertable, Selectable, Transaction } from 'kysely';
import type { ElevateInput, Stage, State } from '../../workflows/contract.ts';
import type { ReadModel, Row } from '../core/ports.ts';
import { asNumber, type Database, type ExecutionTable, type Tables } from './schema.ts';
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
            conflict.column('id').doUpdateSet(columns).whereRef('executions.version', '<', 'excluded.version'),
          )
          .returning('id')
          .executeTakeFirst();
        if (written !== undefined) await writeLists(transaction, row);
      }),

    create: (row) =>
      serially(db, async (transaction) => {
        const written = await transaction
          .insertInto('executions')
          .values(toColumns(row))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning('id')
          .executeTakeFirst();
        if (written !== undefined) await writeLists(transaction, row);
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

    async waitingFor(principal, groups, limit) {
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
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return found.map(toRow);
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

const rowColumns = ['input', 'state', 'run', 'updated_at'] as const;

function toRow(found: Pick<Selectable<ExecutionTable>, (typeof rowColumns)[number]>): Row {
  return {
    input: JSON.parse(found.input) as ElevateInput,
    state: JSON.parse(found.state) as State,
    run: found.run,
    updatedAt: asNumber(found.updated_at),
  };
}

function toColumns({ input, state, run, updatedAt }: Row): Insertable<ExecutionTable> {
  const { request, plan } = input;
  return {
    id: request.id,
    owner: request.requester.id,
    beneficiary: request.beneficiary.id,
    workflow: request.workflow,
    phase: state.phase,
    outcome: 'outcome' in state ? state.outcome : null,
    is_open: state.phase === 'closed' ? 0 : 1,
    self_approval: plan.selfApproval ? 1 : 0,
    version: state.version,
    run,
    created_at: request.createdAt,
    closed_at: state.phase === 'closed' ? state.closedAt : null,
    updated_at: updatedAt,
    input: JSON.stringify(input),
    state: JSON.stringify(state),
  };
}

/** What an execution is found by, beside its own columns: its roles, and who is asked now. */
async function writeLists(transaction: Transaction<Tables>, { input, state }: Row): Promise<void> {
  const execution = input.request.id;
  const roles = new Set(input.request.items.map((item) => item.role));
  await transaction.deleteFrom('execution_roles').where('execution', '=', execution).execute();
  if (roles.size > 0) {
    const rows = [...roles].map((role) => ({ execution, role }));
    await transaction.insertInto('execution_roles').values(rows).execute();
  }

  const asked = askedNow(input.plan.stages, state);
  await transaction.deleteFrom('execution_approvers').where('execution', '=', execution).execute();
  if (asked.size > 0) {
    const rows = [...asked].map((approver) => ({ execution, approver }));
    await transaction.insertInto('execution_approvers').values(rows).execute();
  }
}

function askedNow(stages: Stage[], state: State): Set<string> {
  if (state.phase !== 'awaiting_approval') return new Set();
  const { users, groups } = stages[state.stage]?.approvers ?? { users: [], groups: [] };
  return new Set([...users.map((user) => `user:${user}`), ...groups.map((group) => `group:${group}`)]);
}
