/** What leases tell of the access that they hold. */
import type { Access, LeaseEnd, LeaseNote } from '../contract.ts';
import { close, ending, isOver, isSettled, moveTo, note, type Step } from './step.ts';

/** On its way. */
export function leaseNoted(told: Step, lease: LeaseNote): Step {
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

/** The last one that ends also ends the execution. */
export function leaseEnded(step: Step, lease: LeaseEnd): Step {
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

/** For an execution that was terminated: its leases have ended without being able to tell it. */
export function leasesClosed(step: Step, at: number): Step {
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
