/** What Temporal wrote down of an execution, as anybody with access to the namespace reads it. */
import { connectLazily, type TemporalOptions } from '../temporal/connect.ts';

export interface Recorded {
  /** Event types in order, such as `WorkflowExecutionStarted`. */
  names: string[];
  /** Everything in it as text, payloads decoded from base64 as far as they are text. */
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
    return { names: events.map(nameOf), text: JSON.stringify(events, bytesAsText) };
  } finally {
    await connection.close();
  }
}

function nameOf(event: object): string {
  const attributes = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? 'unknown';
  const name = attributes.replace(/EventAttributes$/, '');
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function bytesAsText(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  const buffer = value as { type?: string; data?: number[] } | null;
  if (buffer?.type === 'Buffer' && Array.isArray(buffer.data)) return Buffer.from(buffer.data).toString('latin1');
  return value;
}
