/** A server that speaks the Execution API from memory, and can be told to get things wrong. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Deliberate deviations from the documented contract. */
export type Fault =
  | 'message' // of cancel
  | 'missing-field' // execution_time in the details
  | 'foreign' // anybody may end anybody's
  | 'upper-case' // status as Temporal writes it
  | 'open' // no token needed to list
  | 'any-input' // input is not validated
  | 'any-signal' // garbage is taken
  | 'lists-closed' // GET /executions is not only what runs
  | 'other-time' // the details say another start than the list
  | 'no-post'; // POST /execution answers 200 and nothing

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

interface Run {
  id: string;
  owner: string;
  status: 'running' | 'canceled' | 'terminated' | 'completed';
  input: Record<string, unknown>;
}

const people = {
  'token-alice': 'alice@example.com',
  'token-bob': 'bob@example.com',
  'token-carol': 'carol@example.com',
};
const started = '2026-11-25T10:30:00Z';
type Reply = [status: number, json: object | string, headers?: Record<string, string>];

const role = {
  name: 'admin',
  title: 'Production administrator',
  providers: ['aws-prod'],
  risk: 'high',
  duration: { default: 'PT1H', max: 'PT4H' },
  reason: { required: true, min: 10, hint: 'the incident' },
  approval: [{ name: 'on-call', quorum: 1, approvers: { users: ['bob@example.com'], groups: [] } }],
};

