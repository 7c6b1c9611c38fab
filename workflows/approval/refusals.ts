/** Why what a person did does not count. */
import type { Actor, ElevateEvent, ElevateInput, Facts, Refusal, Stage, State, Vote } from '../contract.ts';
import { isSettled, type Life } from './step.ts';

/** The server that saw the click and the one that keeps the workflow's time may differ by this much. */
const CLOCK_SKEW = 5_000;

/** Why this event does not count; `undefined` if it does. Judged by the event's own time and facts. */
export function refusalOf(life: Life, state: State, event: ElevateEvent): Refusal | undefined {
  const { request } = life.input;
  if (event.run !== life.run || event.execution !== request.id) return 'another_life';
  if (event.data.digest !== request.digest || event.data.owner !== request.requester.id) return 'changed_request';
  if (!event.by.active) return 'inactive';
  if (event.what === 'decision') return decisionRefusal(life.input, state, event);
  if (event.what === 'release') return releaseRefusal(life.input, state, event);
  return 'not_supported';
}

function decisionRefusal(
  input: ElevateInput,
  state: State,
  { data, at, by }: ElevateEvent<'decision'>,
): Refusal | undefined {
  if (data.choice === 'ratify') return 'not_supported';
  const stage = input.plan.stages[data.stage];
  if (state.phase !== 'awaiting_approval' || state.stage !== data.stage || stage === undefined) return 'stage_closed';
  if (at < state.openedAt - CLOCK_SKEW) return 'not_open_yet';
  if (at > state.deadline) return 'too_late';
  const earlier = state.votes.find((vote) => vote.stage === data.stage && vote.by.id === by.principal.id);
  return (
    votingRefusal(input, stage, by, state.votes) ??
    (earlier !== undefined && !(earlier.choice === 'approve' && data.choice === 'deny') ? 'already_voted' : undefined)
  );
}

/**
 * Why this person may not vote on this stage; `undefined` if they may (T5, T8, T10, T11). The order matters to
 * people: the most personal reason comes first.
 */
export function votingRefusal(
  input: ElevateInput,
  stage: Stage,
  by: Facts,
  votes: readonly Vote[],
): Refusal | undefined {
  const { request, plan } = input;
  const self = by.principal.id === request.requester.id || by.principal.id === request.beneficiary.id;
  if (self && !plan.selfApproval) return 'self_approval';
  if (!isApprover(stage, by)) return 'not_approver';
  if (plan.risk === 'high' && hasJoinedLater(stage, by)) return 'joined_later';
  const peopleMatter = stage.quorum > 1 || !plan.selfApproval;
  return peopleMatter && !self && !comparable(input, by, votes) ? 'link_required' : undefined;
}

function isApprover(stage: Stage, by: Facts): boolean {
  const named = stage.approvers.users.includes(by.principal.id);
  return by.entitled && (named || stage.approvers.groups.some((group) => by.groups.includes(group)));
}

/** In the deciding groups now, but in none of them when the plan was frozen (T11). */
export function hasJoinedLater(stage: Stage, by: Facts): boolean {
  if (stage.approvers.users.includes(by.principal.id)) return false;
  const account = `${by.actor.platform}:${by.actor.tenant}/${by.actor.user}`;
  return !stage.approvers.groups
    .filter((group) => by.groups.includes(group))
    .some((group) => stage.members[group]?.some((member) => member === by.principal.id || member === account));
}

/**
 * Whether this voter can be told apart from the requester and the earlier voters: two e-mails are never assumed
 * to be two people, unless both are accounts of one source, or both are linked, or the operator vouches (T5).
 */
function comparable({ request, plan }: ElevateInput, by: Facts, votes: readonly Vote[]): boolean {
  return (
    plan.oneDirectory ||
    [request, ...votes].every((other) => isOneSource(other.actor, by.actor) || (other.linked && by.linked))
  );
}

function isOneSource(a: Actor, b: Actor): boolean {
  return a.platform === b.platform && a.tenant === b.tenant;
}

function releaseRefusal(input: ElevateInput, state: State, { by }: ElevateEvent<'release'>): Refusal | undefined {
  const theirs = by.principal.id === input.request.requester.id || by.principal.id === input.request.beneficiary.id;
  if (!theirs) return 'not_owner';
  const beingGiven = state.phase === 'starting' && !state.access.every(isSettled);
  return state.phase === 'active' || beingGiven ? undefined : 'nothing_held';
}
