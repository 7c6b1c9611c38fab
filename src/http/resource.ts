/** Where tokens for this server come from: protected resource metadata (RFC 9728). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiConfig } from '../config/config.ts';
import { success } from './openapi/responses.ts';
import { protectedResource } from './openapi/schemas/root.ts';

const path = '/.well-known/oauth-protected-resource';

export interface ResourceDeps {
  config: Pick<ApiConfig, 'issuer' | 'decideScope' | 'clientId'>;
  publicUrl: string | undefined;
}

export function resourceRoutes(fastify: FastifyInstance, { config, publicUrl }: ResourceDeps): void {
  const { issuer, decideScope, clientId } = config;
  fastify.get(
    path,
    {
      schema: {
        operationId: 'getProtectedResource',
        summary: 'Say where tokens for this server come from (RFC 9728)',
        tags: ['server'],
        security: [],
        response: { 200: success(protectedResource) },
      },
    },
    async (request) => ({
      resource: originOf(request, publicUrl) ?? '',
      authorization_servers: [issuer],
      ...(decideScope === undefined ? {} : { scopes_supported: [decideScope] }),
      bearer_methods_supported: ['header' as const],
      ...(clientId === undefined ? {} : { elevate_client_id: clientId }),
    }),
  );
}

export function metadataUrl(request: FastifyRequest, publicUrl: string | undefined): string | undefined {
  const origin = originOf(request, publicUrl);
  return origin === undefined ? undefined : `${origin}${path}`;
}

/** As configured, or as the caller addresses us; nothing that could not be the name of a host is repeated. */
function originOf({ headers }: FastifyRequest, publicUrl: string | undefined): string | undefined {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '');
  return /^[A-Za-z0-9.:[\]-]{1,255}$/.test(headers.host ?? '') ? `http://${headers.host}` : undefined;
}
