import type { Selectable } from 'kysely';
import { ElevateError } from '../core/errors.ts';
import type { Binding, Bindings } from '../core/ports.ts';
import { asNumber, type BindingTable, type Database } from './schema.ts';
import { serially } from './transaction.ts';

/** Which account belongs to which principal: one to one in each tenant of a platform (T3). */
export function createBindings(db: Database): Bindings {
  return {
    async ofActor({ platform, tenant, user }) {
      const found = await db
        .selectFrom('bindings')
        .selectAll()
        .where('platform', '=', platform)
        .where('tenant', '=', tenant)
        .where('account', '=', user)
        .executeTakeFirst();
      return found && toBinding(found);
    },

    async ofPrincipal(principal, platform) {
      const found = await db
        .selectFrom('bindings')
        .selectAll()
        .where('principal', '=', principal)
        .where('platform', '=', platform)
        .orderBy('tenant')
        .execute();
      return found.map(toBinding);
    },

    bind: ({ actor, principal, boundAt }) =>
      serially(db, async (transaction) => {
        const { platform, tenant, user: account } = actor;
        await transaction
          .insertInto('bindings')
          .values({ platform, tenant, account, principal, bound_at: boundAt })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        const bound = await transaction
          .selectFrom('bindings')
          .select('principal')
          .where('platform', '=', platform)
          .where('tenant', '=', tenant)
          .where('account', '=', account)
          .executeTakeFirst();
        if (bound?.principal !== principal) throw mismatch();
      }),
  };
}

function toBinding(found: Selectable<BindingTable>): Binding {
  const actor = { platform: found.platform, tenant: found.tenant, user: found.account };
  return { actor, principal: found.principal, boundAt: asNumber(found.bound_at) };
}

/** Says nothing about whom the other side is bound to (P4). */
function mismatch(): ElevateError {
  return new ElevateError(
    'not_allowed',
    'This account or its e-mail address is already known as somebody else. Please ask an operator to check it.',
    { details: { reason: 'binding_mismatch' } },
  );
}
