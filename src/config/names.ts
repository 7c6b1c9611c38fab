/** Which names may be given to what. */

/** Verbs and words of `/elevate …`; a role, provider or workflow of that name could not be asked for. */
const words = (
  'elevate roles run list show done extend cancel approvals approve deny question answer offer again nudge ' +
  'emergency explain whoami link unlink help terminate on for at because all'
).split(' ');

export const namePattern = '^[a-z0-9][a-z0-9-]{0,62}$';

export const isReserved = (name: string): boolean => words.includes(name);

/**
 * The name that was probably meant, if one is near enough: it differs in little more than case and hyphens,
 * or by a slip or two.
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = bare(name.slice(0, 100));
  const allowed = wanted.length < 5 ? 1 : 2;
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: slips(wanted, bare(candidate)) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  const meant = nearest(name, candidates);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

const bare = (name: string): string => name.toLowerCase().replace(/[_-]/g, '');

/** Letters to add, drop, change or swap with their neighbour to get from one to the other. */
function slips(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + change,
        swapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? Infinity;
}
