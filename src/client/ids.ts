/** Ids as people type and read them: six characters of an own one are enough, as in the chats. */
import { clean } from '../core/clean.ts';
import { ClientError, exit } from './client-error.ts';

const whole = /^wf_[0-9a-z]{26}$/;
const beginning = /^(?:wf_)?([0-9a-z]{6,26})$/;
const shortest = 'wf_'.length + 6;

/**
 * What was typed as the beginning of an id.
 * @throws {ClientError} for what cannot be one
 */
export function idPart(typed: string): string {
  const characters = beginning.exec(typed.toLowerCase())?.[1];
  if (characters !== undefined) return `wf_${characters}`;
  const said = clean(typed).slice(0, 40);
  throw new ClientError(exit.usage, `“${said}” is not an id. At least six characters of one are needed.`);
}

export function isIdPart(typed: string): boolean {
  return beginning.test(typed.toLowerCase());
}

export function isWhole(id: string): boolean {
  return whole.test(id);
}

/** The first characters of each id, as few as tell them apart. */
export function shortIds(ids: readonly string[]): Map<string, string> {
  return new Map(ids.map((id) => [id, shortId(id, ids)]));
}

function shortId(id: string, among: readonly string[]): string {
  const others = among.filter((other) => other !== id);
  for (let length = shortest; length < id.length; length++) {
    const start = id.slice(0, length);
    if (!others.some((other) => other.startsWith(start))) return start;
  }
  return id;
}
