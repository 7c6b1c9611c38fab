/**
 * The reducer: what an execution becomes when something happens to it. Pure: no clock, no I/O, no SDK. Every
 * rule about who may decide what, and when, is judged here and in `approval/` from the facts that the server
 * sealed into the event (T19); `core/` judges before it sends what can be known without the state, to be able
 * to answer.
 */
import type { ElevateEvent, LeaseEnd, LeaseNote, Person, State, Unreached, Verdict } from './contract.ts';
import { leaseEnded, leaseNoted, leasesClosed } from './approval/leases.ts';
import { refusalOf } from './approval/refusals.ts';
import { close, end, isOver, type Life, note, type Step, terminated } from './approval/step.ts';
import { count, judged, openStage } from './approval/voting.ts';

export { votingRefusal } from './approval/refusals.ts';
export { isOver, type Life, type Step } from './approval/step.ts';

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

/** Gives the step that an execution has come to, with the whole story as its entries. */
export type Read = () => Step;
/** Takes an execution a step further. */
export type Happen = (change: Change) => void;

/** How many ignored payloads are written down; the rest are dropped, so that noise cannot fill the history. */
const IGNORED_AT_MOST = 10;

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

/** Said while it matters. */
function unreached(step: Step, at: number, found: Unreached): Step {
  const { state } = step;
  const isOpen = state.phase === 'awaiting_approval' && state.stage === found.stage;
  return isOpen ? note(step, at, { kind: 'unreached', ...found }) : step;
}

function ignoreUnsealed(step: Step, at: number): Step {
  const ignored = step.state.seen.filter((id) => id.startsWith('unsealed:')).length;
  if (ignored >= IGNORED_AT_MOST) return step;
  const seen = [...step.state.seen, `unsealed:${ignored + 1}`];
  return note({ ...step, state: { ...step.state, seen } }, at, { kind: 'ignored', why: 'unsealed' });
}
