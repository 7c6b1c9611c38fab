/** The request and its plan, frozen at creation (T8). */
import type { ElevateInput, Item, Plan, Request, Stage } from '../../../workflows/contract.ts';
import type { Config, StageConfig } from '../../config/config.ts';
import type { AccessWish } from '../access-wish.ts';
import type { Groups } from '../identity.ts';
import type { Ids, Principal, Provider, ReadModel } from '../ports.ts';

export interface Planning {
  id: string;
  workflow: string;
  wish: AccessWish;
  requester: Principal;
  at: number;
}

export interface PlanDeps {
  config: Pick<Config, 'identity'>;
  providers: Readonly<Record<string, Provider>>;
  groups: Groups;
  executions: Pick<ReadModel, 'refusals'>;
  ids: Pick<Ids, 'hash'>;
  deployment: string;
  /** Names of the chats that show executions. */
  chats: readonly string[];
}

/** Refusals of this long are on the card (T31). */
const REFUSALS_OF = 24 * 60 * 60_000;

export async function planFor(planning: Planning, deps: PlanDeps): Promise<ElevateInput> {
  const { wish, requester, at } = planning;
  const [refusals, ...stages] = await Promise.all([
    deps.executions.refusals(requester.id, wish.role, at - REFUSALS_OF),
    ...wish.roleConfig.approval.map((stage) => freeze(stage, deps.groups)),
  ]);
  const plan: Plan = {
    stages,
    risk: wish.roleConfig.risk,
    selfApproval: wish.roleConfig.selfApproval,
    oneDirectory: deps.config.identity.oneDirectory,
    refusals,
    chats: [...deps.chats],
  };
  return { request: requestFor(planning, deps), plan };
}

function requestFor({ id, workflow, wish, requester, at }: Planning, deps: PlanDeps): Request {
  const person = { id: requester.id, name: requester.name };
  const request = {
    id,
    workflow,
    requester: person,
    beneficiary: person,
    actor: requester.actor,
    linked: requester.linked,
    items: [itemFor(wish, person.id, deps)],
    durationMs: wish.durationMs,
    reason: wish.reason,
    createdAt: at,
  };
  return { ...request, digest: digestOf(request, deps.ids) };
}

function itemFor({ role, roleConfig, provider: name }: AccessWish, beneficiary: string, deps: PlanDeps): Item {
  const provider = deps.providers[name];
  if (provider === undefined) throw new TypeError(`no provider ${name}: the configuration check lets none through`);
  const target = provider.target(role);
  const lease = deps.ids.hash([deps.deployment, beneficiary, target.type, target.system, target.grant]);
  return {
    role,
    title: roleConfig.title,
    provider: name,
    target,
    lease: `lease_${lease}`,
    timeoutMs: provider.timeoutMs,
    ...(roleConfig.howTo === undefined
      ? {}
      : { howTo: roleConfig.howTo.replaceAll('{role}', role).replaceAll('{account}', name) }),
  };
}

/** Covers the request as shown: who, for whom, what, where, how long, why (T20). */
function digestOf(request: Omit<Request, 'digest'>, ids: Pick<Ids, 'hash'>): string {
  const items = request.items.flatMap(({ role, provider, target }) => [
    role,
    provider,
    target.type,
    target.system,
    target.grant,
  ]);
  const { requester, beneficiary, durationMs, reason } = request;
  return ids.hash([request.id, requester.id, beneficiary.id, String(durationMs), reason, ...items]);
}

async function freeze({ name, approvers, quorum, withinMs, ask }: StageConfig, groups: Groups): Promise<Stage> {
  const members = await Promise.all(
    approvers.groups.map(async (group) => [group, await groups.members(group)] as const),
  );
  return { name, approvers, members: Object.fromEntries(members), quorum, withinMs, ask };
}
