/** Every call of the API: what the core is asked, and what comes back, field by field. */
import { describe, expect, it } from 'vitest';
import { alice, hour, minute, sampleId, sampleState, sampleTime } from '../samples.ts';
import { openDesk, principal, sampleFound, sampleListed, sampleRow, signIn } from './desk.ts';

const id = sampleId();
const at = (ms: number) => new Date(sampleTime + ms).toISOString();
const { actor } = signIn;

const summary = {
  workflow_id: id,
  run_id: 'run-1',
  status: 'running',
  start_time: at(0),
  execution_time: 'PT5M',
  task_queue: 'elevate',
  user: alice.id,
  workflow_type: { name: 'ElevateWorkflow' },
  workflow: 'default',
  about: 'admin on aws-prod',
  state: 'awaiting_approval',
};

/** What the core was asked after the caller had entered. */
const after = (asked: { call: string; with: unknown[] }[]) => asked.slice(1);

describe('GET /executions', () => {
  it('lists the running executions of the caller, documented fields first', async () => {
    const { call, asked } = await openDesk();
    const { status, text, headers } = await call('GET /executions');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(text).toBe(JSON.stringify({ executions: [summary] }));
    expect(asked).toEqual([
      { call: 'enter', with: [signIn] },
      { call: 'list', with: [actor, { status: 'running', of: 'own', limit: 50 }] },
    ]);
  });

  it.each([
    ['completed', 'completed'],
    ['denied', 'completed'],
    ['failed', 'failed'],
    ['withdrawn', 'canceled'],
    ['terminated', 'terminated'],
  ] as const)('a closed one that was %s is %s, with its end', async (outcome, status) => {
    const listed = sampleListed({ phase: 'closed', outcome, closedAt: sampleTime + 90 * minute });
    const { call } = await openDesk({ says: { list: async () => ({ executions: [listed], stale: false }) } });
    const { body } = await call('GET /executions?status=closed');
    expect(body.executions).toEqual([
      { ...summary, status, state: 'closed', outcome, execution_time: 'PT1H30M', end_time: at(90 * minute) },
    ]);
  });

  it('passes filter and place on, and says where it goes on and that it may be behind', async () => {
    const listing = { executions: [], next: 'c2', stale: true };
    const { call, asked } = await openDesk({ says: { list: async () => listing } });
    const { body } = await call('GET /executions?status=all&limit=100&cursor=c1&scope=all');
    expect(body).toEqual({ executions: [], next_cursor: 'c2', stale: true });
    expect(after(asked)[0]?.with[1]).toEqual({ status: 'all', of: 'all', limit: 100, cursor: 'c1' });
    await call('GET /executions?owner=bob@example.com&limit=1');
    expect(asked.at(-1)?.with[1]).toEqual({ status: 'running', of: { owner: 'bob@example.com' }, limit: 1 });
  });
});

