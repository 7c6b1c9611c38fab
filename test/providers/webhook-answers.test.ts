import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProviderRefused } from '../../src/core/ports.ts';
import { type AccessSystem, type Fault, startAccessSystem } from '../../src/dev/access-system.ts';
import { failureOf, newSecret, sampleCall, webhookProvider } from './samples.ts';

const secret = newSecret();
let system: AccessSystem;
beforeEach(async () => {
  system = await startAccessSystem({ secret });
});
afterEach(() => system.stop());

const provider = (config = {}) => webhookProvider({ url: system.url, secrets: [secret], ...config });
const verbs = ['grant', 'revoke', 'inspect'] as const;

/** The error as operators and requesters meet it: plain, so that it is retried. */
async function plainFailure(promise: Promise<unknown>): Promise<string> {
  const error = await failureOf(promise);
  expect(error).not.toBeInstanceOf(ProviderRefused);
  expect(error.name).toBe('Error');
  return error.message;
}

/** The reason that a grant answered with 409 and this body is refused for. */
async function refusal(body: string): Promise<string> {
  system.fail({ kind: 'status', status: 409, body });
  const error = await failureOf(provider().grant(sampleCall()));
  expect(error).toBeInstanceOf(ProviderRefused);
  return error.message;
}

/** What a log or a recorded failure could show of an error: messages and stacks, causes too. */
function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? '';
  return `${error.name} ${error.message} ${error.stack} ${everythingIn(error.cause)}`;
}

describe('an answer that means done', () => {
  it.each([
    ['grant', ''],
    ['grant', ' \r\n'],
    ['grant', '{"state":"present"}'],
    ['grant', '{"state":"unchanged","ticket":7}'],
    ['revoke', ''],
    ['revoke', '{"state":"absent"}'],
    ['revoke', '{"state":"unchanged"}'],
  ] as const)('%s, answered %j', async (verb, body) => {
    system.fail({ kind: 'status', status: 200, body });
    await provider()[verb](sampleCall());
    expect(system.calls).toHaveLength(1);
  });

  it('204 is one', async () => {
    system.fail({ kind: 'status', status: 204, body: '' });
    await expect(provider().grant(sampleCall())).resolves.toBeUndefined();
  });

  it('one of exactly 64 KiB is still read', async () => {
    system.fail({ kind: 'garbage', body: '{"state":"present"}'.padEnd(64 * 1024) });
    await expect(provider().grant(sampleCall())).resolves.toBeUndefined();
  });
});

