/** Answers that are good for a short while, so that a person who calls often is looked up seldom. */
import type { Clock } from './ports.ts';

export interface Recent<T> {
  /** `undefined` once it is too old. */
  get(key: string): T | undefined;
  /** However old it is. */
  last(key: string): T | undefined;
  set(key: string, value: T): void;
}

/** @param options.most how many are kept; the oldest go first */
export function createRecent<T>(options: { now: Clock; forMs: number; most: number }): Recent<T> {
  const { now, forMs, most } = options;
  const kept = new Map<string, { value: T; at: number }>();
  return {
    get(key) {
      const found = kept.get(key);
      return found !== undefined && Math.abs(now() - found.at) < forMs ? found.value : undefined;
    },
    last: (key) => kept.get(key)?.value,
    set(key, value) {
      // Deleted first, since a map keeps the place of a key that is set again.
      kept.delete(key);
      kept.set(key, { value, at: now() });
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
  };
}
