/** Refusals: number, code, headers and body of each; and what must be the same whoever asks. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ElevateError, type ErrorCode, type ErrorDetails } from '../../src/core/errors.ts';
import { sampleId } from '../samples.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(() => desk.forget());

const id = sampleId();
const fail =
  (code: ErrorCode, details: ErrorDetails = {}, message = 'as the core says it') =>
  async () => {
    throw new ElevateError(code, message, { details, cause: new Error('hunter2') });
  };

describe('each code', () => {
  it.each<[ErrorCode, number, ErrorDetails, object]>([
    [
      'invalid_input',
      400,
      { problems: [{ pointer: '/reason', message: 'Too long' }] },
      { errors: [{ pointer: '/reason', message: 'Too long' }] },
    ],
    ['token_invalid', 400, {}, {}],
    ['unauthenticated', 401, { reason: 'invalid_token' }, { reason: 'invalid_token' }],
    ['unknown_identity', 403, {}, { detail: expect.stringMatching(/^As the core says it\. /) }],
    [
      'not_allowed',
      403,
      { reason: 'self_approval' },
      { reason: 'self_approval', detail: expect.stringMatching(/others to decide/) },
    ],
    ['not_allowed', 403, { reason: 'unheard_of' }, { reason: 'unheard_of', detail: 'As the core says it.' }],
    ['workflow_disabled', 403, {}, {}],
    ['unknown_workflow', 404, {}, {}],
    ['unknown_execution', 404, {}, {}],
    ['execution_closed', 409, { execution: id }, { workflow_id: id }],
    ['conflict', 409, { execution: id }, { workflow_id: id }],
    ['token_expired', 410, {}, {}],
    ['rate_limited', 429, { retryAfterMs: 90_001 }, { detail: expect.stringMatching(/^As the core says it\. /) }],
    ['unavailable', 503, { retryAfterMs: 1 }, {}],
  ])('%s is %i with %j', async (code, status, details, expected) => {
    const { call } = await openDesk({ says: { signal: fail(code, details) } });
    const { headers, ...answer } = await call(`POST /execution/${id}/signal`, { body: { input: 'a.token' } });
    expect(answer.status).toBe(status);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/^[A-Z].*\.$/),
      status,
      code,
      detail: expect.stringMatching(/^[A-Z].*\.$/),
      request_id: headers.get('x-request-id'),
      ...expected,
    });
    expect(answer.text).not.toContain('hunter2');
  });

  it.each([
    ['rate_limited', 90_001, '91'],
    ['rate_limited', 1, '1'],
    ['unavailable', 0, '1'],
    ['unavailable', undefined, '5'],
    ['conflict', 1_000, null],
  ] as const)('%s after %s ms carries Retry-After: %s', async (code, retryAfterMs, expected) => {
    const details = retryAfterMs === undefined ? {} : { retryAfterMs };
    const { call } = await openDesk({ says: { list: fail(code, details) } });
    expect((await call('GET /executions')).headers.get('retry-after')).toBe(expected);
  });

  it('P7: what breaks is a 500 that says nothing of it; the log does, by the request id', async () => {
    const broken = async () => {
      throw Object.assign(new Error('hunter2'), { statusCode: 418, code: 'ETEAPOT' });
    };
    const { call, lines } = await openDesk({ says: { list: broken } });
    const { status, text, body } = await call('GET /executions');
    expect({ status, code: body.code }).toEqual({ status: 500, code: 'internal' });
    expect(text).not.toContain('hunter2');
    expect(lines.some((line) => line.includes(body.request_id) && line.includes('hunter2'))).toBe(true);
  });

  it('words of the chat are in no answer', async () => {
    const details = { reason: 'not_approver', sentence: 'Type /elevate list', suggestion: '/elevate list' };
    const { call } = await openDesk({ says: { signal: fail('not_allowed', details) } });
    expect((await call(`POST /execution/${id}/signal`, { body: { input: 'x' } })).text).not.toContain('/elevate ');
  });
});

describe('P4: what is not there, or not for this caller', () => {
  const answers = {
    absent: fail('unknown_execution'),
    foreign: fail('unknown_execution', { execution: id }, 'it belongs to somebody else'),
    'hidden and closed': fail('execution_closed', { hidden: true, execution: id }),
    'hidden and not allowed': fail('not_allowed', { hidden: true, reason: 'scope_required' }),
    'hidden and away': fail('unavailable', { hidden: true, retryAfterMs: 1000 }),
  };
  const requests = [
    'GET /execution/ID',
    'GET /execution/ID/cancel',
    'POST /execution/ID/cancel',
    'GET /execution/ID/terminate',
    'POST /execution/ID/terminate',
    'GET /execution/ID/signal?input=x',
    'POST /execution/ID/signal',
  ];

  it('is one and the same answer, byte for byte, on every call', async () => {
    const seen = new Set<string>();
    const look = async (says: Parameters<typeof openDesk>[0], path: string) => {
      const opened = await openDesk(says);
      for (const request of requests) {
        const isSignal = request === 'POST /execution/ID/signal';
        const options = isSignal ? { body: { input: 'x' } } : {};
        const { status, headers, text, body } = await opened.call(request.replace('ID', path), options);
        const kept = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
        seen.add(JSON.stringify([status, kept, text.replace(body.request_id, '')]));
      }
      return opened;
    };
    for (const [, answer] of Object.entries(answers)) {
      const says = { get: answer, cancel: answer, terminate: answer, signal: answer };
      const { paused } = await look({ says }, id);
      expect(paused).toHaveLength(requests.length);
    }
    for (const malformed of ['nonsense', 'wf_1', `${id}0`, id.toUpperCase(), 'x'.repeat(5000), '%00', '%F0%9F%A6%8A']) {
      const { asked, paused } = await look({}, malformed);
      expect(asked.filter(({ call }) => call !== 'enter')).toEqual([]);
      expect(paused).toHaveLength(requests.length);
    }
    expect(seen.size).toBe(1);
    expect([...seen][0]).toContain('unknown_execution');
  });

  it('is held back for what is left of its time, and other refusals are not', async () => {
    const { call, paused } = await openDesk({ says: { get: answers.absent, cancel: fail('execution_closed') } });
    await call(`GET /execution/${id}`);
    expect(paused).toHaveLength(1);
    expect(paused[0]).toBeGreaterThanOrEqual(0);
    expect(paused[0]).toBeLessThanOrEqual(50);
    await call(`POST /execution/${id}/cancel`);
    expect(paused).toHaveLength(1);
  });

  it('what is asked about it is judged alike before that, so that a bad body tells nothing either', async () => {
    const there = await openDesk();
    const not = await openDesk({ says: { signal: answers.absent } });
    for (const body of [{}, { input: 5 }, []]) {
      const [one, two] = await Promise.all(
        [there, not].map(({ call }) => call(`POST /execution/${id}/signal`, { body })),
      );
      expect({ ...one!.body, request_id: '' }).toEqual({ ...two!.body, request_id: '' });
    }
  });
});

describe('RFC 6750: who calls', () => {
  const requests = [
    'GET /executions',
    'POST /execution',
    `GET /execution/${id}`,
    `GET /execution/${id}/cancel`,
    `POST /execution/${id}/cancel`,
    `GET /execution/${id}/terminate`,
    `POST /execution/${id}/terminate`,
    `GET /execution/${id}/signal`,
    `POST /execution/${id}/signal`,
    'GET /approvals',
    'GET /roles',
    'GET /whoami',
    'POST /operator/index/rebuild',
    'GET /operator/index/rebuild',
  ];
  const metadata = 'resource_metadata="https://elevate.example.com/.well-known/oauth-protected-resource"';

  it.each(requests)('%s: nothing is read or done without a token, and no error is named', async (request) => {
    const { call, asked } = desk;
    const body = request.startsWith('POST')
      ? { body: '{"not json', headers: { 'content-type': 'application/json' } }
      : {};
    const { status, headers, body: problem } = await call(request, { authorization: null, ...body });
    expect({ status, code: problem.code, reason: problem.reason }).toEqual({
      status: 401,
      code: 'unauthenticated',
      reason: 'missing',
    });
    expect(headers.get('www-authenticate')).toBe(`Bearer realm="elevate", ${metadata}`);
    expect(asked).toEqual([]);
  });

  it.each([
    ['Bearer forged', 401, 'invalid_token', ', error="invalid_token"'],
    ['Bearer old', 401, 'expired_token', ', error="invalid_token"'],
    ['Bearer alice robot', 400, 'invalid_request', ', error="invalid_request"'],
    ['Basic YTpi', 401, 'missing', ''],
  ])('%s is %i, and says why', async (authorization, status, reason, error) => {
    const { call, asked } = desk;
    const answer = await call('GET /whoami', { authorization });
    expect({ status: answer.status, body: answer.body }).toMatchObject({
      status,
      body: { status, code: 'unauthenticated', reason },
    });
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="elevate"${error}, ${metadata}`);
    expect(asked).toEqual([]);
  });

  it('two Authorization headers are one too many', async () => {
    const { url } = desk;
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const headers = ['authorization', 'Bearer alice', 'authorization', 'Bearer alice', 'host', new URL(url).host];
      const sent = request(`${url}/api/v1/whoami`, { headers }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers['www-authenticate']]);
      });
      sent.on('error', reject).end();
    });
    expect(status).toEqual([400, expect.stringContaining('error="invalid_request"')]);
  });

  it('a cookie, a query or a body is never looked at for a token', async () => {
    const { call, asked } = desk;
    const headers = { cookie: 'authorization=Bearer%20alice; access_token=alice' };
    for (const request of ['GET /whoami?access_token=alice', `POST /execution/${id}/cancel?access_token=alice`]) {
      expect((await call(request, { authorization: null, headers })).status).toBe(401);
    }
    expect(asked).toEqual([]);
  });

  it('T18: a missing scope is named', async () => {
    const { call } = await openDesk({ says: { signal: fail('not_allowed', { reason: 'scope_required' }) } });
    const { status, headers } = await call(`POST /execution/${id}/signal`, { body: { input: 'x' } });
    expect([status, headers.get('www-authenticate')]).toEqual([
      403,
      `Bearer realm="elevate", error="insufficient_scope", scope="elevate.decide", ${metadata}`,
    ]);
  });

  it('no other refusal asks for credentials', async () => {
    const { call } = await openDesk({ says: { signal: fail('not_allowed', { reason: 'self_approval' }) } });
    const { headers } = await call(`POST /execution/${id}/signal`, { body: { input: 'x' } });
    expect(headers.has('www-authenticate')).toBe(false);
  });

  it.each([
    ['Host: evil"x', undefined],
    ['Host: elevate.internal:8080', 'http://elevate.internal:8080/.well-known/oauth-protected-resource'],
  ])('without a public address the caller is shown their own, if it is one: %s', async (line, expected) => {
    const { url } = await openDesk({ deps: { publicUrl: undefined } });
    const { connect } = await import('node:net');
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET /api/v1/whoami HTTP/1.1\r\n${line}\r\nConnection: close\r\n\r\n`);
    const chunks = await socket.toArray();
    const challenge = /www-authenticate: (.*)\r\n/i.exec(Buffer.concat(chunks).toString())?.[1];
    expect(challenge).toBe(
      `Bearer realm="elevate"${expected === undefined ? '' : `, resource_metadata="${expected}"`}`,
    );
  });

  it.each(['unknown_identity', 'unavailable', 'not_allowed'] as const)(
    'who may not enter asks nothing of the core: %s',
    async (code) => {
      const enter = fail(code, code === 'not_allowed' ? { reason: 'binding_mismatch' } : {});
      const { call, asked } = await openDesk({ deps: { identity: { enter } } });
      expect((await call('GET /executions')).body.code).toBe(code);
      expect(asked).toEqual([]);
    },
  );
});

describe('addresses and methods', () => {
  it.each([
    ['GET', '/api/v1/nothing', 404, 'not_found', null],
    ['GET', '/api/v1/', 404, 'not_found', null],
    ['GET', '/api/v2/executions', 404, 'not_found', null],
    ['GET', '/api/v1/executions/', 404, 'not_found', null],
    ['GET', '/api/v1//executions', 404, 'not_found', null],
    ['GET', '/API/v1/executions', 404, 'not_found', null],
    ['GET', `/api/v1/execution/${id}/cancel/now`, 404, 'not_found', null],
    ['POST', '/api/v1/executions', 405, 'method_not_allowed', 'GET, HEAD'],
    ['DELETE', '/api/v1/execution', 405, 'method_not_allowed', 'POST'],
    ['PUT', `/api/v1/execution/${id}`, 405, 'method_not_allowed', 'GET, HEAD'],
    ['DELETE', `/api/v1/execution/${id}/cancel`, 405, 'method_not_allowed', 'GET, POST'],
    ['OPTIONS', '/api/v1/approvals', 405, 'method_not_allowed', 'GET, HEAD'],
    ['PATCH', '/openapi.json', 405, 'method_not_allowed', 'GET, HEAD'],
    ['PROPFIND', '/api/v1/roles', 405, 'method_not_allowed', 'GET, HEAD'],
    ['POST', '/healthz', 405, 'method_not_allowed', 'GET, HEAD'],
    ['GET', '/api/v1/execution/%', 400, 'invalid_input', null],
  ])('%s %s is %i %s', async (method, path, status, code, allow) => {
    const { url, asked } = desk;
    const answer = await fetch(`${url}${path}`, { method, headers: { authorization: 'Bearer alice' } });
    const body = (await answer.json()) as { code: string };
    expect([answer.status, body.code, answer.headers.get('allow')]).toEqual([status, code, allow]);
    expect(asked).toEqual([]);
  });

  it('HEAD of what only reads answers as GET would, without a body', async () => {
    const { call } = desk;
    const { status, text } = await call('HEAD /executions');
    expect([status, text]).toEqual([200, '']);
  });
});
