/** The whole way in: one port, the endpoint with the real `CloudAdapter`, and a bot that writes down what reaches it. */
import { pino } from 'pino';
import type { TeamsConfig } from '../../src/config/config.ts';
import { createServer } from '../../src/http/server.ts';
import type { Activity } from '../../src/teams/activity.ts';
import type { TeamsBot } from '../../src/teams/bot.ts';
import { createTeamsEndpoint, type EndpointLimits } from '../../src/teams/endpoint.ts';
import { activity, type Issuer } from './issuer.ts';

export function createLogBook() {
  const lines: string[] = [];
  return { lines, log: pino({ level: 'debug' }, { write: (line) => void lines.push(line) }) };
}

export async function openWayIn(
  issuer: Issuer,
  options: {
    config?: Partial<TeamsConfig>;
    limits?: Partial<EndpointLimits>;
    now?: () => number;
    bot?: TeamsBot;
    fetch?: typeof fetch;
  } = {},
) {
  const { lines, log } = createLogBook();
  const turns: Activity[] = [];
  const recording: TeamsBot = {
    turn: async (turn) => void turns.push(turn),
    settled: async () => {},
  };
  const endpoint = createTeamsEndpoint({
    config: issuer.config(options.config),
    bot: options.bot ?? recording,
    log,
    now: options.now ?? Date.now,
    limits: options.limits ?? {},
    ...(options.fetch && { fetch: options.fetch }),
  });
  const server = createServer({ teams: endpoint, ready: async () => ({ ok: true, checks: {} }), log });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });

  return {
    endpoint,
    lines,
    turns,
    url: `${url}/api/messages`,
    /** Sends it as it is; headers that are undefined are left out. */
    async post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string | undefined> = {}) {
      const all = { 'content-type': 'application/json; charset=utf-8', ...headers };
      const sent = Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined);
      const response = await fetch(`${url}/api/messages`, { method: 'POST', body, headers: sent });
      const text = await response.text();
      return {
        status: response.status,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
        headers: response.headers,
      };
    },
    /** Sends an activity that the issuer vouches for. */
    async deliver(sent: Record<string, unknown> = activity(), token?: string) {
      return this.post(JSON.stringify(sent), { authorization: `Bearer ${token ?? (await issuer.sign())}` });
    },
    async close() {
      await server.close();
      await endpoint.drain();
    },
  };
}

export type WayIn = Awaited<ReturnType<typeof openWayIn>>;
