import type { IncomingHttpHeaders } from 'node:http';
import { CloudEvent, HTTP } from 'cloudevents';
import { assert, asyncProperty, string } from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AccessCall, type AccessSystem, startAccessSystem } from '../../src/dev/access-system.ts';
import { createProviders } from '../../src/providers/provider.ts';
import { sampleItem, sampleRequest } from '../samples.ts';
import { newSecret, sampleCall, source, webhookProvider } from './samples.ts';

const secret = newSecret();
let system: AccessSystem;
beforeEach(async () => {
  system = await startAccessSystem({ secret });
});
afterEach(() => system.stop());

const provider = (config = {}, now?: () => number) =>
  webhookProvider({ url: system.url, secrets: [secret], ...config }, now);

function webhookHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function onlyCall(): AccessCall {
  const [call, ...others] = system.calls;
  if (call === undefined || others.length > 0) throw new Error(`${system.calls.length} calls arrived`);
  return call;
}

describe('what a webhook provider sends', () => {
  it('is one structured CloudEvent with what the design says of it, and takes effect', async () => {
    const call = sampleCall();
    await provider().grant(call);

    const { headers, body } = onlyCall();
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    const event = HTTP.toEvent({ headers, body });
    expect(event instanceof CloudEvent && event.validate()).toBe(true);
    expect(JSON.parse(body)).toEqual({
      specversion: '1.0',
      id: `${call.execution}.0.grant.1`,
      source,
      type: 'io.elevate.access.grant.v1',
      subject: call.execution,
      datacontenttype: 'application/json',
      data: {
        beneficiary: 'alice@example.com',
        requester: 'alice@example.com',
        role: 'admin',
        provider: 'vpn',
        target: { type: 'webhook', system: 'https://vpn.example.com/grants', grant: 'admin' },
        reason: 'INC-42: the deploy is stuck',
        until: '2026-11-25T04:00:00.000Z',
        sequence: 1,
      },
    });
    expect(system.has('alice@example.com', 'admin')).toBe(true);
    expect(system.effectiveGrants(call.execution)).toBe(1);
  });

  it('names each verb, item and sequence in its type and id', async () => {
    const items = [
      sampleItem(),
      sampleItem({ role: 'reader', target: { type: 'webhook', system: 's', grant: 'reader' } }),
    ];
    const call = sampleCall({ request: sampleRequest({ items }), item: 1 });
    await provider().inspect(call);
    await provider().grant(call);
    await provider().revoke({ ...call, sequence: 2 });
    expect(system.calls.map(({ id, event, grant }) => [id, event['type'], grant])).toEqual([
      [`${call.execution}.1.inspect.1`, 'io.elevate.access.inspect.v1', 'reader'],
      [`${call.execution}.1.grant.1`, 'io.elevate.access.grant.v1', 'reader'],
      [`${call.execution}.1.revoke.2`, 'io.elevate.access.revoke.v1', 'reader'],
    ]);
    expect(system.holders()).toEqual([]);
  });

  it('T26: a retry is the same event under the same id, and acts once', async () => {
    const call = sampleCall();
    system.fail({ verb: 'grant', kind: 'drop' });
    await expect(provider().grant(call)).rejects.toThrow('vpn could not be reached');
    await provider({}, () => Date.now() + 30_000).grant(call);

    const [first, second] = system.calls;
    expect(second?.id).toBe(first?.id);
    expect(second?.headers['webhook-id']).toBe(`${call.execution}.0.grant.1`);
    expect(second?.body).toBe(first?.body);
    expect(second?.repeated).toBe(true);
    expect(system.effectiveGrants(call.execution)).toBe(1);
    expect(system.doubleGrants()).toBe(0);
  });

  it('is signed for the time of the call, by the clock that was given', async () => {
    const at = Date.now() - 120_500;
    await provider({}, () => at).grant(sampleCall());
    expect(onlyCall().headers['webhook-timestamp']).toBe(String(Math.floor(at / 1000)));
  });

  it('is signed with every secret, so that either one verifies', async () => {
    const older = newSecret();
    await provider({ secrets: [secret, older] }).grant(sampleCall());
    const { headers, body } = onlyCall();
    expect(String(headers['webhook-signature'])).toMatch(/^v1,\S+ v1,\S+$/);
    const verifiesWith = (each: string) => () => new Webhook(each).verify(body, webhookHeaders(headers));
    expect(verifiesWith(secret)).not.toThrow();
    expect(verifiesWith(older)).not.toThrow();
    expect(verifiesWith(newSecret())).toThrow('No matching signature found');

    await provider({ secrets: [older, secret] }).revoke(sampleCall({ sequence: 2 }));
    expect(system.has('alice@example.com')).toBe(false);
  });

  it('is not believed without the right secret, and says so to the operators', async () => {
    await expect(provider({ secrets: [newSecret()] }).grant(sampleCall())).rejects.toThrow('vpn answered 401');
    expect(system.calls).toEqual([]);
    expect(system.holders()).toEqual([]);
  });

  it('T27: goes to the address in the configuration, whatever the target of the request says', async () => {
    const other = await startAccessSystem({ secret });
    try {
      const target = { type: 'webhook', system: other.url, grant: 'admin' };
      await provider().grant(sampleCall({ request: sampleRequest({ items: [sampleItem({ target })] }) }));
      expect([system.calls.length, other.calls.length]).toEqual([1, 0]);
    } finally {
      await other.stop();
    }
  });

  it('carries any reason unharmed under a good signature', async () => {
    const vpn = provider();
    let sequence = 0;
    await assert(
      asyncProperty(string({ unit: 'binary', maxLength: 500 }), async (reason) => {
        sequence += 1;
        await vpn.inspect(sampleCall({ request: sampleRequest({ reason }), sequence }));
        expect(system.calls.at(-1)?.event).toMatchObject({ data: { reason, sequence } });
      }),
      { numRuns: 50 },
    );
    expect(system.rejected).toEqual([]);
  });
});

