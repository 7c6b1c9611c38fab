/** What keeps `elevate dev` from ever standing at a real door (T34). */
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config.ts';
import { ElevateError } from '../core/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials that belong to `elevate start`. Beside an embedded identity they would let anybody be anybody. */
const realCredentials = [
  'SLACK_SIGNING_SECRET',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'TEAMS_APP_PASSWORD',
  'TEMPORAL_API_KEY',
];

/** @throws `invalid_input` with what to do instead */
export function requireDevEnvironment(env: Environment): void {
  if (env['NODE_ENV'] === 'production') throw refused('NODE_ENV is "production". Use elevate start there.');
  const found = realCredentials.filter((name) => env[name] !== undefined && env[name] !== '');
  if (found.length === 0) return;
  throw refused(`${found.join(', ')} is set. Unset it here, or use elevate start with it.`);
}

/**
 * @throws `invalid_input` unless only `log` and webhooks on this machine may grant, only this machine may ask, and
 * nobody else's identity provider and nobody else's chat is trusted
 */
export function requireDevConfig({
  providers,
  server,
  api,
  slack,
  teams,
}: Pick<Config, 'providers' | 'server' | 'api' | 'slack' | 'teams'>): void {
  if (!isLoopback(server.host)) throw refused('server.host must be 127.0.0.1, ::1 or localhost.');
  if (api !== undefined && !isLoopback(new URL(api.issuer).hostname))
    throw refused('api.issuer must be on this machine: write "${API_ISSUER}".');
  if (slack !== undefined && !isLoopback(new URL(slack.apiUrl).hostname))
    throw refused('slack.api_url must be that of the embedded Slack: write "${SLACK_API_URL}".');
  if (teams !== undefined && !isLoopback(new URL(teams.endpoints.openIdMetadataUrl).hostname))
    throw refused('teams.endpoints must be those of the embedded Teams: write "${TEAMS_OPENID_METADATA_URL}".');
  for (const [name, provider] of Object.entries(providers)) {
    if (provider.type === 'log') continue;
    if (isLoopback(new URL(provider.url).hostname)) continue;
    throw refused(`The provider ${name} is not on this machine. Only log and webhooks on 127.0.0.1 may grant here.`);
  }
}

/** Refuses what came through a proxy or under another name than this machine's. */
export function guardLoopback(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const { host = '', forwarded } = request.headers;
    const isForwarded =
      forwarded !== undefined || Object.keys(request.headers).some((name) => name.startsWith('x-forwarded-'));
    if (!isForwarded && isLoopback(hostnameOf(host))) return;
    return reply.code(421).send({ title: 'elevate dev answers on this machine only', status: 421 });
  });
}

function hostnameOf(host: string): string {
  return host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d+$/, '');
}

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}

function refused(why: string): ElevateError {
  return new ElevateError('invalid_input', `elevate dev can't run here: ${why}`);
}
