/** What came of what a person did. */
import type { Delivered } from './signer.ts';
import type { Card, ShownMessage } from './tenant.ts';

export interface Outcome extends Delivered {
  /** The id of what was sent. */
  activity: string;
  /** What a click was answered: a line under the card, or a card that the clicker sees in its place. */
  told: string | undefined;
  card: Card | undefined;
  /** Why Teams would say that something went wrong. Empty if all is well. */
  problems: string[];
  /** What the bot has written since, where this was done and in the personal chat, as the person sees it. */
  replies(): ShownMessage[];
  /** The first of them, or the first that matches. */
  waitForReply(matches?: (message: ShownMessage) => boolean, withinMs?: number): Promise<ShownMessage>;
}
