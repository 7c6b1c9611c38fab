/** The one port: health, readiness, and the chat endpoint. Knows nothing of what is behind them. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { describeRequest, guardResponse, problem } from './answers.ts';
import { type Readiness, withTimeLimit } from './readiness.ts';

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

export interface HttpServer {
  fastify: FastifyInstance;
  /** Port 0 takes a free one. `url` is where it listens. */
  listen(at: { host: string; port: number }): Promise<{ url: string }>;
  /** Takes no new request, lets those in progress end, and closes. */
  close(): Promise<void>;
}

export function createServer(deps: {
  slack?: { handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> };
  ready: () => Promise<Readiness>;
  log: Logger;
  limits?: Partial<ServerLimits>;
}): HttpServer {
  const { slack, ready } = deps;
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
    // Fastify's own settings drop what they do not know and turn strings into numbers.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    frameworkErrors: (error, request, reply) => {
      guardResponse(request, reply);
      problem(request, reply, error.statusCode ?? 400);
    },
  });

  fastify.addHook('onRequest', async (request, reply) => guardResponse(request, reply));
  fastify.addHook('onResponse', async (request, reply) => {
    request.log.info({ req: request.raw, status: reply.raw.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered');
    // A connection that was busy when closing began would otherwise be kept for the next request.
    if (isClosing) setImmediate(() => fastify.server.closeIdleConnections());
  });
  fastify.setNotFoundHandler((request, reply) => problem(request, reply, 404));
  fastify.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500;
    if (status >= 500) request.log.error({ err: error }, 'a request failed');
    return problem(request, reply, status);
  });

  fastify.get('/healthz', async () => ({ ok: true }));
  fastify.get('/readyz', async (request, reply) => {
    const readiness = await withTimeLimit(ready, limits.readyMs, (err) =>
      request.log.error({ err }, 'readiness could not be told'),
    );
    return reply.code(readiness.ok ? 200 : 503).send(readiness);
  });
  if (slack !== undefined) mountUnparsed(fastify, '/slack/events', slack.handle);

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

/** Hands the request over before any parser: signatures are over the bytes as they came. */
function mountUnparsed(
  fastify: FastifyInstance,
  url: string,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): void {
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
