import type { Gateway, History } from '../core/ports.ts';
import { interactiveMs } from './calling.ts';
import type { Calling } from './calling.ts';
import { isExecutionId, isRunId } from './describe.ts';

/** Events of one answer. Temporal may have its own, lower limit; a life of ours has less than a hundred. */
const pageSize = 500;

/** What happened in a run, and when. What was said in it never leaves this file. */
export function createHistory({ service, namespace, withinOrGone }: Calling): Pick<Gateway, 'history'> {
  return {
    async history(workflowId, runId) {
      if (!isExecutionId(workflowId) || (runId !== undefined && !isRunId(runId))) return undefined;
      const execution = { workflowId, ...(runId !== undefined && { runId }) };
      const request = { namespace, execution, maximumPageSize: pageSize };
      const answer = await withinOrGone(interactiveMs, () => service.getWorkflowExecutionHistory(request));
      if (!answer) return undefined;
      // Temporal counts what was written together as one, so an answer may hold more.
      const events = answer.history?.events ?? [];
      const complete = events.length <= pageSize && answer.nextPageToken.length === 0;
      return { events: events.slice(0, pageSize).map(readEvent), complete };
    },
  };
}

interface RawEvent {
  eventTime?: { seconds?: unknown; nanos?: number | null } | null;
}

function readEvent(event: RawEvent): History['events'][number] {
  const { seconds, nanos } = event.eventTime ?? {};
  return { type: typeOf(event), at: Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1_000_000) };
}

/** The field that holds an event's attributes is named like its type: `timerFiredEventAttributes`. */
function typeOf(event: object): string {
  const field = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? 'unknown';
  const name = field.replace(/EventAttributes$/, '');
  return name.charAt(0).toUpperCase() + name.slice(1);
}
