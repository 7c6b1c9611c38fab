/** What Teams lets a bot do, in our own words, so that its SDK stays behind one border. */
import type { TeamsMessage } from './message.ts';

/** A conversation on the service that hosts it. The id may name a thread: `19:…@thread.tacv2;messageid=…`. */
export interface Place {
  serviceUrl: string;
  conversation: string;
}

/** A message that was sent. */
export interface Sent extends Place {
  activity: string;
}

/** One line of a conversation's roster, as the service has it now. What is absent is absent. */
export interface Member {
  /** Teams' own id, `29:…`. */
  id: string;
  /** Entra object id. */
  objectId?: string;
  tenant?: string;
  name?: string;
  userPrincipalName?: string;
  /** `user`, `guest`, `anonymous`, … */
  userRole?: string;
}

/** Some of a conversation's roster. */
export interface MembersPage {
  members: Member[];
  /** Names the page after this one; absent on the last. */
  next?: string;
}

/**
 * Every call ends within ten seconds and is made once. Nothing is sent to a host that is not allowed.
 * @throws {@link ConnectorRefusal} when Teams says no or asks to wait; `ElevateError` `unavailable` for all else
 */
export interface Connector {
  send(place: Place, message: TeamsMessage): Promise<Sent>;
  /** Replaces what the message says. */
  edit(sent: Sent, message: TeamsMessage): Promise<void>;
  /** Opens the personal chat with a member of the tenant, by Teams id or object id. */
  openPersonal(who: { serviceUrl: string; tenant: string; user: string }): Promise<Place>;
  /** By Teams id, object id or user principal name. `undefined` if there is no such member. */
  member(place: Place, user: string): Promise<Member | undefined>;
  /** Who can read a conversation, 500 at a time; a chat has one page. @param page left out, the first */
  members(place: Place, page?: string): Promise<MembersPage>;
  /** For one person's eyes in a conversation that others read, where Teams offers that. */
  sendTargeted(place: Place, user: string, message: TeamsMessage): Promise<Sent>;
}

/** Teams' own answer: `status` is its HTTP status, `word` its error code (`MessageWritesBlocked`, …) or `''`. */
export class ConnectorRefusal extends Error {
  override readonly name = 'ConnectorRefusal';
  readonly status: number;
  readonly word: string;
  /** Set when it asks to be left alone for a while. */
  readonly retryAfterMs: number | undefined;

  constructor(answer: { status: number; word: string; retryAfterMs?: number | undefined; cause?: unknown }) {
    super(`Teams answered ${answer.status} ${answer.word}`.trimEnd(), { cause: answer.cause });
    this.status = answer.status;
    this.word = answer.word;
    this.retryAfterMs = answer.retryAfterMs;
  }
}
