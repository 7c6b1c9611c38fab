/** What waits for the caller, with the tokens to decide it. */
import { aboutOf } from '../../core/about.ts';
import { decisionOffer } from '../../core/offers.ts';
import type { Row } from '../../core/ports.ts';
import type { Api, ApiDeps } from '../api.ts';
import { callerOf } from './bearer.ts';
import { drawRequest } from './drawing.ts';
import { pageOf, pageQuery } from './query.ts';
import { answers, success } from '../openapi/responses.ts';
import { type ApprovalJson, approvalList } from '../openapi/schemas/people.ts';
import { isoTime } from './times.ts';

export function approvalRoutes(api: Api, deps: ApiDeps): void {
  api.get('/approvals', { schema }, async (request) => {
    const { rows, next, stale } = await deps.executions.approvals(callerOf(request).actor, pageOf(request.query));
    const drawn = await Promise.all(rows.map((row) => drawApproval(row, deps)));
    return {
      approvals: drawn.flat(),
      ...(next === undefined ? {} : { next_cursor: next }),
      ...(stale ? { stale } : {}),
    };
  });
}

/** None for what has been decided since it was listed. */
async function drawApproval({ input, state }: Row, { mint, ids }: ApiDeps): Promise<ApprovalJson[]> {
  const [approve, deny] = [decisionOffer(input, state, 'approve', ids), decisionOffer(input, state, 'deny', ids)];
  if (state.phase !== 'awaiting_approval' || approve === undefined || deny === undefined) return [];
  const { request, plan } = input;
  return [
    {
      workflow_id: request.id,
      workflow: request.workflow,
      stage: plan.stages[state.stage]?.name ?? '',
      requester: request.requester,
      input: drawRequest(request),
      about: aboutOf(request.items),
      asked_at: isoTime(state.openedAt),
      expires_at: isoTime(state.deadline),
      tokens: { approve: await mint(approve), deny: await mint(deny) },
    },
  ];
}

const schema = {
  operationId: 'listApprovals',
  summary: 'List what waits for the decision of the caller',
  description:
    'Send one of the tokens to `signal` of the execution. A token says what may be decided; who decides is the caller.',
  tags: ['approvals'],
  querystring: pageQuery,
  response: answers({ 200: success(approvalList) }),
};
