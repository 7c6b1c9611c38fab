import type { Insertable, Selectable, Transaction } from 'kysely';
import type { KnownSignIn, SignIns } from '../core/ports.ts';
import { asNumber, type Database, type SignInTable, type Tables } from './schema.ts';
import { serially } from './transaction.ts';

/** PostgreSQL takes no index entry of more than 2,700 bytes. */
const LONGEST_NAME = 256;

/** What each account's newest token said (T11). An older token that comes later changes nothing. */
export function createSignIns(db: Database): SignIns {
  return {
    put: (signIn) =>
      serially(db, async (transaction) => {
        const columns = toColumns(signIn);
        const written = await transaction
          .insertInto('sign_ins')
          .values(columns)
          .onConflict((conflict) =>
            conflict
              .columns(['platform', 'tenant', 'account'])
              .doUpdateSet(columns)
              .whereRef('sign_ins.at', '<=', 'excluded.at'),
          )
          .returning('account')
          .executeTakeFirst();
        if (written !== undefined) await writeGroups(transaction, signIn);
      }),

    async ofActor({ platform, tenant, user }) {
      const found = await db
        .selectFrom('sign_ins')
        .selectAll()
        .where('platform', '=', platform)
        .where('tenant', '=', tenant)
        .where('account', '=', user)
        .executeTakeFirst();
      return found && toSignIn(found);
    },

    async ofPrincipal(principal) {
      const found = await db
        .selectFrom('sign_ins')
        .selectAll()
        .where('principal', '=', principal)
        .orderBy('at', 'desc')
        .execute();
      return found.map(toSignIn);
    },

    async inGroup(group) {
      const found = await db
        .selectFrom('sign_in_groups as named')
        .innerJoin('sign_ins', (join) =>
          join
            .onRef('sign_ins.platform', '=', 'named.platform')
            .onRef('sign_ins.tenant', '=', 'named.tenant')
            .onRef('sign_ins.account', '=', 'named.account'),
        )
        .select('principal')
        .distinct()
        .where('named.name', '=', group)
        .orderBy('principal')
        .execute();
      return found.map(({ principal }) => principal);
    },
  };
}

async function writeGroups(transaction: Transaction<Tables>, { actor, groups }: KnownSignIn): Promise<void> {
  const { platform, tenant, user: account } = actor;
  await transaction
    .deleteFrom('sign_in_groups')
    .where('platform', '=', platform)
    .where('tenant', '=', tenant)
    .where('account', '=', account)
    .execute();
  const rows = [...new Set(groups)].filter(isName).map((name) => ({ platform, tenant, account, name }));
  if (rows.length > 0) await transaction.insertInto('sign_in_groups').values(rows).execute();
}

/** A token may say anything. What no group is ever called is kept with the rest, but cannot be looked for. */
function isName(group: string): boolean {
  return group.length <= LONGEST_NAME && !group.includes('\0');
}

function toColumns(signIn: KnownSignIn): Insertable<SignInTable> {
  const { actor, principal, name, email, emailConfirmed, groups, at } = signIn;
  return {
    platform: actor.platform,
    tenant: actor.tenant,
    account: actor.user,
    principal,
    name,
    email: email ?? null,
    email_confirmed: emailConfirmed ? 1 : 0,
    groups: JSON.stringify(groups),
    at,
  };
}

function toSignIn(found: Selectable<SignInTable>): KnownSignIn {
  return {
    actor: { platform: found.platform, tenant: found.tenant, user: found.account },
    principal: found.principal,
    name: found.name,
    email: found.email ?? undefined,
    emailConfirmed: found.email_confirmed === 1,
    groups: JSON.parse(found.groups) as string[],
    at: asNumber(found.at),
  };
}
