import { QueryNotRegisteredError } from '@temporalio/client';
import { names } from '../../workflows/contract.ts';
import type { Gateway } from '../core/ports.ts';
import { interactiveMs } from './calling.ts';
import type { Calling } from './calling.ts';
import { isExecutionId, isLeaseId, isSnapshotOf, readDescription } from './describe.ts';

export type Reading = Pick<Gateway, 'describe' | 'state' | 'leaseOpen' | 'hasWorker' | 'ping'>;

const pingMs = 1_000;
/** A worker may have to replay the history first. */
const queryMs = 10_000;
/** A poll lasts up to a minute, and is counted from its start. */
const pollMs = 90_000;

export function createReading(temporal: Calling): Reading {
  const { workflow, service, namespace, taskQueue, now, within, withinOrGone } = temporal;

  const describeAny = (id: string) => withinOrGone(interactiveMs, () => workflow.getHandle(id).describe());

  return {
    async describe(execution) {
      if (!isExecutionId(execution)) return undefined;
      const description = await describeAny(execution);
      return description && readDescription(description);
    },

    async state(execution) {
      if (!isExecutionId(execution)) return undefined;
      const query = () => workflow.getHandle(execution).query<unknown>(names.stateQuery).catch(noSuchQuery);
      const answer = await withinOrGone(queryMs, query);
      return isSnapshotOf(execution, answer) ? answer : undefined;
    },

    async leaseOpen(lease, execution) {
      if (!isLeaseId(lease) || !isExecutionId(execution)) return false;
      const description = await describeAny(lease);
      return (
        description?.type === names.lease &&
        description.closeTime === undefined &&
        description.parentExecution?.workflowId === execution
      );
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

function noSuchQuery(error: unknown): undefined {
  if (!(error instanceof QueryNotRegisteredError)) throw error;
}
