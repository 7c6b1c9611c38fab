/**
 * Receives what Slack sends, on a server that belongs to somebody else: mount `handle` on a POST route whose
 * body nobody has read. Bolt does the dispatching; the doors (signature, size, time) and the answers are here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type App, type Receiver, ReceiverMultipleAckError } from '@slack/bolt';
import { ElevateError } from '../core/errors.ts';
import type { Clock, Log } from '../core/ports.ts';
import { loggable } from './failure.ts';
import { readRequest, type RequestLimits, requestLimits } from './request.ts';

export interface SlackReceiver {
  /** For Bolt's `App`. */
  receiver: Receiver;
  /** Answers one request. Never rejects. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Resolves when everything in flight has settled, listeners after their ack included, or after `withinMs`. */
  drain: (withinMs?: number) => Promise<void>;
}

export interface ReceiverLimits extends RequestLimits {
  /** Slack gives up after 3 s; a request that nobody acknowledged is answered just before. */
  ackMs: number;
}

/** @throws `invalid_input` without a signing secret */
export function createReceiver(deps: {
  signingSecret: string;
  log: Log;
  now: Clock;
  limits?: Partial<ReceiverLimits>;
}): SlackReceiver {
  const { signingSecret, log, now } = deps;
  if (signingSecret === '') throw new ElevateError('invalid_input', 'Slack needs a signing secret, and it is empty.');
  const limits = { ...requestLimits, ackMs: 2_900, ...deps.limits };
  const inFlight = new Set<Promise<void>>();
  let app: App | undefined;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await readRequest(request, { signingSecret, now, limits });
    if (!read.ok) {
      log.warn({ status: read.status, reason: read.reason }, 'request to the chat endpoint refused');
      return send(response, read.status, undefined);
    }
    const { body } = read;
    if (body['type'] === 'url_verification') return answerChallenge(response, body['challenge']);
    if (body['ssl_check'] === '1') return send(response, 200, undefined);
    if (body['type'] === 'app_rate_limited') {
      log.warn({}, 'Slack limits the rate of events for this app');
      return send(response, 200, undefined);
    }
    await dispatch(request, response, body);
  }

  async function dispatch(request: IncomingMessage, response: ServerResponse, body: Record<string, unknown>) {
    const ack = createAck(response, limits.ackMs, () =>
      log.error({}, 'a request from Slack was not acknowledged in time'),
    );
    try {
      if (app === undefined) throw new Error('no app listens');
      await app.processEvent({ body, ack: ack.acknowledge, ...retryOf(request) });
      ack.close(404);
    } catch (error) {
      log.error(loggable(error), 'a listener failed');
      ack.close(500);
    }
  }

  return {
    receiver: {
      init: (bolt) => void (app = bolt),
      start: async () => {},
      stop: async () => {},
    },
    handle(request, response) {
      // Without these, a peer that hangs up would end the process.
      request.on('error', () => {});
      response.on('error', () => {});
      const work = serve(request, response)
        .catch((error: unknown) => {
          log.error(loggable(error), 'the chat endpoint failed');
          send(response, 500, undefined);
        })
        .finally(() => inFlight.delete(work));
      inFlight.add(work);
      return work;
    },
    async drain(withinMs = 10_000) {
      const timeUp = Promise.withResolvers<void>();
      const timer = setTimeout(timeUp.resolve, withinMs);
      await Promise.race([Promise.allSettled(inFlight), timeUp.promise]);
      clearTimeout(timer);
      if (inFlight.size > 0) log.warn({ open: inFlight.size }, 'stopped before all answers were given');
    },
  };
}

/**
 * The one answer to a request. `acknowledge` throws when it comes twice or too late, so that a listener can
 * tell the person in another way.
 */
function createAck(response: ServerResponse, withinMs: number, onTimeout: () => void) {
  let state: 'open' | 'acknowledged' | 'closed' = 'open';
  const close = (status: number) => {
    clearTimeout(timer);
    if (state !== 'open') return;
    state = 'closed';
    send(response, status, undefined);
  };
  const timer = setTimeout(() => {
    onTimeout();
    close(503);
  }, withinMs);
  return {
    close,
    acknowledge: async (body?: unknown) => {
      clearTimeout(timer);
      if (state === 'acknowledged') throw new ReceiverMultipleAckError();
      if (state === 'closed' || response.destroyed) throw new Error('acknowledged too late');
      state = 'acknowledged';
      send(response, 200, body);
    },
  };
}

function answerChallenge(response: ServerResponse, challenge: unknown): void {
  if (typeof challenge === 'string') send(response, 200, { challenge });
  else send(response, 400, undefined);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  // The rest of a slow body is not waited for.
  if (status === 408) response.setHeader('connection', 'close');
  if (body === undefined || body === '') response.writeHead(status).end();
  else if (typeof body === 'string')
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body);
  else response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function retryOf(request: IncomingMessage): { retryNum?: number; retryReason?: string } {
  const num = Number(request.headers['x-slack-retry-num']);
  const reason = request.headers['x-slack-retry-reason'];
  return {
    ...(Number.isInteger(num) ? { retryNum: num } : {}),
    ...(typeof reason === 'string' ? { retryReason: reason } : {}),
  };
}
