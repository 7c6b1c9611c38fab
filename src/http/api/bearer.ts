/** Who calls: the bearer token of a request, and what a caller without a good one is told (RFC 6750). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../../workflows/contract.ts';
import { ElevateError } from '../../core/errors.ts';
import type { Identity } from '../../core/identity.ts';
import type { Principal } from '../../core/ports.ts';
import type { Auth, Bearer } from '../auth.ts';
import type { Problem } from '../problem.ts';
import { metadataUrl } from '../resource.ts';

export interface ApiCaller {
  actor: Actor;
  principal: Principal;
  bearer: Bearer;
}

const CALLER = 'caller';

/** Lets nobody in without a good token, before any body is read. Its refusals: `unauthenticated`, and those of `enter`. */
export function requireBearer(
  fastify: FastifyInstance,
  { auth, identity }: { auth: Auth; identity: Pick<Identity, 'enter'> },
): void {
  fastify.decorateRequest(CALLER);
  fastify.addHook('onRequest', async (request) => {
    const bearer = await auth.authenticate(authorizationOf(request));
    const principal = await identity.enter(bearer.signIn);
    request.setDecorator<ApiCaller>(CALLER, { actor: bearer.signIn.actor, principal, bearer });
  });
}

export function callerOf(request: FastifyRequest): ApiCaller {
  return request.getDecorator<ApiCaller>(CALLER);
}

/** Two of them would leave open which one a proxy in front has looked at. */
function authorizationOf({ raw }: FastifyRequest): string | undefined {
  const [authorization, ...others] = raw.headersDistinct['authorization'] ?? [];
  if (others.length === 0) return authorization;
  throw new ElevateError('unauthenticated', 'There is more than one Authorization header.', {
    details: { reason: 'invalid_request' },
  });
}

/** Says how to get in, where that is what is missing. */
export function challenge(
  request: FastifyRequest,
  reply: FastifyReply,
  { code, reason }: Problem,
  { decideScope, publicUrl }: { decideScope: string | undefined; publicUrl: string | undefined },
): void {
  const isScopeMissing = code === 'not_allowed' && reason === 'scope_required';
  if (code !== 'unauthenticated' && !isScopeMissing) return;
  const url = metadataUrl(request, publicUrl);
  const params = {
    realm: 'elevate',
    error: isScopeMissing ? 'insufficient_scope' : errorWord(reason),
    scope: isScopeMissing ? decideScope : undefined,
    resource_metadata: url,
  };
  const told = Object.entries(params).filter(([, value]) => value !== undefined);
  reply.header('www-authenticate', `Bearer ${told.map(([name, value]) => `${name}="${value}"`).join(', ')}`);
}

/** Without any credentials there is no error yet (RFC 6750, 3.1). */
function errorWord(reason: string | undefined): string | undefined {
  if (reason === 'missing') return undefined;
  return reason === 'invalid_request' ? 'invalid_request' : 'invalid_token';
}
