/**
 * AccessLease, the durable holding of one access: inspect, ledger, grant, hold, revoke. It cannot fail: whatever
 * happens after the first grant call, it goes on until the access is taken back (P2, T25, T26). A parent that is
 * cancelled, terminated or fails cancels its lease, and a cancelled lease revokes.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type Activities,
  type Done,
  failures,
  type LeaseEnd,
  type LeaseInput,
  type LeaseNote,
  type LeaseResult,
  type LeaseUntil,
  names,
  type ProviderCall,
  type Unsealed,
} from './contract.ts';
import { isSealed } from './sealed.ts';

/** An activity that calls a provider outlives the call itself by this much, so that the call's own deadline speaks first. */
const CALL_MARGIN = 3_000;

/** Rounds of tries to revoke: after each, operators are alerted and the next lasts longer. */
const REVOKE_ROUNDS = [60_000, 5 * 60_000, 15 * 60_000, 60 * 60_000];

/** A round of tries to grant; after the first, the requester is told that it takes longer. */
const GRANT_ROUND = 60_000;

/** The longest pause between two looks at access that does not go away. */
const LONGEST_LOOK = 30 * 60_000;

const OVER = Symbol('over');

const untilSignal = defineSignal<[LeaseUntil | Unsealed]>(names.untilSignal);

const store = proxyActivities<Activities>({
  startToCloseTimeout: 10_000,
  retry: { initialInterval: 500, maximumInterval: 30_000 },
});
const bestEffort = proxyActivities<Activities>({ startToCloseTimeout: 10_000, retry: { maximumAttempts: 2 } });

export async function AccessLease(input: LeaseInput | Unsealed): Promise<LeaseResult> {
  if (!isSealed(input)) return { item: 0, at: Date.now(), run: '', end: 'refused', why: 'not sealed by Elevate' };
  return { ...(await live(input)), run: input.run };
}

async function live(input: LeaseInput): Promise<LeaseEnd> {
  const { item } = input;
  if (!isOurs(input)) return { item, at: Date.now(), end: 'refused', why: 'not started by its execution' };

  const life = leaseLife(input.until);
  return CancellationScope.nonCancellable(async () => {
    const began: Began = input.onlyRevoke ? { uncertain: true } : await beginAccess(input, life);
    if ('end' in began) return began;
    if (began.refused === undefined && !input.onlyRevoke) await life.over;
    await takeBack(input, began.uncertain);
    if (began.refused !== undefined) return { item, at: Date.now(), end: 'refused', why: began.refused };
    return { item, at: Date.now(), end: 'revoked' };
  });
}

/** Sealed inputs open only in their own workflow id; this makes sure that the execution itself started it (T23). */
function isOurs({ execution, run }: LeaseInput): boolean {
  const { parent } = workflowInfo();
  return parent !== undefined && parent.workflowId === execution && parent.runId === run;
}

// ── life ─────────────────────────────────────────────────────────────────────────────────────────────────

interface LeaseLife {
  until(): number;
  /** Resolves at the end: its time, moved or not, or a cancellation. */
  over: Promise<void>;
  /** Runs something for as long as the lease should live. */
  during<T>(work: () => Promise<T>): Promise<T | typeof OVER>;
}

function leaseLife(firstUntil: number): LeaseLife {
  let end: LeaseUntil = { until: firstUntil, version: 0 };
  let cancelled = false;
  setHandler(untilSignal, (moved) => {
    if (isSealed(moved) && moved.version > end.version) end = moved;
  });
  CancellationScope.current().cancelRequested.catch(() => (cancelled = true));
  const isOver = () => cancelled || Date.now() >= end.until;

  const untilItIsOver = async () => {
    while (!isOver()) {
      const { version } = end;
      await condition(() => isOver() || end.version > version, Math.max(1, end.until - Date.now()));
    }
  };
  // One wait for the whole life, so that a lease costs one timer.
  const over = CancellationScope.nonCancellable(untilItIsOver);
  return {
    until: () => end.until,
    over,
    async during(work) {
      if (isOver()) return OVER;
      const scope = new CancellationScope();
      try {
        return await Promise.race([scope.run(work), over.then((): typeof OVER => OVER)]);
      } finally {
        scope.cancel();
      }
    },
  };
}

// ── granting ─────────────────────────────────────────────────────────────────────────────────────────────

/** What began: something to hold and take back, perhaps after a grant nobody heard of; or nothing (`end`). */
type Began = { uncertain: boolean; refused?: string } | LeaseEnd;

async function beginAccess(input: LeaseInput, life: LeaseLife): Promise<Began> {
  const { item } = input;
  // Not one activity with the grant, so that a lost grant is never taken for access that was there before (T25).
  const before = await prepare(input, life);
  if (before === OVER) {
    await closeLedger(input);
    return { item, at: Date.now(), end: 'never_granted' };
  }
  if (!isSealed(before) || !before.mayGrant)
    return { item, at: Date.now(), end: 'refused', why: 'this access was taken back already' };
  if (before.seen === 'present' && !before.othersOpen) {
    await closeLedger(input);
    return { item, at: Date.now(), end: 'kept' };
  }
  return grant(input, life);
}

/** Looks in rounds, so that a provider that does not answer is told of. */
async function prepare(input: LeaseInput, life: LeaseLife) {
  for (let round = 1; ; round += 1) {
    try {
      return await life.during(() => provider(input, GRANT_ROUND).prepare(callFor(input, 1)));
    } catch (error) {
      const why = reasonOf(error);
      if (round === 1) tell(input, { item: input.item, at: Date.now(), note: 'grant_delayed', why });
      await alert(input, 'grant', why);
    }
  }
}

