/** Whether the server lives, and whether it can do its work. */
import type { FastifyInstance } from 'fastify';
import { loggable } from '../core/loggable.ts';
import { type Readiness, withTimeLimit } from './readiness.ts';
import { success } from './openapi/responses.ts';
import { alive, readiness as readinessSchema } from './openapi/schemas/root.ts';

/** @param within milliseconds; what is not ready by then is not ready */
export function healthRoutes(fastify: FastifyInstance, ready: () => Promise<Readiness>, within: number): void {
  fastify.get('/healthz', { schema: aliveSchema }, async () => ({ ok: true }));

  fastify.get('/readyz', { schema: readySchema }, async (request, reply) => {
    const readiness = await withTimeLimit(ready, within, (error) =>
      request.log.error(loggable(error), 'readiness could not be told'),
    );
    return reply.code(readiness.ok ? 200 : 503).send(readiness);
  });
}

const where = { tags: ['server'], security: [] };

const aliveSchema = {
  ...where,
  operationId: 'getHealth',
  summary: 'Say whether the server lives',
  response: { 200: success(alive) },
};

const readySchema = {
  ...where,
  operationId: 'getReadiness',
  summary: 'Say whether the server can do its work',
  response: {
    200: success(readinessSchema),
    503: success(readinessSchema, { description: 'Something that is needed does not answer.' }),
  },
};
