const FEW = 5;

/**
 * Works through all of them, a few at a time, in no particular order. What one of them throws ends it, once those that
 * were begun are done; so does the signal.
 */
export async function fewAtATime<T>(
  all: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal,
  work: (one: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const one of all) {
      signal.throwIfAborted();
      if (failures.length > 0) break;
      const working = work(one)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(working));
      underWay.add(working);
      if (underWay.size >= FEW) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failures.length > 0) throw failures[0];
}
