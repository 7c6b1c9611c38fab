/** Messages of either chat as text for a terminal: what a person reads, with buttons in brackets. */
import { blockButtons, readBlocks } from './reading/blocks.ts';
import { cardButtons, readCard } from './reading/cards.ts';

/** What may show something: a message of either double, what was answered or sent instead, or a card alone. */
interface Readable {
  /** Slack's; what people see where they are there. */
  blocks?: readonly unknown[];
  /** Teams'. */
  card?: object | undefined;
  text?: string;
}

export function read(message: unknown): string {
  const { blocks = [], card, text = '' } = (message ?? {}) as Readable;
  if (blocks.length > 0) return readBlocks(blocks);
  return card === undefined ? text : readCard(card);
}

/** Labels of the buttons that a message shows. */
export function buttonsOf(message: { blocks?: readonly unknown[]; card?: object | undefined } | undefined): string[] {
  const { blocks = [], card } = message ?? {};
  return card === undefined ? blockButtons(blocks) : cardButtons(card);
}
