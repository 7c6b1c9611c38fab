/**
 * Receives what Teams sends, on a server that belongs to somebody else: mount `handle` on a POST route whose body nobody
 * has read. The doors are here (size, time, shape, proof, hosts, tenants); behind them are the SDK and the bot.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TeamsConfig } from '../config/config.ts';
import { loggable } from '../core/loggable.ts';
import type { Clock, Log } from '../core/ports.ts';
import { isUrlAt } from '../core/urls.ts';
import { type Activity, readActivity } from './activity.ts';
import { createInbound } from './adapter/inbound.ts';
import { createVerify, tokenIn } from './auth.ts';
import type { TeamsBot } from './bot.ts';
import { readSigningKeys } from './read-signing-keys.ts';
import { isJson, readJson, type Refused, refused, type RequestLimits, requestLimits } from './request.ts';
import { createSigningKeys } from './signing-keys.ts';

export interface TeamsEndpoint {
  /** Answers one request. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Reads the keys of Teams, so that the first caller need not wait. Never rejects. */
  ready(): Promise<void>;
  /** Resolves when everything in flight has settled, what follows an answer included, or after `withinMs`. */
  drain(withinMs?: number): Promise<void>;
}

export interface EndpointLimits extends RequestLimits {
  /** A body that has arrived is answered by then, or given up. */
  answerMs: number;
}

export function createTeamsEndpoint(deps: {
  config: TeamsConfig;
  bot: TeamsBot;
  log: Log;
  now: Clock;
  /** For the keys of Teams. */
  fetch?: typeof globalThis.fetch;
  limits?: Partial<EndpointLimits>;
}): TeamsEndpoint {
  const { config, bot, log, now, fetch = globalThis.fetch } = deps;
  const limits = { ...requestLimits, answerMs: 4_500, ...deps.limits };
  const keys = createSigningKeys({ read: () => readSigningKeys(config.endpoints.openIdMetadataUrl, fetch), now, log });
  const verify = createVerify({ config, keys, now });
  const inbound = createInbound({ config, keys, log });
  const inFlight = new Set<Promise<void>>();

  /** Nothing of a body is held for whom Teams does not vouch, and which tenants and hosts are served is told to Teams alone. */
  async function admit(request: IncomingMessage): Promise<{ ok: true; token: string; activity: Activity } | Refused> {
    if (!isJson(request.headers)) return refused(415, 'content type');
    const token = tokenIn(request.headers.authorization);
    if (token === undefined) return refused(401, 'no token');
    const verdict = await verify(token);
    if (!verdict.ok) return verdict;
    const read = await readJson(request, limits);
    if (!read.ok) return read;
    const activity = readActivity(read.json);
    if ('problem' in activity) return refused(400, activity.problem);
    if (verdict.serviceUrl !== activity.serviceUrl) return refused(401, 'service address');
    if (!isUrlAt(activity.serviceUrl, config.serviceHosts)) return refused(403, 'service host');
    if (!config.tenants.includes(activity.tenant)) return refused(403, 'tenant');
    return { ok: true, token, activity };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const admitted = await admit(request);
    if (!admitted.ok) {
      const { status, reason } = admitted;
      log.warn({ status, reason }, 'request to the bot refused');
      return send(response, status, undefined);
    }
    const { token, activity } = admitted;
    const { status, body } = await inbound.process({ token, activity }, () => bot.turn(activity));
    send(response, status, body);
  }

  return {
    handle(request, response) {
      // Without these, a peer that hangs up would end the process.
      request.on('error', () => {});
      response.on('error', () => {});
      const late = setTimeout(() => {
        log.error({}, 'a request from Teams was not answered in time');
        send(response, 503, undefined);
      }, limits.answerMs + limits.bodyMs);
      const work = serve(request, response)
        .catch((error: unknown) => {
          log.error(loggable(error), 'the endpoint of Teams failed');
          send(response, 500, undefined);
        })
        .finally(() => {
          clearTimeout(late);
          inFlight.delete(work);
        });
      inFlight.add(work);
      return work;
    },

    ready: () => keys.freshen(),

    async drain(withinMs = 10_000) {
      const timeUp = new AbortController();
      const all = Promise.allSettled(inFlight).then(() => bot.settled());
      const isDone = await Promise.race([
        all.then(() => true),
        sleep(withinMs, false, { signal: timeUp.signal }).catch(() => false),
      ]);
      timeUp.abort();
      if (!isDone) log.warn({ open: inFlight.size }, 'stopped before all answers were given');
    },
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  // The rest of a slow body is not waited for.
  if (status === 408) response.setHeader('connection', 'close');
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  if (status === 503) response.setHeader('retry-after', '5');
  if (body === undefined) response.writeHead(status).end();
  else response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
