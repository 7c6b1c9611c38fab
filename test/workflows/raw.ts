/** What can be sent to Temporal past Elevate: copies of what is sealed, and what is not sealed at all. */
import { randomUUID } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Asked, HistoryEvent } from './scene.ts';
import { namespace, type Stage } from './stage.ts';

/** The numbers that Temporal's own protocol gives these. */
const allowDuplicate = 1;
const completeWorkflow = 4;
const startChild = 11;

/** As Elevate seals a value for a workflow. */
export async function seal({ dataConverter }: Stage, workflowId: string, value: unknown): Promise<Payload[]> {
  let payloads = [plain(value)];
  for (const codec of dataConverter.payloadCodecs ?? []) {
    payloads = await codec.encode(payloads, { type: 'workflow', namespace, workflowId });
  }
  return payloads;
}

export function plain(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value);
}

/** Sends payloads as they are. */
export async function signalSealed(
  { connection }: Stage,
  workflowId: string,
  signalName: string,
  payloads: Payload[],
  requestId: string = randomUUID(),
): Promise<void> {
  await connection.withDeadline(Date.now() + 30_000, () =>
    connection.workflowService.signalWorkflowExecution({
      namespace,
      workflowExecution: { workflowId },
      signalName,
      requestId,
      input: { payloads },
    }),
  );
}

/** Starts a workflow of Elevate's with payloads as they are, even under an id that was used before. */
export async function startSealed(
  { connection, taskQueue }: Pick<Stage, 'connection' | 'taskQueue'>,
  workflowType: string,
  workflowId: string,
  { input, memo }: { input: Payload[]; memo?: Record<string, Payload> | null },
): Promise<string> {
  const { runId } = await connection.workflowService.startWorkflowExecution({
    namespace,
    workflowId,
    workflowType: { name: workflowType },
    taskQueue: { name: taskQueue },
    requestId: randomUUID(),
    workflowIdReusePolicy: allowDuplicate,
    input: { payloads: input },
    ...(memo && { memo: { fields: memo } }),
  });
  return runId;
}

/** Answers in a worker's place for an activity that is under way. */
export async function completeActivity(
  { connection }: Stage,
  workflowId: string,
  activityId: string,
  payloads: Payload[],
): Promise<void> {
  await connection.workflowService.respondActivityTaskCompletedById({
    namespace,
    workflowId,
    activityId,
    result: { payloads },
  });
}

/** Takes the next task of each of these workflows in the worker's place, and ends it with this result. */
export async function completeWorkflows(
  { connection, taskQueue }: Stage,
  results: Record<string, Payload[]>,
): Promise<void> {
  const { workflowService } = connection;
  const identity = 'somebody else';
  const left = new Map(Object.entries(results));
  while (left.size > 0) {
    const task = await connection.withDeadline(Date.now() + 30_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue }, identity }),
    );
    const { taskToken, workflowExecution } = task;
    const workflowId = workflowExecution?.workflowId ?? '';
    const payloads = left.get(workflowId);
    if (payloads !== undefined) {
      const completeWorkflowExecutionCommandAttributes = { result: { payloads } };
      const commands = [{ commandType: completeWorkflow, completeWorkflowExecutionCommandAttributes }];
      await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, identity, commands });
      left.delete(workflowId);
    } else if (taskToken.length > 0) {
      await workflowService.respondWorkflowTaskFailed({ namespace, taskToken, identity });
    }
  }
}

/** Takes the next task of a workflow in its worker's place, and starts a lease as its child. */
export async function startChildInItsPlace(
  { connection, taskQueue }: Stage,
  workflowId: string,
  lease: string,
): Promise<void> {
  const { workflowService } = connection;
  const identity = 'somebody else';
  const { taskToken, workflowExecution } = await connection.withDeadline(Date.now() + 30_000, () =>
    workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue }, identity }),
  );
  if (workflowExecution?.workflowId !== workflowId) throw new Error('Somebody else’s task.');
  const startChildWorkflowExecutionCommandAttributes = {
    workflowId: lease,
    workflowType: { name: 'AccessLease' },
    taskQueue: { name: taskQueue },
  };
  const commands = [{ commandType: startChild, startChildWorkflowExecutionCommandAttributes }];
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, identity, commands });
}

/** What a history's start was given. */
export function startOf(history: readonly HistoryEvent[]): {
  input: Payload[];
  memo: Record<string, Payload> | null;
} {
  const attributes = history[0]?.workflowExecutionStartedEventAttributes;
  return { input: attributes?.input?.payloads ?? [], memo: attributes?.memo?.fields ?? null };
}

/** What a history's signals of this name were given, in order. */
export function signalsIn(history: readonly HistoryEvent[], name: string): Payload[][] {
  return history.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
    signal?.signalName === name ? [signal.input?.payloads ?? []] : [],
  );
}

/** What a history ended with. */
export function resultOf(history: readonly HistoryEvent[]): Payload[] {
  return history.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [];
}

/** Ids, arguments and results of a history's activities of this type. */
export function activitiesIn(
  history: readonly HistoryEvent[],
  type: string,
): { activityId: string; input: Payload[]; result: Payload[] }[] {
  return history.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) => {
    if (scheduled?.activityType?.name !== type) return [];
    const completed = history.find(
      ({ activityTaskCompletedEventAttributes: done }) => String(done?.scheduledEventId) === String(eventId),
    );
    return [
      {
        activityId: scheduled.activityId ?? '',
        input: scheduled.input?.payloads ?? [],
        result: completed?.activityTaskCompletedEventAttributes?.result?.payloads ?? [],
      },
    ];
  });
}

/** A payload as plain data, for the attacker's workflow. */
export function copyOf(payloads: readonly Payload[]): { metadata: Record<string, number[]>; data: number[] } {
  const { metadata, data } = { metadata: {}, data: [], ...payloads[0] };
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, [...value]]);
  return { metadata: Object.fromEntries(entries) as Record<string, number[]>, data: [...(data ?? [])] };
}

/** The same execution in another life: what was asked for, under the run that somebody else started. */
export function inLife(asked: Asked, run: string): Asked {
  return { ...asked, run };
}
