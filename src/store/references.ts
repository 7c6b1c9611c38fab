import type { Insertable, Selectable } from 'kysely';
import type { ConversationReference, References } from '../core/ports.ts';
import { asNumber, type Database, type ReferenceTable } from './schema.ts';

/**
 * How far behind the time may be at which a place was last heard from. Everything that arrives is heard, and most of it
 * says nothing new: writing all of it down would be a write for every click.
 */
const LAG_MS = 3_600_000;

/** Where can be written to. What was heard last counts, in whatever order it arrives. */
export function createReferences(db: Database): References {
  async function find({ platform, tenant, kind, key }: Parameters<References['get']>[0]) {
    return db
      .selectFrom('conversation_references')
      .selectAll()
      .where('platform', '=', platform)
      .where('tenant', '=', tenant)
      .where('kind', '=', kind)
      .where('key', '=', key)
      .executeTakeFirst();
  }

  return {
    async get(key) {
      const found = await find(key);
      return found && toReference(found);
    },

    async see(reference) {
      const columns = toColumns(reference);
      const known = await find(reference);
      if (known !== undefined && isKnown(columns, known)) return;
      await db
        .insertInto('conversation_references')
        .values(columns)
        .onConflict((conflict) =>
          conflict
            .columns(['platform', 'tenant', 'kind', 'key'])
            .doUpdateSet(columns)
            .whereRef('conversation_references.seen_at', '<=', 'excluded.seen_at'),
        )
        .execute();
    },

    async bury({ platform, tenant, kind, key }, why, at) {
      await db
        .updateTable('conversation_references')
        .set({ dead: why })
        .where('platform', '=', platform)
        .where('tenant', '=', tenant)
        .where('kind', '=', kind)
        .where('key', '=', key)
        .where('seen_at', '<=', at)
        .execute();
    },
  };
}

function isKnown(seen: Insertable<ReferenceTable>, known: Selectable<ReferenceTable>): boolean {
  const isSame = known.address === seen.address && known.dead === null;
  return isSame && seen.seen_at < asNumber(known.seen_at) + LAG_MS;
}

function toColumns(reference: ConversationReference): Insertable<ReferenceTable> {
  const { platform, tenant, kind, key, seenAt } = reference;
  // In one order, so that equal addresses are equal texts.
  const address = JSON.stringify(
    Object.fromEntries(Object.entries(reference.address).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
  return { platform, tenant, kind, key, address, seen_at: seenAt, dead: null };
}

function toReference(found: Selectable<ReferenceTable>): ConversationReference {
  const { platform, tenant, kind, key, address, seen_at, dead } = found;
  return {
    platform,
    tenant,
    kind: kind as ConversationReference['kind'],
    key,
    address: JSON.parse(address) as Record<string, string>,
    seenAt: asNumber(seen_at),
    ...(dead !== null && { dead }),
  };
}
