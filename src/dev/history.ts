/** What Temporal wrote down of an execution, as anybody with access to the namespace reads it. */
import { connectLazily, type TemporalOptions } from '../temporal/connect.ts';

export interface Recorded {
  /** Event types in order, such as `WorkflowExecutionStarted`. */
  names: string[];
  /** Everything in it as text; what may be base64 stands there once more, decoded. */
  text: string;
}

export async function readHistory(temporal: TemporalOptions, workflowId: string): Promise<Recorded> {
  const connection = connectLazily(temporal);
  try {
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({
      namespace: temporal.namespace,
      execution: { workflowId },
    });
    const events = history?.events ?? [];
    return { names: events.map(nameOf), text: withDecoded(JSON.stringify(events)) };
  } finally {
    await connection.close();
  }
}

function nameOf(event: object): string {
  const attributes = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? 'unknown';
  const name = attributes.replace(/EventAttributes$/, '');
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Protocol messages write their bytes in base64. */
function withDecoded(text: string): string {
  const decoded = [...text.matchAll(/[\w+/]{16,}={0,2}/g)].map(([part]) =>
    Buffer.from(part, 'base64').toString('latin1'),
  );
  return [text, ...decoded].join('\n');
}
