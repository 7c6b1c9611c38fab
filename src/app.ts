/** The only place that wires: configuration, ports, core, adapters, servers; and stops them in the right order. */
import type { FastifyInstance } from 'fastify';
import { apiFor } from './app/api.ts';
import { live } from './app/live.ts';
import { type Closing, openParts, type Parts, type PartsOptions } from './app/parts.ts';
import { readinessOf } from './app/readiness.ts';
import { recordConfig } from './app/record-config.ts';
import { buildRules, type Chats, type Rules } from './app/rules.ts';
import { openSlack, type SlackRoom } from './app/slack.ts';
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
}

/** @throws `unavailable` if Temporal, the store or Slack cannot be reached; `invalid_input`, `unauthenticated` */
export async function startApp(options: AppOptions): Promise<App> {
  const closing: Closing = [];
  try {
    const parts = await openParts(options, closing);
    const slack = options.config.slack && (await openSlack(options.config.slack, parts));
    const chats = chatsOf(slack, options.config, parts);
    const rules = keepRules(options.config, parts, chats);
    const worker = await startWorking(parts, rules, closing);
    const { url } = await listen(parts, slack, rules, options, closing);
    await recordConfig(options.config, parts);
    await slack?.warnOfChannels(options.config.roles);
    return { url, failed: failureOf(worker), reload: rules.reload, stop: () => closeAll(closing) };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

/** People of each platform, and what shows them executions. Those who use the API alone have nothing to show them. */
function chatsOf(slack: SlackRoom | undefined, { api }: Config, { store }: Parts): Chats {
  return {
    directories: {
      ...(slack && { slack: slack.directory }),
      ...(api && { api: createSignInDirectory(store) }),
    },
    messengers: { ...(slack && { slack: slack.messenger }) },
  };
}

type KeptRules = Rules & Pick<App, 'reload'>;

/** The rules of the newest configuration, behind ports that stay the same. */
function keepRules(first: Config, parts: Parts, chats: Chats): KeptRules {
  let config = first;
  let newest = buildRules(config, parts, chats);
  return {
    identity: live(() => newest.identity),
    executions: live(() => newest.executions),
    commands: live(() => newest.commands),
    roles: live(() => newest.roles),
    operating: live(() => newest.operating),
    activities: live(() => newest.activities),

    async reload(next) {
      const why = whyRestart(config, next);
      if (why !== undefined) throw new ElevateError('invalid_input', why);
      const rules = buildRules(next, parts, chats);
      await recordConfig(next, parts);
      [config, newest] = [next, rules];
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
  slack: SlackRoom | undefined,
  rules: Rules,
  { config, prepareServer }: AppOptions,
  closing: Closing,
) {
  const api = apiFor(config, parts, rules);
  const receiver = slack?.receive(rules.commands);
  const server = createServer({
    ...(receiver && { slack: receiver }),
    ...(api && { api }),
    ready: () => readinessOf(parts),
    log: parts.log,
  });
  prepareServer?.(server.fastify);
  closing.unshift(async () => receiver?.drain());
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
