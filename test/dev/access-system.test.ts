import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AccessSystem, startAccessSystem } from '../../src/dev/access-system.ts';
import { accessEvent } from '../../src/providers/access-event.ts';
import { createSigning } from '../../src/providers/signing.ts';
import { newSecret, sampleCall, webhookProvider } from '../providers/samples.ts';
import { bob, sampleId } from '../samples.ts';

const secret = newSecret();
const alice = 'alice@example.com';
let system: AccessSystem;
beforeEach(async () => {
  system = await startAccessSystem({ secret });
});
afterEach(() => system.stop());

const provider = (config = {}) => webhookProvider({ url: system.url, secrets: [secret], ...config });

describe('the access system of our own', () => {
  it('turns away what is not signed, not posted, or not an event', async () => {
    expect((await fetch(system.url)).status).toBe(401);
    expect((await fetch(system.url, { method: 'POST', body: '{}' })).status).toBe(401);
    expect(system.rejected).toEqual(['the method GET', 'the content type']);
    expect(system.calls).toEqual([]);
  });

  it('does each call once, and knows a grant that came on top of another', async () => {
    const first = sampleCall();
    await provider().grant(first);
    await provider().grant(first);
    expect([system.effectiveGrants(first.execution), system.doubleGrants()]).toEqual([1, 0]);

    const second = sampleCall({ execution: sampleId(2) });
    await provider().grant(second);
    expect([system.effectiveGrants(second.execution), system.doubleGrants()]).toEqual([0, 1]);
    expect(system.calls.map(({ repeated }) => repeated)).toEqual([false, true, false]);

    // A late repetition of the grant must not bring back what was taken away since.
    await provider().revoke({ ...first, sequence: 2 });
    await provider().grant(first);
    expect(system.holders()).toEqual([]);
  });

  it('holds what was there before, which is nobody’s grant', async () => {
    system.give(bob.id, 'admin');
    system.give(bob.id, 'admin');
    expect(system.holders()).toEqual([{ beneficiary: bob.id, grant: 'admin' }]);
    expect([system.has(bob.id), system.has(bob.id, 'reader'), system.has(alice)]).toEqual([true, false, false]);
    system.take(bob.id, 'admin');
    expect(system.changes.map(({ what, by }) => [what, by])).toEqual([
      ['came', undefined],
      ['went', undefined],
    ]);
  });

  it('tells before and after a call takes effect, and waits', async () => {
    const seen: [string, boolean][] = [];
    const end = system.on('grant', async (_, moment) => void seen.push([moment, system.has(alice)]));
    await provider().grant(sampleCall());
    await provider().revoke(sampleCall({ sequence: 2 }));
    end();
    await provider().grant(sampleCall({ sequence: 3 }));
    expect(seen).toEqual([
      ['before', false],
      ['after', true],
    ]);
  });

  it('a delayed call takes effect even when nobody waits for it any more', async () => {
    const event = accessEvent('grant', sampleCall(), 'urn:test');
    const body = JSON.stringify(event);
    const signed = createSigning('vpn', [secret])(event.id, body, Date.now());
    const headers = { ...signed, 'content-type': 'application/cloudevents+json; charset=utf-8' };
    const caller = new AbortController();
    system.fail({ kind: 'delay', delayMs: 50 });
    system.on('grant', (_, moment) => void (moment === 'before' && caller.abort()));

    await expect(fetch(system.url, { method: 'POST', headers, body, signal: caller.signal })).rejects.toThrow('abort');
    await vi.waitFor(() => expect(system.has(alice)).toBe(true), 10_000);
  });

  it('a call that arrives twice acts once', async () => {
    system.fail({ kind: 'duplicate' });
    await provider().grant(sampleCall());
    expect(system.calls.map(({ repeated }) => repeated)).toEqual([false, true]);
    expect([system.effectiveGrants(sampleId()), system.doubleGrants()]).toEqual([1, 0]);
  });

  it('goes wrong as often as it was told, for the verb that was named', async () => {
    system.fail({ verb: 'grant', kind: 'status', status: 500, times: 2 });
    await provider().revoke(sampleCall());
    await expect(provider().grant(sampleCall())).rejects.toThrow('500');
    await expect(provider().grant(sampleCall())).rejects.toThrow('500');
    await provider().grant(sampleCall());
    expect(system.faults).toEqual([]);
  });
});
