/** The server with a core that only remembers what it was asked, and says what a test tells it to. */
import { pino } from 'pino';
import { afterAll } from 'vitest';
import { createCatalog } from '../../src/core/catalog.ts';
import type { Found, Listing, Waiting } from '../../src/core/executions.ts';
import type { Listed, Principal, Row, SignIn } from '../../src/core/ports.ts';
import type { RoleOffer } from '../../src/core/roles.ts';
import type { ApiDeps } from '../../src/http/api.ts';
import { tokenIn } from '../../src/http/auth/credentials.ts';
import { refused } from '../../src/http/auth/refusal.ts';
import { createServer, type HttpServer } from '../../src/http/server.ts';
import { alice, hour, minute, sampleId, sampleInput, sampleState, sampleTime } from '../samples.ts';

export const signIn: SignIn = {
  actor: { platform: 'api', tenant: 'https://id.example.com', user: 'alice-1' },
  name: alice.name,
  email: alice.id,
  emailConfirmed: true,
  groups: ['sre'],
  at: sampleTime,
};
export const principal: Principal = { ...alice, actor: signIn.actor, linked: false, groups: ['sre'] };

export function sampleRow(state = sampleState()): Row {
  return { input: sampleInput(), state, run: 'run-1', updatedAt: sampleTime };
}

export function sampleListed(overrides: Partial<Listed> = {}): Listed {
  return {
    id: sampleId(),
    run: 'run-1',
    owner: alice.id,
    workflow: 'default',
    about: 'admin on aws-prod',
    phase: 'awaiting_approval',
    createdAt: sampleTime,
    ...overrides,
  };
}

export function sampleFound(overrides: Partial<Found> = {}): Found {
  return {
    row: sampleRow(),
    run: 'run-1',
    status: 'running',
    history: { events: [{ type: 'WorkflowExecutionStarted', at: sampleTime }], complete: true },
    story: [
      {
        id: 'line-1',
        at: sampleTime,
        kind: 'requested',
        execution: sampleId(),
        principal: alice.id,
        actor: signIn.actor,
        details: {},
      },
    ],
    viewer: 'requester',
    ...overrides,
  };
}

const sampleRole: RoleOffer = {
  name: 'admin',
  title: 'Production administrator',
  providers: ['aws-prod'],
  risk: 'normal',
  howTo: undefined,
  requestGroups: undefined,
  reason: { required: true, min: 5, pattern: undefined, hint: 'name the incident' },
  duration: { defaultMs: hour, maxMs: 4 * hour },
  approval: [
    {
      name: 'on-call',
      approvers: { users: [], groups: ['sre'] },
      quorum: 1,
      withinMs: 4 * hour,
      ask: { channels: {}, dm: 'all' },
    },
  ],
  selfApproval: false,
};

const { name: sampleRoleName, ...sampleRoleConfig } = sampleRole;
const catalog = createCatalog({
  workflows: {
    default: { title: 'Temporary access', enabled: true, performs: 'access', input: undefined },
    paused: { title: 'Paused', enabled: false, performs: 'access', input: undefined },
  },
  roles: { [sampleRoleName]: { ...sampleRoleConfig, reason: { ...sampleRole.reason, required: false } } },
});

type Said = Partial<ApiDeps['executions'] & { roles: RoleOffer[] } & ApiDeps['operating']>;

export interface Desk {
  url: string;
  server: HttpServer;
  /** What the core was asked, in order: `identity.enter` as `enter`, then the calls by name. */
  asked: { call: string; with: unknown[] }[];
  /** How long answers were held back, in ms. */
  paused: number[];
  lines: string[];
  /** What was asked, paused and logged so far. */
  forget(): void;
  /** Below `/api/v1`, with a bearer token unless `authorization` says otherwise. */
  call(request: string, options?: CallOptions): Promise<Answer>;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  authorization?: string | null;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect to be there
  body: any;
}

let open: HttpServer[] = [];
afterAll(async () => {
  await Promise.all(open.map((server) => server.close()));
  open = [];
});

export async function openDesk(options: { says?: Said; deps?: Partial<ApiDeps> } = {}): Promise<Desk> {
  const asked: Desk['asked'] = [];
  const paused: number[] = [];
  const lines: string[] = [];
  const says = {
    list: async (): Promise<Listing> => ({ executions: [sampleListed()], stale: false }),
    create: async () => ({ row: sampleRow(), status: 'running', repeated: false }),
    get: async () => sampleFound(),
    cancel: async () => sampleRow(),
    terminate: async () => sampleRow(),
    signal: async () => ({ what: 'release', offer: {}, row: sampleRow() }),
    approvals: async (): Promise<Waiting> => ({ rows: [sampleRow()], stale: false }),
    startRebuild: async () => ({ status: 'running', startedAt: sampleTime, looked: 0, mended: 0 }),
    rebuildState: async () => undefined,
    ...options.says,
  };
  const remember = (call: string, answer: (...input: never[]) => unknown) => [
    call,
    async (...input: unknown[]) => {
      asked.push({ call, with: input });
      return answer(...(input as never[]));
    },
  ];
  const core = Object.fromEntries(
    Object.entries(says).map(([call, answer]) => remember(call, answer as (...input: never[]) => unknown)),
  ) as unknown as ApiDeps['executions'] & ApiDeps['operating'];
  const deps: ApiDeps = {
    auth: {
      async authenticate(authorization) {
        const token = tokenIn(authorization);
        if (token === 'alice') return { signIn, isPerson: true, scopes: ['elevate.decide'] };
        if (token === 'robot') return { signIn, isPerson: false, scopes: ['elevate.decide'] };
        if (token === 'scopeless') return { signIn, isPerson: true, scopes: [] };
        throw refused(token === 'old' ? 'expired_token' : 'invalid_token', 'unknown here');
      },
    },
    identity: {
      async enter(from) {
        asked.push({ call: 'enter', with: [from] });
        return principal;
      },
    },
    catalog,
    executions: core,
    operating: core,
    roles: {
      async offeredTo(actor) {
        asked.push({ call: 'offeredTo', with: [actor] });
        return [sampleRole];
      },
    },
    mint: async ({ what, data }) => `token of ${what}${'choice' in data ? ` ${data.choice}` : ''}`,
    ids: { hash: (parts) => parts.join('/') },
    taskQueue: 'elevate',
    publicUrl: 'https://elevate.example.com',
    config: { issuer: 'https://id.example.com', decideScope: 'elevate.decide', clientId: 'elevate-cli' },
    now: () => sampleTime + 5 * minute,
    pause: async (ms) => void paused.push(ms),
    ...options.deps,
  };
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  const server = createServer({ api: deps, ready: async () => ({ ok: true, checks: { store: 'ok' } }), log });
  open.push(server);
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    server,
    asked,
    paused,
    lines,
    forget() {
      for (const list of [asked, paused, lines]) list.length = 0;
    },
    async call(request, { body, headers = {}, authorization = 'Bearer alice' } = {}) {
      const [method = '', path = ''] = request.split(' ');
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          ...(authorization === null ? {} : { authorization }),
          ...(body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: text === '' ? undefined : JSON.parse(text) };
    },
  };
}
