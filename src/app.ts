/** The only place that wires: configuration, ports, core, adapters, servers; and stops them in the right order. */
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config, SlackConfig } from './config/config.ts';
import { deriveKeys } from './config/keys.ts';
import { createCatalog } from './core/catalog.ts';
import { type Commands, createCommands } from './core/commands.ts';
import { ElevateError } from './core/errors.ts';
import { createExecutions } from './core/executions.ts';
import { createIdentity } from './core/identity.ts';
import type { Chat, Clock } from './core/ports.ts';
import { createGroups } from './directory/groups.ts';
import { createSlackDirectory } from './directory/slack.ts';
import { createServer, type Readiness } from './http/server.ts';
import { createProviders } from './providers/provider.ts';
import { createSlackApp } from './slack/app.ts';
import { checkChannels } from './slack/channels.ts';
import { createSlackClient, type SlackClient } from './slack/client.ts';
import { createMessenger } from './slack/messenger.ts';
import { createReceiver, type SlackReceiver } from './slack/receiver.ts';
import { createWebClient, resolveBot } from './slack/web-client.ts';
import { openStore } from './store/database.ts';
import { connectLazily, type TemporalOptions } from './temporal/connect.ts';
import { createDataConverter } from './temporal/data-converter.ts';
import { createGateway } from './temporal/gateway.ts';
import { createIds } from './tokens/ids.ts';
import { createTokens } from './tokens/signal-token.ts';
import { createActivities } from './worker/activities.ts';
import { keepSweeping } from './worker/sweep.ts';
import { bundleWorkflows, installRuntime, type RunningWorker, startWorker } from './worker/worker.ts';

/** How often the ledger is looked through for what was left behind. */
const SWEEP_EVERY = 60_000;

/** A person waits for the answer, and a few may be asked about. */
const DIRECTORY_WITHIN = 2_000;

export interface App {
  /** Where it listens. */
  url: string;
  /** Rejects if the worker fails; the process is then of no use any more. */
  failed: Promise<never>;
  /** Takes no new request, finishes what is under way, and lets go of everything. */
  stop(): Promise<void>;
}

export interface AppOptions {
  config: Config;
  temporal: TemporalOptions;
  log: Logger;
  now?: Clock;
  /** Adds to the HTTP server before it listens. */
  prepareServer?: (fastify: FastifyInstance) => void;
}

/** What is to be closed, last opened first. */
type Closing = (() => Promise<unknown>)[];

