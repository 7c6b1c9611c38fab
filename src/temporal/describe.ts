import type { WorkflowExecutionDescription } from '@temporalio/client';
import { names } from '../../workflows/contract.ts';
import type { ElevateInput, Memo, State } from '../../workflows/contract.ts';
import type { Described } from '../core/ports.ts';

/** The one field of ElevateWorkflow's memo: a single seal, so that its parts cannot be mixed. */
export const memoField = 'elevate';

const executionId = /^wf_[0-9a-z]{26}$/;
const leaseId = /^lease_[\w-]{1,100}$/;

export function isExecutionId(id: string): boolean {
  return executionId.test(id);
}

export function isLeaseId(id: string): boolean {
  return leaseId.test(id);
}

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
  return typeof memo?.owner === 'string' && typeof memo.fingerprint === 'string' && memo.input?.request?.id === execution;
}

/** The answer of the state query, unless somebody else's code gave it. */
export function isStateOf(
  execution: string,
  value: unknown,
): value is { input: ElevateInput; state: State; run: string } {
  const answer = value as Partial<{ input: ElevateInput; state: State; run: string }> | undefined;
  return (
    answer?.input?.request?.id === execution &&
    typeof answer.run === 'string' &&
    typeof answer.state?.phase === 'string'
  );
}
