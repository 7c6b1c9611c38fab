/** The Execution API: the core's calls as HTTP. Nothing below `/api/v1` is done for anybody without a bearer token. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Catalog } from '../core/catalog.ts';
import type { Executions } from '../core/executions.ts';
import type { Identity } from '../core/identity.ts';
import type { Operating } from '../core/operating.ts';
import type { Clock, Ids, Tokens } from '../core/ports.ts';
import type { Roles } from '../core/roles.ts';
import { sendProblem } from './answers.ts';
import { approvalRoutes } from './api/approvals.ts';
import type { Auth } from './auth.ts';
import { challenge, requireBearer } from './api/bearer.ts';
import { endRoutes } from './api/ends.ts';
import { executionRoutes } from './api/executions.ts';
import { loggable } from '../core/loggable.ts';
import { forgetTypeOfNothing, takeJson } from './api/json-body.ts';
import { operatorRoutes } from './api/operator.ts';
import { peopleRoutes } from './api/people.ts';
import { type Problem, problemOf } from './problem.ts';
import type { ResourceDeps } from './resource.ts';
import { requireMeant } from './api/safe-get.ts';
import { signalRoutes } from './api/signals.ts';

export interface ApiDeps extends ResourceDeps {
  auth: Auth;
  identity: Pick<Identity, 'enter'>;
  catalog: Pick<Catalog, 'requireEnabled' | 'problemsOf'>;
  executions: Pick<Executions, 'list' | 'create' | 'get' | 'cancel' | 'terminate' | 'signal' | 'approvals'>;
  roles: Roles;
  operating: Operating;
  mint: Tokens['mint'];
  ids: Pick<Ids, 'hash'>;
  taskQueue: string;
  now: Clock;
  /** Resolves after so many milliseconds. */
  pause: (ms: number) => Promise<unknown>;
}

/** Fastify below `/api/v1`, with requests typed by their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/**
 * No answer that there is no such execution comes sooner after its request than this. Looking for one that is there, for
 * somebody else, takes a little longer than for one that is not; both take less than this, so time tells nothing (P4).
 */
const NOT_THERE_MS = 50;

export function createApi(deps: ApiDeps): FastifyPluginAsync {
  return async (fastify) => {
    fastify.removeAllContentTypeParsers();
    takeJson(fastify, 'application/json');
    fastify.setErrorHandler((error, request, reply) => refuse(error, request, reply, deps));
    fastify.addHook('onRequest', async (request) => requireMeant(request));
    requireBearer(fastify, deps);
    fastify.addHook('preParsing', forgetTypeOfNothing);

    const api = fastify.withTypeProvider<TypeBoxTypeProvider>();
    executionRoutes(api, deps);
    endRoutes(api, deps);
    approvalRoutes(api, deps);
    peopleRoutes(api, deps);
    operatorRoutes(api, deps);
    // Apart, since CloudEvents are taken nowhere else.
    await fastify.register(async (signals) => signalRoutes(signals.withTypeProvider<TypeBoxTypeProvider>(), deps));
  };
}

async function refuse(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ApiDeps,
): Promise<FastifyReply> {
  const problem = problemOf(error);
  logFailure(error, problem, request);
  if (problem.code === 'unknown_execution') await deps.pause(Math.max(0, Math.ceil(NOT_THERE_MS - reply.elapsedTime)));
  challenge(request, reply, problem, { decideScope: deps.config.decideScope, publicUrl: deps.publicUrl });
  return sendProblem(request, reply, problem);
}

/** Callers are told nothing of what broke, so the log is. */
function logFailure(error: unknown, { status }: Problem, request: FastifyRequest): void {
  if (status === 500) request.log.error(loggable(error), 'a request failed');
  else if (status === 503) request.log.warn(loggable(error), 'a request could not be done');
}
