/**
 * When a GET may change something. The documented API changes by GET, which browsers, mail filters and previews send of
 * their own accord; so each request has to look like one that somebody meant.
 */
import type { FastifyRequest } from 'fastify';
import { ElevateError } from '../../core/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route changes something, whatever its method says. */
    changes?: true;
  }
}

/** What clients say of themselves when they fetch ahead. */
const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];
const ahead = /prefetch|prerender|preview/i;

/** Where a browser may send it from: the address bar, or a page of ours. Other clients say nothing. */
const sites: ReadonlySet<unknown> = new Set([undefined, 'none', 'same-origin']);

/** @throws `not_allowed` (`prefetch`, `cross_site`) */
export function requireMeant({ method, headers, routeOptions }: FastifyRequest): void {
  if (method !== 'GET' || routeOptions.config.changes !== true) return;
  if (purposes.some((name) => ahead.test(String(headers[name] ?? '')))) throw notMeant('prefetch');
  if (!sites.has(headers['sec-fetch-site'])) throw notMeant('cross_site');
}

function notMeant(reason: 'prefetch' | 'cross_site'): ElevateError {
  return new ElevateError('not_allowed', 'This request was not meant.', { details: { reason } });
}
