import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import { names } from '../../workflows/contract.ts';
import type { Memo } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { Gateway } from '../core/ports.ts';
import { interactiveMs } from './calling.ts';
import type { Calling } from './calling.ts';
import { closeOutId, memoField, requireExecutionId } from './describe.ts';

export function createStarting(temporal: Calling, describe: Gateway['describe']): Pick<Gateway, 'start' | 'closeOut'> {
  const { workflow, within } = temporal;

  /** An id belongs to one execution for ever, whether it runs or is closed (T22). No time-outs: they close without taking back. */
  const onceOnly = {
    taskQueue: temporal.taskQueue,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
  };

  async function firstRunIfSame(execution: string, memo: Memo, cause: Error): Promise<string> {
    const there = await describe(execution);
    if (there?.memo.owner === memo.owner && there.memo.fingerprint === memo.fingerprint) return there.firstRun;
    throw new ElevateError('conflict', 'This delivery was already used for something else. Ask again.', {
      cause,
      details: { execution },
    });
  }

  return {
    async start(input, memo) {
      const workflowId = requireExecutionId(input.request.id);
      const options = { ...onceOnly, workflowId, args: [input], memo: { [memoField]: memo } };
      try {
        const started = await within(interactiveMs, () => workflow.start(names.elevate, options));
        return { run: started.firstExecutionRunId, repeated: false };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        return { run: await firstRunIfSame(workflowId, memo, error), repeated: true };
      }
    },

    async closeOut(input) {
      const workflowId = closeOutId(input.execution);
      const options = { ...onceOnly, workflowId, args: [input] };
      try {
        await within(interactiveMs, () => workflow.start(names.closeOut, options));
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
  };
}
