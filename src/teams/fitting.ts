/** What fits into a card, and what is said where something does not: nothing is cut silently (T29). */
import type { Piece, Text } from '../core/card.ts';
import { clean } from '../core/clean.ts';
import { plain } from '../core/words.ts';
import type { Element } from './text-runs.ts';

export const remark = '… (shortened)';

/** Bytes of it as JSON. Two lists together take no more than each for itself. */
export function bytesOf(json: unknown): number {
  return Buffer.byteLength(JSON.stringify(json));
}

/** The first parts that fit, each of them whole. */
export function firstThatFit(parts: readonly Element[][], room: number): { elements: Element[]; left: number } {
  const elements: Element[] = [];
  let bytes = bytesOf(elements);
  for (const [index, part] of parts.entries()) {
    bytes += bytesOf(part);
    if (bytes > room) return { elements, left: parts.length - index };
    elements.push(...part);
  }
  return { elements, left: 0 };
}

/** At most so many characters of a text; where there were more, it says so. */
export function shortened(text: Text, most: number): Text {
  const pieces: Piece[] = [];
  let room = most;
  for (const piece of text) {
    const words = typeof piece === 'string' ? piece : plain([piece]);
    if (words.length > room) return [...pieces, head(words, room), remark];
    room -= words.length;
    pieces.push(piece);
  }
  return pieces;
}

/** One line of at most so many characters, for what repeats what stands elsewhere. */
export function line(text: string, most: number): string {
  const cleaned = clean(text);
  return cleaned.length <= most ? cleaned : `${head(cleaned, most - 1)}…`;
}

/** The first characters, never half of one. */
export function head(text: string, most: number): string {
  const cut = text.slice(0, most);
  return /[\uD800-\uDBFF]$/u.test(cut) ? cut.slice(0, -1) : cut;
}
