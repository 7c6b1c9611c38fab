/** The activities that look after what was left behind, and rebuild what lists are made from. */
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Activities, Swept } from '../../workflows/contract.ts';
import { whileBeating } from './beating.ts';
import { createMending, type MendingDeps } from './mend.ts';
import { createIndexSweep, type IndexSweepDeps } from './sweep-index.ts';
import { sweepLedger, type LedgerSweepDeps } from './sweep-ledger.ts';

export type SweepDeps = LedgerSweepDeps & Omit<IndexSweepDeps, 'mend'> & MendingDeps;

/** How often a rebuilding begins anew because some executions could not be looked at. */
const TRIES = 10;

/**
 * Each is done once at a time in this process, however many are started, by whomever (T23); all of them get the same
 * answer. Done by two processes at the same time, they do no harm either.
 */
export function createSweeping(deps: SweepDeps): Pick<Activities, 'sweep' | 'rebuildIndex'> {
  const { log } = deps;
  const index = createIndexSweep({ ...deps, mend: createMending(deps) });

  const sweep = oneAtATime(async (signal): Promise<Swept> => {
    const [left, rows] = await Promise.allSettled([sweepLedger(deps, signal), index.sweep(signal)]);
    if (left.status === 'rejected') throw left.reason;
    if (rows.status === 'rejected') throw rows.reason;
    return rows.value;
  });

  let rebuilt: Swept = { looked: 0, mended: 0 };
  const rebuild = oneAtATime(async (signal): Promise<Swept> => {
    rebuilt = { looked: 0, mended: 0 };
    const failed = await index.rebuild(signal, rebuilt);
    if (failed === 0) return rebuilt;
    const told = `${failed} executions could not be looked at`;
    if (Context.current().info.attempt < TRIES) throw ApplicationFailure.retryable(told, 'Incomplete');
    log.error({ failed }, 'the index was rebuilt but for some executions, which could not be looked at');
    return rebuilt;
  });

  return {
    sweep: () => whileBeating(sweep),
    rebuildIndex: () => whileBeating(rebuild, () => rebuilt),
  };
}

/** Whoever comes while it is being done waits for the same. The first one's end ends it. */
function oneAtATime<T>(work: (signal: AbortSignal) => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () =>
    (underWay ??= work(Context.current().cancellationSignal).finally(() => {
      underWay = undefined;
    }));
}
