/** What can be sent to Temporal past Elevate: copies of what is sealed, and what is not sealed at all. */
import { randomUUID } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { HistoryEvent } from './scene.ts';
import { namespace, type Stage } from './stage.ts';

/** As Elevate seals a value for a workflow. */
export async function seal({ dataConverter }: Stage, workflowId: string, value: unknown): Promise<Payload[]> {
  let payloads = [defaultPayloadConverter.toPayload(value)];
  for (const codec of dataConverter.payloadCodecs ?? []) {
    payloads = await codec.encode(payloads, { type: 'workflow', namespace, workflowId });
  }
  return payloads;
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

/** What a history's start was given. */
export function startPayloads(history: readonly HistoryEvent[]): Payload[] {
  return history[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
}

/** What a history's signals of this name were given, in order. */
export function signalPayloads(history: readonly HistoryEvent[], name: string): Payload[][] {
  return history.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
    signal?.signalName === name ? [signal.input?.payloads ?? []] : [],
  );
}
