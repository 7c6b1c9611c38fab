/** What operators do over the API (T32). */
import type { Rebuilding } from '../../core/ports.ts';
import type { Api, ApiDeps } from '../api.ts';
import { callerOf } from './bearer.ts';
import { requireNoBody } from './no-body.ts';
import { noQuery } from './query.ts';
import { answers, success } from '../openapi/responses.ts';
import { rebuilding, type RebuildingJson } from '../openapi/schemas/people.ts';
import { isoTime } from './times.ts';

export function operatorRoutes(api: Api, { operating }: ApiDeps): void {
  api.post('/operator/index/rebuild', { schema: startSchema, preHandler: requireNoBody }, async (request, reply) => {
    reply.code(202);
    return drawRebuilding(await operating.startRebuild(callerOf(request).actor));
  });

  api.get('/operator/index/rebuild', { schema: stateSchema }, async (request) =>
    drawRebuilding(await operating.rebuildState(callerOf(request).actor)),
  );
}

function drawRebuilding(rebuild: Rebuilding | undefined): RebuildingJson {
  if (rebuild === undefined) return { status: 'none' };
  const { status, startedAt, closedAt, looked, mended } = rebuild;
  return {
    status,
    start_time: isoTime(startedAt),
    ...(closedAt === undefined ? {} : { end_time: isoTime(closedAt) }),
    looked,
    mended,
  };
}

const startSchema = {
  operationId: 'startIndexRebuild',
  summary: 'Rebuild the read model',
  description:
    'Looks at every execution that Temporal keeps, and adds or corrects its row; deletes nothing. One at a time.',
  tags: ['operators'],
  querystring: noQuery,
  response: answers({ 202: success(rebuilding) }, ['too_large', 'unsupported_media_type']),
};

const stateSchema = {
  operationId: 'getIndexRebuild',
  summary: 'Say how far the rebuilding is',
  tags: ['operators'],
  querystring: noQuery,
  response: answers({ 200: success(rebuilding) }),
};