export async function startStub({ faults = [] as Fault[], host = '127.0.0.1' } = {}) {
  const has = (fault: Fault) => faults.includes(fault);
  const runs: Run[] = [];
  const seen: Seen[] = [];
  /** Answers instead of the usual ones, by method and path, each used once. */
  const instead = new Map<string, (Reply | 'hang up')[]>();

  function execution({ id, owner, status, input }: Run) {
    return {
      workflow_id: id,
      run_id: `run-${id}`,
      status: has('upper-case') ? status.toUpperCase() : status,
      start_time: started,
      execution_time: 'PT5M',
      task_queue: 'elevate',
      user: owner,
      workflow_type: { name: 'ElevateWorkflow' },
      workflow: 'default',
      about: `${String(input['role'])} on aws-prod`,
      state: status === 'running' ? 'awaiting_approval' : 'closed',
      ...(status === 'running' ? {} : { outcome: status === 'completed' ? 'denied' : 'withdrawn' }),
    };
  }

  function details(run: Run) {
    const { execution_time: length, ...rest } = execution(run);
    const person = { id: run.owner, name: 'Alice Adams' };
    return {
      ...rest,
      ...(has('other-time') ? { start_time: '2026-11-25T10:30:01Z' } : {}),
      ...(has('missing-field') ? {} : { execution_time: length }),
      history: [{ event_type: 'WorkflowExecutionStarted', timestamp: started }],
      history_complete: true,
      requester: person,
      beneficiary: person,
      input: { role: 'admin', provider: 'aws-prod', duration: 'PT1H', reason: 'deploy is stuck' },
      stages: role.approval,
      stage: 0,
      deadline: '2026-11-25T14:30:00Z',
      votes: [],
      story: [{ at: started, kind: 'requested', text: 'Alice asked.' }],
      viewer: 'requester',
    };
  }

  function create(owner: string, body: Record<string, unknown>): Reply {
    if (has('no-post')) return [200, ''];
    const { workflow, input } = body as { workflow: string; input?: Record<string, unknown> };
    if (workflow === 'off') return problem(403, 'workflow_disabled');
    if (workflow !== 'default') return problem(404, 'unknown_workflow');
    const isFit = typeof input?.['role'] === 'string';
    if (!isFit && !has('any-input')) {
      return problem(400, 'invalid_input', { errors: [{ pointer: '/role', message: 'This is needed' }] });
    }
    const run: Run = {
      id: `wf_${String(runs.length).padStart(26, 'abcdefgh')}`,
      owner,
      status: 'running',
      input: input ?? {},
    };
    runs.unshift(run);
    return [
      201,
      { workflow_id: run.id, run_id: `run-${run.id}`, status: 'running' },
      { location: `/api/v1/execution/${run.id}` },
    ];
  }

  function act(run: Run | undefined, caller: string, call: string, input: string | null, isEvent: boolean): Reply {
    const mayEnd = run !== undefined && (run.owner === caller || has('foreign'));
    const isApprover = run !== undefined && caller === people['token-bob'];
    if (run === undefined || !(mayEnd || (isApprover && call !== 'cancel' && call !== 'terminate'))) {
      return problem(404, 'unknown_execution');
    }
    if (call === '') return [200, details(run)];
    if (call === 'signal') {
      if (isEvent) return [200, { message: 'Signal sent successfully', workflow_id: run.id }];
      if (input === null) return problem(400, 'invalid_input');
      const isToken = input === `approve.${run.id}` || input === `deny.${run.id}`;
      if (!isToken && !has('any-signal')) return problem(400, 'token_invalid');
      if (input.startsWith('deny')) run.status = 'completed';
      return [200, { message: 'Signal sent successfully', workflow_id: run.id }];
    }
    if (run.status !== 'running') return problem(409, 'execution_closed');
    run.status = call === 'cancel' ? 'canceled' : 'terminated';
    const what = call === 'cancel' && !has('message') ? 'cancellation' : 'termination';
    return [200, { status: 'ok', message: `Workflow ${what} signal sent` }];
  }

  function answer(method: string, url: URL, caller: string | undefined, body: string, type: string): Reply {
    const path = url.pathname.replace('/api/v1', '');
    if (caller === undefined && !(has('open') && path === '/executions')) return problem(401, 'unauthenticated');
    const me = caller ?? people['token-alice'];
    if (path === '/executions') {
      const isAll = url.searchParams.get('status') === 'all' || has('lists-closed');
      const own = runs.filter(({ owner, status }) => owner === me && (isAll || status === 'running'));
      return [200, { executions: own.map(execution) }];
    }
    if (path === '/roles') return [200, { roles: [role] }];
    if (path === '/whoami') {
      const person = { id: me, name: 'Alice Adams' };
      return [
        200,
        { principal: person, actor: { platform: 'api', tenant: 't', user: 'u' }, linked: false, groups: ['sre'] },
      ];
    }
    if (path === '/approvals') return [200, { approvals: me === people['token-bob'] ? approvals() : [] }];
    if (path === '/operator/index/rebuild') return [202, { status: 'running', looked: 3, mended: 0 }];
    if (path === '/execution' && method === 'POST') return create(me, JSON.parse(body) as Record<string, unknown>);
    const [, id, call = ''] = /^\/execution\/([^/]+)(?:\/(cancel|terminate|signal))?$/.exec(path) ?? [];
    if (id === undefined) return problem(404, 'not_found');
    const isEvent = type === 'application/cloudevents+json';
    const input = method === 'POST' && body !== '' ? inputOf(body) : url.searchParams.get('input');
    return act(
      runs.find((run) => run.id === id),
      me,
      call,
      input,
      isEvent,
    );
  }

  function approvals() {
    return runs
      .filter(({ status }) => status === 'running')
      .map((run) => ({
        workflow_id: run.id,
        workflow: 'default',
        stage: 'on-call',
        requester: { id: run.owner, name: 'Alice Adams' },
        input: { role: 'admin', provider: 'aws-prod', duration: 'PT1H', reason: 'deploy is stuck' },
        about: 'admin on aws-prod',
        asked_at: started,
        expires_at: '2026-11-25T14:30:00Z',
        tokens: { approve: `approve.${run.id}`, deny: `deny.${run.id}` },
      }));
  }

  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const body = await text(request);
    const url = new URL(request.url ?? '/', 'http://stub');
    const { method = '', headers } = request;
    seen.push({ method, path: url.pathname + url.search, headers, body });
    const special = instead.get(`${method} ${url.pathname.replace('/api/v1', '')}`)?.shift();
    if (special === 'hang up') return void request.socket.destroy();
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    const caller = (people as Record<string, string | undefined>)[token];
    const [status, json, more = {}] = special ?? answer(method, url, caller, body, headers['content-type'] ?? '');
    response.writeHead(status, { 'content-type': 'application/json', ...more });
    response.end(typeof json === 'string' ? json : JSON.stringify(json));
  }

  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    runs,
    seen,
    answerOnce(call: string, ...replies: (Reply | 'hang up')[]) {
      instead.set(call, replies);
    },
    /** Opens one of alice's. */
    open(id: string, status: Run['status'] = 'running', owner = people['token-alice']) {
      runs.unshift({ id, owner, status, input: { role: 'admin' } });
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type Stub = Awaited<ReturnType<typeof startStub>>;

export function problem(status: number, code: string, more: object = {}): Reply {
  return [
    status,
    {
      type: 'about:blank',
      title: `Refused: ${code}.`,
      status,
      code,
      detail: 'Do something else.',
      request_id: 'req-1',
      ...more,
    },
  ];
}

function inputOf(body: string): string | null {
  return (JSON.parse(body) as { input?: string }).input ?? null;
}
