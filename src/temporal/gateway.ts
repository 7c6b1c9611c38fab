/** The only user of Temporal's client, beside `connect.ts`. */
import {
  Client,
  QueryNotRegisteredError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { DataConverter, Payload } from '@temporalio/common';
import { names } from '../../workflows/contract.ts';
import type { ElevateInput, Memo } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { Clock, Described, Gateway } from '../core/ports.ts';
import { createCalling } from './calling.ts';
import { isExecutionId, isLeaseId, isStateOf, memoField, readDescription } from './describe.ts';
import { isGone } from './errors.ts';

/** A platform waits three seconds for its answer; two calls must fit. */
const interactiveMs = 1_200;
const pingMs = 1_000;
/** A worker may have to replay the history first. */
const queryMs = 10_000;
/** A poll lasts up to a minute, and counts from its start. */
const pollMs = 90_000;

/**
 * @param options.now the wall clock: compared with the server's times, and the base of gRPC's deadlines
 */
export function createGateway(options: {
  connection: Connection;
  namespace: string;
  taskQueue: string;
  dataConverter: DataConverter;
  now: Clock;
}): Gateway {
  const { connection, namespace, taskQueue, dataConverter, now } = options;
  const service = connection.workflowService;
  const { workflow } = new Client({ connection, namespace, dataConverter });
  const within = createCalling({ connection, now });

  /** Neither a running nor a closed execution of this id is ever replaced (T22). */
  const onceOnly = {
    taskQueue,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
  };

  async function start(input: ElevateInput, memo: Memo): Promise<{ run: string; repeated: boolean }> {
    const execution = input.request.id;
    requireExecutionId(execution);
    try {
      const started = await within(interactiveMs, () =>
        workflow.start(names.elevate, {
          ...onceOnly,
          workflowId: execution,
          args: [input],
          memo: { [memoField]: memo },
        }),
      );
      return { run: started.firstExecutionRunId, repeated: false };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return { run: await sameAsStarted(execution, memo, error), repeated: true };
    }
  }

  async function sameAsStarted(execution: string, memo: Memo, cause: Error): Promise<string> {
    const there = await describe(execution);
    if (there?.memo.owner === memo.owner && there.memo.fingerprint === memo.fingerprint) return there.firstRun;
    throw new ElevateError('conflict', 'This delivery was already used for something else. Ask again.', {
      cause,
      details: { execution },
    });
  }

  async function describe(execution: string): Promise<Described | undefined> {
    if (!isExecutionId(execution)) return undefined;
    const description = await describeAny(execution);
    return description && readDescription(description);
  }

  async function describeAny(workflowId: string) {
    return await orGone(within(interactiveMs, () => workflow.getHandle(workflowId).describe()));
  }

  return {
    start,
    describe,

    async signal(event) {
      requireExecutionId(event.execution);
      const input = { payloads: await sealFor(event.execution, event) };
      const call = () =>
        service.signalWorkflowExecution({
          namespace,
          workflowExecution: { workflowId: event.execution },
          signalName: names.eventSignal,
          requestId: event.id,
          input,
        });
      if (!(await orGone(within(interactiveMs, call)))) throw closed(event.execution);
    },

    async cancel(execution, run) {
      requireExecutionId(execution);
      // Temporal calls the cancellation of a closed execution a success.
      const description = await describe(execution);
      if (!description?.open || description.firstRun !== run) throw closed(execution);
      const call = () =>
        service.requestCancelWorkflowExecution({
          namespace,
          workflowExecution: { workflowId: execution },
          firstExecutionRunId: run,
          requestId: `cancel_${run}`,
        });
      if (!(await orGone(within(interactiveMs, call)))) throw closed(execution);
    },

    async closeOut(input) {
      requireExecutionId(input.execution);
      const workflowId = `end_${input.execution}`;
      try {
        await within(interactiveMs, () => workflow.start(names.closeOut, { ...onceOnly, workflowId, args: [input] }));
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },

    async terminate({ execution }) {
      requireExecutionId(execution);
      await orGone(within(interactiveMs, () => workflow.getHandle(execution).terminate('Terminated through Elevate')));
    },

    async state(execution) {
      if (!isExecutionId(execution)) return undefined;
      const answer: unknown = await orGone(
        within(queryMs, () => workflow.getHandle(execution).query(names.stateQuery)),
      ).catch((error: unknown) => {
        if (error instanceof QueryNotRegisteredError) return undefined;
        throw error;
      });
      return isStateOf(execution, answer) ? answer : undefined;
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
        service.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: workflowQueue }),
      );
      return pollers.some(({ lastAccessTime }) => now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < pollMs);
    },

    async ping() {
      await within(pingMs, () => service.getSystemInfo({}));
    },
  };

  /** The SDK's handle would seal alike, but picks a request id of its own. */
  async function sealFor(workflowId: string, value: unknown): Promise<Payload[]> {
    let payloads = [defaultPayloadConverter.toPayload(value)];
    for (const codec of dataConverter.payloadCodecs ?? []) {
      payloads = await codec.encode(payloads, { type: 'workflow', namespace, workflowId });
    }
    return payloads;
  }
}

/** `TASK_QUEUE_TYPE_WORKFLOW` */
const workflowQueue = 1;

async function orGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Only ids of ours are ever sent, whatever a token or an address says. */
function requireExecutionId(execution: string): void {
  if (!isExecutionId(execution)) throw new ElevateError('unknown_execution', 'There is no such execution.');
}

function closed(execution: string): ElevateError {
  return new ElevateError('execution_closed', 'This execution is closed; nothing can change it any more.', {
    details: { execution },
  });
}
