/** What a person may ask for, for how long, and who decides. */
import type { Config, RoleConfig } from '../config/config.ts';
import type { Actor } from '../../workflows/contract.ts';
import type { Identity } from './identity.ts';
import { mayAsk } from './policy/ask.ts';

export interface RoleOffer extends RoleConfig {
  name: string;
}

export interface Roles {
  /** @throws what `identity.resolve` throws */
  offeredTo(actor: Actor): Promise<RoleOffer[]>;
}

export function createRoles({ config, identity }: { config: Pick<Config, 'roles'>; identity: Identity }): Roles {
  return {
    async offeredTo(actor) {
      const person = await identity.resolve(actor);
      return Object.entries(config.roles)
        .filter(([, role]) => mayAsk(role, person))
        .map(([name, role]) => ({ name, ...role }));
    },
  };
}
