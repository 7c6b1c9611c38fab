/** What is fuzzed: an Elevate with executions in every state, some to be decided by the caller, some their own. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newKey } from '../../src/config/keys.ts';
import { startIdentityProvider } from '../../src/dev/identity-provider.ts';
import { findTemporal, startTemporal } from '../../src/dev/temporal.ts';
import { startElevate } from '../measure/elevate.ts';
import { createSupply } from './supply.ts';

export interface Scene {
  url: string;
  /** Path of what Elevate logs. */
  log: string;
  /** The caller's: may ask, decide, read as an auditor, and operate. */
  token: string;
  /** Path of the file that says what exists now. */
  supply: string;
  /** Brings what was ended back to its number, and writes the supply; again and again until it is aborted. */
  keepSupplied(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

const caller = 'fay@example.com';
const approver = 'bob@example.com';
const roles = Array.from({ length: 12 }, (_, index) => `role-${index}`);
const TOKEN_SECONDS = 2 * 60 * 60;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function openScene(folder: string): Promise<Scene> {
  const path = await findTemporal({ env: process.env, log: console, onProgress: console.info });
  const temporal = await startTemporal({ path, log: quiet });
  const provider = await startIdentityProvider({ people: [], audience: 'elevate' });
  const tokenOf = (email: string) =>
    provider.tokenFor(email, { scopes: ['elevate.decide'], ttlSeconds: TOKEN_SECONDS });
  const env = { TEMPORAL_ADDRESS: temporal.address, ELEVATE_KEYS: newKey(), ISSUER: provider.issuer };
  const elevate = await startElevate({ name: 'fuzz', folder, yaml: configuration(folder), env });
  const supply = join(folder, 'supply.json');
  const tokens = { caller: await tokenOf(caller), approver: await tokenOf(approver) };
  const topUp = createSupply({ url: elevate.url, tokens, tokenOf, roles, path: supply });
  await topUp();
  return {
    url: elevate.url,
    log: elevate.log,
    token: tokens.caller,
    supply,
    async keepSupplied(signal) {
      while (!signal.aborted) {
        // Limits and closed executions are part of the game: what fails now is tried again.
        await topUp().catch((error: unknown) => console.warn(String(error)));
        await pause(500);
      }
    },
    async stop() {
      await elevate.stop();
      await provider.stop();
      await temporal.stop();
    },
  };
}

function configuration(folder: string): string {
  const role = (name: string) => `
  ${name}:
    providers: [system]
    reason: { required: false }
    approval: [{ name: on-call, approvers: { groups: [sre] } }]`;
  return `
temporal: { task_queue: fuzz-${randomUUID()} }
store: "sqlite:${join(folder, 'fuzz.db')}"
keys: "\${ELEVATE_KEYS}"
api: { issuer: "\${ISSUER}", audience: elevate, decide_scope: elevate.decide }
operators: { users: [${caller}] }
auditors: { users: [${caller}] }
identity: { domains: [example.com], one_directory: true }
limits: { open_per_person: 1000, per_hour: 10000 }
groups: { sre: [${caller}, ${approver}] }
providers: { system: { type: log } }
roles:${roles.map(role).join('')}
`;
}
