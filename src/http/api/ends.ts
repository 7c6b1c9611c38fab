/** Ending an execution, gracefully or by force. */
import type { FastifyRequest } from 'fastify';
import type { Api, ApiDeps } from '../api.ts';
import { callerOf } from './bearer.ts';
import { byGetNote, changingCodes, changingGet, where, withBodyCodes } from './changing.ts';
import { requireNoBody } from './no-body.ts';
import { noQuery } from './query.ts';
import { answers, success } from '../openapi/responses.ts';
import { cancelSent, terminateSent } from '../openapi/schemas/signal.ts';

export function endRoutes(api: Api, { executions }: ApiDeps): void {
  for (const { verb, message, byPost, byGet } of ends) {
    const url = `/execution/:id/${verb}`;
    const end = async (request: FastifyRequest<{ Params: { id: string } }>) => {
      await executions[verb](callerOf(request).actor, request.params.id);
      return { status: 'ok', message };
    };
    api.post(url, { schema: byPost, preHandler: requireNoBody }, end);
    api.get(url, { schema: byGet, ...changingGet }, end);
  }
}

const ends = [
  {
    verb: 'cancel',
    message: 'Workflow cancellation signal sent',
    byPost: {
      ...where,
      operationId: 'cancelExecution',
      summary: 'End an execution gracefully',
      description: 'Before the access is granted it is withdrawn; after that it is taken back first. For the owner.',
      querystring: noQuery,
      response: answers({ 200: success(cancelSent) }, withBodyCodes),
    },
    byGet: {
      ...where,
      operationId: 'cancelExecutionByGet',
      summary: 'End an execution gracefully, as documented',
      description: byGetNote,
      querystring: noQuery,
      response: answers({ 200: success(cancelSent) }, changingCodes),
    },
  },
  {
    verb: 'terminate',
    message: 'Workflow termination signal sent',
    byPost: {
      ...where,
      operationId: 'terminateExecution',
      summary: 'End an execution by force',
      description: 'The workflow cleans nothing up; access is taken back all the same. For the owner.',
      querystring: noQuery,
      response: answers({ 200: success(terminateSent) }, withBodyCodes),
    },
    byGet: {
      ...where,
      operationId: 'terminateExecutionByGet',
      summary: 'End an execution by force, as documented',
      description: byGetNote,
      querystring: noQuery,
      response: answers({ 200: success(terminateSent) }, changingCodes),
    },
  },
] as const;
