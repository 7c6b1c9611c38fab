/** Whether everything that the server needs is there. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Readiness {
  ok: boolean;
  /** Each part by name, with `ok` or a word for what is wrong. Shown to anybody, so nothing secret. */
  checks: Record<string, string>;
}

/** Asks, and takes no answer within `ms`, or a failure, for a no. */
export async function withTimeLimit(
  ready: () => Promise<Readiness>,
  ms: number,
  onFailure: (error: unknown) => void,
): Promise<Readiness> {
  const done = new AbortController();
  const timeUp = sleep(ms, { ok: false, checks: { readiness: 'no answer in time' } }, { signal: done.signal });
  try {
    return await Promise.race([ready(), timeUp]);
  } catch (error) {
    onFailure(error);
    return { ok: false, checks: { readiness: 'failed' } };
  } finally {
    done.abort();
    timeUp.catch(() => {});
  }
}
