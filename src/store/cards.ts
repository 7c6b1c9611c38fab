import type { CardReference, Cards } from '../core/ports.ts';
import type { CardTable, Database } from './schema.ts';

/** Where each message of an execution is, and what was drawn on it last. */
export function createCards(db: Database): Cards {
  return {
    async of(execution, platform) {
      const found = await db
        .selectFrom('cards')
        .selectAll()
        .where('execution', '=', execution)
        .where('platform', '=', platform)
        .orderBy('recipient')
        .orderBy('slot')
        .execute();
      return found.map(toCard);
    },

    async save(card) {
      const address = JSON.stringify(card.address);
      const { execution, platform, recipient, slot, drawing } = card;
      await db
        .insertInto('cards')
        .values({ execution, platform, recipient, slot, address, drawing })
        .onConflict((conflict) =>
          conflict.columns(['execution', 'platform', 'recipient', 'slot']).doUpdateSet({ address, drawing }),
        )
        .execute();
    },
  };
}

function toCard(found: CardTable): CardReference {
  return { ...found, address: JSON.parse(found.address) as Record<string, string> };
}
