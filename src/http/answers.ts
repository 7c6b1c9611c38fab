/** What every answer of the server has in common: its headers, its refusals, and the line it leaves in the log. */
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Set on the raw response, so that handed-over requests carry them too. */
export function guardResponse(request: FastifyRequest, reply: FastifyReply): void {
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
export function problem(request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply {
  const title = titles[status] ?? (status >= 500 ? 'Something went wrong here.' : 'The request was refused.');
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title, status, request_id: request.id });
}

/** The query may hold a token, so only the path is logged (P7). */
export function describeRequest(request: { method?: string; url?: string }): object {
  return { method: request.method, path: request.url?.split('?', 1)[0]?.slice(0, 200) };
}
