/** Teams' people: who an account is there now, as the roster of a conversation that the bot is in says (T3, T4). */
import type { Actor } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { Account, Bindings, Directory } from '../core/ports.ts';
import { exactAddress } from './address.ts';
import { inTime } from './fresh.ts';
import { createRosters, type Entry, platform, type RostersDeps } from './teams/rosters.ts';

export type { Roster } from './teams/rosters.ts';

export interface TeamsDirectoryDeps extends RostersDeps {
  bindings: Pick<Bindings, 'ofPrincipal'>;
  /** For everything that one question takes. */
  timeoutMs?: number;
}

/**
 * A directory of the listed tenants. Answers are at most a minute old; when Teams can't be asked there is none.
 *
 * @throws `unavailable` from every method, also if Teams takes longer than `timeoutMs`
 */
export function createTeamsDirectory(deps: TeamsDirectoryDeps): Directory {
  const { bindings, tenants, timeoutMs = 2_000 } = deps;
  const rosters = createRosters(deps);

  return {
    // Whoever is deactivated stays in rosters, and then is in none.
    tellsOfLeavers: false,
    account: (actor) => answered(accountOf(actor), timeoutMs),
    find: (email) => answered(findByAddress(email), timeoutMs),
    // Teams has no groups of people that could be named here.
    members: async () => undefined,
  };

  async function accountOf(actor: Actor): Promise<Account | undefined> {
    if (actor.platform !== platform || !tenants.includes(actor.tenant)) return undefined;
    const entry = await rosters.entryOf(actor);
    return entry && readEntry(entry, actor);
  }

  /** Whoever is bound to the address, and only where nobody is, whoever has it in a roster: addresses get recycled (T3). */
  async function findByAddress(email: string): Promise<Actor | undefined> {
    const wanted = exactAddress(email);
    if (wanted === undefined) return undefined;
    const bound = (await bindings.ofPrincipal(wanted, platform)).map(({ actor }) => actor);
    const known = bound.filter(({ tenant }) => tenants.includes(tenant));
    const accounts = known.length > 0 ? await Promise.all(known.map(accountOf)) : await accountsNamed(wanted);
    return accounts.find((account) => account !== undefined && isTheirs(account, wanted))?.actor;
  }

  async function accountsNamed(upn: string): Promise<(Account | undefined)[]> {
    const entries = await rosters.askEverywhere(upn);
    return entries.map((entry) => {
      const actor = { platform, tenant: entry.tenant?.toLowerCase() ?? '', user: entry.objectId?.toLowerCase() ?? '' };
      return tenants.includes(actor.tenant) ? readEntry(entry, actor) : undefined;
    });
  }
}

/** What a roster leaves out counts against the account. `mail` does not count at all, since it can be changed (T3). */
function readEntry(entry: Entry, actor: Actor): Account | undefined {
  const { objectId, tenant, name = '', userPrincipalName: upn, userRole } = entry;
  if (objectId?.toLowerCase() !== actor.user) return undefined;
  const isOurs = tenant?.toLowerCase() === actor.tenant;
  // `user` is what Teams documents of people who belong here; there are also guests, and anonymous ones in meetings.
  const isUser = userRole?.toLowerCase() === 'user';
  // Entra names guests after their address at home, and marks it so.
  const isOwn = upn !== undefined && !/#ext#/i.test(upn);
  const member = isOurs && isUser && isOwn;
  return { actor, name, email: upn, emailConfirmed: member && exactAddress(upn) !== undefined, member, active: true };
}

function isTheirs({ email, emailConfirmed, member, active }: Account, wanted: string): boolean {
  return email !== undefined && exactAddress(email) === wanted && emailConfirmed && member && active;
}

async function answered<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  try {
    return await inTime(answer, timeoutMs);
  } catch (error) {
    if (error instanceof ElevateError && error.code === 'unavailable') throw error;
    throw new ElevateError('unavailable', "Teams can't be asked who people are just now.", { cause: error });
  }
}
