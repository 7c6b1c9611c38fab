/**
 * ElevateWorkflow, the people's part of an execution:
 *
 * 1. record it
 * 2. ask, stage by stage, until quorum, denial, withdrawal or deadline
 * 3. judge once more, then perform
 * 4. wait for the end: time, "I'm done", withdrawal, failure
 * 5. report
 *
 * The state changes only through `apply`, the pure reducer. Cancellation is one more thing that can happen, so
 * everything runs shielded from it. Deadlines are judged by the time of the event, never by what woke the workflow.
 */
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  defineQuery,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { apply, begin, type Happen, type Life, type Read, type Step } from './approval.ts';
import {
  type Activities,
  type ElevateEvent,
  type ElevateInput,
  type LeaseNote,
  names,
  type Outcome,
  type Snapshot,
  type State,
  type Unsealed,
  type Verdict,
} from './contract.ts';
import { createInTurn, type InTurn } from './in-turn.ts';
import { performAccess } from './perform.ts';
import { publishEverywhere } from './publisher.ts';
import { isEvent, isLeaseNote, isSealed } from './sealed.ts';

/** A click made in time may still be on its way to Temporal when the deadline strikes. */
const IN_TRANSIT = 2_500;

const eventSignal = defineSignal<[ElevateEvent | Unsealed]>(names.eventSignal);
const leaseSignal = defineSignal<[LeaseNote | Unsealed]>(names.leaseSignal);
const stateQuery = defineQuery<Snapshot>(names.stateQuery);

/** Judging is quick as a rule, and then a local activity spares the history; what takes longer is tried until it works. */
const quickly = proxyLocalActivities<Activities>({ startToCloseTimeout: 3_000, retry: { maximumAttempts: 1 } });
const patiently = proxyActivities<Activities>({
  startToCloseTimeout: 20_000,
  retry: { initialInterval: 1_000, maximumInterval: 30_000 },
});

export async function ElevateWorkflow(input: ElevateInput | Unsealed): Promise<{ outcome: Outcome }> {
  if (!isSealed(input)) throw ApplicationFailure.nonRetryable('This input was not sealed by Elevate.', 'Unsealed');
  const life: Life = { input, run: workflowInfo().firstExecutionRunId };

  const items = input.request.items.length;

  // 1. record it
  let now: Step = begin(life, Date.now());
  const happen: Happen = (change) => {
    const { state, entries } = apply(life, now.state, change, Date.now());
    now = { state, entries: [...now.entries, ...entries] };
  };
  setHandler(eventSignal, (event) => happen(isEvent(event) ? { kind: 'event', event } : { kind: 'unsealed' }));
  setHandler(leaseSignal, (note) => happen(isLeaseNote(note, items) ? { kind: 'lease', note } : { kind: 'unsealed' }));
  setHandler(stateQuery, () => ({ ...life, ...now }));
  CancellationScope.current().cancelRequested.catch(() => happen({ kind: 'cancel' }));
  const read: Read = () => now;
  const inTurn = createInTurn();

  return CancellationScope.nonCancellable(async () => {
    const publishing = publishEverywhere(life, read, happen, inTurn);
    // 2. ask, and 3. judge once more
    if (await approvedForGood(life, read, happen, inTurn)) {
      // 3. perform, and 4. wait for the end
      await performAccess(life, read, happen);
    }
    // 5. report
    await condition(() => now.state.phase === 'closed');
    await publishing;
    return conclude(now.state);
  });
}

/** True once every stage has its quorum and the last judgement stands; false once it is over without. */
async function approvedForGood(life: Life, now: Read, happen: Happen, inTurn: InTurn): Promise<boolean> {
  for (;;) {
    await decided(now, happen);
    if (now().state.phase !== 'starting') return false;
    const approved = { input: life.input, votes: now().state.votes };
    const judged = () => inTurn(() => quickly.judge(approved)).catch(() => patiently.judge(approved));
    const verdict = await whileStarting(now, judged);
    if (verdict === undefined) return false;
    if (!isVerdict(verdict)) continue;
    happen({ kind: 'judged', verdict });
    if (verdict.ok && now().state.phase === 'starting') return true;
  }
}

/** A forged completion of the activity is no verdict; it is asked again (T23). */
function isVerdict(verdict: Verdict | Unsealed): verdict is Verdict {
  return isSealed(verdict) && typeof verdict.ok === 'boolean';
}

/** Waits until nobody is asked any more. */
async function decided(now: Read, happen: Happen): Promise<void> {
  for (;;) {
    const asked = now().state;
    if (asked.phase !== 'awaiting_approval') return;
    const movedOn = () => {
      const { state } = now();
      return state.phase !== 'awaiting_approval' || state.openedAt !== asked.openedAt || state.stage !== asked.stage;
    };
    const left = Math.max(1, asked.deadline + IN_TRANSIT - Date.now());
    if (!(await condition(movedOn, left))) happen({ kind: 'deadline' });
  }
}

/** Runs something that a withdrawal makes pointless; `undefined` if that happened first. */
async function whileStarting<T>(now: Read, work: () => Promise<T>): Promise<T | undefined> {
  const scope = new CancellationScope();
  try {
    return await Promise.race([
      scope.run(work),
      scope.run(() => condition(() => now().state.phase !== 'starting')).then(() => undefined),
    ]);
  } finally {
    scope.cancel();
  }
}

/** How the workflow closes in Temporal's own terms: withdrawn is canceled, failed is failed, the rest completed. */
function conclude(state: State): { outcome: Outcome } {
  if (state.phase !== 'closed') throw ApplicationFailure.nonRetryable('Closed too early.', 'Defect');
  if (state.outcome === 'withdrawn') throw new CancelledFailure('withdrawn');
  if (state.outcome === 'failed') throw ApplicationFailure.nonRetryable(state.why ?? 'failed', 'AccessFailed');
  return { outcome: state.outcome };
}
