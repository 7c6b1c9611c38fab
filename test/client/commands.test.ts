/** What the commands over the API ask the server, what they print, and how they end. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Typed } from '../../src/client/run.ts';
import type { Verb } from '../../src/client/usage.ts';
import { problem, type Stub, startStub } from './stub.ts';
import { createWorld } from './world.ts';

let stub: Stub;
beforeAll(async () => {
  stub = await startStub();
});
afterAll(() => stub.stop());
afterEach(() => {
  stub.runs.length = 0;
  stub.seen.length = 0;
});

const one = 'wf_aaaaaa00000000000000000000';
const other = 'wf_aaaaaab0000000000000000000';
const third = 'wf_cccccc00000000000000000000';

async function elevate(verb: Verb, args: string[] = [], options: Typed['options'] = {}, token = 'token-alice') {
  const around = createWorld({ url: stub.url, token });
  const code = await runCommand(verb, { arguments: args, options }, around.world);
  return { code, out: around.out(), err: around.err(), pauses: around.pauses };
}

const bodies = (path: string) => stub.seen.filter((seen) => seen.path === `/api/v1${path}`).map(({ body }) => body);

describe('elevate ask', () => {
  it('asks in the grammar of the chats', async () => {
    const { code, out, err } = await elevate('ask', ['admin on aws-prod for 1h because deploy is stuck']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(bodies('/execution').map((body) => JSON.parse(body) as unknown)).toEqual([
      {
        workflow: 'default',
        input: { role: 'admin', provider: 'aws-prod', duration: '1h', reason: 'deploy is stuck' },
      },
    ]);
    expect(out).toContain(`Recorded: ${stub.runs[0]!.id}`);
  });

  it('takes words without quotes around them', async () => {
    await elevate('ask', ['admin', 'aws-prod', '1h', 'deploy', 'is', 'stuck']);
    expect(JSON.parse(bodies('/execution')[0]!)).toMatchObject({ input: { reason: 'deploy is stuck' } });
  });

  it.each([
    ['admin on aws-prd for 1h', 'elevate ask "admin on aws-prod for 1h"'],
    ['amdin for 1h', 'elevate ask "admin for 1h"'],
    ['list everything', 'elevate list'],
    ['show abc', 'elevate show'],
    ['admin for 90', 'elevate ask "admin for 1h30m"'],
    ['approve abc', 'elevate approvals'],
    ['approve abc123', 'elevate approve abc123'],
    ['/elevate Deny wf_abc123 because it is late; again', 'elevate deny wf_abc123 because it is "late;" again'],
    ['admin on aws-prd because of $HOME', "elevate ask 'admin on aws-prod because of $HOME'"],
  ])('a mistake, %j, is answered with the nearest valid command and 2', async (typed, command) => {
    const { code, out, err } = await elevate('ask', [typed]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.endsWith(`Try: ${command}`)).toBe(true);
    expect(bodies('/execution')).toEqual([]);
  });

  it.each([['approve'], ['deny aaaaaa']])('%j decides nothing, and does not say that nothing could', async (typed) => {
    stub.open(one);
    const { code, err } = await elevate('ask', [typed], {}, 'token-bob');
    expect(code).toBe(2);
    expect(err).toMatch(/^A decision is a command of its own\. Try: elevate /);
    expect(stub.runs[0]!.status).toBe('running');
    expect(stub.seen).toEqual([]);
  });

  it('says what to say where nothing is asked for', async () => {
    const { code, err } = await elevate('ask', ['']);
    expect(code).toBe(2);
    expect(err).toContain('elevate roles');
  });

  it('does every other command of the grammar', async () => {
    stub.open(one);
    expect((await elevate('ask', ['list'])).out).toContain('admin on aws-prod');
    expect((await elevate('ask', ['cancel', 'aaaaaa'])).code).toBe(0);
    expect(stub.runs[0]!.status).toBe('canceled');
    expect((await elevate('ask', ['list all'])).out).toContain('Withdrawn');
    const help = (await elevate('ask', ['help'])).out;
    expect(help).toContain('elevate ask "roles [word]"');
    expect(help).toContain('as in: elevate ask "admin on aws-prod for 1h because deploy is stuck"');
    expect(help).not.toContain('/elevate');
  });

  it('names what exists already as that', async () => {
    stub.answerOnce('POST /execution', [200, { workflow_id: one, run_id: 'r', status: 'running' }]);
    expect((await elevate('ask', ['admin'])).out).toContain(`You have asked for this already: ${one}`);
  });
});

describe('ids', () => {
  it('six characters of an own id are enough', async () => {
    stub.open(one);
    stub.open(third);
    expect(await elevate('cancel', ['aaaaaa'])).toMatchObject({ code: 0, err: '' });
    expect(stub.runs.map(({ status }) => status)).toEqual(['running', 'canceled']);
  });

  it('without one, the only fitting execution is meant', async () => {
    stub.open(one, 'canceled');
    stub.open(third);
    expect((await elevate('terminate')).code).toBe(0);
    expect(stub.runs[0]!.status).toBe('terminated');
  });

  it.each<[Verb, string[]]>([
    ['cancel', []],
    ['terminate', ['aaaaaa']],
    ['show', ['wf_aaaaaa']],
  ])('%s %j lists several that fit, ends with 2, and changes nothing', async (verb, args) => {
    stub.open(one);
    stub.open(other);
    const { code, out, err } = await elevate(verb, args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('wf_aaaaaa0 ');
    expect(err).toContain('wf_aaaaaab ');
    expect(stub.runs.every(({ status }) => status === 'running')).toBe(true);
    expect(stub.seen.every(({ method }) => method === 'GET')).toBe(true);
  });

  it.each([
    ['five!', 2, 'is not an id'],
    ['../roles', 2, 'is not an id'],
    ['zzzzzz', 1, 'None of your requests begins with wf_zzzzzz'],
  ])('%j ends with %d', async (id, code, sentence) => {
    stub.open(one);
    const ended = await elevate('show', [id]);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(sentence);
  });

  it('one on a later page is found', async () => {
    stub.open(third);
    const row = { workflow_id: one, state: 'awaiting_approval', about: 'a', status: 'running' };
    stub.answerOnce('GET /executions', [200, { executions: [row], next_cursor: 'more' }]);
    expect((await elevate('cancel', ['cccccc'])).code).toBe(0);
    expect(stub.seen.map(({ path }) => path)).toContainEqual(expect.stringContaining('cursor=more'));
  });
});

describe('elevate list, show, done', () => {
  it('lists in aligned columns, with the local time and UTC beside it', async () => {
    stub.open(one);
    expect((await elevate('list')).out).toBe(
      [
        'ID         WHAT               STATE                 ASKED',
        'wf_aaaaaa  admin on aws-prod  Waiting for approval  2026-11-25 11:30 CET (10:30 UTC)',
      ].join('\n'),
    );
  });

  it('tells where a list is stale and where it goes on', async () => {
    stub.answerOnce('GET /executions', [200, { executions: [{ workflow_id: one }], next_cursor: 'c2', stale: true }]);
    const { code, err } = await elevate('list', [], { all: true });
    expect(code).toBe(0);
    expect(err).toContain('may not be here yet');
    expect(err).toContain('elevate list --all --cursor c2');
    await elevate('list', [], { cursor: 'c2' });
    expect(stub.seen.at(-1)!.path).toBe('/api/v1/executions?status=running&limit=100&cursor=c2');
  });

  it('shows one with all that was decided about it', async () => {
    stub.open(one);
    const { out } = await elevate('show', ['aaaaaa']);
    for (const part of [
      one,
      'Waiting for approval',
      'Alice Adams (alice@example.com)',
      '1 hour',
      '“deploy is stuck”',
      '1 of bob@example.com (on-call)',
      'Alice asked.',
    ]) {
      expect(out).toContain(part);
    }
  });

  it('done gives back what is active, by an event of the owner', async () => {
    stub.open(one);
    expect(await elevate('done')).toMatchObject({
      code: 1,
      err: 'You hold no access, so there is nothing to give back.',
    });
    const { code } = await elevate('done', [one]);
    expect(code).toBe(0);
    const sent = stub.seen.at(-1)!;
    expect(sent.headers['content-type']).toBe('application/cloudevents+json');
    expect(JSON.parse(sent.body)).toMatchObject({ specversion: '1.0', type: 'io.elevate.release.v1', subject: one });
  });
});

describe('elevate approvals, approve, deny', () => {
  it('tells where what waits is stale and where it goes on', async () => {
    stub.answerOnce('GET /approvals', [200, { approvals: [], next_cursor: 'c2', stale: true }]);
    const { code, err } = await elevate('approvals', [], {}, 'token-bob');
    expect(code).toBe(0);
    expect(err).toContain('may not be here yet');
    expect(err).toContain('More: elevate approvals --cursor c2');
  });

  it('shows all that a decision is about', async () => {
    stub.open(one);
    const { out } = await elevate('approvals', [], {}, 'token-bob');
    for (const part of [
      'admin on aws-prod',
      'Alice Adams (alice@example.com)',
      '1 hour',
      '“deploy is stuck”',
      'elevate deny wf_aaaaaa because …',
    ]) {
      expect(out).toContain(part);
    }
    expect(out).not.toContain(`approve.${one}`);
    expect((await elevate('approvals')).out).toBe('Nothing waits for you.');
  });

  it('approve takes up the fresh offer', async () => {
    stub.open(one);
    const { code, out } = await elevate('approve', ['aaaaaa'], {}, 'token-bob');
    expect(code).toBe(0);
    expect(out).toBe('Recorded: approve, for Alice Adams (alice@example.com): admin on aws-prod for 1 hour.');
    expect(bodies(`/execution/${one}/signal`)).toEqual([JSON.stringify({ input: `approve.${one}` })]);
  });

  it.each<[string[], Typed['options']]>([
    [['aaaaaa', 'because', 'the', 'window', 'is', 'closed'], {}],
    [['aaaaaa'], { reason: 'the window is closed' }],
  ])('deny %j %j takes the reason along', async (args, options) => {
    stub.open(one);
    expect((await elevate('deny', args, options, 'token-bob')).code).toBe(0);
    expect(bodies(`/execution/${one}/signal`).map((body) => JSON.parse(body) as unknown)).toEqual([
      { input: `deny.${one}`, reason: 'the window is closed' },
    ]);
  });

  it.each([[['aaaaaa', 'closed']], [['aaaaaa', 'because']]])('deny %j is a mistake', async (args) => {
    stub.open(one);
    expect((await elevate('deny', args, {}, 'token-bob')).code).toBe(2);
    expect(stub.runs[0]!.status).toBe('running');
  });

  it('decides nothing where several or none fit', async () => {
    stub.open(one);
    stub.open(other);
    expect((await elevate('approve', ['aaaaaa'], {}, 'token-bob')).code).toBe(2);
    expect((await elevate('approve', ['dddddd'], {}, 'token-bob')).code).toBe(1);
    expect(stub.seen.every(({ method }) => method === 'GET')).toBe(true);
  });
});

describe('elevate roles, whoami, index rebuild', () => {
  it('roles can be narrowed by a word', async () => {
    expect((await elevate('roles')).out).toContain('1 hour, at most 4 hours');
    expect((await elevate('roles', ['PRODUCTION'])).out).toContain('admin');
    expect((await elevate('roles', ['nothing'])).out).not.toContain('admin');
  });

  it('whoami says who, how and in which groups', async () => {
    expect((await elevate('whoami')).out).toBe(
      'You are Alice Adams (alice@example.com), by the confirmed e-mail address of this account (api).\nGroups: sre.',
    );
  });

  it('index rebuild begins one, and waits if told to', async () => {
    expect((await elevate('rebuild')).out).toContain('running');
    stub.answerOnce(
      'GET /operator/index/rebuild',
      [200, { status: 'running', looked: 5, mended: 1 }],
      [200, { status: 'completed', looked: 9, mended: 2 }],
    );
    const { code, out, pauses } = await elevate('rebuild', [], { wait: true });
    expect({ code, out, pauses: pauses.length }).toEqual({
      code: 0,
      out: 'Rebuilding the index: completed. Looked at 9 executions, mended 2.',
      pauses: 2,
    });
    stub.answerOnce('GET /operator/index/rebuild', [200, { status: 'failed', looked: 9, mended: 2 }]);
    expect((await elevate('rebuild', [], { wait: true })).code).toBe(1);
  });
});

describe('--json', () => {
  it.each<[Verb, string[], string]>([
    ['ask', ['admin'], 'token-alice'],
    ['list', [], 'token-alice'],
    ['show', ['aaaaaa'], 'token-alice'],
    ['done', [one], 'token-alice'],
    ['cancel', [], 'token-alice'],
    ['terminate', [], 'token-alice'],
    ['approvals', [], 'token-bob'],
    ['approve', ['aaaaaa'], 'token-bob'],
    ['deny', ['aaaaaa'], 'token-bob'],
    ['whoami', [], 'token-alice'],
    ['roles', ['nothing'], 'token-alice'],
    ['rebuild', [], 'token-alice'],
  ])('%s %j prints one document, the one that the server said', async (verb, args, token) => {
    stub.open(one);
    const said: unknown[] = [];
    const { world, out, err } = createWorld({ url: stub.url, token });
    const listening = async (url: string, init: RequestInit) => {
      const response = await fetch(url, init);
      said.push(await response.clone().json());
      return response;
    };
    const code = await runCommand(verb, { arguments: args, options: { json: true } }, { ...world, fetch: listening });
    expect({ code, err: err() }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out())).toEqual(said.at(-1));
  });
});

describe('refusals', () => {
  it.each([
    [403, 'not_allowed', {}, 1],
    [404, 'unknown_execution', {}, 1],
    [409, 'execution_closed', {}, 1],
    [429, 'rate_limited', { 'retry-after': '7' }, 1],
    [401, 'unauthenticated', {}, 3],
    [503, 'unavailable', { 'retry-after': '7' }, 4],
  ])('%d %s goes to standard error with its request id', async (status, code, headers, ends) => {
    const [, body] = problem(status, code, { errors: [{ pointer: '/role', message: 'This is needed' }] });
    stub.answerOnce('GET /whoami', [status, body, { 'content-type': 'application/problem+json', ...headers }]);
    const ended = await elevate('whoami', [], { json: true });
    expect(ended).toMatchObject({ code: ends, out: '' });
    for (const part of [`Refused: ${code}.`, 'Do something else.', '/role This is needed', 'Request id: req-1']) {
      expect(ended.err).toContain(part);
    }
    expect(ended.err.includes('Try again in 7 s.')).toBe('retry-after' in headers);
    expect(ended.err.includes('elevate login')).toBe(ends === 3);
  });

  it('without a token or a login the server is not asked', async () => {
    const { world, err } = createWorld({ url: stub.url });
    expect(await runCommand('list', { arguments: [], options: {} }, world)).toBe(3);
    expect(err()).toContain(`elevate login --url ${stub.url}`);
    expect(stub.seen).toEqual([]);
  });

  it('without a server it is wrong usage', async () => {
    const { world, err } = createWorld({ token: 'token-alice' });
    expect(await runCommand('list', { arguments: [], options: {} }, world)).toBe(2);
    expect(err()).toContain('ELEVATE_URL');
  });
});

describe('P7, T28: a hostile server', () => {
  const nasty = '\u001b[2J\u001b]0;owned\u0007\u009b31m\rApproved\u202e\u200b\n\nfake line';
  /** Controls but the line break, and what is there unseen. */
  const hidden = /(?!\n)[\p{Cc}\p{Cf}]/u;

  it.each<[Verb, string[], string, object]>([
    [
      'list',
      [],
      'GET /executions',
      {
        executions: [{ workflow_id: nasty, about: nasty, state: nasty, status: nasty }],
        next_cursor: nasty,
        stale: true,
      },
    ],
    [
      'show',
      [one],
      `GET /execution/${one}`,
      {
        workflow_id: nasty,
        about: nasty,
        state: nasty,
        requester: { id: nasty, name: nasty },
        beneficiary: { id: nasty },
        input: { reason: nasty, duration: nasty },
        stages: [{ name: nasty, approvers: { users: [nasty], groups: [nasty] } }],
        votes: [{ by: { id: nasty }, choice: nasty, reason: nasty, at: nasty }],
        story: [{ at: nasty, text: nasty }],
      },
    ],
    [
      'approvals',
      [],
      'GET /approvals',
      {
        approvals: [
          { workflow_id: nasty, about: nasty, stage: nasty, requester: { id: nasty }, input: { reason: nasty } },
        ],
        next_cursor: nasty,
        stale: true,
      },
    ],
    [
      'roles',
      [],
      'GET /roles',
      {
        roles: [
          {
            name: nasty,
            title: nasty,
            providers: [nasty],
            duration: { default: nasty, max: nasty },
            reason: { required: true, hint: nasty },
            approval: [{ name: nasty, approvers: { users: [nasty] } }],
          },
        ],
      },
    ],
    [
      'whoami',
      [],
      'GET /whoami',
      { principal: { id: nasty, name: nasty }, actor: { platform: nasty }, groups: [nasty] },
    ],
    ['rebuild', [], 'POST /operator/index/rebuild', { status: nasty }],
  ])('%s moves no cursor and makes no line of its own', async (verb, args, call, json) => {
    stub.answerOnce(call, [200, json]);
    const text = await elevate(verb, args);
    expect(text.code).toBe(0);
    expect(text.out + text.err).not.toMatch(hidden);
    expect(text.out).not.toMatch(/^fake line/m);

    stub.answerOnce(call, [200, json]);
    const asJson = await elevate(verb, args, { json: true });
    expect(asJson.out).not.toMatch(hidden);
    expect(JSON.parse(asJson.out)).toEqual(json);
  });

  it('nor does a refusal', async () => {
    stub.answerOnce('GET /whoami', [
      400,
      { title: nasty, detail: nasty, request_id: nasty, errors: [{ pointer: nasty, message: nasty }] },
    ]);
    const { code, err } = await elevate('whoami');
    expect(code).toBe(1);
    expect(err).not.toMatch(hidden);
    expect(err).not.toMatch(/^fake line/m);
  });

  it.each([
    ['[]'],
    ['null'],
    ['<html>'],
    [''],
    ['{"executions":{"length":3}}'],
    ['{"executions":[null,1,"a",[],{"about":{},"start_time":9e99}]}'],
    ['{"__proto__":{"executions":[1]}}'],
  ])('says %j without a crash', async (body) => {
    stub.answerOnce('GET /executions', [200, body]);
    const { code, err } = await elevate('list');
    expect([0, 1]).toContain(code);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
