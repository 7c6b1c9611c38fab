/**
 * Records the histories that `test/workflows/replay.test.ts` replays: `node test/histories/record.ts`. Until 1.0
 * they are recorded again with every change of the workflows; from then on they are kept, and the workflows patched.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Choice, ElevateEvent, Facts } from '../../workflows/contract.ts';
import type { Provider } from '../../src/core/ports.ts';
import { findTemporal, startTemporal } from '../../src/dev/temporal.ts';
import { openStore } from '../../src/store/database.ts';
import { connectLazily } from '../../src/temporal/connect.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { createGateway } from '../../src/temporal/gateway.ts';
import { createIds } from '../../src/tokens/ids.ts';
import { createActivities } from '../../src/worker/activities.ts';
import { bundleWorkflows, installRuntime, startWorker } from '../../src/worker/worker.ts';
import { alice, bob, sampleActor, sampleInput, sampleItem } from '../samples.ts';
import { historyKeys } from './key.ts';

const log = { debug() {}, info() {}, warn: console.warn, error: console.error };
const ids = createIds(new Uint8Array(32).fill(7));
const temporal = await startTemporal({ path: await findTemporal({ env: process.env, log }), log });
const connectionOptions = { address: temporal.address };
const connection = connectLazily({ connectionOptions, namespace: 'default' });
const dataConverter = createDataConverter(historyKeys, 'default');
const taskQueue = 'histories';
const gateway = createGateway({ connection, namespace: 'default', taskQueue, dataConverter, now: Date.now });
const store = await openStore('sqlite::memory:');
const provider: Provider = {
  target: (role) => ({ type: 'log', system: 'aws-prod', grant: role }),
  timeoutMs: 1_000,
  grant: async () => undefined,
  revoke: async () => undefined,
  inspect: async () => 'absent',
};
const roles = {};
const identity = { resolve: () => Promise.reject(new Error('nobody is asked')) };
const { executions, audit, limits, ledger } = store;
const deps = { chats: { chat: { platform: 'chat', show: async () => undefined } }, executions, audit, limits, ledger };
const real = createActivities({ ...deps, providers: { 'aws-prod': provider }, gateway, roles, identity, log, now: Date.now });
const activities = {
  ...real,
  judge: async () => ({ ok: true as const }),
  grant: async (call: { execution: string; sequence: number }) => ({ ...call, done: 'grant' as const, attempts: 1 }),
};
installRuntime(log);
const bundle = await bundleWorkflows(dataConverter, log);
const worker = await startWorker({ connectionOptions, namespace: 'default', taskQueue, dataConverter, bundle, activities });

for (const [name, play] of Object.entries({ done, denied, withdrawn, terminated })) await record(name, play);
await worker.stop();
await connection.close();
await store.close();
await temporal.stop();

interface Life {
  id: string;
  run: string;
  input: ReturnType<typeof sampleInput>;
}

async function record(name: string, play: (life: Life) => Promise<void>): Promise<void> {
  const id = ids.execution([name]);
  const lease = `lease_${name}`;
  const input = sampleInput({ request: { id, items: [sampleItem({ lease })], durationMs: 3_600_000 } });
  const memo = { owner: alice.id, beneficiary: alice.id, fingerprint: name, input };
  const { run } = await gateway.start(input, memo);
  await reached(id, 'awaiting_approval');
  await play({ id, run, input });
  while ((await gateway.describe(id))?.open === true) await pause(50);
  for (const workflowId of [id, lease, `end_${id}`]) await save(name, workflowId);
}

async function save(name: string, workflowId: string): Promise<void> {
  const handle = new Client({ connection }).workflow.getHandle(workflowId);
  const history = await handle.fetchHistory().catch(() => undefined);
  if (history === undefined) return;
  const kind = workflowId.split('_')[0];
  const file = join(import.meta.dirname, `${name}-${kind}.json`);
  writeFileSync(file, `${JSON.stringify({ workflowId, history: JSON.parse(historyToJSON(history)) as unknown })}\n`);
}

async function done(life: Life): Promise<void> {
  await gateway.signal(vote(life, 'approve'));
  await reached(life.id, 'active');
  const { digest, requester } = life.input.request;
  const data = { digest, owner: requester.id };
  const { id: execution, run } = life;
  const by = facts(alice.id, alice.name);
  await gateway.signal({ what: 'release', id: randomUUID(), execution, run, at: Date.now(), by, data, extra: {} });
}

async function denied(life: Life): Promise<void> {
  await gateway.signal(vote(life, 'deny'));
}

async function withdrawn(life: Life): Promise<void> {
  await gateway.signal(vote(life, 'approve'));
  await reached(life.id, 'active');
  await gateway.cancel(life.id, life.run);
}

async function terminated(life: Life): Promise<void> {
  await gateway.signal(vote(life, 'approve'));
  await reached(life.id, 'active');
  await gateway.closeOut({ execution: life.id, by: alice, at: Date.now() });
  await reached(life.id, 'closed');
}

function vote({ id: execution, run, input }: Life, choice: Choice): ElevateEvent<'decision'> {
  const { digest, requester } = input.request;
  const data = { choice, stage: 0, digest, owner: requester.id };
  const by = facts(bob.id, bob.name);
  return { what: 'decision', id: randomUUID(), execution, run, at: Date.now(), by, data, extra: {} };
}

function facts(id: string, name: string): Facts {
  const principal = { id, name };
  return { principal, actor: sampleActor(principal), active: true, groups: ['sre'], entitled: true, linked: false };
}

async function reached(id: string, phase: string): Promise<void> {
  while ((await executions.get(id))?.state.phase !== phase) await pause(50);
}
