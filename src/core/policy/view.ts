/** Who may see an execution (P4). */
import type { Config } from '../../config/config.ts';
import type { AuditLine, Principal, Row } from '../ports.ts';
import { entitledToday, includes } from './decide.ts';

export type Viewer = 'requester' | 'approver' | 'auditor';

/**
 * As what a person may see this execution; `undefined` if they may not.
 * @param story where it is at hand: who decided keeps seeing it, also once their vote does not count any more
 */
export function viewerOf(
  row: Row,
  person: Principal,
  config: Pick<Config, 'roles' | 'auditors'>,
  story: readonly AuditLine[] = [],
): Viewer | undefined {
  const { requester, beneficiary } = row.input.request;
  if (person.id === requester.id || person.id === beneficiary.id) return 'requester';
  if (waitsFor(row, person, config.roles) || hasDecided(row, person, story)) return 'approver';
  return isAuditor(person, config) ? 'auditor' : undefined;
}

/** The open stage asks this person, by the plan and by today's configuration (T8). */
export function waitsFor({ input, state }: Row, person: Principal, roles: Config['roles']): boolean {
  return state.phase === 'awaiting_approval' && asks({ input }, state.stage, person, roles);
}

/** Whether a stage asks this person, open or not. */
export function asks({ input }: Pick<Row, 'input'>, stage: number, person: Principal, roles: Config['roles']): boolean {
  const approvers = input.plan.stages[stage]?.approvers;
  return approvers !== undefined && includes(approvers, person) && entitledToday(roles, input, stage, person);
}

function hasDecided({ state }: Row, person: Principal, story: readonly AuditLine[]): boolean {
  return (
    state.votes.some((vote) => vote.by.id === person.id) ||
    story.some(({ kind, principal }) => kind === 'voted' && principal === person.id)
  );
}

export function isAuditor(person: Principal, { auditors }: Pick<Config, 'auditors'>): boolean {
  return includes(auditors, person);
}
