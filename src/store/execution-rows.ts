import type { Insertable, Selectable } from 'kysely';
import type { ElevateInput, Outcome, Stage, State } from '../../workflows/contract.ts';
import type { Listed, Row } from '../core/ports.ts';
import { aboutOf } from '../core/about.ts';
import { asNumber, type ExecutionTable } from './schema.ts';

export const listedColumns = [
  'id',
  'run',
  'owner',
  'workflow',
  'about',
  'phase',
  'outcome',
  'created_at',
  'closed_at',
] as const;

export function toListed(found: Pick<Selectable<ExecutionTable>, (typeof listedColumns)[number]>): Listed {
  const { id, run, owner, workflow, about, phase, outcome, created_at, closed_at } = found;
  return {
    id,
    run,
    owner,
    workflow,
    about,
    phase: phase as State['phase'],
    ...(outcome !== null && { outcome: outcome as Outcome }),
    createdAt: asNumber(created_at),
    ...(closed_at !== null && { closedAt: asNumber(closed_at) }),
  };
}

export const rowColumns = ['input', 'state', 'run', 'updated_at'] as const;

export function toRow(found: Pick<Selectable<ExecutionTable>, (typeof rowColumns)[number]>): Row {
  return {
    input: JSON.parse(found.input) as ElevateInput,
    state: JSON.parse(found.state) as State,
    run: found.run,
    updatedAt: asNumber(found.updated_at),
  };
}

export function toColumns({ input, state, run, updatedAt }: Row): Insertable<ExecutionTable> {
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
    about: aboutOf(request.items),
  };
}

/** Who is asked in the stage that is open, as in `execution_approvers`. */
export function askedNow(stages: Stage[], state: State): Set<string> {
  if (state.phase !== 'awaiting_approval') return new Set();
  const { users, groups } = stages[state.stage]?.approvers ?? { users: [], groups: [] };
  return new Set([...users.map((user) => `user:${user}`), ...groups.map((group) => `group:${group}`)]);
}
