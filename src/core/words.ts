/** Times, durations, people and lists in words, and the tag that composes them into a {@link Text}. */
import type { Person } from '../../workflows/contract.ts';
import type { Piece, Text } from './card.ts';
import { clean, cleanName } from './clean.ts';

/**
 * Composes a text. The literal parts are ours; strings put in are other people's and are cleaned (T28);
 * pieces and texts are taken as they are.
 *
 * @example say`${{ person }} asked for ${role} until ${{ time: until }}.`
 */
export function say(ours: TemplateStringsArray, ...theirs: (string | number | Piece | Text)[]): Text {
  const pieces: Piece[] = [];
  ours.forEach((part, index) => {
    add(pieces, part);
    const value = theirs[index];
    if (value === undefined) return;
    if (typeof value === 'string') add(pieces, clean(value));
    else if (typeof value === 'number') add(pieces, String(value));
    else if (isText(value)) value.forEach((piece) => add(pieces, piece));
    else add(pieces, value);
  });
  return pieces;
}

function isText(value: Piece | Text): value is Text {
  return Array.isArray(value);
}

function add(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (piece === '') return;
  if (typeof piece === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + piece;
  else pieces.push(piece);
}

/** Texts that have something to say, with a space between them. */
export function together(...texts: Text[]): Text {
  const spoken = texts.filter((text) => text.length > 0);
  return spoken.flatMap((text, index) => (index === 0 ? text : [' ', ...text]));
}

/** A text as one plain line: people as name and e-mail, times in UTC. */
export function plain(text: Text): string {
  return clean(text.map(plainPiece).join(''));
}

function plainPiece(piece: Piece): string {
  if (typeof piece === 'string') return piece;
  if ('time' in piece) return utc(piece.time);
  if ('person' in piece) return personWords(piece.person);
  return piece.code;
}

/** `Alice Adams (alice@example.com)` (T28). */
export function personWords(person: Person): string {
  const id = clean(person.id);
  const name = cleanName(person.name);
  return name === '' || name.toLowerCase() === id ? id : `${name} (${id})`;
}

/** `2026-11-25 14:02 UTC`. A time that no calendar has gives `an unknown time`. */
export function utc(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return 'an unknown time';
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** From 1970 on, in a year of four digits: chats take no other for a time in the reader's own zone. */
export function isShowable(time: number): boolean {
  return Number.isFinite(time) && time >= 0 && time < 253_402_300_800_000;
}

const units = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'second', ms: 1_000 },
];

/** `1 hour 30 minutes`, rounded up to a second. */
export function durationWords(ms: number): string {
  let rest = Math.ceil(Math.max(0, ms) / 1_000) * 1_000;
  const parts = units.flatMap(({ name, ms: size }) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [counted(count, name)];
  });
  return parts.join(' ') || '0 seconds';
}

/** `1 vote`, `2 votes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
