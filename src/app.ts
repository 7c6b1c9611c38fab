/** The only place that wires: configuration, ports, core, adapters, servers; and stops them in the right order. */
import type { FastifyInstance } from 'fastify';
import { apiFor } from './app/api.ts';
import { live } from './app/live.ts';
import { type Closing, openParts, type Parts, type PartsOptions } from './app/parts.ts';
import { readinessOf } from './app/readiness.ts';
import { recordConfig } from './app/record-config.ts';
import { buildRules, type Chats, type Rules } from './app/rules.ts';
import { ofEach, openRooms, type Rooms } from './app/rooms.ts';
import type { TeamsSignIn } from './app/teams.ts';
import type { Config } from './config/config.ts';
import { whyRestart } from './config/reload.ts';
import { ElevateError } from './core/errors.ts';
import { createSignInDirectory } from './directory/sign-ins.ts';
import { createServer } from './http/server.ts';
import { keepSweeping } from './temporal/schedules.ts';
import { bundleWorkflows, installRuntime, type RunningWorker, startWorker } from './worker/worker.ts';

export interface App {
  /** Where it listens. */
  url: string;
  /** Rejects if the worker fails; the process is then of no use any more. */
  failed: Promise<never>;
  /**
   * Goes on with another configuration: all of it, or nothing.
   * @throws `invalid_input` if that needs a restart; `unavailable` if it could not be written down
   */
  reload(config: Config): Promise<void>;
  /** Takes no new request, finishes what is under way, and lets go of everything. */
  stop(): Promise<void>;
}

export interface AppOptions extends PartsOptions {
  /** Adds to the HTTP server before it listens. */
  prepareServer?: (fastify: FastifyInstance) => void;
  /** Gives the bot's own token for Teams, in place of signing in with the configuration's credentials. */
  teamsSignIn?: TeamsSignIn;
}

/** @throws `unavailable` if Temporal, the store or a chat cannot be reached; `invalid_input`, `unauthenticated` */
export async function startApp(options: AppOptions): Promise<App> {
  const closing: Closing = [];
  try {
    const parts = await openParts(options, closing);
    const newest = { config: options.config };
    const rooms = await openRooms(() => newest.config, parts, options.teamsSignIn);
    const rules = keepRules(newest, parts, chatsOf(rooms, options.config, parts));
    const worker = await startWorking(parts, rules, closing);
    const { url } = await listen(parts, rooms, rules, options, closing);
    await recordConfig(options.config, parts);
    for (const room of Object.values(rooms)) await room.warnOfChannels(options.config.roles);
    return { url, failed: failureOf(worker), reload: rules.reload, stop: () => closeAll(closing) };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

/** People of each platform, and what shows them executions. Those who use the API alone have nothing to show them. */
function chatsOf(rooms: Rooms, { api }: Config, { store }: Parts): Chats {
  return {
    directories: {
      ...ofEach(rooms, ({ directory }) => directory),
      ...(api && { api: createSignInDirectory(store) }),
    },
    messengers: ofEach(rooms, ({ messenger }) => messenger),
  };
}

type KeptRules = Rules & Pick<App, 'reload'>;

/** The rules of the newest configuration, behind ports that stay the same. @param newest a reload puts the next one there */
function keepRules(newest: { config: Config }, parts: Parts, chats: Chats): KeptRules {
  let rules = buildRules(newest.config, parts, chats);
  return {
    identity: live(() => rules.identity),
    catalog: live(() => rules.catalog),
    executions: live(() => rules.executions),
    commands: live(() => rules.commands),
    roles: live(() => rules.roles),
    operating: live(() => rules.operating),
    activities: live(() => rules.activities),

    async reload(next) {
      const why = whyRestart(newest.config, next);
      if (why !== undefined) throw new ElevateError('invalid_input', why);
      const nextRules = buildRules(next, parts, chats);
      await recordConfig(next, parts);
      rules = nextRules;
      newest.config = next;
    },
  };
}

/** The worker, and the schedule that looks after what was left behind. */
async function startWorking(parts: Parts, { activities }: Rules, closing: Closing): Promise<RunningWorker> {
  const { temporal, taskQueue, dataConverter, log } = parts;
  const { namespace, connectionOptions } = temporal;
  installRuntime(log);
  const bundle = await bundleWorkflows(dataConverter, log);
  const worker = await startWorker({ connectionOptions, namespace, taskQueue, dataConverter, bundle, activities });
  closing.unshift(() => worker.stop());
  await keepSweeping(parts);
  return worker;
}

/** The one port. */
async function listen(
  parts: Parts,
  rooms: Rooms,
  rules: Rules,
  { config, prepareServer }: AppOptions,
  closing: Closing,
) {
  const api = apiFor(config, parts, rules);
  const doors = ofEach(rooms, (room) => room.receive(rules.commands));
  const server = createServer({
    ...doors,
    ...(api && { api }),
    ready: () => readinessOf(parts),
    log: parts.log,
  });
  prepareServer?.(server.fastify);
  for (const door of Object.values(doors)) closing.unshift(() => door.drain());
  const listening = await server.listen(config.server);
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
