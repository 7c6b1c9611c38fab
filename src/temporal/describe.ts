import type { WorkflowExecutionDescription } from '@temporalio/client';
import { names } from '../../workflows/contract.ts';
import type { Memo, Snapshot } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { Described } from '../core/ports.ts';

/** The one field of ElevateWorkflow's memo: a single seal, so that its parts cannot be mixed. */
export const memoField = 'elevate';

export const isExecutionId = (id: string): boolean => /^wf_[0-9a-z]{26}$/.test(id);
export const isLeaseId = (id: string): boolean => /^lease_[\w-]{1,100}$/.test(id);

const anyRunId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Also where no run is named: then the newest is meant. */
export const isRunId = (run: string | undefined): boolean => run === undefined || anyRunId.test(run);

/** Only ids of ours are ever sent, whatever a token or an address says. @throws `unknown_execution` */
export function requireExecutionId(id: string): string {
  if (isExecutionId(id)) return id;
  throw new ElevateError('unknown_execution', 'There is no such execution.');
}

/** @throws `unknown_execution` */
export const closeOutId = (execution: string): string => `end_${requireExecutionId(execution)}`;

/** What Temporal says of one of our executions; `undefined` for a foreign type, or a memo that is not ours (T23). */
export function readDescription(description: WorkflowExecutionDescription): Described | undefined {
  const memo = description.memo?.[memoField];
  if (description.type !== names.elevate || !isMemoOf(description.workflowId, memo)) return undefined;

  return {
    ours: true,
    run: description.runId,
    firstRun: description.raw.workflowExecutionInfo?.firstRunId || description.runId,
    open: description.closeTime === undefined,
    status: description.status.name === 'CANCELLED' ? 'canceled' : description.status.name.toLowerCase(),
    startedAt: description.startTime.getTime(),
    ...(description.closeTime && { closedAt: description.closeTime.getTime() }),
    memo,
  };
}

function isMemoOf(execution: string, value: unknown): value is Memo {
  const memo = value as Partial<Memo> | undefined;
  return (
    typeof memo?.owner === 'string' &&
    typeof memo.beneficiary === 'string' &&
    typeof memo.fingerprint === 'string' &&
    memo.input?.request?.id === execution
  );
}

/** Whether this is our workflow's answer to the state query, not somebody else's. */
export function isSnapshotOf(execution: string, value: unknown): value is Snapshot {
  const answer = value as Partial<Snapshot> | undefined;
  return (
    answer?.input?.request?.id === execution &&
    typeof answer.run === 'string' &&
    typeof answer.state?.phase === 'string' &&
    Array.isArray(answer.entries)
  );
}
