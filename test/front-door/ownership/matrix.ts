/** P4: what every caller is answered to every call, wherever an execution stands. A cell that is missing does not compile. */
import type { Outcome, State } from '../../../workflows/contract.ts';

/** Each stage by itself, every other phase, and every way of being over; nothing is ever `unratified` yet (T16). */
export type Standing =
  | 'at stage 1'
  | 'at stage 2'
  | Exclude<State['phase'], 'awaiting_approval' | 'closed'>
  | Exclude<Outcome, 'unratified'>;

/**
 * Bob and Carol are approvers of stage 1, where one vote is enough: Bob's, as far as there was one. Dana is the approver
 * of stage 2. Mallory approves nothing, Audrey is an auditor, Olga an operator.
 */
export const callers = ['owner', 'bob', 'carol', 'dana', 'mallory', 'audrey', 'olga'] as const;
export type Caller = (typeof callers)[number];

type Refusal = 403 | 404 | 409 | 410;

/**
 * What comes of a call that is answered with 200: the outcome that the execution has in the end; `votes`, the vote counts;
 * `again`, it counted before, and once; `refused`, the workflow refuses it and says so.
 */
export type Effect = Outcome | 'votes' | 'again' | 'refused';
type Change = Effect | Refusal;

/** `approve` by a token of stage 1, `release` by an event of one's own; then all lists: the own one, the owner's, and what waits. */
export type Row = readonly [
  get: 200 | Refusal,
  cancel: Change,
  terminate: Change,
  approve: Change,
  release: Change,
  list: 'listed' | '-',
  listOf: 'listed' | 403,
  approvals: 'waits' | '-',
];
export const columns = ['get', 'cancel', 'terminate', 'approve', 'release', 'list', 'listOf', 'approvals'] as const;
export type Column = (typeof columns)[number];

const nobody: Row = [404, 404, 404, 404, 404, '-', 403, '-'];

/** Open once both have approved, and the access is given or held. */
const approved: Record<Caller, Row> = {
  owner: [200, 'withdrawn', 'terminated', 403, 'completed', 'listed', 'listed', '-'],
  bob: [200, 403, 403, 'again', 403, '-', 403, '-'],
  carol: [404, 404, 404, 'refused', 404, '-', 403, '-'],
  dana: [200, 403, 403, 403, 403, '-', 403, '-'],
  mallory: nobody,
  audrey: [200, 403, 403, 403, 403, '-', 'listed', '-'],
  olga: nobody,
};

/** Over after both had approved. */
const overOnceApproved: Record<Caller, Row> = {
  owner: [200, 409, 409, 409, 409, 'listed', 'listed', '-'],
  bob: [200, 403, 403, 409, 403, '-', 403, '-'],
  carol: [404, 404, 404, 409, 404, '-', 403, '-'],
  dana: [200, 403, 403, 409, 403, '-', 403, '-'],
  mallory: nobody,
  audrey: [200, 403, 403, 409, 403, '-', 'listed', '-'],
  olga: nobody,
};

/** Over before anybody decided. */
const overAtStage1: Record<Caller, Row> = {
  owner: [200, 409, 409, 409, 409, 'listed', 'listed', '-'],
  bob: [404, 404, 404, 409, 404, '-', 403, '-'],
  carol: [404, 404, 404, 409, 404, '-', 403, '-'],
  dana: nobody,
  mallory: nobody,
  audrey: [200, 403, 403, 409, 403, '-', 'listed', '-'],
  olga: nobody,
};

export const matrix: Record<Standing, Record<Caller, Row>> = {
  'at stage 1': {
    owner: [200, 'withdrawn', 'terminated', 403, 'refused', 'listed', 'listed', '-'],
    bob: [200, 403, 403, 'votes', 403, '-', 403, 'waits'],
    carol: [200, 403, 403, 'votes', 403, '-', 403, 'waits'],
    dana: nobody,
    mallory: nobody,
    audrey: [200, 403, 403, 403, 403, '-', 'listed', '-'],
    olga: nobody,
  },
  'at stage 2': {
    ...approved,
    owner: [200, 'withdrawn', 'terminated', 403, 'refused', 'listed', 'listed', '-'],
    dana: [200, 403, 403, 403, 403, '-', 403, 'waits'],
  },
  starting: approved,
  active: approved,
  ending: { ...approved, owner: [200, 'completed', 'terminated', 403, 'refused', 'listed', 'listed', '-'] },
  completed: overOnceApproved,
  denied: { ...overOnceApproved, dana: nobody },
  expired: {
    owner: [200, 409, 409, 410, 409, 'listed', 'listed', '-'],
    bob: [404, 404, 404, 410, 404, '-', 403, '-'],
    carol: [404, 404, 404, 410, 404, '-', 403, '-'],
    dana: [404, 404, 404, 410, 404, '-', 403, '-'],
    mallory: [404, 404, 404, 410, 404, '-', 403, '-'],
    audrey: [200, 403, 403, 410, 403, '-', 'listed', '-'],
    olga: [404, 404, 404, 410, 404, '-', 403, '-'],
  },
  changed: overOnceApproved,
  revoked: overOnceApproved,
  failed: overOnceApproved,
  withdrawn: overAtStage1,
  terminated: overAtStage1,
};

export const standings = Object.keys(matrix) as Standing[];
