/**
 * Texts as Adaptive Cards show them without reading Markdown: every word that is not ours stands in a `TextRun` (T28). Nothing
 * but times stands in a `TextBlock`, which alone turns them into the viewer's own.
 */
import type { Piece, Text } from '../core/card.ts';
import { clean } from '../core/clean.ts';
import { isShowable, personWords, utc } from '../core/words.ts';

export type Element = Readonly<Record<string, unknown>>;

/** How all of a paragraph looks. */
export type Look = Readonly<Record<string, unknown>>;

export const looks = {
  plain: {},
  title: { weight: 'Bolder', size: 'Large' },
  label: { weight: 'Bolder' },
  subtle: { isSubtle: true },
} as const satisfies Record<string, Look>;

/**
 * A paragraph, and the viewer's own times below it. No text, no paragraph.
 *
 * @param told times that were told in the viewer's zone before, and are not again; those of this paragraph are added
 */
export function paragraph(text: Text, look: Look = looks.plain, told = new Set<number>()): Element[] {
  const runs = runsOf(text, look);
  return runs.length === 0 ? [] : [richText(runs), ...localTimes(text, told)];
}

/** `Label: value`. @param told as with {@link paragraph} */
export function labelled(label: string, value: Text, told = new Set<number>()): Element[] {
  const runs = [...runsOf([`${label}: `], looks.label), ...runsOf(value, looks.plain)];
  return [richText(runs), ...localTimes(value, told)];
}

/** With room above. */
export function apart([first, ...others]: Element[]): Element[] {
  return first === undefined ? [] : [{ ...first, spacing: 'Medium' }, ...others];
}

function richText(inlines: Element[]): Element {
  return { type: 'RichTextBlock', inlines, spacing: 'Small' };
}

function runsOf(text: Text, look: Look): Element[] {
  return text.flatMap((piece) => {
    const words = wordsOf(piece);
    return words === ''
      ? []
      : harmless(words).map((part) => ({ type: 'TextRun', text: part, ...look, ...lookOf(piece) }));
  });
}

/**
 * Clients turn `{{DATE(…)}}` and `{{TIME(…)}}` into the viewer's own times in a run, too, whoever wrote it: everybody
 * would read other words (T28). Parted between the braces, it is text, and looks the same.
 */
function harmless(words: string): string[] {
  return words.split(/(?<=\{)(?=\{\s*(?:DATE|TIME))/iu);
}

function wordsOf(piece: Piece): string {
  if (typeof piece === 'string') return cleanBetween(piece);
  if ('time' in piece) return utc(piece.time);
  if ('person' in piece) return personWords(piece.person);
  return clean(piece.code);
}

/** Cleaned, but for the space that sets it apart from what stands beside it. */
function cleanBetween(words: string): string {
  const cleaned = clean(words);
  if (cleaned === '') return /\s/u.test(words) ? ' ' : '';
  return `${/^\s/u.test(words) ? ' ' : ''}${cleaned}${/\s$/u.test(words) ? ' ' : ''}`;
}

function lookOf(piece: Piece): Look {
  return typeof piece === 'object' && 'code' in piece ? { fontType: 'Monospace' } : {};
}

/** As many as one line holds. */
const TIMES_MOST = 10;

function localTimes(text: Text, told: Set<number>): Element[] {
  const times = text.flatMap((piece) => (typeof piece === 'object' && 'time' in piece ? [piece.time] : []));
  const untold = [...new Set(times.filter(isShowable))].filter((time) => !told.has(time)).slice(0, TIMES_MOST);
  if (untold.length === 0) return [];
  untold.forEach((time) => told.add(time));
  const words = `In your time zone: ${untold.map(inViewersZone).join(', ')}`;
  return [{ type: 'TextBlock', text: words, isSubtle: true, size: 'Small', spacing: 'None', wrap: true }];
}

/** Teams reads times to the second, of four-digit years. */
function inViewersZone(time: number): string {
  const iso = `${new Date(time).toISOString().slice(0, 19)}Z`;
  return `{{DATE(${iso}, SHORT)}} {{TIME(${iso})}}`;
}
