import type { Marks } from '../core/ports.ts';
import { asNumber, type Database } from './schema.ts';

/** Kept beside what they speak of, so that a store that is restored from a copy goes on from where the copy was. */
export function createMarks(db: Database): Marks {
  return {
    async get(name) {
      const found = await db.selectFrom('marks').select('at').where('name', '=', name).executeTakeFirst();
      return found && asNumber(found.at);
    },

    async put(name, at) {
      await db
        .insertInto('marks')
        .values({ name, at })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ at }))
        .execute();
    },
  };
}
