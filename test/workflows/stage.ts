/**
 * The durable middle on a real Temporal: one worker with the real activities, a store in memory, a chat that keeps
 * what it was shown, and people whom a test can change. Each test plays in a scene of its own (`scene.ts`).
 */
import { randomBytes } from 'node:crypto';
import { Client, type Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Actor, State, Unreached } from '../../workflows/contract.ts';
import type { Config } from '../../src/config/config.ts';
import { ElevateError } from '../../src/core/errors.ts';
import type { Identity } from '../../src/core/identity.ts';
import type { Chat, Log, Principal, Provider } from '../../src/core/ports.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import type { SealingKey } from '../../src/temporal/codec.ts';
import { connectLazily } from '../../src/temporal/connect.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { createGateway } from '../../src/temporal/gateway.ts';
import { createActivities } from '../../src/worker/activities.ts';
import { bundleWorkflows, installRuntime, startWorker } from '../../src/worker/worker.ts';

export const namespace = 'default';

/** How long anything may take that takes a moment. Bounds a failing test; a passing one never waits for it. */
const PATIENCE = 45_000;

export type Shown = Parameters<Chat['show']>[0];

/** What the chat was shown of each execution, and what is to go wrong there. */
export interface ChatDouble extends Chat {
  shownOf(execution: string): Shown[];
  /** Of these executions nothing can be shown. */
  broken: Set<string>;
  /** How often it was asked to show one of those. */
  failures: Map<string, number>;
  /** What it says that it could not reach, for these executions. */
  unreached: Map<string, Unreached[]>;
}

export interface Stage {
  taskQueue: string;
  gateway: ReturnType<typeof createGateway>;
  store: Store;
  chat: ChatDouble;
  /** Today's roles and providers, by name; a test changes its own. */
  roles: Config['roles'];
  providers: Record<string, Provider>;
  /** Everybody who is known and active, by account. */
  people: Map<string, Principal>;
  /** What happens when somebody is looked up, by account; it may take long, or fail. */
  onLookUp: Map<string, () => Promise<unknown>>;
  alerts: object[];
  connection: Connection;
  dataConverter: DataConverter;
  /** Holds our keys. */
  client: Client;
  /** What anybody with write access to the namespace holds. */
  plain: Client;
  /** As a crash and a new start of the process, without the crash. */
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  /** Runs something when the stage closes. */
  onClose(close: () => Promise<unknown>): void;
  close(): Promise<void>;
}

export async function openStage(
  name: string,
  options: { temporalAddress: string; key?: SealingKey; store?: string },
): Promise<Stage> {
  const { temporalAddress, key = { kid: 'stage001', key: randomBytes(32) }, store: url = 'sqlite::memory:' } = options;
  const taskQueue = `${name}-${randomBytes(4).toString('hex')}`;
  const alerts: object[] = [];
  const log: Log = { ...silent, error: (fields) => void ('alert' in fields && alerts.push(fields)) };
  const dataConverter = createDataConverter([key], namespace);
  const connectionOptions = { address: temporalAddress };
  const connection = connectLazily({ connectionOptions, namespace });
  const gateway = createGateway({ connection, namespace, taskQueue, dataConverter, now: Date.now });
  const store = await openStore(url);
  const chat = createChatDouble();
  const roles: Config['roles'] = {};
  const providers: Record<string, Provider> = {};
  const people = new Map<string, Principal>();
  const onLookUp = new Map<string, () => Promise<unknown>>();
  const { executions, audit, limits, ledger, marks } = store;

  installRuntime(silent);
  const bundle = await bundleWorkflows(dataConverter, silent);
  const activities = createActivities({
    chats: { chat },
    executions,
    audit,
    limits,
    ledger,
    marks,
    gateway,
    roles,
    identity: identityOf(people, onLookUp),
    providers,
    log,
    now: Date.now,
  });
  const work = () => startWorker({ connectionOptions, namespace, taskQueue, dataConverter, bundle, activities });
  let worker = await work();

  const closing: (() => Promise<unknown>)[] = [
    () => worker.stop(),
    () => gateway.settled(),
    () => connection.close(),
    () => store.close(),
  ];
  return {
    taskQueue,
    gateway,
    store,
    chat,
    roles,
    providers,
    people,
    onLookUp,
    alerts,
    connection,
    dataConverter,
    client: new Client({ connection, namespace, dataConverter }),
    plain: new Client({ connection, namespace }),
    stopWorker: () => worker.stop(),
    async startWorker() {
      worker = await work();
    },
    onClose: (close) => void closing.unshift(close),
    async close() {
      for (const close of closing.splice(0)) await close();
    },
  };
}

/** Looks until there is something to see. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Waited in vain for ${what}.`);
}

/** The phases in which the chat was shown an execution, without repetitions. */
export function phasesIn(shown: readonly Shown[]): State['phase'][] {
  return shown.map(({ state }) => state.phase).filter((phase, at, all) => phase !== all[at - 1]);
}

function createChatDouble(): ChatDouble {
  const shown = new Map<string, Shown[]>();
  const broken = new Set<string>();
  const failures = new Map<string, number>();
  const unreached = new Map<string, Unreached[]>();
  return {
    platform: 'chat',
    broken,
    failures,
    unreached,
    shownOf: (execution) => shown.get(execution) ?? [],
    async show(showing) {
      const { id } = showing.input.request;
      if (broken.has(id)) {
        failures.set(id, (failures.get(id) ?? 0) + 1);
        throw new Error('the chat is down');
      }
      shown.set(id, [...(shown.get(id) ?? []), structuredClone(showing)]);
      return unreached.get(id) ?? [];
    },
  };
}

function identityOf(people: Stage['people'], onLookUp: Stage['onLookUp']): Identity {
  async function resolve({ user }: Actor): Promise<Principal> {
    await onLookUp.get(user)?.();
    const person = people.get(user);
    if (person === undefined) throw new ElevateError('unknown_identity', 'this account is deactivated.');
    return person;
  }
  return { resolve, enter: ({ actor }) => resolve(actor) };
}

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
