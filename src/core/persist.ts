/** Goes on trying what could not be recorded, for as long as a person waits for the outcome. */
import { ElevateError } from './errors.ts';
import type { Clock } from './ports.ts';

const TRIED_FOR = 25_000;
const BETWEEN = 1_000;

/**
 * Repeats work that failed as `unavailable`, for 25 seconds. The work must be safe to repeat.
 * @throws what the last try threw
 */
export async function persistently<T>(
  work: () => Promise<T>,
  { now, pause }: { now: Clock; pause: (ms: number) => Promise<void> },
): Promise<T> {
  const until = now() + TRIED_FOR;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ElevateError) || error.code !== 'unavailable' || now() + BETWEEN > until) throw error;
      await pause(BETWEEN);
    }
  }
}
