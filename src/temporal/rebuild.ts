import { Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import type { Connection, WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { DataConverter, Payload } from '@temporalio/common';
import { names } from '../../workflows/contract.ts';
import type { Swept, Unsealed } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { IndexRebuild, Rebuilding } from '../core/ports.ts';
import { interactiveMs } from './calling.ts';
import type { Calling } from './calling.ts';
import type { TemporalOptions } from './connect.ts';
import { isGone } from './errors.ts';

export interface IndexRebuildOptions {
  connection: Connection;
  temporal: Pick<TemporalOptions, 'namespace'>;
  taskQueue: string;
  dataConverter: DataConverter;
  gateway: Pick<Calling, 'within'>;
}

/** The rebuilding of the read model: the workflow RebuildIndex, under an id of its own, so one at a time. */
export function createIndexRebuild(options: IndexRebuildOptions): IndexRebuild {
  const { connection, temporal, taskQueue, dataConverter, gateway } = options;
  const { workflow } = new Client({ connection, namespace: temporal.namespace, dataConverter });
  const workflowId = `index_${taskQueue}`;
  const interactively = <T>(call: () => Promise<T>) => gateway.within(interactiveMs, call);

  async function state(): Promise<Rebuilding | undefined> {
    const description = await interactively(() => workflow.getHandle(workflowId).describe()).catch(undefinedIfGone);
    if (description === undefined) return undefined;
    requireOurs(description, taskQueue);
    const swept = await sweptSoFar(description);
    return {
      status: statusOf(description),
      startedAt: description.startTime.getTime(),
      ...(description.closeTime && { closedAt: description.closeTime.getTime() }),
      ...swept,
    };
  }

  async function sweptSoFar({ status, runId, raw }: WorkflowExecutionDescription): Promise<Swept> {
    if (status.name === 'COMPLETED') {
      return asSwept(await interactively(() => workflow.getHandle(workflowId, runId).result()));
    }
    const [activity] = raw.pendingActivities ?? [];
    const activityId = activity?.activityId ?? '';
    return asSwept(await opened(activity?.heartbeatDetails?.payloads ?? [], { ...options, workflowId, activityId }));
  }

  return {
    async start() {
      await interactively(() =>
        workflow.start(names.rebuild, {
          workflowId,
          taskQueue,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        }),
      );
      return (await state()) ?? notOurs(workflowId);
    },
    state,
  };
}

/** What is under this id need not be what we started there. */
function requireOurs({ type, taskQueue, workflowId }: WorkflowExecutionDescription, ours: string): void {
  if (type !== names.rebuild || taskQueue !== ours) notOurs(workflowId);
}

/** @throws `unavailable` */
function notOurs(workflowId: string): never {
  const message = `Something else runs in Temporal as ${workflowId}. Terminate it there, then try again.`;
  throw new ElevateError('unavailable', message);
}

function statusOf({ status: { name } }: WorkflowExecutionDescription): Rebuilding['status'] {
  if (name === 'RUNNING' || name === 'COMPLETED') return name === 'RUNNING' ? 'running' : 'completed';
  return 'failed';
}

interface ActivityPlace extends IndexRebuildOptions {
  workflowId: string;
  activityId: string;
}

/** The first of these payloads, as the activity told it. */
async function opened(payloads: Payload[], place: ActivityPlace): Promise<unknown> {
  const { temporal, workflowId, activityId } = place;
  const context = { type: 'activity', namespace: temporal.namespace, workflowId, activityId, isLocal: false } as const;
  let told = payloads.slice(0, 1);
  for (const codec of place.dataConverter.payloadCodecs ?? []) told = await codec.decode(told, context);
  return told[0] && defaultPayloadConverter.fromPayload(told[0]);
}

/** Numbers of a worker of ours; nothing of what did not open (T23). */
function asSwept(value: unknown): Swept {
  const { looked, mended } = (value ?? {}) as Partial<Swept & Unsealed>;
  return {
    looked: Number.isSafeInteger(looked) ? Number(looked) : 0,
    mended: Number.isSafeInteger(mended) ? Number(mended) : 0,
  };
}

function undefinedIfGone(error: unknown): undefined {
  if (!isGone(error)) throw error;
}
