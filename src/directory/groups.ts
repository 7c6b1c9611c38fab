/** The configured groups: people named by e-mail, and whoever is in the platforms' own groups now. */
import type { Actor } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import type { Directory } from '../core/ports.ts';

export interface Groups {
  /**
   * Names of the groups that a person is in now, by their id or by the account that acts.
   * @throws `unavailable` if a group can't be looked up, since not knowing is not the same as not being in it
   */
  of(principal: { id: string }, actor: Actor): Promise<string[]>;
  /** Principal ids, or `platform:tenant/user`. An unknown group has none. @throws `unavailable` */
  members(name: string): Promise<string[]>;
}

export function createGroups(deps: {
  groups: Config['groups'];
  /** By platform. */
  directories: Record<string, Directory>;
}): Groups {
  const groups = new Map(Object.entries(deps.groups));
  const directories = new Map(Object.entries(deps.directories));

  async function accountsIn(platform: string, platformGroup: string): Promise<Actor[]> {
    return (await directories.get(platform)?.members(platformGroup)) ?? [];
  }

  return {
    async of(principal, actor) {
      const found = await Promise.all(
        [...groups].map(async ([name, { users, platformGroups }]) => {
          if (users.includes(principal.id)) return [name];
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
      const accounts = await Promise.all(
        Object.entries(group.platformGroups).map(([platform, platformGroup]) => accountsIn(platform, platformGroup)),
      );
      return [...new Set([...group.users, ...accounts.flat().map(nameOf)])];
    },
  };
}

function isSame(a: Actor, b: Actor): boolean {
  return a.platform === b.platform && a.tenant === b.tenant && a.user === b.user;
}

function nameOf({ platform, tenant, user }: Actor): string {
  return `${platform}:${tenant}/${user}`;
}