describe('an answer that is a failed call', () => {
  it.each([
    '<html>welcome</html>',
    '{}',
    'null',
    '[]',
    '"present"',
    '{"state":"Present"}',
    '{"state":["present"]}',
    '{"state":null}',
    '{"__proto__":{"state":"present"}}',
    '{"state":"present"',
  ])('a 2xx with something else: %s', async (body) => {
    for (const verb of verbs) {
      system.fail({ kind: 'garbage', body, acts: false });
      const message = await plainFailure(provider()[verb](sampleCall()));
      expect(message).toBe('vpn answered 200 with neither an empty body nor a known state');
    }
  });

  it('P2: a revoke that is answered "present", and a grant that is answered "absent"', async () => {
    system.fail({ verb: 'revoke', kind: 'status', status: 200, body: '{"state":"present"}' });
    expect(await plainFailure(provider().revoke(sampleCall()))).toBe('vpn says that the access is still there');
    system.fail({ verb: 'grant', kind: 'status', status: 200, body: '{"state":"absent"}' });
    expect(await plainFailure(provider().grant(sampleCall()))).toBe('vpn says that the access is not there');
  });

  it.each([400, 401, 403, 404, 408, 410, 422, 429, 500, 502, 503])('a %i, whatever it says', async (status) => {
    for (const verb of verbs) {
      system.fail({ kind: 'status', status, body: '{"state":"present","reason":"s3cret"}' });
      expect(await plainFailure(provider()[verb](sampleCall()))).toBe(`vpn answered ${status}`);
    }
    expect(system.holders()).toEqual([]);
  });

  it.each([301, 302, 303, 307, 308])('T27: a redirect (%i) is not followed', async (status) => {
    const elsewhere = await startAccessSystem({ secret });
    try {
      for (const to of [elsewhere.url, `${system.url}/again`]) {
        system.fail({ kind: 'redirect', status, to });
        const message = await plainFailure(provider().grant(sampleCall()));
        expect(message).toBe(`vpn answered ${status}, a redirect, and redirects are not followed`);
      }
      expect(system.calls).toHaveLength(2);
      expect([system.rejected, elsewhere.calls, elsewhere.rejected]).toEqual([[], [], []]);
      expect(system.holders()).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it('T27: one byte more than 64 KiB', async () => {
    system.fail({ kind: 'garbage', body: '{"state":"present"}'.padEnd(64 * 1024 + 1) });
    expect(await plainFailure(provider().grant(sampleCall()))).toBe('vpn answered more than 64 KiB');
  });

  it('T27: one that does not end is not read to the end', async () => {
    system.fail({ kind: 'oversize' });
    expect(await plainFailure(provider().grant(sampleCall()))).toBe('vpn answered more than 64 KiB');
    // The stand-in pours until the connection closes: only a reader that hung up lets it stop in time.
    await provider().revoke(sampleCall({ sequence: 2 }));
    expect(system.holders()).toEqual([]);
  });

  it('T27: none at all ends at the time-out', async () => {
    for (const verb of verbs) {
      system.fail({ kind: 'hang' });
      const message = await plainFailure(provider({ timeoutMs: 50 })[verb](sampleCall()));
      expect(message).toBe('vpn did not answer within 0.05 s');
    }
  });

  it('T27: one that begins and then stalls ends at the time-out too', async () => {
    const stalling = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\n{"state":'));
    });
    await new Promise<void>((resolve) => stalling.listen(0, '127.0.0.1', resolve));
    try {
      const address = stalling.address();
      if (address === null || typeof address === 'string') throw new Error('it does not listen');
      const url = `http://127.0.0.1:${address.port}/`;
      const message = await plainFailure(provider({ url, timeoutMs: 300 }).grant(sampleCall()));
      expect(message).toBe('vpn did not answer within 0.3 s');
    } finally {
      stalling.close();
    }
  });

  it('a connection that breaks, or that nobody takes, is named by its code', async () => {
    system.fail({ kind: 'drop' });
    expect(await plainFailure(provider().grant(sampleCall()))).toMatch(/^vpn could not be reached \([A-Z_]+\)$/);
    await system.stop();
    expect(await plainFailure(provider().grant(sampleCall()))).toBe('vpn could not be reached (ECONNREFUSED)');
    system = await startAccessSystem({ secret });
  });
});

describe('409', () => {
  it('refuses a grant for good, with its reason', async () => {
    expect(await refusal('{"reason":"Ann has left the project"}')).toBe('Ann has left the project');
    expect(system.holders()).toEqual([]);
  });

  it('T28: the reason hides nothing and is one line', async () => {
    expect(await refusal(JSON.stringify({ reason: ' no\u202E\r\n\u200Broom\u0000 ' }))).toBe('no room');
  });

  it('the reason is at most 300 characters, and shows that it was cut', async () => {
    const message = await refusal(JSON.stringify({ reason: `${'x'.repeat(298)}😀😀` }));
    expect(message).toBe(`${'x'.repeat(298)}…`);
    expect(await refusal(JSON.stringify({ reason: 'x'.repeat(300) }))).toBe('x'.repeat(300));
  });

  it.each(['', '{}', 'no', '[]', '{"reason":""}', '{"reason":" \\u200B"}', '{"reason":["x"]}', '{"reason":7}'])(
    'without a reason to show (%s) it says that there was none',
    async (body) => expect(await refusal(body)).toBe('vpn gave no reason'),
  );

  it('is a failed call if its body does not end', async () => {
    system.fail({ kind: 'status', status: 409, body: JSON.stringify({ reason: 'x'.repeat(70_000) }) });
    expect(await plainFailure(provider().grant(sampleCall()))).toBe('vpn answered more than 64 KiB');
  });

  it('P2: never gives up a revoke, which is done when asked again', async () => {
    await provider().grant(sampleCall());
    system.fail({ verb: 'revoke', kind: 'refuse', reason: 'not now' });
    const message = await plainFailure(provider().revoke(sampleCall({ sequence: 2 })));
    expect(message).toBe('vpn answered 409, which does not end a call to revoke');
    expect(system.has('alice@example.com')).toBe(true);
    await provider().revoke(sampleCall({ sequence: 2 }));
    expect(system.has('alice@example.com')).toBe(false);
  });

  it('is a failed call to inspect: the lease goes on asking', async () => {
    system.fail({ verb: 'inspect', kind: 'refuse' });
    expect(await plainFailure(provider().inspect(sampleCall()))).toBe(
      'vpn answered 409, which does not end a call to inspect',
    );
  });
});

describe('P7: no failure tells a secret, what was answered, or the address', () => {
  const body = JSON.stringify({ state: 'hush-body', reason: 'hush-body' });
  const faults: [string, Fault][] = [
    ['hang', { kind: 'hang' }],
    ['status', { kind: 'status', status: 500, body }],
    ['redirect', { kind: 'redirect', to: 'http://127.0.0.1:1/?hush-body' }],
    ['drop', { kind: 'drop' }],
    ['garbage', { kind: 'garbage', body: `hush-body ${body}` }],
    ['oversize', { kind: 'oversize' }],
    ['conflict', { kind: 'refuse', reason: 'hush-body' }],
  ];

  it.each(faults)('%s', async (_, fault) => {
    system.fail({ ...fault, verb: 'revoke' });
    const url = `${system.url}?key=hush-query`;
    const error = await failureOf(provider({ url, timeoutMs: 1_000 }).revoke(sampleCall()));
    const told = everythingIn(error);
    expect(told).toContain('vpn ');
    for (const hidden of [secret, secret.slice('whsec_'.length), 'hush', system.url])
      expect(told).not.toContain(hidden);
  });
});
