/** What is called about an execution, and how it is read what came of it. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Answer, House } from '../house.ts';
import type { Column } from './matrix.ts';
import type { Made } from './states.ts';

export interface Call {
  /** As the documentation names it. */
  name: string;
  /** Operation of the OpenAPI document, below `/api/v1`. */
  operation: string;
  path: (made: Made) => string;
  options?: (made: Made) => Parameters<House['call']>[2];
}

const execution = '/execution/{id}';
const at = (operation: string, query = ''): Pick<Call, 'name' | 'operation' | 'path'> => ({
  name: `${operation}${query}`,
  operation,
  path: ({ id, owner }) => operation.replace('{id}', id) + query.replace('{owner}', owner.email),
});

/** GET and POST of a column have one answer. */
export const calls: Record<Column, readonly Call[]> = {
  get: [at(`GET ${execution}`)],
  cancel: [at(`GET ${execution}/cancel`), at(`POST ${execution}/cancel`)],
  terminate: [at(`GET ${execution}/terminate`), at(`POST ${execution}/terminate`)],
  approve: [
    { ...at(`GET ${execution}/signal`), path: ({ id, approve }) => `GET /execution/${id}/signal?input=${approve}` },
    { ...at(`POST ${execution}/signal`), options: ({ approve }) => ({ body: { input: approve } }) },
  ],
  release: [{ ...at(`POST ${execution}/signal`), name: `POST ${execution}/signal, an event`, options: ownRelease }],
  list: [at('GET /executions', '?status=all')],
  listOf: [at('GET /executions', '?status=all&owner={owner}')],
  approvals: [at('GET /approvals', '?limit=100')],
};

function ownRelease() {
  const body = { specversion: '1.0', id: randomUUID(), source: 'test', type: 'io.elevate.release.v1' };
  return { body, headers: { 'content-type': 'application/cloudevents+json' } };
}

/** What the matrix calls this answer. */
export function readAnswer(column: Column, { id }: Made, { status, body }: Answer): string | number {
  if (status !== 200) {
    expect(body.code).toBe(codes[status]);
    return status;
  }
  const names = (list: { workflow_id: string }[]) => list.map(({ workflow_id }) => workflow_id);
  if (column === 'approvals') return names(body.approvals).includes(id) ? 'waits' : '-';
  if (column === 'list' || column === 'listOf') return names(body.executions).includes(id) ? 'listed' : '-';
  return status;
}

/** Refusals by their number; each has one code here. */
const codes: Record<number, string> = {
  403: 'not_allowed',
  404: 'unknown_execution',
  409: 'execution_closed',
  410: 'token_expired',
};
