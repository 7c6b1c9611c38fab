import { describe, expect, it } from 'vitest';
import { bob, sampleItem, sampleRequest } from '../samples.ts';
import { onlyProvider, sampleCall } from './samples.ts';

function start() {
  const lines: { fields: object; message: string }[] = [];
  const info = (fields: object, message: string) => void lines.push({ fields, message });
  const log = { debug: info, info, warn: info, error: info };
  return { lines, provider: onlyProvider({ type: 'log', timeoutMs: 5_000 }, Date.now, log) };
}

describe('a provider of type log', () => {
  it('resolves a role to a target of its own name, and says how long a call may take', () => {
    const { provider } = start();
    expect(provider.target('admin')).toEqual({ type: 'log', system: 'vpn', grant: 'admin' });
    expect(provider.timeoutMs).toBe(5_000);
  });

  it('T26: remembers what it granted until it takes it back, however often it is told', async () => {
    const { provider } = start();
    const seen = () => provider.inspect(sampleCall());
    expect(await seen()).toBe('absent');
    await provider.grant(sampleCall());
    await provider.grant(sampleCall());
    expect(await seen()).toBe('present');
    await provider.revoke(sampleCall({ sequence: 2 }));
    await provider.revoke(sampleCall({ sequence: 2 }));
    expect(await seen()).toBe('absent');
  });

  it('T25: holds access for one beneficiary and one target', async () => {
    const { provider } = start();
    await provider.grant(sampleCall());
    const { request } = sampleCall();
    expect(await provider.inspect(sampleCall({ request: { ...request, beneficiary: bob } }))).toBe('absent');
    const target = { type: 'log', system: 'vpn', grant: 'reader' };
    const other = sampleRequest({ items: [sampleItem({ target })] });
    expect(await provider.inspect(sampleCall({ request: other }))).toBe('absent');
  });

  it('P7: logs who and what, and no reason', async () => {
    const { provider, lines } = start();
    const call = sampleCall();
    await provider.grant(call);
    await provider.revoke({ ...call, sequence: 2 });
    const fields = { provider: 'vpn', role: 'admin', beneficiary: 'alice@example.com', execution: call.execution };
    expect(lines).toEqual([
      { fields: { ...fields, sequence: 1 }, message: 'access granted' },
      { fields: { ...fields, sequence: 2 }, message: 'access taken back' },
    ]);
    expect(JSON.stringify(lines)).not.toContain(call.request.reason);
  });
});
