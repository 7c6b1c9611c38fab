import type { Target } from '../../workflows/contract.ts';
import type { Ledger } from '../core/ports.ts';
import { asNumber, type Database } from './schema.ts';
import { serially } from './transaction.ts';

/** Which accesses we gave and have not taken back (T25). A closed row never opens again. */
export function createLedger(db: Database): Ledger {
  return {
    open: (row) =>
      serially(db, async (transaction) => {
        const { execution, item, beneficiary, at } = row;
        const target = keyOf(row.target);
        await transaction
          .insertInto('ledger')
          .values({ execution, item, beneficiary, target, opened_at: at, barred_at: null, closed_at: null })
          .onConflict((conflict) => conflict.columns(['execution', 'item']).doNothing())
          .execute();
        const own = await transaction
          .selectFrom('ledger')
          .select(['closed_at', 'barred_at'])
          .where('execution', '=', execution)
          .where('item', '=', item)
          .executeTakeFirstOrThrow();
        const other = await transaction
          .selectFrom('ledger')
          .select('execution')
          .where('beneficiary', '=', beneficiary)
          .where('target', '=', target)
          .where('closed_at', 'is', null)
          .where('execution', '!=', execution)
          .executeTakeFirst();
        return { mayGrant: own.closed_at === null && own.barred_at === null, othersOpen: other !== undefined };
      }),

    async bar(execution, item, at) {
      await db
        .updateTable('ledger')
        .set({ barred_at: at })
        .where('execution', '=', execution)
        .where('item', '=', item)
        .where('barred_at', 'is', null)
        .execute();
    },

    async openRows() {
      const rows = await db
        .selectFrom('ledger')
        .select(['execution', 'item', 'opened_at', 'barred_at'])
        .where('closed_at', 'is', null)
        .orderBy('opened_at')
        .execute();
      return rows.map(({ execution, item, opened_at, barred_at }) => ({
        execution,
        item,
        openedAt: asNumber(opened_at),
        ...(barred_at !== null && { barredAt: asNumber(barred_at) }),
      }));
    },

    // Closing what was never opened leaves a closed row, so that a late open cannot grant any more (P2).
    async close(execution, item, at) {
      await db
        .insertInto('ledger')
        .values({ execution, item, beneficiary: null, target: null, opened_at: at, barred_at: at, closed_at: at })
        .onConflict((conflict) =>
          conflict.columns(['execution', 'item']).doUpdateSet({ closed_at: at }).where('ledger.closed_at', 'is', null),
        )
        .execute();
    },
  };
}

/** Equal for equal targets, whatever the role is called. */
function keyOf({ type, system, grant }: Target): string {
  return JSON.stringify([type, system, grant]);
}
