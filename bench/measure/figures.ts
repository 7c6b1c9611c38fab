/** Medians and the like over what was measured. */

/** The value below which this share of the values lies. @param share 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Runs a task so many times, so many at once; what each took in ms, in order of ending. */
export async function timed(
  count: number,
  atOnce: number,
  task: (index: number) => Promise<unknown>,
): Promise<number[]> {
  const took: number[] = [];
  let next = 0;
  const run = async () => {
    for (let index = next++; index < count; index = next++) {
      const begun = performance.now();
      await task(index);
      took.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return took;
}

/** Runs a task one after another for a while; how many a second. */
export async function perSecond(ms: number, task: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  let count = 0;
  while (performance.now() - begun < ms) {
    await task();
    count += 1;
  }
  return (count * 1000) / (performance.now() - begun);
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
