/** Listing, creating and reading executions. */
import type { Static } from 'typebox';
import type { Found, ListFilter } from '../../core/executions.ts';
import { ElevateError } from '../../core/errors.ts';
import { releaseOffer } from '../../core/offers.ts';
import type { Api, ApiDeps } from '../api.ts';
import { callerOf } from './bearer.ts';
import { drawCreated, drawFound, drawListed, type Frame } from './drawing.ts';
import { byId, createHeaders, listQuery, noQuery, pageOf } from './query.ts';
import { asOfBody, requireSound } from './sound.ts';
import { answers, success } from '../openapi/responses.ts';
import { executionDetails } from '../openapi/schemas/details.ts';
import { created, executionList, newExecution } from '../openapi/schemas/execution.ts';

export function executionRoutes(api: Api, deps: ApiDeps): void {
  const { catalog, executions, taskQueue, now } = deps;
  const frame = (): Frame => ({ taskQueue, now: now() });

  api.get('/executions', { schema: listSchema }, async (request) => {
    const filter = filterOf(request.query);
    const { executions: page, next, stale } = await executions.list(callerOf(request).actor, filter);
    const drawn = frame();
    return {
      executions: page.map((listed) => drawListed(listed, drawn)),
      ...(next === undefined ? {} : { next_cursor: next }),
      ...(stale ? { stale } : {}),
    };
  });

  api.post('/execution', { schema: createSchema, attachValidation: true }, async (request, reply) => {
    requireSound(request, catalog);
    const key = request.headers['idempotency-key'];
    const delivery = typeof key === 'string' ? key : undefined;
    const caller = { actor: callerOf(request).actor, conversation: 'api', delivery };
    const { row, status, repeated } = await executions.create(caller, request.body).catch(asOfBody);
    if (!repeated) reply.code(201).header('location', `/api/v1/execution/${row.input.request.id}`);
    return drawCreated({ row, status });
  });

  api.get('/execution/:id', { schema: getSchema }, async (request) => {
    const found = await executions.get(callerOf(request).actor, request.params.id);
    return { ...drawFound(found, frame()), ...(await releaseOf(found, deps)) };
  });
}

/** Whose executions, which, and from where on. @throws `invalid_input` */
function filterOf(query: Static<typeof listQuery>): ListFilter {
  const { status = 'running', scope, owner } = query;
  if (owner === undefined) return { status, of: scope ?? 'own', ...pageOf(query) };
  if (scope === undefined) return { status, of: { owner }, ...pageOf(query) };
  const problems = [{ pointer: '/owner', message: 'Either scope or owner, not both' }];
  throw new ElevateError('invalid_input', 'The filter does not fit.', { details: { problems } });
}

async function releaseOf({ row, viewer }: Found, { mint, ids }: ApiDeps): Promise<{ tokens?: { release: string } }> {
  const offer = viewer === 'requester' ? releaseOffer(row.input, row.state, ids) : undefined;
  return offer === undefined ? {} : { tokens: { release: await mint(offer) } };
}

const listSchema = {
  operationId: 'listExecutions',
  summary: "List the caller's executions",
  description:
    'The running ones if nothing else is said. Auditors may list those of others; each such read is audited.',
  tags: ['executions'],
  querystring: listQuery,
  response: answers({ 200: success(executionList) }),
};

const createSchema = {
  operationId: 'createExecution',
  summary: 'Ask for access',
  description:
    'Answers with the execution that is there already if the same was sent under the same `Idempotency-Key`, or if the same access is being asked for.',
  tags: ['executions'],
  querystring: noQuery,
  headers: createHeaders,
  body: newExecution,
  response: answers(
    {
      201: success(created, {
        description: 'It is recorded.',
        headers: { Location: { type: 'string', description: 'Where the execution is.' } },
      }),
      200: success(created, { description: 'It was there already.' }),
    },
    ['workflow_disabled', 'unknown_workflow', 'conflict', 'too_large', 'unsupported_media_type', 'rate_limited'],
  ),
};

const getSchema = {
  operationId: 'getExecution',
  summary: 'Look at an execution',
  description: 'For its owner, for those who decide or have decided on it, and for auditors, whose reads are audited.',
  tags: ['executions'],
  params: byId,
  querystring: noQuery,
  response: answers({ 200: success(executionDetails) }, ['unknown_execution']),
};