/** Tries under one sequence for as long as the lease should live. */
async function grant(input: LeaseInput, life: LeaseLife): Promise<Began> {
  const { item } = input;
  for (let round = 1; ; round += 1) {
    try {
      const granted = await life.during(() => provider(input, GRANT_ROUND).grant(callFor(input, 1)));
      if (granted === OVER) return { uncertain: true };
      requireDone('grant', granted, input, 1);
      tell(input, { item, at: Date.now(), note: 'granted', until: life.until() });
      return { uncertain: granted.attempts > 1 || round > 1 };
    } catch (error) {
      const refusal = refusalIn(error, input);
      if (refusal !== undefined && refusal.attempt === 1 && round === 1) {
        await closeLedger(input);
        return { item, at: Date.now(), end: 'refused', why: refusal.why };
      }
      // An earlier try may have been heard: take back what it may have given.
      if (refusal !== undefined) return { uncertain: true, refused: refusal.why };
      if (round === 1) tell(input, { item, at: Date.now(), note: 'grant_delayed', why: reasonOf(error) });
      await alert(input, 'grant', reasonOf(error));
    }
  }
}

// ── revoking ─────────────────────────────────────────────────────────────────────────────────────────────

/** Revokes; after an unanswered grant, once more when no call can be under way any longer, and looks (T26). */
async function takeBack(input: LeaseInput, uncertain: boolean): Promise<void> {
  await revoke(input, 2, !uncertain);
  if (!uncertain) return;
  for (let sequence = 3; ; sequence += 1) {
    await sleep(Math.min((timeoutOf(input) + CALL_MARGIN) * 2 ** (sequence - 3), LONGEST_LOOK));
    await revoke(input, sequence, true);
    const seen = await provider(input, GRANT_ROUND)
      .inspect(callFor(input, sequence))
      .catch(() => 'unknown');
    if (seen === 'absent' || seen === 'unknown') return;
    const why = 'the provider still sees the access';
    if (sequence === 3) tell(input, { item: input.item, at: Date.now(), note: 'revoke_delayed', why });
    await alert(input, 'revoke', why);
  }
}

async function revoke(input: LeaseInput, sequence: number, final: boolean): Promise<void> {
  const { item } = input;
  for (let round = 0; ; round += 1) {
    const lasting = REVOKE_ROUNDS[Math.min(round, REVOKE_ROUNDS.length - 1)] ?? GRANT_ROUND;
    try {
      requireDone(
        'revoke',
        await provider(input, lasting).revoke({ ...callFor(input, sequence), final }),
        input,
        sequence,
      );
      return;
    } catch (error) {
      const why = reasonOf(error);
      if (round === 0) tell(input, { item, at: Date.now(), note: 'revoke_delayed', why });
      await alert(input, 'revoke', why);
      // A provider that refuses for good ends its round at once; asking again is still the only way.
      await sleep(lasting / 4);
    }
  }
}

/** For an access that was never given by this lease. */
async function closeLedger(input: LeaseInput): Promise<void> {
  for (;;) {
    try {
      requireDone('close', await store.closeLedger(callFor(input, 1)), input, 1);
      return;
    } catch {
      await sleep(CALL_MARGIN);
    }
  }
}

/** Anybody who may write to the namespace can complete an activity, with nothing or with an older result (T23). */
function requireDone(
  what: Done['done'],
  done: Done | Unsealed | undefined,
  { execution }: LeaseInput,
  sequence: number,
): void {
  if (isSealed(done) && done.done === what && done.execution === execution && done.sequence === sequence) return;
  throw new TypeError('the answer is not the answer to this call');
}

// ── calls ────────────────────────────────────────────────────────────────────────────────────────────────

function provider(input: LeaseInput, lasting?: number): Activities {
  return proxyActivities<Activities>({
    startToCloseTimeout: timeoutOf(input) + CALL_MARGIN,
    ...(lasting === undefined ? {} : { scheduleToCloseTimeout: Math.max(lasting, timeoutOf(input) + CALL_MARGIN) }),
    retry: {
      initialInterval: 500,
      backoffCoefficient: 2,
      maximumInterval: 15_000,
      nonRetryableErrorTypes: [failures.refused],
    },
  });
}

function callFor({ execution, item, request, until }: LeaseInput, sequence: number): ProviderCall {
  return { execution, item, sequence, request, until };
}

function timeoutOf({ request, item }: LeaseInput): number {
  return request.items[item]?.timeoutMs ?? 10_000;
}

/** Best effort, and not waited for: a parent that is gone has nobody left to tell. */
function tell({ execution }: LeaseInput, note: LeaseNote): void {
  void getExternalWorkflowHandle(execution)
    .signal(names.leaseSignal, note)
    .catch(() => undefined);
}

async function alert({ execution, item }: LeaseInput, what: 'grant' | 'revoke', why: string): Promise<void> {
  await bestEffort.alert({ execution, item, what, why }).catch(() => undefined);
}

function refusalIn(error: unknown, { execution }: LeaseInput): { why: string; attempt: number } | undefined {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return undefined;
  const { type, message, details } = error.cause;
  if (type !== failures.refused) return undefined;
  return { why: message, attempt: details?.[1] === execution ? Number(details[0]) : Infinity };
}

function reasonOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof Error && cause.message !== '' ? cause.message : 'no answer';
}
