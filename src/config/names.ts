/** Which names may be given to what. */
import { parseDuration } from '../core/duration.ts';
import { nearest } from '../core/nearest.ts';

/** Words of `/elevate …`: a role, provider or workflow of such a name could not be asked for. */
const words = new Set(
  (
    'elevate roles run list show done extend cancel approvals approve deny question answer offer again nudge ' +
    'emergency explain whoami link unlink help terminate on for at because all'
  ).split(' '),
);

export const namePattern = '^[a-z0-9][a-z0-9-]{0,62}$';

/** Why a name cannot be typed after `/elevate`, as the end of a sentence. */
export function nameProblem(name: string): string | undefined {
  if (words.has(name)) return 'is a word of the /elevate command';
  if (parseDuration(name) !== undefined) return 'reads like a length of time';
  return undefined;
}

export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  const meant = nearest(name.toLowerCase(), candidates);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

/** Of what means the same in either case. */
export function lower(names: readonly string[]): string[] {
  return names.map((name) => name.toLowerCase());
}
