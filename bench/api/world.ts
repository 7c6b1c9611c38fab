/** What the API is measured in: a Temporal whose database is kept, an identity provider, and a client beside ours. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { deriveKeys, type Keys, newKey } from '../../src/config/keys.ts';
import { type IdentityProvider, startIdentityProvider } from '../../src/dev/identity-provider.ts';
import { findTemporal, startTemporal } from '../../src/dev/temporal.ts';
import { connectLazily } from '../../src/temporal/connect.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { type Elevate, startElevate } from '../measure/elevate.ts';
import { createCaller } from './caller.ts';
import { bob, namespace, role, ROLES } from './sample.ts';

export interface Api extends Elevate {
  taskQueue: string;
  /** Path of its SQLite database. */
  database: string;
}

export interface World {
  /** Seals as ours does. */
  client: Client;
  keys: Keys;
  tokenOf(email: string): Promise<string>;
  /** Starts an Elevate with a store of its own. */
  startApi(name: string): Promise<Api>;
  stop(): Promise<void>;
}

const TOKEN_SECONDS = 6 * 60 * 60;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'elevate-bench-'));
  const closing: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const close of closing.splice(0)) await close();
  };
  try {
    const path = await findTemporal({ env: process.env, log: console, onProgress: console.info });
    const temporal = await startTemporal({ path, dbFile: join(folder, 'temporal.db'), log: quiet });
    closing.unshift(temporal.stop);
    const identityProvider = await startIdentityProvider({ people: [], audience: 'elevate' });
    closing.unshift(identityProvider.stop);
    const key = newKey();
    const keys = deriveKeys([key]);
    const connection = connectLazily({ connectionOptions: { address: temporal.address }, namespace });
    closing.unshift(() => connection.close());
    const dataConverter = createDataConverter(keys.payloads, namespace);
    const tokenOf = tokensOf(identityProvider);
    return {
      client: new Client({ connection, namespace, dataConverter }),
      keys,
      tokenOf,
      async startApi(name) {
        const database = join(folder, `${name}.db`);
        const taskQueue = `${name}-${randomUUID()}`;
        const env = { TEMPORAL_ADDRESS: temporal.address, ELEVATE_KEYS: key, ISSUER: identityProvider.issuer };
        const elevate = await startElevate({ name, folder, yaml: configuration(taskQueue, database), env });
        closing.unshift(elevate.stop);
        await letIn(elevate.url, await tokenOf(bob.id));
        return { ...elevate, taskQueue, database };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Once it has read the issuer's keys, nothing is measured that waits for them. */
async function letIn(url: string, token: string): Promise<void> {
  const caller = createCaller(url);
  for (let tries = 1; ; tries += 1) {
    try {
      await caller.call({ path: '/whoami', token, expect: 200 });
      return caller.close();
    } catch (error) {
      if (tries === TRIES) throw error;
      await pause(1_000);
    }
  }
}

const TRIES = 30;

/** One token a person, as long as the bench may take. */
function tokensOf(provider: IdentityProvider): World['tokenOf'] {
  const kept = new Map<string, string>();
  return async (email) => {
    const token = kept.get(email) ?? (await provider.tokenFor(email, { ttlSeconds: TOKEN_SECONDS }));
    kept.set(email, token);
    return token;
  };
}

function configuration(taskQueue: string, database: string): string {
  const roleYaml = (name: string) => `
  ${name}:
    providers: [system]
    reason: { required: false }
    approval: [{ name: on-call, approvers: { groups: [sre] } }]`;
  return `
temporal: { task_queue: ${taskQueue} }
store: "sqlite:${database}"
keys: "\${ELEVATE_KEYS}"
api: { issuer: "\${ISSUER}", audience: elevate }
identity: { domains: [example.com], one_directory: true }
limits: { open_per_person: 1000, per_hour: 10000 }
groups: { sre: [${bob.id}] }
providers: { system: { type: log } }
roles:${Array.from({ length: ROLES }, (_, index) => roleYaml(role(index))).join('')}
`;
}
