/** The one port: health, the API, and the endpoints of the chats. Knows nothing of what is behind them. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { watchMethods } from './allowed.ts';
import { describeRequest, guardResponse, sendProblem } from './answers.ts';
import { type ApiDeps, createApi } from './api.ts';
import { loggable } from '../core/loggable.ts';
import { healthRoutes } from './health.ts';
import { describeRoutes, openApiRoute } from './openapi.ts';
import { plainProblem, problemOf } from './problem.ts';
import type { Readiness } from './readiness.ts';
import { resourceRoutes } from './resource.ts';
import { allSchemas } from './openapi/schemas/all.ts';

export type { Readiness } from './readiness.ts';

export interface ServerLimits {
  /** A whole request, head and body, must have arrived within this; checked every second. */
  requestMs: number;
  headersMs: number;
  /** A connection on which nothing moves is closed. */
  idleMs: number;
  keepAliveMs: number;
  /** Bytes of a body, where a route says nothing else. */
  bodyBytes: number;
  /** `ready` must answer within this, or counts as not ready. */
  readyMs: number;
}

const defaultLimits: ServerLimits = {
  requestMs: 15_000,
  headersMs: 10_000,
  idleMs: 60_000,
  keepAliveMs: 10_000,
  bodyBytes: 64 * 1024,
  readyMs: 3_000,
};

/** Fastify's own settings drop what they do not know, turn strings into numbers, and stop at the first mistake. */
const strictly = {
  removeAdditional: false,
  coerceTypes: false,
  useDefaults: false,
  allErrors: true,
  // Names the schema that was not met, for a sentence about it.
  verbose: true,
} as const;

/** Where a chat knocks. It reads the request itself, and its promise never rejects. */
export interface ChatDoor {
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface HttpServer {
  fastify: FastifyInstance;
  /** Port 0 takes a free one. `url` is where it listens. */
  listen(at: { host: string; port: number }): Promise<{ url: string }>;
  /** Takes no new request, lets those in progress end, and closes. */
  close(): Promise<void>;
}

export function createServer(deps: {
  slack?: ChatDoor;
  teams?: ChatDoor;
  /** Absent, there is no API. */
  api?: ApiDeps;
  ready: () => Promise<Readiness>;
  log: Logger;
  limits?: Partial<ServerLimits>;
}): HttpServer {
  const { slack, teams, api, ready } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const log: FastifyBaseLogger = deps.log.child({ component: 'http' }, { serializers: { req: describeRequest } });
  let isClosing = false;
  const fastify: FastifyInstance = Fastify({
    loggerInstance: log,
    // One line per request, ours: Fastify's own would carry whole addresses.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: 1_000 },
    forceCloseConnections: 'idle',
    ajv: { customOptions: strictly },
    // As long as an address can be: an id that is too long is answered like any other that is none.
    routerOptions: { maxParamLength: 16 * 1024 },
    frameworkErrors: (error, request, reply) => {
      guardResponse(request, reply);
      sendProblem(request, reply, problemOf(error));
    },
  });

  fastify.addHook('onRequest', async (request, reply) => guardResponse(request, reply));
  fastify.addHook('onResponse', async (request, reply) => {
    request.log.info({ req: request.raw, status: reply.raw.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered');
    // A connection that was busy when closing began would otherwise be kept for the next request.
    if (isClosing) setImmediate(() => fastify.server.closeIdleConnections());
  });
  refuseTheRest(fastify);
  void fastify.register(async (root) => mountRoutes(root, { api, ready, limits }));
  if (slack !== undefined) mountUnparsed(fastify, '/slack/events', slack);
  if (teams !== undefined) mountUnparsed(fastify, '/api/messages', teams);

  return {
    fastify,
    async listen({ host, port }) {
      await fastify.listen({ host, port, listenTextResolver: () => 'listening' });
      const { address, port: taken, family } = fastify.server.address() as AddressInfo;
      return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}` };
    },
    close: () => {
      isClosing = true;
      return fastify.close();
    },
  };
}

/** Answers what no route takes, and what goes wrong outside the API. */
function refuseTheRest(fastify: FastifyInstance): void {
  const methodsOf = watchMethods(fastify);
  const refuse = (request: FastifyRequest, reply: FastifyReply) => {
    const allowed = methodsOf(request.url.split('?', 1)[0] ?? '');
    if (allowed.length === 0) return sendProblem(request, reply, plainProblem('not_found'));
    return sendProblem(request, reply.header('allow', allowed.join(', ')), plainProblem('method_not_allowed'));
  };
  fastify.setNotFoundHandler(refuse);
  // Before its body is read: whatever that holds, nobody here wants it.
  fastify.addHook('onRequest', async (request, reply) => (request.is404 ? refuse(request, reply) : undefined));
  fastify.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) request.log.error(loggable(error), 'a request failed');
    return sendProblem(request, reply, problem);
  });
}

/** What describes routes has to be there before them. */
async function mountRoutes(
  root: FastifyInstance,
  { api, ready, limits }: { api: ApiDeps | undefined; ready: () => Promise<Readiness>; limits: ServerLimits },
): Promise<void> {
  for (const schema of allSchemas) root.addSchema(schema);
  if (api !== undefined) await describeRoutes(root);
  healthRoutes(root, ready, limits.readyMs);
  if (api === undefined) return;
  openApiRoute(root);
  resourceRoutes(root, api);
  await root.register(createApi(api), { prefix: '/api/v1' });
}

/** Hands the request over before any parser: signatures are over the bytes as they came. */
function mountUnparsed(fastify: FastifyInstance, url: string, { handle }: ChatDoor): void {
  fastify.route({
    method: 'POST',
    url,
    onRequest: async (request, reply) => {
      reply.hijack();
      await handle(request.raw, reply.raw);
    },
    handler: async () => {},
  });
}