describe('POST /execution', () => {
  const wish = { workflow: 'default', input: { role: 'admin', provider: 'aws', reason: 'Emergency maintenance' } };

  it('answers 201 with Location and the three documented fields', async () => {
    const { call, asked } = await openDesk();
    const { status, headers, text } = await call('POST /execution', { body: wish });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/execution/${id}`);
    expect(text).toBe(JSON.stringify({ workflow_id: id, run_id: 'run-1', status: 'running' }));
    expect(after(asked)).toEqual([
      { call: 'create', with: [{ actor, conversation: 'api', delivery: undefined }, wish] },
    ]);
  });

  it('T22: the Idempotency-Key is the delivery', async () => {
    const { call, asked } = await openDesk();
    await call('POST /execution', { body: wish, headers: { 'Idempotency-Key': 'deploy 42~' } });
    expect(after(asked)[0]?.with[0]).toEqual({ actor, conversation: 'api', delivery: 'deploy 42~' });
  });

  it('what is there already is answered 200, as it stands', async () => {
    const row = sampleRow(sampleState({ phase: 'closed', outcome: 'withdrawn' }));
    const { call } = await openDesk({ says: { create: async () => ({ row, status: 'canceled', repeated: true }) } });
    const { status, headers, body } = await call('POST /execution', { body: wish });
    expect({ status, body }).toEqual({
      status: 200,
      body: { workflow_id: id, run_id: 'run-1', status: 'canceled' },
    });
    expect(headers.get('location')).toBeNull();
  });
});

describe('GET /execution/{id}', () => {
  const details = {
    ...summary,
    history: [{ event_type: 'WorkflowExecutionStarted', timestamp: at(0) }],
    history_complete: true,
    requester: alice,
    beneficiary: alice,
    input: { role: 'admin', provider: 'aws-prod', duration: 'PT1H', reason: 'INC-42: the deploy is stuck' },
    stages: [{ name: 'on-call lead', quorum: 1, approvers: { users: ['bob@example.com'], groups: ['sre'] } }],
    votes: [],
    story: [{ at: at(0), kind: 'requested', text: 'alice@example.com asked.' }],
    viewer: 'requester',
  };

  it('tells everything, for one that waits', async () => {
    const { call, asked } = await openDesk();
    const { status, body } = await call(`GET /execution/${id}`);
    expect({ status, body }).toEqual({ status: 200, body: { ...details, stage: 0, deadline: at(4 * hour) } });
    expect(after(asked)).toEqual([{ call: 'get', with: [actor, id] }]);
  });

  const vote = { by: { id: 'bob@example.com', name: 'Bob Baker' }, choice: 'approve', stage: 0, at: at(minute) };

  it('gives the owner of active access a token to end it, and nobody else', async () => {
    const row = sampleRow(sampleState({ phase: 'active' }));
    const { call } = await openDesk({ says: { get: async () => sampleFound({ row }) } });
    expect((await call(`GET /execution/${id}`)).body).toEqual({
      ...details,
      state: 'active',
      active_until: at(2 * minute + hour),
      votes: [vote],
      tokens: { release: 'token of release' },
    });
    const other = await openDesk({ says: { get: async () => sampleFound({ row, viewer: 'auditor' }) } });
    const { body } = await other.call(`GET /execution/${id}`);
    expect(body.viewer).toBe('auditor');
    expect(body).not.toHaveProperty('tokens');
  });

  it.each([
    ['terminated', 'terminated'],
    ['timed_out', 'failed'],
  ])('the status is that of Temporal, where the row lags behind: %s is %s', async (status, told) => {
    const found = sampleFound({
      status,
      closedAt: sampleTime + 2000,
      row: sampleRow(sampleState({ phase: 'active' })),
    });
    const { call } = await openDesk({ says: { get: async () => found } });
    expect((await call(`GET /execution/${id}`)).body).toMatchObject({
      status: told,
      state: 'active',
      execution_time: 'PT2S',
      end_time: at(2000),
    });
  });

  it('a vote tells its reason, an end what became of it', async () => {
    const state = sampleState({ phase: 'closed', outcome: 'denied' });
    const votes = [{ ...state.votes[0]!, choice: 'deny' as const, reason: 'not today' }];
    const found = sampleFound({ row: sampleRow({ ...state, votes }), status: 'completed', viewer: 'approver' });
    const { call } = await openDesk({ says: { get: async () => found } });
    expect((await call(`GET /execution/${id}`)).body).toMatchObject({
      status: 'completed',
      state: 'closed',
      outcome: 'denied',
      votes: [{ ...vote, choice: 'deny', reason: 'not today' }],
    });
  });
});

describe('cancel and terminate', () => {
  it.each([
    ['GET', 'cancel', 'Workflow cancellation signal sent'],
    ['POST', 'cancel', 'Workflow cancellation signal sent'],
    ['GET', 'terminate', 'Workflow termination signal sent'],
    ['POST', 'terminate', 'Workflow termination signal sent'],
  ])('%s …/%s', async (method, verb, message) => {
    const { call, asked } = await openDesk();
    const { status, text } = await call(`${method} /execution/${id}/${verb}`);
    expect({ status, text }).toEqual({ status: 200, text: JSON.stringify({ status: 'ok', message }) });
    expect(after(asked)).toEqual([{ call: verb, with: [actor, id] }]);
  });

  it.each([
    [{}, { 'content-type': 'application/json' }],
    ['', { 'content-type': 'application/json' }],
    ['', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['', {}],
  ])('a POST of nothing is fine, as %j with %j', async (body, headers) => {
    const { call } = await openDesk();
    for (const verb of ['cancel', 'terminate'])
      expect((await call(`POST /execution/${id}/${verb}`, { body, headers })).status).toBe(200);
  });
});

describe('signal', () => {
  const done = { message: 'Signal sent successfully', workflow_id: id };
  const event = { specversion: '1.0', id: 'done-42', source: 'my-laptop', type: 'io.elevate.release.v1' };
  const cloudEvent = { 'content-type': 'application/cloudevents+json' };

  it.each([
    [`GET /execution/${id}/signal?input=a.token`, undefined, { token: 'a.token' }],
    [
      `GET /execution/${id}/signal?input=a.token&reason=not%20today`,
      undefined,
      { token: 'a.token', reason: 'not today' },
    ],
    [`POST /execution/${id}/signal`, { input: 'a.token' }, { token: 'a.token' }],
    [`POST /execution/${id}/signal`, { input: 'a.token', reason: 'no' }, { token: 'a.token', reason: 'no' }],
  ])('%s %j sends the token', async (request, body, taking) => {
    const { call, asked } = await openDesk();
    const answer = await call(request, { body });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: JSON.stringify(done) });
    expect(after(asked)).toEqual([{ call: 'signal', with: [actor, { ...taking, execution: id }] }]);
  });

  it.each([
    [event, cloudEvent],
    [event, { 'content-type': 'application/cloudevents+json; charset=utf-8' }],
    [event, { 'content-type': 'Application/CloudEvents+JSON;charset="UTF-8"' }],
    [
      { ...event, subject: id, time: '2024-01-15T10:30:00Z', datacontenttype: 'application/json', data: {} },
      cloudEvent,
    ],
  ])('an event of the owner needs no token: %j %j', async (body, headers) => {
    const { call, asked } = await openDesk();
    const answer = await call(`POST /execution/${id}/signal`, { body, headers });
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: done });
    const taking = { execution: id, what: 'release', delivery: 'done-42' };
    expect(after(asked)).toEqual([{ call: 'signal', with: [actor, taking] }]);
  });

  it.each([
    ['Bearer alice', 'elevate.decide', undefined],
    ['Bearer robot', 'elevate.decide', 'person_required'],
    ['Bearer robot', undefined, 'person_required'],
    ['Bearer scopeless', 'elevate.decide', 'scope_required'],
    ['Bearer scopeless', undefined, undefined],
  ])('T18: with %s, and %s needed, a decision is held back for: %s', async (authorization, decideScope, why) => {
    const config = { issuer: 'https://id.example.com', decideScope, clientId: undefined };
    const { call, asked } = await openDesk({ deps: { config } });
    await call(`POST /execution/${id}/signal`, { body: { input: 'a.token' }, authorization });
    await call(`GET /execution/${id}/signal?input=a.token`, { authorization });
    const takings = asked.filter(({ call: name }) => name === 'signal').map(({ with: [, taking] }) => taking);
    const expected = { token: 'a.token', execution: id, ...(why === undefined ? {} : { cannotDecide: why }) };
    expect(takings).toEqual([expected, expected]);
  });
});

describe('what concerns the caller', () => {
  it('GET /approvals: what waits, with fresh tokens', async () => {
    const rows = [sampleRow(), sampleRow(sampleState({ phase: 'active' }))];
    const { call, asked } = await openDesk({ says: { approvals: async () => ({ rows, next: 'c2', stale: false }) } });
    const { body } = await call('GET /approvals?limit=7&cursor=c1');
    expect(body).toEqual({
      approvals: [
        {
          workflow_id: id,
          workflow: 'default',
          stage: 'on-call lead',
          requester: alice,
          input: { role: 'admin', provider: 'aws-prod', duration: 'PT1H', reason: 'INC-42: the deploy is stuck' },
          about: 'admin on aws-prod',
          asked_at: at(0),
          expires_at: at(4 * hour),
          tokens: { approve: 'token of decision approve', deny: 'token of decision deny' },
        },
      ],
      next_cursor: 'c2',
    });
    expect(after(asked)).toEqual([{ call: 'approvals', with: [actor, { limit: 7, cursor: 'c1' }] }]);
  });

  it('GET /approvals says that it may be behind', async () => {
    const { call } = await openDesk({ says: { approvals: async () => ({ rows: [], stale: true }) } });
    expect((await call('GET /approvals')).body).toEqual({ approvals: [], stale: true });
  });

  it('GET /roles: what may be asked for', async () => {
    const { call, asked } = await openDesk();
    expect((await call('GET /roles')).body).toEqual({
      roles: [
        {
          name: 'admin',
          title: 'Production administrator',
          providers: ['aws-prod'],
          risk: 'normal',
          duration: { default: 'PT1H', max: 'PT4H' },
          reason: { required: true, min: 5, hint: 'name the incident' },
          approval: [{ name: 'on-call', quorum: 1, approvers: { users: [], groups: ['sre'] } }],
        },
      ],
    });
    expect(after(asked)).toEqual([{ call: 'offeredTo', with: [actor] }]);
  });

  it('GET /whoami: the person, not what the token says of them', async () => {
    const { call } = await openDesk();
    expect((await call('GET /whoami')).body).toEqual({
      principal: { id: principal.id, name: principal.name },
      actor,
      linked: false,
      groups: ['sre'],
    });
  });
});

describe('the rebuilding of the index', () => {
  it('is started with 202', async () => {
    const { call, asked } = await openDesk();
    const { status, body } = await call('POST /operator/index/rebuild');
    const running = { status: 'running', start_time: at(0), looked: 0, mended: 0 };
    expect({ status, body }).toEqual({ status: 202, body: running });
    expect(after(asked)).toEqual([{ call: 'startRebuild', with: [actor] }]);
  });

  it('tells how far it is, and that there was none', async () => {
    const done = {
      status: 'completed' as const,
      startedAt: sampleTime,
      closedAt: sampleTime + 1000,
      looked: 9,
      mended: 2,
    };
    const { call } = await openDesk({ says: { rebuildState: async () => done } });
    expect((await call('GET /operator/index/rebuild')).body).toEqual({
      status: 'completed',
      start_time: at(0),
      end_time: at(1000),
      looked: 9,
      mended: 2,
    });
    const none = await (await openDesk()).call('GET /operator/index/rebuild');
    expect({ status: none.status, body: none.body }).toEqual({ status: 200, body: { status: 'none' } });
  });
});

describe('without a token', () => {
  it.each([
    ['https://elevate.example.com', 'https://elevate.example.com'],
    ['https://elevate.example.com/', 'https://elevate.example.com'],
    [undefined, 'the server itself'],
  ])('says where tokens come from; public address: %s', async (publicUrl, resource) => {
    const { url } = await openDesk({ deps: { publicUrl } });
    const answer = await fetch(`${url}/.well-known/oauth-protected-resource`);
    expect(await answer.json()).toEqual({
      resource: publicUrl === undefined ? url : resource,
      authorization_servers: ['https://id.example.com'],
      scopes_supported: ['elevate.decide'],
      bearer_methods_supported: ['header'],
      elevate_client_id: 'elevate-cli',
    });
  });

  it('leaves out what is not configured', async () => {
    const config = { issuer: 'https://id.example.com', decideScope: undefined, clientId: undefined };
    const { url } = await openDesk({ deps: { config, publicUrl: 'https://e.example.com' } });
    expect(await (await fetch(`${url}/.well-known/oauth-protected-resource`)).json()).toEqual({
      resource: 'https://e.example.com',
      authorization_servers: ['https://id.example.com'],
      bearer_methods_supported: ['header'],
    });
  });
});
