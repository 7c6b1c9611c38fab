import type { Transaction } from 'kysely';
import type { Limits } from '../core/ports.ts';
import { asNumber, type Database, type Tables, yes } from './schema.ts';
import { serially } from './transaction.ts';

type Wish = Parameters<Limits['admit']>[0];

const hourMs = 3_600_000;
/** Nobody knows when an open execution ends; a minute is soon enough to look again. */
const openRetryMs = 60_000;

/** Who created what, and what of it is still open (T31). Closed rows stay: the hour counts them too. */
export function createLimits(db: Database): Limits {
  return {
    admit: (wish) =>
      serially(db, async (transaction) => {
        const { known, answered, asked, same, open, lastPlace } = await standing(transaction, wish);
        if (known !== null) return { admitted: true, again: true };
        if (answered !== null && asked !== null) return { admitted: false, answered, fingerprint: asked };
        if (same !== null) return { admitted: false, same };
        if (asNumber(open ?? 0) >= wish.openPerPerson) {
          return { admitted: false, limit: 'open', retryAfterMs: openRetryMs };
        }
        if (wish.perHour < 1) return { admitted: false, limit: 'hour', retryAfterMs: hourMs };
        if (lastPlace !== null) {
          return { admitted: false, limit: 'hour', retryAfterMs: asNumber(lastPlace) + hourMs - wish.at };
        }
        await insert(transaction, wish);
        return { admitted: true };
      }),

    async keepAnswer(execution, { answered, fingerprint }) {
      await db
        .insertInto('answered')
        .values({ delivery: execution, execution: answered, fingerprint })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async openOf(owner) {
      const rows = await db
        .selectFrom('admissions')
        .select(['execution', 'admitted_at'])
        .where('owner', '=', owner)
        .where('is_open', '=', yes)
        .orderBy('admitted_at')
        .execute();
      return rows.map(({ execution, admitted_at }) => ({ execution, at: asNumber(admitted_at) }));
    },

    async release(execution) {
      await db.updateTable('admissions').set({ is_open: 0 }).where('execution', '=', execution).execute();
    },
  };
}

/** All that is asked before somebody is admitted, in one question: other people wait for the answer. */
function standing(transaction: Transaction<Tables>, { execution, owner, fingerprint, at, perHour }: Wish) {
  return transaction
    .selectNoFrom(({ selectFrom }) => {
      const own = selectFrom('admissions').where('owner', '=', owner);
      const before = selectFrom('answered').where('delivery', '=', execution);
      return [
        selectFrom('admissions').select('execution').where('execution', '=', execution).as('known'),
        before.select('execution').as('answered'),
        before.select('fingerprint').as('asked'),
        // Only among the owner's own: nobody learns of another's execution by asking for the same (P4).
        own.select('execution').where('fingerprint', '=', fingerprint).where('is_open', '=', yes).limit(1).as('same'),
        own
          .select(({ fn }) => fn.countAll().as('count'))
          .where('is_open', '=', yes)
          .as('open'),
        // The one that takes the last place of the hour, if there is none left.
        own
          .select('admitted_at')
          .where('admitted_at', '>', at - hourMs)
          .orderBy('admitted_at', 'desc')
          .limit(1)
          .offset(Math.max(1, perHour) - 1)
          .as('lastPlace'),
      ];
    })
    .executeTakeFirstOrThrow();
}

async function insert(transaction: Transaction<Tables>, wish: Wish): Promise<void> {
  const { execution, owner, fingerprint, at } = wish;
  await transaction
    .insertInto('admissions')
    .values({ execution, owner, fingerprint, admitted_at: at, is_open: 1 })
    .execute();
}
