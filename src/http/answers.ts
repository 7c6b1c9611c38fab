/** What every answer of the server has in common: its headers, its refusals, and the line it leaves in the log. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from './problem.ts';
import type { ProblemJson } from './openapi/schemas/problem.ts';

/** Set on the raw response, so that handed-over requests carry them too. */
export function guardResponse(request: FastifyRequest, reply: FastifyReply): void {
  reply.raw.setHeader('x-content-type-options', 'nosniff');
  reply.raw.setHeader('cache-control', 'no-store');
  reply.raw.setHeader('referrer-policy', 'no-referrer');
  reply.raw.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  reply.raw.setHeader('x-request-id', request.id);
}

/** Where nothing is known of how long it takes. */
const USUAL_RETRY_MS = 5_000;

/** Says what happened and which request it was, and nothing of what was sent or what broke. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, title, code, detail, reason, errors, execution } = problem;
  if (status === 429 || status === 503) reply.header('retry-after', retryAfter(problem));
  const body: ProblemJson = {
    type: 'about:blank',
    title,
    status,
    code,
    detail,
    request_id: request.id,
    ...(reason === undefined ? {} : { reason }),
    ...(errors === undefined ? {} : { errors }),
    ...(execution === undefined ? {} : { workflow_id: execution }),
  };
  return reply.code(status).type('application/problem+json').send(body);
}

/** Whole seconds, one at least. */
function retryAfter({ retryAfterMs = USUAL_RETRY_MS }: Problem): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
}

/** The query may hold a token, so only the path is logged (P7). */
export function describeRequest(request: { method?: string; url?: string }): object {
  return { method: request.method, path: request.url?.split('?', 1)[0]?.slice(0, 200) };
}
