import { QueryNotRegisteredError } from '@temporalio/client';
import { names } from '../../workflows/contract.ts';
import type { Gateway } from '../core/ports.ts';
import { interactiveMs } from './calling.ts';
import type { Calling } from './calling.ts';
import { closeOutId, isExecutionId, isLeaseId, isRunId, isSnapshotOf, readDescription } from './describe.ts';
import { neverRan } from './errors.ts';

export type Reading = Pick<Gateway, 'describe' | 'state' | 'leaseOpen' | 'closingOut' | 'hasWorker' | 'ping'>;

const pingMs = 1_000;
/** A worker may have to replay the history first. */
const queryMs = 10_000;
/** A poll lasts up to a minute, and is counted from its start. */
const pollMs = 90_000;

export function createReading(temporal: Calling): Reading {
  const { workflow, service, namespace, taskQueue, now, within, withinOrGone } = temporal;

  const describeAny = (id: string, run?: string) =>
    withinOrGone(interactiveMs, () => workflow.getHandle(id, run).describe());

  return {
    async describe(execution, run) {
      if (!isExecutionId(execution) || !isRunId(run)) return undefined;
      const description = await describeAny(execution, run);
      return description && readDescription(description);
    },

    async state(execution, run) {
      if (!isExecutionId(execution) || !isRunId(run)) return undefined;
      const query = () => workflow.getHandle(execution, run).query<unknown>(names.stateQuery).catch(nothingToAsk);
      const answer = await withinOrGone(queryMs, query);
      return isSnapshotOf(execution, answer) ? answer : undefined;
    },

    async leaseOpen(lease, execution, run) {
      if (!isLeaseId(lease) || !isExecutionId(execution)) return false;
      const description = await describeAny(lease);
      return (
        description?.type === names.lease &&
        description.closeTime === undefined &&
        description.parentExecution?.workflowId === execution &&
        (run === undefined || description.parentExecution.runId === run)
      );
    },

    async closingOut(execution) {
      const description = await describeAny(closeOutId(execution));
      if (description === undefined) return 'none';
      const atWork = description.type === names.closeOut && description.taskQueue === taskQueue;
      return atWork && description.closeTime === undefined ? 'running' : 'over';
    },

    async hasWorker() {
      const { pollers } = await within(interactiveMs, () =>
        service.describeTaskQueue({ namespace, taskQueue: { name: taskQueue } }),
      );
      return pollers.some(({ lastAccessTime }) => now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < pollMs);
    },

    async ping() {
      await within(pingMs, () => service.getSystemInfo({}));
    },
  };
}

/** Not our workflow, or one that was ended before it did anything. */
function nothingToAsk(error: unknown): undefined {
  if (!(error instanceof QueryNotRegisteredError) && !neverRan(error)) throw error;
}
