/** The command line, as processes of its own, against the whole app; and the contract of the API, held against it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/client/conformance/run.ts';
import { runCli } from '../run-cli.ts';
import { bob, type House, mallory, openHouse, type Person } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({
    adjust: (config) => ({
      ...config,
      identity: { ...config.identity, oneDirectory: true },
      workflows: { ...config.workflows, off: { ...config.workflows['default']!, enabled: false } },
    }),
  });
});
afterAll(() => house.stop());

async function elevate({ email }: Pick<Person, 'email'>, ...args: string[]) {
  const env = { ELEVATE_URL: house.app.url, ELEVATE_TOKEN: await house.identityProvider.tokenFor(email) };
  return runCli(args, { env, timeoutMs: 50_000 });
}

describe('a request, from a shell', () => {
  it('is asked for, listed, approved, held, and given back', async () => {
    const nora = house.newcomer();
    const asked = await elevate(nora, 'ask', 'admin for 1h because the deploy is stuck', '--json');
    expect(asked).toMatchObject({ code: 0, err: '' });
    const { workflow_id: id } = JSON.parse(asked.out) as { workflow_id: string };
    expect((await elevate(nora, 'list')).out).toContain(id.slice(0, 9));
    expect((await elevate(bob, 'approvals')).out).toMatch(/nora-\d+@example\.com/);
    expect((await elevate(bob, 'approve', id)).code).toBe(0);
    await house.inPhase(id, 'active');
    expect((await elevate(nora, 'show', id.slice(0, 9))).out).toContain('admin on sandbox');
    expect((await elevate(nora, 'done')).code).toBe(0);
    expect(await house.inPhase(id, 'closed')).toMatchObject({ state: { outcome: 'completed' } });
  });

  it('is answered with the nearest valid command after a mistake, and nothing is started', async () => {
    const nora = house.newcomer();
    const { code, err } = await elevate(nora, 'ask', 'admn for 1h because the deploy is stuck');
    expect(code).toBe(2);
    expect(err).toContain('admin for 1h because the deploy is stuck');
    expect(await house.executionsOf(nora)).toEqual([]);
  });
});

it('elevate conformance finds nothing wrong with our own server, and leaves no call out', async () => {
  const nora = house.newcomer();
  const tokens = await Promise.all([mallory, bob].map(({ email }) => house.identityProvider.tokenFor(email)));
  const input = JSON.stringify({ role: 'quiet' });
  const people = ['--other-token', tokens[0]!, '--approver-token', tokens[1]!];
  const wish = ['--workflow', 'default', '--input', input, '--disabled-workflow', 'off'];
  const { code, out, err } = await elevate(nora, 'conformance', house.app.url, ...people, ...wish, '--json');
  const findings = JSON.parse(out) as Finding[];
  expect(findings.filter(({ result }) => result !== 'pass')).toEqual([]);
  expect([...new Set(findings.map(({ call }) => call))]).toEqual([
    'POST /execution',
    'GET /executions',
    'GET /execution/{id}',
    'GET /execution/{id}/cancel',
    'GET /execution/{id}/terminate',
    'GET /execution/{id}/signal',
  ]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});
