/** Whom to ask by direct message, and where to find them. */
import type { ElevateInput, Stage } from '../../workflows/contract.ts';
import type { Account, Directory } from '../core/ports.ts';

/** At most this many are asked directly at a stage. */
export const mostAsked = 10;

/**
 * Approvers of a stage in the plan's order, as it names them: e-mails, or accounts of this workspace as
 * `platform:tenant/user`. Never who asked or who gets the access.
 */
export function candidatesOf(input: ElevateInput, stage: Stage, platform: string, workspace: string): string[] {
  const { requester, beneficiary, actor } = input.request;
  const own = new Set([requester.id, beneficiary.id, `${actor.platform}:${actor.tenant}/${actor.user}`]);
  const members = stage.approvers.groups.flatMap((group) => stage.members[group] ?? []);
  const here = `${platform}:${workspace}/`;
  return [...new Set([...stage.approvers.users, ...members])].filter(
    (candidate) => !own.has(candidate) && (candidate.includes('@') || candidate.startsWith(here)),
  );
}

/** The user id of a candidate who may be written to; a word for why not. @throws `unavailable` */
export async function reach(
  candidate: string,
  input: ElevateInput,
  deps: { directory: Directory; platform: string; workspace: string },
): Promise<{ user: string } | { word: string }> {
  const { directory, platform, workspace } = deps;
  const { requester, beneficiary, actor: asker } = input.request;
  const actor = candidate.includes('@')
    ? await directory.find(candidate)
    : { platform, tenant: workspace, user: candidate.slice(candidate.lastIndexOf('/') + 1) };
  if (actor === undefined || actor.platform !== platform || actor.tenant !== workspace) return { word: 'no_account' };
  const account = await directory.account(actor);
  if (account === undefined || !account.member || !account.active) return { word: 'no_account' };
  const isAsker = asker.platform === platform && asker.tenant === workspace && asker.user === actor.user;
  if (isAsker || isOneOf(account, [requester.id, beneficiary.id])) return { word: 'own_request' };
  return { user: actor.user };
}

function isOneOf({ email }: Account, ids: string[]): boolean {
  return email !== undefined && ids.includes(email.toLowerCase());
}