describe('inspect', () => {
  it('says what the provider sees', async () => {
    expect(await provider().inspect(sampleCall({ sequence: 1 }))).toBe('absent');
    system.give('alice@example.com', 'admin');
    expect(await provider().inspect(sampleCall({ sequence: 2 }))).toBe('present');
  });

  it('is unknown, and asks nobody, where the configuration does not say that it is answered', async () => {
    system.give('alice@example.com', 'admin');
    expect(await provider({ inspects: false }).inspect(sampleCall())).toBe('unknown');
    expect(system.calls).toEqual([]);
  });

  it.each(['', '{"state":"unchanged"}'])('T25: an answer that does not say (%j) is a failed call', async (body) => {
    system.fail({ kind: 'status', status: 200, body });
    await expect(provider().inspect(sampleCall())).rejects.toThrow(
      'vpn answered a call to inspect without present or absent',
    );
  });
});

describe('what a provider is made of', () => {
  const deps = { source, now: Date.now, log: { debug() {}, info() {}, warn() {}, error() {} } };
  const make = (url: string, secrets = [secret]) =>
    createProviders({ vpn: { type: 'webhook', url, secrets, inspects: false, timeoutMs: 10_000 } }, deps);

  it('T8: a role resolves to the address and the role', () => {
    const url = 'https://vpn.example.com/grants';
    expect(make(url)['vpn']?.target('admin')).toEqual({ type: 'webhook', system: url, grant: 'admin' });
    expect(make(url)['vpn']?.timeoutMs).toBe(10_000);
  });

  it.each([
    ['http://vpn.example.com/s3cret', 'is plain http to another machine'],
    ['http://127.0.0.1.example.com/s3cret', 'is plain http to another machine'],
    ['http://10.0.0.1/s3cret', 'is plain http to another machine'],
    ['http://[::2]/s3cret', 'is plain http to another machine'],
    ['http://localhost.example.com/s3cret', 'is plain http to another machine'],
    ['https://ann:s3cret@vpn.example.com/', 'has a user name or password in it'],
    ['https://s3cret@vpn.example.com/', 'has a user name or password in it'],
    ['ftp://vpn.example.com/s3cret', 'is not a URL that begins with https://'],
    ['file:///etc/s3cret', 'is not a URL that begins with https://'],
    ['s3cret', 'is not a URL that begins with https://'],
  ])('T27: %s is refused, without quoting it', (url, problem) => {
    const message = `The url of the provider vpn ${problem}.`;
    expect(() => make(url)).toThrow(expect.objectContaining({ code: 'invalid_input', message }));
    expect(message).not.toContain('s3cret');
  });

  it.each(['https://vpn.example.com/', 'http://127.0.0.1:9/', 'http://localhost:9/', 'http://[::1]:9/'])(
    'T27: %s is fine',
    (url) => expect(make(url)).toHaveProperty('vpn'),
  );

  it.each([[['whsec_#s3cret#']], [['']], [[]]])('P7: a secret that cannot sign (%j) is refused unquoted', (secrets) => {
    expect(() => make('https://vpn.example.com/', secrets)).toThrow(
      expect.objectContaining({ code: 'invalid_input', message: expect.not.stringContaining('s3cret') }),
    );
  });

  it('has as many as are configured, under any name', () => {
    const log = { type: 'log' as const, timeoutMs: 1 };
    expect(Object.keys(createProviders({ a: log, b: log, ['__proto__']: log }, deps))).toEqual(['a', 'b', '__proto__']);
  });
});
