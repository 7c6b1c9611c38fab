/** Judges an approved request once more, right before the grant: people live, and the same target (T8, T9). */
import { votingRefusal } from '../../../workflows/approval.ts';
import type { ElevateInput, Item, Request, Verdict, Vote } from '../../../workflows/contract.ts';
import type { Config } from '../../config/config.ts';
import { ElevateError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Principal, Provider } from '../ports.ts';
import { mayAsk } from './ask.ts';
import { entitledToday, factsOf } from './decide.ts';

export interface JudgeDeps {
  roles: Config['roles'];
  identity: Identity;
  providers: Readonly<Record<string, Provider>>;
}

/** @throws `unavailable`; then nothing is known, and it is tried again */
export async function judge(input: ElevateInput, votes: readonly Vote[], deps: JudgeDeps): Promise<Verdict> {
  const { request, plan } = input;
  const why = await whyNotEntitled(request, deps);
  if (why !== undefined) return { ok: false, kind: 'requester', why };
  if (!request.items.every((item) => isSameTarget(item, deps))) {
    return { ok: false, kind: 'changed', why: 'the configuration of the role or its provider has changed' };
  }
  const dropped = await Promise.all(
    votes
      .filter((vote) => vote.choice === 'approve')
      .map(async (vote) => {
        const stage = plan.stages[vote.stage];
        const voter = await known(deps.identity, vote.actor, vote.by.id);
        if (voter === undefined) return { principal: vote.by.id, why: 'not active any more' };
        const facts = factsOf(voter, entitledToday(deps.roles, input, vote.stage, voter));
        const others = votes.filter((other) => other.stage === vote.stage && other.by.id !== vote.by.id);
        const refusal = stage === undefined ? 'stage_closed' : votingRefusal(input, stage, facts, others);
        return refusal === undefined ? undefined : { principal: vote.by.id, why: 'may not decide this any more' };
      }),
  );
  const lost = dropped.filter((drop) => drop !== undefined);
  return lost.length === 0 ? { ok: true } : { ok: false, kind: 'votes', dropped: lost };
}

/** Why this requester may not have what they asked for any more; `undefined` if they may (T9). @throws `unavailable` */
export async function whyNotEntitled(request: Request, { identity, roles }: JudgeDeps): Promise<string | undefined> {
  const requester = await known(identity, request.actor, request.requester.id);
  if (requester === undefined) return 'the requester is not active any more';
  const asked = request.items.map(({ role }) => (Object.hasOwn(roles, role) ? roles[role] : undefined));
  const mayAll = asked.every((role) => role !== undefined && mayAsk(role, requester));
  return mayAll ? undefined : 'the requester may not ask for this any more';
}

/** The account's principal, if it is still that person and active. */
async function known(identity: Identity, actor: Vote['actor'], id: string): Promise<Principal | undefined> {
  try {
    const principal = await identity.resolve(actor);
    return principal.id === id ? principal : undefined;
  } catch (error) {
    if (error instanceof ElevateError && ['unknown_identity', 'not_allowed'].includes(error.code)) return undefined;
    throw error;
  }
}

export function isSameTarget({ role, provider, target }: Item, { roles, providers }: JudgeDeps): boolean {
  if (!roles[role]?.providers.includes(provider)) return false;
  const today = Object.hasOwn(providers, provider) ? providers[provider]?.target(role) : undefined;
  return today?.type === target.type && today.system === target.system && today.grant === target.grant;
}
