/** Telling what our codec opened, and what it should hold, from everything else that may arrive (T23). */
import type { ElevateEvent, LeaseNote, Snapshot, Unreached, Unsealed } from './contract.ts';

/** False for a payload that did not open here, and for none at all: no argument never reaches the codec. */
export function isSealed<T extends object>(value: T | Unsealed | undefined): value is T {
  return typeof value === 'object' && value !== null && !('unsealed' in value);
}

const kinds = ['decision', 'release', 'extend', 'claim', 'question', 'answer', 'offer', 'accept', 'refuse', 'end'];

/** Sealed for this place, but perhaps something else, such as a copy of the start's arguments. */
export function isEvent(value: ElevateEvent | Unsealed | undefined): value is ElevateEvent {
  if (!isSealed(value)) return false;
  const { id, what, by, data, extra, at } = value as Partial<ElevateEvent>;
  const parts = [by, by?.principal, by?.actor, by?.groups, data, extra];
  return typeof id === 'string' && typeof at === 'number' && kinds.includes(String(what)) && parts.every(isObject);
}

/** Longer than any address of a person or a channel. */
const RECIPIENT_MAX = 500;

const notes = ['granted', 'kept', 'grant_delayed', 'revoke_delayed'];

export function isLeaseNote(value: LeaseNote | Unsealed | undefined, items: number): value is LeaseNote {
  if (!isSealed(value)) return false;
  const { note, item, at } = value as Partial<LeaseNote>;
  return (
    notes.includes(String(note)) &&
    typeof at === 'number' &&
    Number.isInteger(item) &&
    Number(item) >= 0 &&
    Number(item) < items
  );
}

const reached: readonly unknown[] = ['channel', 'shared', 'approver', 'everybody'] satisfies Unreached['what'][];

/** What a chat says that it could not reach; nothing of an answer that is not ours. */
export function unreachedIn(value: Unreached[] | Unsealed | undefined): Unreached[] {
  return Array.isArray(value) ? value.filter(isUnreached) : [];
}

function isUnreached(value: unknown): value is Unreached {
  const { stage, platform, recipient, what, othersAsked } = (value ?? {}) as Partial<Unreached>;
  return (
    Number.isInteger(stage) &&
    [platform, recipient].every((text) => typeof text === 'string' && text.length <= RECIPIENT_MAX) &&
    reached.includes(what) &&
    typeof othersAsked === 'boolean'
  );
}

/** An execution's own snapshot. */
export function isSnapshotOf(execution: string, value: Snapshot | Unsealed | undefined): value is Snapshot {
  return isSealed(value) && (value as Partial<Snapshot>).input?.request?.id === execution && isObject(value.state);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
