import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import { names } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { Gateway } from '../core/ports.ts';
import { interactiveMs } from './calling.ts';
import type { Calling } from './calling.ts';
import { requireExecutionId } from './describe.ts';

/** Signal and cancel go by raw calls: a handle would choose the request id itself. */
export function createChanging(
  temporal: Calling,
  describe: Gateway['describe'],
): Pick<Gateway, 'signal' | 'cancel' | 'terminate'> {
  const { workflow, service, namespace, withinOrGone } = temporal;

  return {
    async signal(event) {
      const workflowId = requireExecutionId(event.execution);
      const input = { payloads: await sealFor(temporal, workflowId, event) };
      const answer = await withinOrGone(interactiveMs, () =>
        service.signalWorkflowExecution({
          namespace,
          workflowExecution: { workflowId },
          signalName: names.eventSignal,
          // Temporal drops a second signal of the same request id within a run.
          requestId: event.id,
          input,
        }),
      );
      if (!answer) throw closed(workflowId);
    },

    async cancel(execution, run) {
      const workflowId = requireExecutionId(execution);
      // Temporal would call the cancellation of a closed execution a success.
      const there = await describe(workflowId);
      if (!there?.open || there.firstRun !== run) throw closed(workflowId);
      const answer = await withinOrGone(interactiveMs, () =>
        service.requestCancelWorkflowExecution({
          namespace,
          workflowExecution: { workflowId },
          firstExecutionRunId: run,
          requestId: `cancel_${run}`,
        }),
      );
      if (!answer) throw closed(workflowId);
    },

    async terminate({ execution }) {
      const handle = workflow.getHandle(requireExecutionId(execution));
      // The reason is not sealed, so it names nobody.
      await withinOrGone(interactiveMs, () => handle.terminate('Terminated through Elevate'));
    },
  };
}

async function sealFor({ dataConverter, namespace }: Calling, workflowId: string, value: unknown): Promise<Payload[]> {
  let payloads = [defaultPayloadConverter.toPayload(value)];
  for (const codec of dataConverter.payloadCodecs ?? []) {
    payloads = await codec.encode(payloads, { type: 'workflow', namespace, workflowId });
  }
  return payloads;
}

function closed(execution: string): ElevateError {
  return new ElevateError('execution_closed', 'This execution is closed; nothing can change it any more.', {
    details: { execution },
  });
}
