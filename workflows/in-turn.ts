/** Runs something once everything before it is over, in whatever way. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * For the local activities of one workflow. The SDK (1.24) answers those of a replayed workflow task in the order in
 * which they were scheduled. Where two had run side by side and were first answered in the other order, the commands that
 * follow would not be those of the history, and the execution would be stuck for good (TMPRL1100).
 */
export function createInTurn(): InTurn {
  let last: Promise<unknown> | undefined;
  return (work) => {
    const result = last === undefined ? work() : last.then(work);
    const over = result
      .catch(() => undefined)
      .finally(() => {
        if (last === over) last = undefined;
      });
    last = over;
    return result;
  };
}
