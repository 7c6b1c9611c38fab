/**
 * The reducer: what an execution becomes when something happens to it. Pure: no clock, no I/O, no SDK. Every
 * rule about who may decide what, and when, is judged here from the facts that the server sealed into the
 * event (T19); `core/` judges the same rules before it sends, to be able to answer.
 */
import type {
  Access,
  Actor,
  ElevateEvent,
  ElevateInput,
  Entry,
  Facts,
  LeaseEnd,
  LeaseNote,
  Outcome,
  Person,
  Refusal,
  Stage,
  State,
  Unreached,
  Verdict,
  Vote,
} from './contract.ts';

/** What stays the same for the whole life of an execution. `run` is its first run id. */
export interface Life {
  input: ElevateInput;
  run: string;
}

/** Everything that can happen to an execution. */
export type Change =
  | { kind: 'event'; event: ElevateEvent }
  | { kind: 'unsealed' }
  | { kind: 'deadline' }
  | { kind: 'unreached'; found: Unreached }
  | { kind: 'cancel' }
  | { kind: 'judged'; verdict: Verdict }
  | { kind: 'performing'; until: number }
  | { kind: 'lease'; note: LeaseNote }
  | { kind: 'lease_ended'; end: LeaseEnd }
  | { kind: 'ending_soon' }
  | { kind: 'terminated'; by: Person }
  | { kind: 'leases_closed' };

/** A state with what happened on the way to it. */
export interface Step {
  state: State;
  entries: Entry[];
}

/** Gives the step that an execution has come to, with the whole story as its entries. */
export type Read = () => Step;
/** Takes an execution a step further. */
export type Happen = (change: Change) => void;

/** The server that saw the click and the one that keeps the workflow's time may differ by this much. */
const CLOCK_SKEW = 5_000;

/** How many ignored payloads are written down; the rest are dropped, so that noise cannot fill the history. */
const IGNORED_AT_MOST = 10;

// ── beginning ────────────────────────────────────────────────────────────────────────────────────────────

/** The first state: recorded, and the first stage asked. */
export function begin(life: Life, at: number): Step {
  const { request } = life.input;
  const recorded: Step = {
    state: {
      version: 0,
      votes: [],
      access: request.items.map((_, item) => ({ item, state: 'none' })),
      seen: [],
      phase: 'awaiting_approval',
      stage: 0,
      openedAt: at,
      deadline: at,
    },
    entries: [],
  };
  return openStage(life, note(recorded, at, { kind: 'requested', by: request.requester }), 0, at);
}

/** Applies one change. An unchanged state comes back with no entries. */
export function apply(life: Life, state: State, change: Change, at: number): Step {
  const step: Step = { state, entries: [] };
  switch (change.kind) {
    case 'event':
      return takeUp(life, step, change.event, at);
    case 'unsealed':
      return ignoreUnsealed(step, at);
    case 'deadline':
      return state.phase === 'awaiting_approval' && at >= state.deadline ? close(step, at, 'expired') : step;
    case 'unreached':
      return unreached(step, at, change.found);
    case 'cancel':
      return isOver(state) ? step : end(step, at, 'withdrawn');
    case 'judged':
      return judged(life, step, change.verdict, at);
    case 'performing':
      return {
        ...step,
        state: { ...state, access: state.access.map((a) => ({ ...a, state: 'granting', until: change.until })) },
      };
    case 'lease':
      return leaseNoted(step, change.note);
    case 'lease_ended':
      return leaseEnded(step, change.end);
    case 'ending_soon':
      return state.phase === 'active' ? note(step, at, { kind: 'ending_soon', until: state.until }) : step;
    case 'terminated':
      return terminated(step, at, change.by);
    case 'leases_closed':
      return leasesClosed(step, at);
  }
}

// ── events from people ───────────────────────────────────────────────────────────────────────────────────

function takeUp(life: Life, step: Step, event: ElevateEvent, at: number): Step {
  if (step.state.seen.includes(event.id)) return step;
  const reason = refusalOf(life, step.state, event);
  const seen: Step = { ...step, state: { ...step.state, seen: [...step.state.seen, event.id] } };
  if (reason !== undefined) {
    const { id, what, by } = event;
    return note(seen, at, { kind: 'refused', event: id, what, by: by.principal, actor: by.actor, reason });
  }
  if (event.what === 'decision') return count(life, seen, event, at);
  return end(note(seen, at, { kind: 'released', by: event.by.principal }), at, 'completed');
}

