/** The configured groups: people named by e-mail, by their tokens, or by being in a platform's own groups now (T11). */
import type { Actor } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import type { Clock, Directory, SignIns } from '../core/ports.ts';

/** How long after it was issued a token's groups count, on every platform alike (T11). */
const TOKEN_COUNTS_MS = 15 * 60_000;

export interface Groups {
  /**
   * Names of the groups that a person is in now: by their id, by a token of theirs, or by the account that acts.
   * @throws `unavailable` if a group can't be looked up, since not knowing is not the same as not being in it
   */
  of(principal: { id: string }, actor: Actor): Promise<string[]>;
  /** Principal ids, or `platform:tenant/user`. Of tokens, each account's newest one counts. An unknown group has none. @throws `unavailable` */
  members(name: string): Promise<string[]>;
}

export function createGroups(deps: {
  groups: Config['groups'];
  /** By platform. */
  directories: Readonly<Record<string, Directory>>;
  signIns: Pick<SignIns, 'ofPrincipal' | 'inGroup'>;
  now: Clock;
}): Groups {
  const { signIns, now } = deps;
  const groups = new Map(Object.entries(deps.groups));
  const directories = new Map(Object.entries(deps.directories));

  async function accountsIn(platform: string, platformGroup: string): Promise<Actor[]> {
    return (await directories.get(platform)?.members(platformGroup)) ?? [];
  }

  async function namedByTokens(principal: string): Promise<Set<string>> {
    const fresh = (await signIns.ofPrincipal(principal)).filter(({ at }) => now() - at <= TOKEN_COUNTS_MS);
    return new Set(fresh.flatMap((signIn) => signIn.groups));
  }

  return {
    async of(principal, actor) {
      const named = await namedByTokens(principal.id);
      const found = await Promise.all(
        [...groups].map(async ([name, { users, platformGroups }]) => {
          if (users.includes(principal.id) || named.has(name)) return [name];
          const platformGroup = Object.hasOwn(platformGroups, actor.platform)
            ? platformGroups[actor.platform]
            : undefined;
          if (platformGroup === undefined) return [];
          const accounts = await accountsIn(actor.platform, platformGroup);
          return accounts.some((account) => isSame(account, actor)) ? [name] : [];
        }),
      );
      return found.flat();
    },

    async members(name) {
      const group = groups.get(name);
      if (group === undefined) return [];
      const [named, ...accounts] = await Promise.all([
        signIns.inGroup(name),
        ...Object.entries(group.platformGroups).map(([platform, platformGroup]) => accountsIn(platform, platformGroup)),
      ]);
      return [...new Set([...group.users, ...named, ...accounts.flat().map(nameOf)])];
    },
  };
}

function isSame(a: Actor, b: Actor): boolean {
  return a.platform === b.platform && a.tenant === b.tenant && a.user === b.user;
}

function nameOf({ platform, tenant, user }: Actor): string {
  return `${platform}:${tenant}/${user}`;
}
