/** What an activity asks of Elevate. Pure; who asks is taken from what Teams vouches for, and from nothing else (T1). */
import type { Caller } from '../core/executions.ts';
import { type Activity, names } from './activity.ts';
import type { Place } from './connector.ts';
import { isObject, type Json, objectIn, textIn } from './json.ts';
import { commandText } from './typed-text.ts';

/** Where somebody is, and who. */
export interface Visit {
  caller: Caller;
  place: Place;
  /** Teams' own id of the person. */
  member: string;
  /**
   * - `alone`: nobody else reads here
   * - `aside`: others read here, and were not shown this
   * - `among`: others read here
   */
  company: 'alone' | 'aside' | 'among';
  /** An invoke is answered where it was clicked, for the clicker alone; a message is answered by a message. */
  by: 'invoke' | 'message';
}

/** What somebody wants. */
export type Wish =
  | { kind: 'command'; visit: Visit; text: string }
  | { kind: 'offer'; visit: Visit; token: string; reason: string | undefined }
  | { kind: 'button'; visit: Visit; command: string }
  /** A button of ours that says nothing we know. */
  | { kind: 'stale'; visit: Visit };

export type Arrival =
  | Wish
  /** Somebody wants something, and Teams does not say who. */
  | { kind: 'nobody'; place: Place; by: Visit['by'] }
  /** The bot was taken away from where this happened. */
  | { kind: 'removed' }
  /** An invoke that is not one of ours. */
  | { kind: 'unknown' }
  /** Nothing to do. */
  | { kind: 'heard' };

/** @param newId for a delivery that has no id of its own */
export function readArrival(activity: Activity, newId: () => string): Arrival {
  if (isRemoval(activity)) return { kind: 'removed' };
  if (activity.type !== 'message' && activity.type !== 'invoke') return { kind: 'heard' };
  if (activity.type === 'invoke' && activity.json['name'] !== 'adaptiveCard/action') return { kind: 'unknown' };
  if (isMachine(activity)) return { kind: 'heard' };
  const visit = visitOf(activity, newId);
  if (visit === undefined) return { kind: 'nobody', place: placeOf(activity), by: byOf(activity) };
  if (activity.type === 'invoke') return clickOn(activity.json, visit);
  const { value } = activity.json;
  if (isObject(value)) return buttonIn(value['verb'], value, visit);
  return { kind: 'command', visit, text: commandText(activity.json, activity.recipient.id) };
}

function isRemoval(activity: Activity): boolean {
  const { type, json } = activity;
  if (type === 'installationUpdate') return json['action'] === 'remove' || json['action'] === 'remove-upgrade';
  return type === 'conversationUpdate' && names(json['membersRemoved'], activity);
}

/** Bots and skills ask for nothing here. */
export function isMachine({ from }: Activity): boolean {
  return from.role === 'bot' || from.role === 'skill' || from.id.startsWith('28:');
}

function visitOf(activity: Activity, newId: () => string): Visit | undefined {
  const { tenant, from, conversation, id = newId() } = activity;
  if (from.objectId === undefined) return undefined;
  return {
    caller: {
      actor: { platform: 'teams', tenant, user: from.objectId },
      conversation: conversation.id,
      delivery: id,
    },
    place: placeOf(activity),
    member: from.id,
    company: companyIn(activity),
    by: byOf(activity),
  };
}

function companyIn({ conversation, recipient }: Activity): Visit['company'] {
  if (conversation.type === 'personal') return 'alone';
  return recipient.isTargeted ? 'aside' : 'among';
}

function placeOf({ serviceUrl, conversation }: Activity): Place {
  return { serviceUrl, conversation: conversation.id };
}

function byOf({ type }: Activity): Visit['by'] {
  return type === 'invoke' ? 'invoke' : 'message';
}

/** A click on `Action.Execute`. A card that refreshes itself is no click, and decides nothing (P1). */
function clickOn({ value }: Json, visit: Visit): Wish {
  if (!isObject(value) || value['trigger'] === 'automatic') return { kind: 'stale', visit };
  const action = objectIn(value, 'action');
  return buttonIn(action['verb'], objectIn(action, 'data'), visit);
}

/** Of a button's data, the token or the command counts, and the reason that was typed beside it; nothing else is read. */
function buttonIn(verb: unknown, data: Json, visit: Visit): Wish {
  const token = textIn(data, 'token');
  const command = textIn(data, 'command');
  if (verb === 'offer' && token !== undefined) return { kind: 'offer', visit, token, reason: reasonIn(data) };
  if (verb === 'command' && command !== undefined) return { kind: 'button', visit, command };
  return { kind: 'stale', visit };
}

/**
 * A message with several cards tells their inputs apart by a number, and a click brings those of its own card. Where it
 * brings more, none counts: what was written about one request is not said of another.
 */
function reasonIn(data: Json): string | undefined {
  const fields = Object.keys(data).filter((name) => /^reason(?:_\d+)?$/.test(name));
  const reason = fields.length === 1 ? textIn(data, fields[0] ?? '')?.trim() : undefined;
  return reason === '' ? undefined : reason;
}