/** Why this event does not count; `undefined` if it does. Judged by the event's own time and facts. */
function refusalOf(life: Life, state: State, event: ElevateEvent): Refusal | undefined {
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
function hasJoinedLater(stage: Stage, by: Facts): boolean {
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

function count(life: Life, step: Step, event: ElevateEvent<'decision'>, at: number): Step {
  const stage = life.input.plan.stages[event.data.stage];
  if (stage === undefined) return step;
  const vote: Vote = {
    event: event.id,
    stage: event.data.stage,
    choice: event.data.choice,
    by: event.by.principal,
    actor: event.by.actor,
    linked: event.by.linked,
    at: event.at,
    joinedLater: hasJoinedLater(stage, event.by),
    ...(event.extra.reason === undefined ? {} : { reason: event.extra.reason }),
  };
  const others = step.state.votes.filter((v) => v.stage !== vote.stage || v.by.id !== vote.by.id);
  const voted = note({ ...step, state: { ...step.state, votes: [...others, vote] } }, at, { kind: 'voted', vote });
  return vote.choice === 'deny' ? close(voted, at, 'denied') : advance(life, voted, vote.stage, at);
}

/** Goes on to the next stage that lacks its quorum of distinct approvers, or to the grant. */
function advance(life: Life, step: Step, index: number, at: number): Step {
  const { stages } = life.input.plan;
  const lacking = stages.findIndex((stage, i) => approvalsOf(step.state.votes, i) < stage.quorum);
  if (lacking === index) return step;
  if (lacking !== -1) return openStage(life, step, lacking, at);
  return note(moveTo(step, { phase: 'starting', approvedAt: at }), at, { kind: 'approved' });
}

/** How many distinct people approved a stage. */
function approvalsOf(votes: readonly Vote[], stage: number): number {
  return new Set(votes.filter((v) => v.stage === stage && v.choice === 'approve').map((v) => v.by.id)).size;
}

function openStage(life: Life, step: Step, index: number, at: number): Step {
  const deadline = at + (life.input.plan.stages[index]?.withinMs ?? 0);
  const opened = moveTo(step, { phase: 'awaiting_approval', stage: index, openedAt: at, deadline });
  return note(opened, at, { kind: 'asked', stage: index, deadline });
}

// ── judged again before the grant (T8, T9) ───────────────────────────────────────────────────────────────

function judged(life: Life, step: Step, verdict: Verdict, at: number): Step {
  if (step.state.phase !== 'starting' || verdict.ok) return step;
  if (verdict.kind === 'requester') return close(step, at, 'revoked', verdict.why);
  if (verdict.kind === 'changed') return close(step, at, 'changed', verdict.why);
  return dropVotes(life, step, verdict.dropped, at);
}

/** Takes votes away from people who may no longer decide, and asks the earliest stage that lacks its quorum again. */
function dropVotes(life: Life, step: Step, dropped: { principal: string; why: string }[], at: number): Step {
  const lost = step.state.votes.flatMap((vote) => {
    const why = dropped.find((d) => d.principal === vote.by.id)?.why;
    return why === undefined ? [] : [{ vote, why }];
  });
  const kept = step.state.votes.filter((vote) => !lost.some((l) => l.vote === vote));
  const told = lost.reduce(
    (s, { vote, why }) => note(s, at, { kind: 'vote_dropped', stage: vote.stage, by: vote.by, why }),
    { ...step, state: { ...step.state, votes: kept } },
  );
  const lacking = life.input.plan.stages.findIndex((stage, index) => approvalsOf(kept, index) < stage.quorum);
  return lacking === -1 ? told : openStage(life, told, lacking, at);
}

// ── leases ───────────────────────────────────────────────────────────────────────────────────────────────

function leaseNoted(told: Step, lease: LeaseNote): Step {
  const { item, at } = lease;
  const id = `lease:${item}/${lease.note}/${at}`;
  // A copy of a note tells nothing new, nor does one of an earlier life (T23).
  if (told.state.seen.includes(id) || !isUnderWay(told.state.access[item])) return told;
  const step: Step = { ...told, state: { ...told.state, seen: [...told.state.seen, id] } };
  switch (lease.note) {
    case 'granted': {
      const held = setAccess(step, { item, state: 'held', since: at, until: lease.until });
      return activate(note(held, at, { kind: 'granted', item, until: lease.until }), at, lease.until);
    }
    case 'kept':
      return note(setAccess(step, { item, state: 'kept' }), at, { kind: 'kept', item });
    case 'grant_delayed':
      return note(step, at, { kind: 'grant_delayed', item, why: lease.why });
    case 'revoke_delayed': {
      const late = note(setAccess(step, { item, state: 'revoking' }), at, {
        kind: 'revoke_delayed',
        item,
        why: lease.why,
      });
      return step.state.phase === 'ending' ? late : ending(late, at, 'completed');
    }
  }
}

/** Its lease has begun and not ended. */
function isUnderWay(access: Access | undefined): boolean {
  return access !== undefined && ['granting', 'held', 'revoking'].includes(access.state);
}

/** Active as soon as the first access is held. */
function activate(step: Step, at: number, until: number): Step {
  return step.state.phase === 'starting' ? moveTo(step, { phase: 'active', since: at, until }) : step;
}

function leaseEnded(step: Step, lease: LeaseEnd): Step {
  if (isOver(step.state)) return step;
  const { item, at } = lease;
  const settled = settle(step, lease);
  if (!settled.state.access.every(isSettled)) return settled;
  if (settled.state.phase === 'ending') return close(settled, at, settled.state.outcome, settled.state.why);
  if (lease.end === 'refused') return close(settled, at, 'failed', lease.why);
  if (lease.end === 'never_granted') return close(settled, at, 'failed', 'the provider did not answer in time');
  const until = step.state.access[item]?.until ?? at;
  const early = lease.end === 'revoked' && at < until;
  return early ? close(settled, at, 'revoked', 'it was ended from outside') : close(settled, at, 'completed');
}

function settle(step: Step, lease: LeaseEnd): Step {
  const { item, at } = lease;
  switch (lease.end) {
    case 'revoked':
      return note(setAccess(step, { item, state: 'revoked' }), at, { kind: 'revoked', item });
    case 'kept':
      return step.state.access[item]?.state === 'kept'
        ? step
        : note(setAccess(step, { item, state: 'kept' }), at, { kind: 'kept', item });
    case 'refused':
      return note(setAccess(step, { item, state: 'refused' }), at, { kind: 'grant_refused', item, why: lease.why });
    case 'never_granted':
      return setAccess(step, { item, state: 'none' });
  }
}

function isSettled(access: Access): boolean {
  return ['none', 'kept', 'revoked', 'refused'].includes(access.state);
}

/** For an execution that was terminated: its leases have ended without being able to tell it. */
function leasesClosed(step: Step, at: number): Step {
  if (step.state.phase !== 'ending') return step;
  const revoked = step.state.access
    .filter((access) => !isSettled(access))
    .reduce((s, { item }) => note(setAccess(s, { item, state: 'revoked' }), at, { kind: 'revoked', item }), step);
  return close(revoked, at, step.state.outcome, step.state.why);
}

function setAccess(step: Step, change: Access): Step {
  const access = step.state.access.map((a) => (a.item === change.item ? { ...a, ...change } : a));
  return { ...step, state: { ...step.state, access } };
}

/** Said while it matters. */
function unreached(step: Step, at: number, found: Unreached): Step {
  const { state } = step;
  const isOpen = state.phase === 'awaiting_approval' && state.stage === found.stage;
  return isOpen ? note(step, at, { kind: 'unreached', ...found }) : step;
}

// ── endings ──────────────────────────────────────────────────────────────────────────────────────────────

/** Nothing that happens from here on changes the outcome. */
export function isOver(state: State): boolean {
  return state.phase === 'closed';
}

/** Ends at once where nothing is held, else by taking the access back first. */
function end(step: Step, at: number, outcome: Outcome, why?: string): Step {
  if (step.state.phase === 'ending') return step;
  return step.state.access.every(isSettled) ? close(step, at, outcome, why) : ending(step, at, outcome, why);
}

/** Overrides an ending under way: force has the last word. */
function terminated(step: Step, at: number, by: Person): Step {
  if (isOver(step.state)) return step;
  const finish = step.state.access.every(isSettled) ? close : ending;
  return finish(step, at, 'terminated', `by ${by.id}`);
}

function ending(step: Step, at: number, outcome: Outcome, why?: string): Step {
  const because = why === undefined ? {} : { why };
  return note(moveTo(step, { phase: 'ending', outcome, ...because }), at, { kind: 'ending', outcome, ...because });
}

function close(step: Step, at: number, outcome: Outcome, why?: string): Step {
  const because = why === undefined ? {} : { why };
  const closed = moveTo(step, { phase: 'closed', outcome, closedAt: at, ...because });
  return note(closed, at, { kind: 'closed', outcome, ...because });
}

function ignoreUnsealed(step: Step, at: number): Step {
  const ignored = step.state.seen.filter((id) => id.startsWith('unsealed:')).length;
  if (ignored >= IGNORED_AT_MOST) return step;
  const seen = [...step.state.seen, `unsealed:${ignored + 1}`];
  return note({ ...step, state: { ...step.state, seen } }, at, { kind: 'ignored', why: 'unsealed' });
}

// ── the two ways in which a state changes ────────────────────────────────────────────────────────────────

type Standing = State extends infer S
  ? S extends State
    ? Omit<S, 'version' | 'votes' | 'access' | 'seen'>
    : never
  : never;
type Told = Entry extends infer E ? (E extends Entry ? Omit<E, 'seq' | 'at'> : never) : never;

function moveTo({ state, entries }: Step, standing: Standing): Step {
  const { version, votes, access, seen } = state;
  return { state: { version, votes, access, seen, ...standing }, entries };
}

function note({ state, entries }: Step, at: number, told: Told): Step {
  const seq = state.version + 1;
  return { state: { ...state, version: seq }, entries: [...entries, { seq, at, ...told }] };
}
