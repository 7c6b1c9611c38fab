/** The words of a reply, and below them its cards. */
import type { Card, Reply, Text } from '../core/card.ts';
import { say } from '../core/words.ts';
import type { Mint } from '../core/offers.ts';
import { fittedCard, reviewInShell, showCommand, wholeCard } from './fitted-card.ts';
import { bytesOf, firstThatFit, line, shortened } from './fitting.ts';
import { apart, type Element, paragraph } from './text-runs.ts';

/** However large the cards are, the words above them have this much. */
const WORDS_BYTES = 1_024;
/** However large the first cards are, those that do not fit are named in this much. */
const NAMES_BYTES = 2_048;
/** Characters of a paragraph, or of a name, where not everything fits. */
const PART_MOST = 500;
const NAME_MOST = 100;

/** In at most `room` bytes. */
export async function replyBody({ paragraphs, cards }: Reply, mint: Mint, room: number): Promise<Element[]> {
  const kept = Math.min(bytesOf(lines(paragraphs).flat()), WORDS_BYTES);
  const below = await cardsWithin(cards, mint, room - kept);
  const above = linesWithin(paragraphs, room - bytesOf(below));
  const [first, ...others] = below;
  return first === undefined ? above : [...above, { ...first, separator: above.length > 0 }, ...others];
}

/** One card is shown as far as it goes; of several, the first that fit, and the others by name. */
async function cardsWithin(cards: readonly Card[], mint: Mint, room: number): Promise<Element[]> {
  const [only] = cards;
  if (only === undefined) return [];
  if (cards.length > 1) return firstCards(cards, mint, room);
  return [section(await fittedCard(only, mint, room - bytesOf([section([])]), reviewInShell(only)))];
}

async function firstCards(cards: readonly Card[], mint: Mint, room: number): Promise<Element[]> {
  let elements: Element[] = [];
  for (const [index, card] of cards.entries()) {
    const drawn = await wholeCard(card, mint, `${index}`);
    const longer = drawn && [...elements, section(drawn)];
    const forOthers = Math.min(bytesOf(named(cards.slice(index + 1)).flat()), NAMES_BYTES);
    if (longer === undefined || bytesOf(longer) > room - forOthers) {
      const names = named(cards.slice(index));
      return [...elements, ...firstThatFit(names, room - bytesOf(elements)).elements];
    }
    elements = longer;
  }
  return elements;
}

/** How many there are, and how to see each. */
function named(cards: readonly Card[]): Element[][] {
  if (cards.length === 0) return [];
  const count = cards.length === 1 ? '1 more does not fit here.' : `${cards.length} more do not fit here.`;
  const names = cards.map((card) => say`${line(card.title, NAME_MOST)}: ${{ code: `/elevate ${showCommand(card)}` }}`);
  return [[section(paragraph(say`${count} Open to review:`))], ...names.map((name) => paragraph(name))];
}

function section(items: Element[]): Element {
  return { type: 'Container', items, separator: true, spacing: 'Large' };
}

function linesWithin(paragraphs: readonly Text[], room: number): Element[] {
  const all = lines(paragraphs).flat();
  if (bytesOf(all) <= room) return all;
  const rest = apart(paragraph(say`The rest does not fit here.`));
  const first = firstThatFit(lines(paragraphs, PART_MOST), room - bytesOf(rest)).elements;
  return [...first, ...rest];
}

/** With room between them: each is about something else. */
function lines(paragraphs: readonly Text[], most = Infinity): Element[][] {
  return paragraphs.map((text) => apart(paragraph(shortened(text, most))));
}
