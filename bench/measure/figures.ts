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

export interface Side {
  /** What each took in ms that succeeded. */
  took: number[];
  /** How many of these a second. */
  rate: number;
  /** What was refused or broke, and why. */
  failures: string[];
}

/**
 * Tasks by turns, batch after batch, so that what slows the machine down slows all of them alike. A task is given its
 * index, which rises from 0 and is given once to each.
 */
export async function sideBySide<Name extends string>(
  { count, atOnce, rounds }: { count: number; atOnce: number; rounds: number },
  tasks: Record<Name, (index: number) => Promise<unknown>>,
): Promise<Record<Name, Side>> {
  const batch = Math.ceil(count / rounds);
  const names = Object.keys(tasks) as Name[];
  const sides = new Map(names.map((name) => [name, newSide(tasks[name])]));
  for (let turn = 0; turn < rounds; turn += 1) {
    // Whoever comes second has it warmer, or has what the first has left to do.
    const order = turn % 2 === 0 ? [...sides.values()] : [...sides.values()].toReversed();
    for (const side of order) await runBatch(side, { batch, atOnce, first: turn * batch });
  }
  const results = [...sides].map(([name, { took, failures, ms }]) => {
    const side: Side = { took, failures, rate: (took.length * 1000) / ms };
    return [name, side];
  });
  return Object.fromEntries(results) as Record<Name, Side>;
}

type RunningSide = ReturnType<typeof newSide>;

async function runBatch(
  side: RunningSide,
  { batch, atOnce, first }: { batch: number; atOnce: number; first: number },
): Promise<void> {
  const begun = performance.now();
  await timed(batch, atOnce, async (index) => {
    const started = performance.now();
    try {
      await side.task(first + index);
      side.took.push(performance.now() - started);
    } catch (error) {
      side.failures.push(String(error));
    }
  });
  side.ms += performance.now() - begun;
}

const newSide = (task: (index: number) => Promise<unknown>) => ({
  task,
  took: [] as number[],
  failures: [] as string[],
  ms: 0,
});

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

/** @param digits after the point */
export function round(value: number, digits = 1): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
