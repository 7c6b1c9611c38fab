/** The bounds of the HTTP client, and what is sent again. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addressOf } from '../../src/client/address.ts';
import { createApi } from '../../src/client/api.ts';
import { ClientError } from '../../src/client/client-error.ts';
import { versionOf } from '../../src/client/version.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { problem, type Stub, startStub } from './stub.ts';

let stub: Stub;
beforeAll(async () => {
  stub = await startStub();
});
afterAll(() => stub.stop());
afterEach(() => {
  stub.runs.length = 0;
  stub.seen.length = 0;
});

const wish = { workflow: 'default', input: { role: 'admin' } };

function apiAt(url: string, send = fetch as (url: string, init: RequestInit) => Promise<Response>) {
  const pauses: number[] = [];
  let ids = 0;
  const api = createApi({
    address: addressOf(url),
    token: async () => 'token-alice',
    fetch: send,
    pause: async (ms) => void pauses.push(ms),
    newId: () => `key-${++ids}`,
  });
  return { api, pauses };
}

async function endOf(work: Promise<unknown>): Promise<ClientError> {
  const error = await work.then(
    () => undefined,
    (why: unknown) => why,
  );
  expect(error).toBeInstanceOf(ClientError);
  return error as ClientError;
}

describe('addresses', () => {
  it.each([
    ['https://elevate.example.com', 'https://elevate.example.com'],
    ['https://elevate.example.com/', 'https://elevate.example.com'],
    ['https://ELEVATE.example.com:443/api/v1/', 'https://elevate.example.com'],
    ['https://example.com/elevate/', 'https://example.com/elevate'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://localhost:8080/api/v1', 'http://localhost:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is %s', (text, server) => {
    expect(addressOf(text)).toEqual({ server, api: `${server}/api/v1` });
  });

  it.each([
    'http://elevate.example.com',
    'http://10.0.0.1',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'https://alice:secret@example.com',
    'https://example.com/?token=1',
    'https://example.com/#a',
    'ftp://example.com',
    'example.com',
    '',
  ])('a token never goes to %j', (text) => {
    expect(() => addressOf(text)).toThrow(expect.objectContaining({ name: 'ClientError', exitCode: 2 }));
  });
});

describe('each call', () => {
  it('carries the token and says which program it is', async () => {
    await apiAt(stub.url).api.whoami();
    expect(stub.seen[0]!.headers).toMatchObject({
      authorization: 'Bearer token-alice',
      'user-agent': `elevate/${packageJson.version}`,
    });
    expect(versionOf()).toBe(packageJson.version);
  });

  it('follows no redirect, so the token stays where it was sent', async () => {
    const elsewhere = await startStub();
    stub.answerOnce('GET /whoami', [302, {}, { location: `${elsewhere.url}/api/v1/whoami` }]);
    const error = await endOf(apiAt(stub.url).api.whoami());
    expect(error.exitCode).toBe(1);
    expect(elsewhere.seen).toEqual([]);
    await elsewhere.stop();
  });

  it('reads no more than 5 MiB', async () => {
    let sent = 0;
    const server = createServer((_, response) => {
      response.on('error', () => undefined);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 32))) sent += 65_536;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await endOf(apiAt(`http://127.0.0.1:${port}`).api.whoami());
    expect(error.message).toContain('more than 5 MiB');
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    server.closeAllConnections();
    server.close();
  });

  it('waits ten seconds at most', async () => {
    let signal: AbortSignal | null | undefined;
    const { api } = apiAt(stub.url, (_, init) => {
      signal = init.signal;
      return Promise.reject(new DOMException('time is over', 'TimeoutError'));
    });
    const error = await endOf(api.whoami());
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(error).toMatchObject({ exitCode: 4, message: expect.stringContaining('did not answer within 10 s') });
  });

  it('P7: says nothing of the path or token where nothing comes back', async () => {
    stub.answerOnce('POST /execution/wf_x/signal', 'hang up');
    const error = await endOf(apiAt(stub.url).api.decide('wf_x', 'a-signal-token', undefined));
    expect(error.exitCode).toBe(4);
    expect(error.message).not.toMatch(/a-signal-token|token-alice|wf_x/);
  });

  it('puts an id into the path as one part of it', async () => {
    await endOf(apiAt(stub.url).api.end('../../whoami?', 'cancel'));
    expect(stub.seen[0]!.path).toBe('/api/v1/execution/..%2F..%2Fwhoami%3F/cancel');
  });
});

describe('T22: creating', () => {
  const keys = () => stub.seen.map(({ headers }) => headers['idempotency-key']);

  it.each([
    ['the connection breaks', 'hang up' as const],
    ['the server says 503', problem(503, 'unavailable')],
  ])('where %s it is sent once more, under the same key', async (_, reply) => {
    stub.answerOnce('POST /execution', reply);
    const { is } = await apiAt(stub.url).api.create(wish);
    expect(is.id).toBe(stub.runs[0]!.id);
    expect(keys()).toEqual(['key-1', 'key-1']);
  });

  it('waits as long as the server asks for, within bounds', async () => {
    const busy = (seconds: string) => [503, {}, { 'retry-after': seconds }] as [number, object, Record<string, string>];
    const { api, pauses } = apiAt(stub.url);
    stub.answerOnce('POST /execution', busy('2'));
    await api.create(wish);
    stub.answerOnce('POST /execution', busy('9999'));
    await api.create(wish);
    expect(pauses).toEqual([2_000, 5_000]);
  });

  it('is not sent a third time', async () => {
    stub.answerOnce('POST /execution', 'hang up', 'hang up', 'hang up');
    expect((await endOf(apiAt(stub.url).api.create(wish))).exitCode).toBe(4);
    expect(keys()).toHaveLength(2);
    stub.answerOnce('POST /execution');
  });

  it.each([400, 401, 403, 409, 429, 500])('is not sent again after %d', async (status) => {
    stub.answerOnce('POST /execution', problem(status, 'refused'));
    await endOf(apiAt(stub.url).api.create(wish));
    expect(keys()).toHaveLength(1);
  });

  it('two requests have two keys', async () => {
    const { api } = apiAt(stub.url);
    await api.create(wish);
    await api.create(wish);
    expect(keys()).toEqual(['key-1', 'key-2']);
  });
});
