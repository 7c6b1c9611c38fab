/** Two replicas on one PostgreSQL, with one Temporal behind them. */
import { afterEach, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { storesOf } from '../store/stores.ts';
import { bob, type House, openHouse, type Person } from './house.ts';

let one: House;
let other: House;
const opened: House[] = [];

async function openReplica(shared: Partial<Config>): Promise<House> {
  const house = await openHouse({ adjust: (config) => ({ ...config, slack: undefined, ...shared }) });
  opened.unshift(house);
  return house;
}

// Before the database goes, which is after each test.
afterEach(async () => {
  for (const house of opened.splice(0)) await house.stop();
});

/** Calls the other replica with a token of the one issuer. */
async function callOther({ email }: Pick<Person, 'email'>, path: string, body?: unknown) {
  const authorization = `Bearer ${await one.identityProvider.tokenFor(email)}`;
  const response = await fetch(`${other.app.url}/api/v1${path}`, {
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect to be there
  return { status: response.status, body: (await response.json()) as any };
}

it('what was asked of one replica is listed, decided and repeated at the other, and counts once', async () => {
  const store = await storesOf('postgres').freshUrl();
  one = await openReplica({ store });
  const { keys, temporal, api, providers } = one.config;
  other = await openReplica({ store, keys, temporal, api, providers });
  const nora = { email: 'nora@example.com' };
  const wish = { workflow: 'default', input: { role: 'quiet' } };
  const { status, body } = await one.call(nora, 'POST /execution', { body: wish });
  expect(status).toBe(201);
  const id = body.workflow_id as string;
  expect((await callOther(nora, '/executions')).body.executions).toMatchObject([{ workflow_id: id }]);
  expect(await callOther(nora, '/execution', wish)).toMatchObject({ status: 200, body: { workflow_id: id } });

  const { body: waits } = await callOther(bob, '/approvals');
  const input = waits.approvals[0].tokens.approve;
  const signal = `/execution/${id}/signal`;
  const both = await Promise.all([
    callOther(bob, signal, { input }),
    one.call(bob, `POST ${signal}`, { body: { input } }),
  ]);
  expect(both.map((answer) => answer.status)).toEqual([200, 200]);
  const { state } = await other.inPhase(id, 'active');
  expect(state.votes).toHaveLength(1);
});
