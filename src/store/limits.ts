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
        if (await knows(transaction, wish.execution)) return { admitted: true };
        const same = await openSame(transaction, wish);
        if (same !== undefined) return { admitted: false, same };
        if ((await countOpen(transaction, wish.owner)) >= wish.openPerPerson) {
          return { admitted: false, limit: 'open', retryAfterMs: openRetryMs };
        }
        const retryAfterMs = await untilHourHasRoom(transaction, wish);
        if (retryAfterMs !== undefined) return { admitted: false, limit: 'hour', retryAfterMs };
        await insert(transaction, wish);
        return { admitted: true };
      }),

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

async function knows(transaction: Transaction<Tables>, execution: string): Promise<boolean> {
  const found = await transaction
    .selectFrom('admissions')
    .select('execution')
    .where('execution', '=', execution)
    .executeTakeFirst();
  return found !== undefined;
}

/** Only among the owner's own: nobody learns of another's execution by asking for the same (P4). */
async function openSame(transaction: Transaction<Tables>, wish: Wish): Promise<string | undefined> {
  const found = await transaction
    .selectFrom('admissions')
    .select('execution')
    .where('owner', '=', wish.owner)
    .where('fingerprint', '=', wish.fingerprint)
    .where('is_open', '=', yes)
    .executeTakeFirst();
  return found?.execution;
}

async function countOpen(transaction: Transaction<Tables>, owner: string): Promise<number> {
  const { count } = await transaction
    .selectFrom('admissions')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('owner', '=', owner)
    .where('is_open', '=', yes)
    .executeTakeFirstOrThrow();
  return asNumber(count);
}

/** `undefined` if there is room now; else when the one that takes the last place leaves the window. */
async function untilHourHasRoom(transaction: Transaction<Tables>, wish: Wish): Promise<number | undefined> {
  const newest = await transaction
    .selectFrom('admissions')
    .select('admitted_at')
    .where('owner', '=', wish.owner)
    .where('admitted_at', '>', wish.at - hourMs)
    .orderBy('admitted_at', 'desc')
    .limit(wish.perHour)
    .execute();
  if (newest.length < wish.perHour) return undefined;
  const leavesFirst = newest.at(-1);
  return leavesFirst === undefined ? hourMs : asNumber(leavesFirst.admitted_at) + hourMs - wish.at;
}

async function insert(transaction: Transaction<Tables>, wish: Wish): Promise<void> {
  const { execution, owner, fingerprint, at } = wish;
  await transaction
    .insertInto('admissions')
    .values({ execution, owner, fingerprint, admitted_at: at, is_open: 1 })
    .execute();
}
