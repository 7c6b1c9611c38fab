/** Performs an access request: one AccessLease per item, followed until each has ended. */
import {
  type ChildWorkflowHandle,
  CancellationScope,
  condition,
  isCancellation,
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { Happen, Life, Read } from './approval.ts';
import { type LeaseEnd, type LeaseResult, type LeaseUntil, names, type Unsealed } from './contract.ts';
import type { AccessLease } from './lease.ts';
import { isSealed } from './sealed.ts';

/** A warning comes this long before the end, or a fifth of the duration before it, whichever is less. */
const WARNING = 10 * 60_000;

const ENDS: readonly LeaseEnd['end'][] = ['revoked', 'kept', 'refused', 'never_granted'];

/** The longest pause before a lease that was ended by force is started again. */
const LONGEST_PAUSE = 5 * 60_000;

/** Returns when every lease has ended and its access is settled. */
export async function performAccess(life: Life, now: Read, happen: Happen): Promise<void> {
  const { request } = life.input;
  const until = Date.now() + request.durationMs;
  happen({ kind: 'performing', until });
  const warning = new CancellationScope();
  void warning.run(() => warnBeforeTheEnd(request.durationMs, now, happen)).catch(ignoreCancellation);
  await Promise.all(
    request.items.map(async (_, item) => {
      happen({ kind: 'lease_ended', end: await holdLease(life, item, until, now) });
    }),
  );
  warning.cancel();
}

/**
 * Starts one lease and follows it to its end. A lease that was itself ended by force, from outside, is started
 * again to take the access back (P2), and again until nothing else has its id.
 */
async function holdLease(life: Life, item: number, until: number, now: Read): Promise<LeaseEnd> {
  const { request } = life.input;
  const lease = request.items[item]?.lease ?? '';
  for (let tries = 0; ; tries += 1) {
    const onlyRevoke = tries > 0;
    try {
      const child = await startChild<typeof AccessLease>(names.lease, {
        workflowId: lease,
        args: [{ execution: request.id, run: workflowInfo().runId, item, request, until, onlyRevoke }],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      });
      return await endOf(child, now);
    } catch (error) {
      if (isAlreadyStarted(error) && !onlyRevoke) {
        return { item, at: Date.now(), end: 'refused', why: 'this access is held by another request already' };
      }
      await sleep(Math.min(1_000 * 2 ** tries, LONGEST_PAUSE));
    }
  }
}

/** Follows a lease; when the execution is ending, moves the lease's end to now. */
async function endOf(child: ChildWorkflowHandle<typeof AccessLease>, now: Read): Promise<LeaseEnd> {
  const result = child.result();
  await Promise.race([result, condition(() => now().state.phase === 'ending')]);
  if (now().state.phase === 'ending') {
    const end: LeaseUntil = { until: Date.now(), version: 1 };
    await child.signal(names.untilSignal, end).catch(() => undefined);
  }
  const end: LeaseResult | Unsealed = await result;
  if (isSealed(end) && end.run === workflowInfo().runId && ENDS.includes(end.end)) return end;
  // A worker that is not ours ended it: as good as ended by force.
  throw new TypeError('the result is not the result of this lease');
}

async function warnBeforeTheEnd(durationMs: number, now: Read, happen: Happen): Promise<void> {
  if (durationMs < WARNING) return;
  await condition(() => now().state.phase !== 'starting');
  const active = now().state;
  if (active.phase !== 'active') return;
  const left = active.until - Math.min(WARNING, durationMs / 5) - Date.now();
  if (!(await condition(() => now().state.phase !== 'active', Math.max(1, left)))) happen({ kind: 'ending_soon' });
}

/** The SDK does not export this class to workflows; its name is part of its contract. */
function isAlreadyStarted(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError';
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
