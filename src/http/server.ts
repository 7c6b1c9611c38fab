/** The one port: health, readiness, and the chat endpoint. Knows nothing of what is behind them. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';

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

export interface Readiness {
  ok: boolean;
  /** Each part by name, with `ok` or a word for what is wrong. Shown to anybody, so nothing secret. */
  checks: Record<string, string>;
}

export interface HttpServer {
  fastify: FastifyInstance;
  /** Port 0 takes a free one. `url` is where it listens. */
  listen(at: { host: string; port: number }): Promise<{ url: string }>;
  /** Takes no new request, lets those in progress end, and closes. */
  close(): Promise<void>;
}

export function createServer(deps: {
  slack?: { handle(request: IncomingMessage, response: ServerResponse): Promise<void> };
  ready: () => Promise<Readiness>;
  log: Logger;
  limits?: Partial<ServerLimits>;
}): HttpServer {
  const { slack, ready } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const log = deps.log.child({ component: 'http' }, { serializers: { req: describeRequest } });
  let isClosing = false;
  const fastify: FastifyInstance = Fastify({
    loggerInstance: log as FastifyBaseLogger,
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
      return problem(request, reply, error.statusCode ?? 400);
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

/** Set on the raw response, so that handed-over requests carry them too. */
function guardResponse(request: FastifyRequest, reply: FastifyReply): void {
  reply.raw.setHeader('x-content-type-options', 'nosniff');
  reply.raw.setHeader('cache-control', 'no-store');
  reply.raw.setHeader('referrer-policy', 'no-referrer');
  reply.raw.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  reply.raw.setHeader('x-request-id', request.id);
}

const titles: Record<number, string> = {
  400: 'The request could not be understood.',
  404: 'There is nothing here.',
  405: 'This cannot be done here.',
  408: 'The request took too long to arrive.',
  413: 'The request is too large.',
  414: 'The address is too long.',
  415: 'This kind of content is not taken here.',
  503: 'Not available now. Try again later.',
};

/** Says what and which request, and nothing of what was sent or what broke. */
function problem(request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply {
  const title = titles[status] ?? (status >= 500 ? 'Something went wrong here.' : 'The request was refused.');
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title, status, request_id: request.id });
}

/** The query may hold a token, so only the path is logged (P7). */
function describeRequest(request: { method?: string; url?: string }): object {
  return { method: request.method, path: request.url?.split('?', 1)[0]?.slice(0, 200) };
}

async function withTimeLimit(
  ready: () => Promise<Readiness>,
  ms: number,
  onFailure: (error: unknown) => void,
): Promise<Readiness> {
  const done = new AbortController();
  const timeUp = sleep(ms, { ok: false, checks: { readiness: 'no answer in time' } }, { signal: done.signal });
  try {
    return await Promise.race([ready(), timeUp]);
  } catch (error) {
    onFailure(error);
    return { ok: false, checks: { readiness: 'failed' } };
  } finally {
    done.abort();
    timeUp.catch(() => {});
  }
}
