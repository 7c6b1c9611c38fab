import type { Clock, Gateway } from '../core/ports.ts';

/** What was seen this long ago still holds. */
const holdsMs = 2_000;

/**
 * Whether Temporal answers, at the price of one ping every two seconds, however many ask. Nobody waits for a Temporal
 * that is known to be away: the next look happens behind their back.
 */
export function createAnswering({ ping, now }: { ping: Gateway['ping']; now: Clock }): Pick<Gateway, 'answers'> {
  let seen: { at: number; answers: boolean } | undefined;
  let looking: Promise<boolean> | undefined;

  async function look(): Promise<boolean> {
    const answers = await ping().then(
      () => true,
      () => false,
    );
    seen = { at: now(), answers };
    looking = undefined;
    return answers;
  }

  return {
    async answers() {
      if (seen && Math.abs(now() - seen.at) < holdsMs) return seen.answers;
      looking ??= look();
      return seen?.answers === false ? false : looking;
    },
  };
}
