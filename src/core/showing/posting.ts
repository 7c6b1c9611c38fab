/** What showing needs of a chat: each chat implements it in a folder of its own. */
import type { Actor } from '../../../workflows/contract.ts';
import type { Card, Text } from '../card.ts';

/** One person alone, or a channel as the configuration names it. */
export type Destination = { person: Actor } | { channel: string };

/** Where a message is, in the chat's own words: kept, and handed back as it was. `to` and `tenant` are not for it to use. */
export type Address = Readonly<Record<string, string>>;

/** Why no card goes to a channel (T30). `shared`: with another company, or so it may be; `word`: the chat's own, for the log. */
export interface ChannelProblem {
  why: 'shared' | 'unreachable';
  word: string;
}

/**
 * Sends and edits messages, each call once.
 *
 * @typeParam Drawn a message as this chat takes it
 * @throws {@link PostingRefusal} if the chat says no; `ChatBusy` if it asks to wait; `unavailable` for all that may be
 * different next time
 */
export interface Posting<Drawn> {
  drawCard(card: Card): Promise<Drawn>;
  drawText(text: Text): Drawn;
  /** @param below the message that this one replies to, where the chat has threads */
  post(to: Destination, drawn: Drawn, below?: Address): Promise<Address>;
  edit(to: Destination, address: Address, drawn: Drawn): Promise<void>;
  /** Asked before every new message to a channel; `undefined` if it may go there. */
  problemOf(channel: string): Promise<ChannelProblem | undefined>;
}

/**
 * - `gone`: the message is not there any more, or can't be edited any more; another one can be sent
 * - `closed`: nobody can be reached there, now or later
 * - `undrawable`: the chat does not take such a message; a plainer one may do
 */
export type RefusalKind = 'gone' | 'closed' | 'undrawable';

/** The chat understood and said no. `word` is its own, for the log and for the reference. */
export class PostingRefusal extends Error {
  override readonly name = 'PostingRefusal';
  readonly kind: RefusalKind;
  readonly word: string;

  constructor(kind: RefusalKind, word: string, cause?: unknown) {
    super(`The chat refused: ${word}`, { cause });
    this.kind = kind;
    this.word = word;
  }
}
