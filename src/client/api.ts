/** The Execution API as typed calls. Each returns what the server said, whole, beside what people are shown of it. */
import type { Address } from './address.ts';
import { ClientError, exit } from './client-error.ts';
import { type Call, exchange, type Fetch } from './exchange.ts';
import { jsonOf, refusalOf } from './problem.ts';
import { isObject, items, opaque, text } from './reading.ts';
import type { Approval, Details, Execution, Me, Rebuilding, Role } from './shapes.ts';
import { readApproval, readDetails, readExecution, readMe, readRebuilding, readRole } from './shapes.ts';

/** `json`: the document as it came. `is`: the same, read. */
export interface Said<T> {
  json: unknown;
  is: T;
}

export interface Page<T> {
  rows: T[];
  /** Cursor of the next page; absent on the last. */
  next: string | undefined;
  /** What changed lately may not be here yet. */
  stale: boolean;
}

export interface Wish {
  workflow: string;
  input: object;
}

/** Every call @throws {ClientError}. */
export interface Api {
  list(filter: { status: 'running' | 'all'; cursor?: string }): Promise<Said<Page<Execution>>>;
  /** Sent again once, under the same `Idempotency-Key`, if nothing came back. */
  create(wish: Wish): Promise<Said<{ id: string; repeated: boolean }>>;
  get(id: string): Promise<Said<Details>>;
  end(id: string, how: 'cancel' | 'terminate'): Promise<Said<null>>;
  /** The owner is done. */
  release(id: string): Promise<Said<null>>;
  decide(id: string, token: string, reason: string | undefined): Promise<Said<null>>;
  approvals(cursor?: string): Promise<Said<Page<Approval>>>;
  roles(): Promise<Said<Role[]>>;
  whoami(): Promise<Said<Me>>;
  rebuildIndex(): Promise<Said<Rebuilding>>;
  indexRebuild(): Promise<Said<Rebuilding>>;
}

export interface ApiDeps {
  address: Address;
  /** @throws {ClientError} `signedOut` */
  token: () => Promise<string>;
  fetch: Fetch;
  pause: (ms: number) => Promise<void>;
  newId: () => string;
}

const pageSize = '100';
const retryMs = { usual: 1_000, atMost: 5_000 };

export function createApi({ address, token, fetch, pause, newId }: ApiDeps): Api {
  interface Sending extends Pick<Call, 'headers'> {
    query?: Record<string, string | undefined>;
    body?: object;
    type?: string;
  }

  async function call(method: Call['method'], path: string, sending: Sending = {}) {
    const { query, body, type = 'application/json', headers } = sending;
    const url = `${address.api}${path}${queryOf(query)}`;
    const answer = await exchange(
      {
        method,
        url,
        headers: {
          ...headers,
          authorization: `Bearer ${await token()}`,
          ...(body === undefined ? {} : { 'content-type': type }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      fetch,
    );
    if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, url);
    const json = jsonOf(answer.body);
    if (isObject(json)) return { status: answer.status, json };
    throw new ClientError(exit.refused, `What ${address.server} says is not the Execution API.`);
  }

  async function plainly(method: Call['method'], path: string, sending?: Sending): Promise<Said<null>> {
    const { json } = await call(method, path, sending);
    return { json, is: null };
  }

  async function rebuilding(method: Call['method']): Promise<Said<Rebuilding>> {
    const { json } = await call(method, '/operator/index/rebuild');
    return { json, is: readRebuilding(json) };
  }

  return {
    async list({ status, cursor }) {
      const { json } = await call('GET', '/executions', { query: { status, limit: pageSize, cursor } });
      return { json, is: pageOf(json, 'executions', readExecution) };
    },
    async create(wish) {
      // One key for both tries: whatever became of the first, there is one execution (T22).
      const sending = { body: wish, headers: { 'idempotency-key': newId() } };
      const { status, json } = await onceMore(() => call('POST', '/execution', sending), pause);
      return { json, is: { id: text(json, 'workflow_id'), repeated: status === 200 } };
    },
    async get(id) {
      const { json } = await call('GET', pathOf(id));
      return { json, is: readDetails(json) };
    },
    end: (id, how) => plainly('POST', `${pathOf(id)}/${how}`),
    release(id) {
      const event = {
        specversion: '1.0',
        id: newId(),
        source: 'urn:elevate:command-line',
        type: 'io.elevate.release.v1',
        subject: id,
      };
      return plainly('POST', `${pathOf(id)}/signal`, { body: event, type: 'application/cloudevents+json' });
    },
    decide: (id, input, reason) =>
      plainly('POST', `${pathOf(id)}/signal`, { body: { input, ...(reason === undefined ? {} : { reason }) } }),
    async approvals(cursor) {
      const { json } = await call('GET', '/approvals', { query: { limit: pageSize, cursor } });
      return { json, is: pageOf(json, 'approvals', readApproval) };
    },
    async roles() {
      const { json } = await call('GET', '/roles');
      return { json, is: items(json, 'roles').map(readRole) };
    },
    async whoami() {
      const { json } = await call('GET', '/whoami');
      return { json, is: readMe(json) };
    },
    rebuildIndex: () => rebuilding('POST'),
    indexRebuild: () => rebuilding('GET'),
  };
}

function pageOf<T>(json: Record<string, unknown>, name: string, read: (row: unknown) => T): Page<T> {
  return { rows: items(json, name).map(read), next: opaque(json, 'next_cursor'), stale: json['stale'] === true };
}

function pathOf(id: string): string {
  return `/execution/${encodeURIComponent(id)}`;
}

function queryOf(query: Record<string, string | undefined> = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, value);
  return given.size === 0 ? '' : `?${given.toString()}`;
}

async function onceMore<T>(work: () => Promise<T>, pause: (ms: number) => Promise<void>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ClientError) || error.exitCode !== exit.unavailable) throw error;
    await pause(Math.min(error.retryAfterMs ?? retryMs.usual, retryMs.atMost));
    return work();
  }
}
