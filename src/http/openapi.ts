/** The OpenAPI document, from the schemas of the routes. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** Has to come before the routes that it describes. */
export async function describeRoutes(fastify: FastifyInstance): Promise<void> {
  await fastify.register(swagger, {
    openapi: document,
    convertConstToEnum: false,
    hideUntagged: true,
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) => (typeof $id === 'string' ? $id : `def-${index}`),
    },
  });
}

export function openApiRoute(fastify: FastifyInstance): void {
  let text: string | undefined;
  const schema = {
    operationId: 'getOpenApi',
    summary: 'Describe this API (OpenAPI 3.1)',
    tags: ['server'],
    security: [],
    response: {
      200: {
        description: 'This document.',
        content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
      },
    },
  };
  fastify.get('/openapi.json', { schema }, async (_request, reply) => {
    text ??= JSON.stringify(fastify.swagger());
    return reply.type('application/json').serializer(String).send(text);
  });
}

const document = {
  openapi: '3.1.0',
  info: {
    title: 'Elevate Execution API',
    version: '1.0.0',
    summary: 'Temporary access, asked for, approved, granted and taken back.',
    description:
      'Every call below `/api/v1` needs an access token (RFC 9068) in the header `Authorization`. Refusals are `application/problem+json` (RFC 9457) with a stable `code`.',
    license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  tags: [
    { name: 'executions', description: 'Ask for access, follow it, end it.' },
    { name: 'approvals', description: 'Decide.' },
    { name: 'people', description: 'Who is who, and who may what.' },
    { name: 'operators', description: 'For the operators of the configuration; everything is audited.' },
    { name: 'server', description: 'Without a token.' },
  ],
  security: [{ bearer: [] }],
  components: {
    securitySchemes: {
      bearer: {
        type: 'http' as const,
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'Access token (RFC 9068) of the configured issuer, for the configured audience.',
      },
    },
  },
};
