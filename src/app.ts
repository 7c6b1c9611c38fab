/** The only place that wires: configuration, ports, core, adapters, servers; and stops them in the right order. */
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config, SlackConfig } from './config/config.ts';
import { deriveKeys } from './config/keys.ts';
import { createCatalog } from './core/catalog.ts';
import { createCommands } from './core/commands.ts';
import { ElevateError } from './core/errors.ts';
import { createExecutions } from './core/executions.ts';
import { createIdentity } from './core/identity.ts';
import type { Clock } from './core/ports.ts';
import { createGroups } from './directory/groups.ts';
import { createSlackDirectory } from './directory/slack.ts';
import { createServer, type Readiness } from './http/server.ts';
import { createProviders } from './providers/provider.ts';
import { createSlackApp } from './slack/app.ts';
import { checkChannels } from './slack/channels.ts';
import { createSlackClient } from './slack/client.ts';
import { createMessenger } from './slack/messenger.ts';
import { createReceiver } from './slack/receiver.ts';
import { createWebClient, resolveBot } from './slack/web-client.ts';
import { openStore, type Store } from './store/database.ts';
import { connectLazily, type TemporalOptions } from './temporal/connect.ts';
import { createDataConverter } from './temporal/data-converter.ts';
import { createGateway } from './temporal/gateway.ts';
import { createIds } from './tokens/ids.ts';
import { createTokens } from './tokens/signal-token.ts';
import { createActivities } from './worker/activities.ts';
import { keepSweeping } from './worker/sweep.ts';
import { bundleWorkflows, installRuntime, startWorker } from './worker/worker.ts';

const MINUTE = 60_000;

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

/** @throws `unavailable` if Temporal, the store or Slack cannot be reached; `invalid_input`, `unauthenticated` */
export async function startApp(options: AppOptions): Promise<App> {
  const closing: (() => Promise<unknown>)[] = [];
  try {
    return await wire(options, (close) => closing.unshift(close), closing);
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

async function wire(
  { config, temporal, log, now = Date.now, prepareServer }: AppOptions,
  onStop: (close: () => Promise<unknown>) => void,
  closing: (() => Promise<unknown>)[],
): Promise<App> {
  const slackConfig = requireSlack(config);
  const { namespace } = temporal;
  const { taskQueue } = config.temporal;
  const deployment = `${namespace}/${taskQueue}`;

  // ── ports
  const keys = deriveKeys(config.keys);
  const ids = createIds(keys.ids);
  const tokens = await createTokens({ keys: keys.tokens, deployment, now });
  const store = await openStore(config.store);
  onStop(() => store.close());
  const dataConverter = createDataConverter(keys.payloads, namespace);
  const connection = connectLazily(temporal);
  const gateway = createGateway({ connection, namespace, taskQueue, dataConverter, now });
  onStop(() => gateway.settled().then(() => connection.close()));
  await requireTemporal(gateway.ping, temporal);
  const providers = createProviders(config.providers, { source: `urn:elevate:${deployment}`, now, log });

  // ── people
  const { workspaces } = slackConfig;
  const directory = createSlackDirectory({ client: createWebClient(slackConfig, log, 2_000), workspaces, now });
  const directories = { slack: directory };
  const groups = createGroups({ groups: config.groups, directories });
  const { audit, bindings, executions: readModel, limits, ledger, cards } = store;
  const identity = createIdentity({ config: config.identity, directories, bindings, groups, audit, log, now });

  // ── core
  const executions = createExecutions({
    config,
    catalog: createCatalog(config),
    identity,
    gateway,
    tokens,
    ids,
    executions: readModel,
    limits,
    audit,
    providers,
    groups,
    deployment,
    chats: Object.keys(directories),
    now,
    log,
  });
  const commands = createCommands({ executions, config, ids, now, pause: (ms) => pause(ms), log });

  // ── Slack, in and out
  const bot = await resolveBot(createWebClient(slackConfig, log), { workspaces, log });
  const client = createSlackClient(slackConfig, log);
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
  const receiver = createReceiver({ signingSecret: slackConfig.signingSecret, log, now });
  createSlackApp({ config: slackConfig, bot, commands, mint: tokens.mint, log, now, receiver });

  // ── worker
  installRuntime(log);
  const bundle = await bundleWorkflows(dataConverter, log);
  const activities = createActivities({
    chats: { slack: messenger },
    executions: readModel,
    audit,
    limits,
    ledger,
    gateway,
    roles: config.roles,
    identity,
    providers,
    log,
    now,
  });
  const { connectionOptions } = temporal;
  const worker = await startWorker({ connectionOptions, namespace, taskQueue, dataConverter, bundle, activities });
  onStop(() => worker.stop());
  const { roles } = config;
  onStop(keepSweeping({ ledger, executions: readModel, gateway, audit, providers, roles, identity, log, now }, MINUTE));

  // ── one port
  const ready = () => readiness({ store, gateway });
  const server = createServer({ slack: receiver, ready, log });
  prepareServer?.(server.fastify);
  onStop(() => receiver.drain());
  const { url } = await server.listen(config.server);
  onStop(() => server.close());

  await recordStart(config, { audit, now });
  for (const { channel, why, word } of await checkChannels(client, channelsOf(config))) {
    log.warn(
      { channel, word },
      why === 'shared' ? 'no card goes to this channel: others may read along' : 'this channel cannot be reached',
    );
  }
  const failed = worker.stopped.then(
    () => new Promise<never>(() => undefined),
    (error: unknown) => Promise.reject(error),
  );
  failed.catch(() => undefined);
  return { url, failed, stop: () => closeAll(closing) };
}

/** Last opened, first closed; one that fails to close keeps none from closing. */
async function closeAll(closing: (() => Promise<unknown>)[]): Promise<void> {
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
async function readiness(parts: {
  store: Pick<Store, 'ping'>;
  gateway: { ping(): Promise<void>; hasWorker(): Promise<boolean> };
}): Promise<Readiness> {
  const checks = {
    store: await state(() => parts.store.ping()),
    temporal: await state(() => parts.gateway.ping()),
    worker: await state(async () => {
      if (!(await parts.gateway.hasWorker())) throw new Error('no worker polls');
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
async function recordStart(config: Config, { audit, now }: { audit: Store['audit']; now: Clock }): Promise<void> {
  const at = now();
  await audit.write([{ id: `config/${at}/${config.digest}`, at, kind: 'config', details: { digest: config.digest } }]);
}

function channelsOf({ roles }: Config): string[] {
  const stages = Object.values(roles).flatMap(({ approval }) => approval);
  return [...new Set(stages.flatMap(({ ask }) => ask.channels['slack'] ?? []))];
}
