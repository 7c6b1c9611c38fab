/** Who the caller is, and what they may ask for. */
import type { RoleOffer } from '../../core/roles.ts';
import type { Api, ApiDeps } from '../api.ts';
import { callerOf } from './bearer.ts';
import { noQuery } from './query.ts';
import { answers, success } from '../openapi/responses.ts';
import { type RoleJson, roleList, whoAmI, type WhoAmIJson } from '../openapi/schemas/people.ts';
import { isoDuration } from './times.ts';

export function peopleRoutes(api: Api, { roles }: ApiDeps): void {
  api.get('/whoami', { schema: whoAmISchema }, async (request): Promise<WhoAmIJson> => {
    const { id, name, actor, linked, groups } = callerOf(request).principal;
    const { platform, tenant, user } = actor;
    return { principal: { id, name }, actor: { platform, tenant, user }, linked, groups };
  });

  api.get('/roles', { schema: rolesSchema }, async (request) => {
    const offered = await roles.offeredTo(callerOf(request).actor);
    return { roles: offered.map(drawRole) };
  });
}

function drawRole({ name, title, providers, risk, duration, reason, approval }: RoleOffer): RoleJson {
  const { required, min, pattern, hint } = reason;
  return {
    name,
    title,
    providers,
    risk,
    duration: { default: isoDuration(duration.defaultMs), max: isoDuration(duration.maxMs) },
    reason: {
      required,
      min,
      ...(pattern === undefined ? {} : { pattern }),
      ...(hint === undefined ? {} : { hint }),
    },
    approval: approval.map((stage) => ({ name: stage.name, quorum: stage.quorum, approvers: stage.approvers })),
  };
}

const whoAmISchema = {
  operationId: 'whoAmI',
  summary: 'Say who the caller is',
  tags: ['people'],
  querystring: noQuery,
  response: answers({ 200: success(whoAmI) }),
};

const rolesSchema = {
  operationId: 'listRoles',
  summary: 'List what the caller may ask for',
  tags: ['people'],
  querystring: noQuery,
  response: answers({ 200: success(roleList) }),
};