/** @throws `unavailable` if Temporal, the store or Slack cannot be reached; `invalid_input`, `unauthenticated` */
export async function startApp(options: AppOptions): Promise<App> {
  const closing: Closing = [];
  try {
    const parts = await openParts(options, closing);
    const people = knowPeople(parts);
    const commands = buildCore(parts, people);
    const chat = await openSlack(parts, people, commands);
    const worker = await startWorking(parts, people, chat.messenger, closing);
    const { url } = await listen(parts, chat.receiver, options, closing);
    await recordStart(parts);
    await warnOfChannels(parts, chat.client);
    return { url, failed: failureOf(worker), stop: () => closeAll(closing) };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

/** Keys, store, Temporal, providers: what everything else stands on. */
async function openParts({ config, temporal, log, now = Date.now }: AppOptions, closing: Closing) {
  const { namespace } = temporal;
  const { taskQueue } = config.temporal;
  const deployment = `${namespace}/${taskQueue}`;
  const keys = deriveKeys(config.keys);
  const store = await openStore(config.store);
  closing.unshift(() => store.close());
  const dataConverter = createDataConverter(keys.payloads, namespace);
  const connection = connectLazily(temporal);
  const gateway = createGateway({ connection, namespace, taskQueue, dataConverter, now });
  closing.unshift(() => gateway.settled().then(() => connection.close()));
  await requireTemporal(gateway.ping, temporal);
  return {
    config,
    slack: requireSlack(config),
    temporal,
    taskQueue,
    deployment,
    log,
    now,
    store,
    dataConverter,
    gateway,
    ids: createIds(keys.ids),
    tokens: await createTokens({ keys: keys.tokens, deployment, now }),
    providers: createProviders(config.providers, { source: `urn:elevate:${deployment}`, now, log }),
  };
}

type Parts = Awaited<ReturnType<typeof openParts>>;

/** Who people are, and in which groups. */
function knowPeople({ config, slack, store, log, now }: Parts) {
  const client = createWebClient(slack, log, DIRECTORY_WITHIN);
  const directories = { slack: createSlackDirectory({ client, workspaces: slack.workspaces, now }) };
  const groups = createGroups({ groups: config.groups, directories });
  const { bindings, audit } = store;
  const identity = createIdentity({ config: config.identity, directories, bindings, groups, audit, log, now });
  return { directories, groups, identity };
}

type People = ReturnType<typeof knowPeople>;

function buildCore(parts: Parts, { directories, groups, identity }: People) {
  const { config, store, gateway, tokens, ids, providers, deployment, now, log } = parts;
  const executions = createExecutions({
    config,
    catalog: createCatalog(config),
    identity,
    gateway,
    tokens,
    ids,
    executions: store.executions,
    limits: store.limits,
    audit: store.audit,
    providers,
    groups,
    deployment,
    chats: Object.keys(directories),
    now,
    log,
  });
  return createCommands({ executions, config, ids, now, pause: (ms) => pause(ms), log });
}

/** Slack, in and out. */
async function openSlack(parts: Parts, { directories }: People, commands: Commands) {
  const { slack: config, tokens, ids, store, log, now } = parts;
  const bot = await resolveBot(createWebClient(config, log), { workspaces: config.workspaces, log });
  const client = createSlackClient(config, log);
  const { cards } = store;
  const directory = directories.slack;
  const messenger = createMessenger({
    client,
    cards,
    tokens,
    directory,
    hash: ids.hash,
    workspace: bot.team,
    log,
    now,
  });
  const receiver = createReceiver({ signingSecret: config.signingSecret, log, now });
  createSlackApp({ config, bot, commands, mint: tokens.mint, log, now, receiver });
  return { client, messenger, receiver };
}

/** The worker, and the second net under its leases. */
async function startWorking(parts: Parts, { identity }: People, messenger: Chat, closing: Closing) {
  const { config, temporal, taskQueue, dataConverter, gateway, providers, store, log, now } = parts;
  const { executions, audit, limits, ledger } = store;
  const { roles } = config;
  const judging = { roles, identity, providers };
  const { namespace, connectionOptions } = temporal;
  installRuntime(log);
  const bundle = await bundleWorkflows(dataConverter, log);
  const chats = { slack: messenger };
  const activities = createActivities({ ...judging, chats, executions, audit, limits, ledger, gateway, log, now });
  const worker = await startWorker({ connectionOptions, namespace, taskQueue, dataConverter, bundle, activities });
  closing.unshift(() => worker.stop());
  closing.unshift(keepSweeping({ ...judging, ledger, executions, gateway, audit, log, now }, SWEEP_EVERY));
  return worker;
}

/** The one port. */
async function listen(parts: Parts, receiver: SlackReceiver, { prepareServer }: AppOptions, closing: Closing) {
  const server = createServer({ slack: receiver, ready: () => readiness(parts), log: parts.log });
  prepareServer?.(server.fastify);
  closing.unshift(() => receiver.drain());
  const listening = await server.listen(parts.config.server);
  closing.unshift(() => server.close());
  return listening;
}

/** Rejects when the worker does; otherwise never settles. */
function failureOf({ stopped }: RunningWorker): Promise<never> {
  const failed = stopped.then(() => new Promise<never>(() => undefined));
  failed.catch(() => undefined);
  return failed;
}

/** One that fails to close keeps none of the others from closing. */
async function closeAll(closing: Closing): Promise<void> {
  for (const close of closing.splice(0)) await close().catch(() => undefined);
}

function requireSlack({ slack }: Config): SlackConfig {
  if (slack !== undefined) return slack;
  throw new ElevateError('invalid_input', 'No chat is configured. Add a slack section to elevate.yaml.');
}

/** How often Temporal is asked before a start is given up, a second apart. */
const TEMPORAL_TRIES = 8;

async function requireTemporal(ping: () => Promise<void>, { connectionOptions }: TemporalOptions): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ping();
    } catch (cause) {
      const { address } = connectionOptions;
      const message = `Temporal does not answer at ${address}. Start it, or set TEMPORAL_ADDRESS.`;
      if (tries === TEMPORAL_TRIES) throw new ElevateError('unavailable', message, { cause });
      await pause(1_000);
    }
  }
}

/** What `/readyz` says: which part does not answer. */
async function readiness({ store, gateway }: Pick<Parts, 'store' | 'gateway'>): Promise<Readiness> {
  const checks = {
    store: await state(() => store.ping()),
    temporal: await state(() => gateway.ping()),
    worker: await state(async () => {
      if (!(await gateway.hasWorker())) throw new Error('no worker polls');
    }),
  };
  return { ok: Object.values(checks).every((check) => check === 'ok'), checks };
}

async function state(check: () => Promise<void>): Promise<string> {
  try {
    await check();
    return 'ok';
  } catch {
    return 'does not answer';
  }
}

/** Which configuration ran from when on (T32). */
async function recordStart({ config, store, now }: Parts): Promise<void> {
  const at = now();
  const details = { digest: config.digest };
  await store.audit.write([{ id: `config/${at}/${config.digest}`, at, kind: 'config', details }]);
}

/** Tells operators of channels that get no card (T30). */
async function warnOfChannels({ config, log }: Parts, client: SlackClient): Promise<void> {
  const stages = Object.values(config.roles).flatMap(({ approval }) => approval);
  const channels = [...new Set(stages.flatMap(({ ask }) => ask.channels['slack'] ?? []))];
  for (const { channel, why, word } of await checkChannels(client, channels)) {
    const told =
      why === 'shared' ? 'no card goes to this channel: others may read along' : 'this channel cannot be reached';
    log.warn({ channel, word }, told);
  }
}
