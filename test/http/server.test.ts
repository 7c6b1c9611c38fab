import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, type HttpServer, type Readiness } from '../../src/http/server.ts';

let server: HttpServer;
afterEach(() => server.close());

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

async function open(
  options: {
    ready?: () => Promise<Readiness>;
    slack?: Handle;
    teams?: Handle;
    limits?: Parameters<typeof createServer>[0]['limits'];
    before?: (server: HttpServer) => void;
  } = {},
) {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  server = createServer({
    ready: options.ready ?? (async () => ({ ok: true, checks: {} })),
    ...(options.slack === undefined ? {} : { slack: { handle: options.slack } }),
    ...(options.teams === undefined ? {} : { teams: { handle: options.teams } }),
    log,
    limits: options.limits ?? {},
  });
  options.before?.(server);
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url, lines, port: Number(new URL(url).port) };
}

async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

const collect = async (request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  response.end(Buffer.concat(chunks));
};

describe('health', () => {
  it('says that it lives', async () => {
    const { url } = await open();
    const response = await fetch(`${url}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
  });

  it.each([
    [200, { ok: true, checks: { temporal: 'ok', store: 'ok' } }],
    [503, { ok: false, checks: { temporal: 'no answer', store: 'ok' } }],
  ])('answers %i and names each part', async (status, readiness) => {
    const { url } = await open({ ready: async () => readiness });
    const response = await fetch(`${url}/readyz`);
    expect([response.status, await response.json()]).toEqual([status, readiness]);
  });

  it('P7: a readiness check that fails is a 503 that says nothing of why', async () => {
    const { url, lines } = await open({ ready: () => Promise.reject(new Error('password hunter2 refused')) });
    const response = await fetch(`${url}/readyz`);
    expect([response.status, await response.json()]).toEqual([503, { ok: false, checks: { readiness: 'failed' } }]);
    expect(lines.join('')).toContain('readiness could not be told');
  });

  it('a readiness check that hangs is a 503', async () => {
    const { url } = await open({ ready: () => new Promise(() => {}), limits: { readyMs: 20 } });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
  });
});

describe('answers', () => {
  it.each(['/nothing-here', '/healthz', '/%'])('every answer carries the security headers: %s', async (path) => {
    const { url } = await open();
    const { headers } = await fetch(`${url}${path}`);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it.each([
    ['GET', '/nothing-here?input=hunter2', 404, 'not_found'],
    ['GET', '/hunter2/%', 400, 'invalid_input'],
    ['DELETE', '/healthz?hunter2', 405, 'method_not_allowed'],
    ['QUERY', '/healthz?hunter2', 405, 'method_not_allowed'],
    ['POST', '/nothing-here?hunter2', 404, 'not_found'],
  ])('P7: %s %s is answered %s without repeating what was asked', async (method, path, status, code) => {
    const { url, lines } = await open();
    const response = await fetch(`${url}${path}`, { method });
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(text)).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status,
      code,
      detail: expect.any(String),
      request_id: response.headers.get('x-request-id'),
    });
    expect(text).not.toContain('hunter2');
    expect(lines.join('')).not.toContain('input=hunter2');
  });

  it('P7: an error inside is a 500 with an id that is in the log, and nothing else', async () => {
    const { url, lines } = await open({
      before: ({ fastify }) =>
        fastify.get('/broken', async () => {
          throw new Error('the key is hunter2');
        }),
    });
    const response = await fetch(`${url}/broken`);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain('hunter2');
    const id = String(response.headers.get('x-request-id'));
    expect(lines.some((line) => line.includes(id) && line.includes('a request failed'))).toBe(true);
  });

  it('P7: requests are logged with method, path and status, never with the query', async () => {
    const { url, lines } = await open();
    await fetch(`${url}/healthz?input=a-signal-token`);
    const line = lines.find((each) => each.includes('"answered"'));
    expect(JSON.parse(String(line))).toMatchObject({ req: { method: 'GET', path: '/healthz' }, status: 200 });
    expect(lines.join('')).not.toContain('a-signal-token');
  });

  it('a request id is ours, whatever was sent', async () => {
    const { url } = await open();
    const response = await fetch(`${url}/healthz`, { headers: { 'x-request-id': 'forged', 'request-id': 'forged' } });
    expect(response.headers.get('x-request-id')).not.toBe('forged');
  });

  it('a body above the limit is a 413', async () => {
    const { url } = await open({
      limits: { bodyBytes: 100 },
      before: ({ fastify }) => fastify.post('/small', async () => ({})),
    });
    const body = JSON.stringify('x'.repeat(200));
    const response = await fetch(`${url}/small`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(413);
  });

  it('a head that does not end is answered 408 and closed', async () => {
    const { port } = await open({ limits: { requestMs: 100, headersMs: 100 } });
    expect(await raw(port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('bytes that are no HTTP are answered 400 and closed', async () => {
    const { port } = await open();
    expect(await raw(port, 'hunter2\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

it.each(['/api/v1/executions', '/openapi.json', '/.well-known/oauth-protected-resource'])(
  'without an API there is no %s',
  async (path) => {
    const { url } = await open();
    expect((await fetch(`${url}${path}`)).status).toBe(404);
  },
);

describe.each([
  ['slack', '/slack/events'],
  ['teams', '/api/messages'],
])('the endpoint of %s', (chat, path) => {
  it.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'no/such-type'])(
    'T1: a body of type %s arrives byte for byte, however malformed',
    async (type) => {
      const { url } = await open({ [chat]: collect });
      const body = '{"not json\u0000';
      const response = await fetch(`${url}${path}`, { method: 'POST', body, headers: { 'content-type': type } });
      expect(await response.text()).toBe(body);
    },
  );

  it('carries the security headers and a log line too', async () => {
    const { url, lines } = await open({ [chat]: collect });
    const response = await fetch(`${url}${path}?x=hunter2`, { method: 'POST', body: 'x' });
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(lines.join('')).toContain(`"path":"${path}"`);
    expect(lines.join('')).not.toContain('hunter2');
  });

  it.each([
    ['GET', true, 405],
    ['PUT', true, 405],
    ['POST', false, 404],
  ])('%s is refused where that is not served (configured: %s)', async (method, configured, status) => {
    const { url } = await open(configured ? { [chat]: collect } : {});
    const answer = await fetch(`${url}${path}`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([status, configured ? 'POST' : null]);
  });
});

describe('closing', () => {
  it('P5: a request in progress gets its answer, and then nobody listens', async () => {
    const arrived = Promise.withResolvers<void>();
    const work = Promise.withResolvers<void>();
    const { url } = await open({
      slack: async (_, response) => {
        arrived.resolve();
        await work.promise;
        response.end('recorded');
      },
    });
    const answer = fetch(`${url}/slack/events`, { method: 'POST', body: 'x' }).then((response) => response.text());
    await arrived.promise;
    const closed = server.close();
    work.resolve();
    expect(await answer).toBe('recorded');
    await closed;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });
});
