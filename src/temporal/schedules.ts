import { randomUUID } from 'node:crypto';
import { isGrpcServiceError } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { names } from '../../workflows/contract.ts';
import type { Log } from '../core/ports.ts';
import type { Calling } from './calling.ts';
import type { TemporalOptions } from './connect.ts';

/** What was left behind is put right within a minute: this, and the time that a sweep takes. */
const everyMs = 30_000;
/** Sweeps that an outage of Temporal made late are not made up for. */
const catchUpMs = 60_000;
const scheduleMs = 10_000;

/** The numbers that Temporal's and gRPC's protocols give these. */
const skipWhileRunning = 1;
const alreadyExists = 6;
const permissionDenied = 7;

export interface SchedulingOptions {
  connection: Connection;
  temporal: Pick<TemporalOptions, 'namespace'>;
  taskQueue: string;
  gateway: Pick<Calling, 'within'>;
  log: Log;
}

/**
 * Has Temporal start a Sweep every half minute, one at a time, by one Schedule for all replicas. What somebody changed
 * in it is put back, as is one that was paused or deleted. Where this process may not do that, a warning says so.
 *
 * @throws `unavailable` if the Schedule could not be put in place
 */
export async function keepSweeping(options: SchedulingOptions): Promise<void> {
  const { connection, temporal, taskQueue, gateway, log } = options;
  const { workflowService: service } = connection;
  const scheduleId = `sweep_${taskQueue}`;
  const request = () => ({
    namespace: temporal.namespace,
    scheduleId,
    requestId: randomUUID(),
    schedule: sweeping(scheduleId, taskQueue),
  });
  // Not only where it differs: a comparison would have to know all the ways in which it can.
  const putBack = () => gateway.within(scheduleMs, () => service.updateSchedule(request()));
  const warn = () => log.warn({ schedule: scheduleId, workflow: names.sweep, taskQueue }, notAllowed);

  await gateway
    .within(scheduleMs, () => service.createSchedule(request()))
    .catch(after(alreadyExists, putBack))
    .catch(after(permissionDenied, warn));
}

const notAllowed =
  'Temporal does not let this process keep a Schedule, so what is left behind is not found. Allow it, or create the Schedule by hand.';

/** No arguments, since nobody could seal them, and no time-outs of Temporal's. */
function sweeping(scheduleId: string, taskQueue: string) {
  return {
    spec: { interval: [{ interval: msToTs(everyMs) }] },
    action: {
      startWorkflow: {
        workflowId: scheduleId,
        workflowType: { name: names.sweep },
        taskQueue: { name: taskQueue },
      },
    },
    policies: { overlapPolicy: skipWhileRunning, catchupWindow: msToTs(catchUpMs) },
    state: { notes: 'Kept by Elevate; changes are undone when it starts' },
  };
}

/** Goes on after one kind of refusal of Temporal's; throws everything else. */
function after<T>(code: number, goOn: () => T): (error: unknown) => T {
  return (error) => {
    const cause = error instanceof Error ? error.cause : undefined;
    if (isGrpcServiceError(cause) && (cause as { code?: number }).code === code) return goOn();
    throw error;
  };
}
