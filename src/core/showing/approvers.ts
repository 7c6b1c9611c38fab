/** Whom to ask by direct message, and where to find them. */
import type { Actor, ElevateInput, Stage } from '../../../workflows/contract.ts';
import { accountKey } from '../people.ts';
import type { Account, Directory } from '../ports.ts';

/** At most this many are asked directly at a stage. */
export const mostAsked = 10;

/** One chat: its people, and the workspaces or tenants of it that are ours (T2). */
export interface Here {
  platform: string;
  tenants: readonly string[];
  directory: Directory;
}

export function isHere(actor: Actor, { platform, tenants }: Pick<Here, 'platform' | 'tenants'>): boolean {
  return actor.platform === platform && tenants.includes(actor.tenant);
}

/**
 * Approvers of a stage in the plan's order, as it names them: e-mails, or accounts of this chat as
 * `platform:tenant/user`. Never who asked or who gets the access.
 */
export function candidatesOf(input: ElevateInput, stage: Stage, here: Pick<Here, 'platform' | 'tenants'>): string[] {
  const { requester, beneficiary, actor } = input.request;
  const own = new Set([requester.id, beneficiary.id, accountKey(actor)]);
  const members = stage.approvers.groups.flatMap((group) => stage.members[group] ?? []);
  return [...new Set([...stage.approvers.users, ...members])].filter(
    (candidate) => !own.has(candidate) && (candidate.includes('@') || accountOf(candidate, here) !== undefined),
  );
}

/** The account of a candidate who may be written to; a word for why not. @throws `unavailable` */
export async function reach(
  candidate: string,
  input: ElevateInput,
  here: Here,
): Promise<{ actor: Actor } | { word: NotAsked }> {
  const { requester, beneficiary, actor: asker } = input.request;
  const { directory } = here;
  const actor = candidate.includes('@') ? await directory.find(candidate) : accountOf(candidate, here);
  if (actor === undefined || !isHere(actor, here)) return { word: 'no_account' };
  const account = await directory.account(actor);
  if (account === undefined || !account.member || !account.active) return { word: 'no_account' };
  const isAsker = accountKey(actor) === accountKey(asker);
  if (isAsker || isOneOf(account, [requester.id, beneficiary.id])) return { word: 'own_request' };
  return { actor };
}

export type NotAsked = 'no_account' | 'own_request';
const notAsked: readonly string[] = ['no_account', 'own_request'] satisfies NotAsked[];

/** Whether somebody was passed over, rather than asked and not reached. */
export function isPassedOver(word: string): boolean {
  return notAsked.includes(word);
}

function accountOf(key: string, { platform, tenants }: Pick<Here, 'platform' | 'tenants'>): Actor | undefined {
  const tenant = tenants.find((one) => key.startsWith(`${platform}:${one}/`));
  return tenant === undefined ? undefined : { platform, tenant, user: key.slice(key.lastIndexOf('/') + 1) };
}

function isOneOf({ email }: Account, ids: string[]): boolean {
  return email !== undefined && ids.includes(email.toLowerCase());
}
