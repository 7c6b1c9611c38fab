/** Which known word a mistyped one was probably meant to be. Characters that nobody sees count for nothing. */
import { clean } from './clean.ts';

const maxEdits = 2;

/** The closest name by at most two edits, else the first that begins with the word. Both sides in lower case. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const word = clean(typed);
  const [closest] = names
    .map((name) => ({ name, edits: editsBetween(word, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= maxEdits && edits < name.length)
    .toSorted((one, other) => one.edits - other.edits);
  return closest?.name ?? names.find((name) => word.length > 1 && name.toLowerCase().startsWith(word));
}

/** So close that it can hardly be anything else: one edit in three letters, two in six. */
export function isMisspelt(typed: string, name: string): boolean {
  return editsBetween(clean(typed), name.toLowerCase()) <= Math.min(maxEdits, Math.floor(name.length / 3));
}

/** Letters to insert, drop or replace. Anything above two counts as endless, so long words cost nothing. */
function editsBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > maxEdits) return Number.POSITIVE_INFINITY;
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = at(above, column - 1) + (one[row - 1] === other[column - 1] ? 0 : 1);
      line.push(Math.min(replaced, at(above, column) + 1, at(line, column - 1) + 1));
    }
    if (Math.min(...line) > maxEdits) return Number.POSITIVE_INFINITY;
    above = line;
  }
  return at(above, other.length);
}

function at(line: readonly number[], column: number): number {
  return line[column] ?? Number.POSITIVE_INFINITY;
}
