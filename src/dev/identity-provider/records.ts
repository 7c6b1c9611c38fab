/** What the provider remembers, in memory. */
import { LRUCache } from 'lru-cache';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

const MOST = 10_000;

/** One memory for all kinds of records; it outlives a provider that is replaced by one with other keys. */
export function createRecords(): AdapterFactory {
  const records = new LRUCache<string, AdapterPayload>({ max: MOST });
  return (kind) => recordsOf(kind, records);
}

function recordsOf(kind: string, records: LRUCache<string, AdapterPayload>): Adapter {
  const key = (id: string) => `${kind} ${id}`;
  const where = (fits: (record: AdapterPayload) => boolean) =>
    [...records].find(([name, record]) => name.startsWith(key('')) && fits(record))?.[1];
  return {
    async upsert(id, record, seconds) {
      records.set(key(id), record, seconds ? { ttl: seconds * 1_000 } : {});
    },
    find: async (id) => records.get(key(id)),
    findByUserCode: async (code) => where(({ userCode }) => userCode === code),
    findByUid: async (uid) => where((record) => record.uid === uid),
    async consume(id) {
      const record = records.get(key(id));
      if (record !== undefined) record.consumed = Math.floor(Date.now() / 1_000);
    },
    destroy: async (id) => void records.delete(key(id)),
    async revokeByGrantId(grant) {
      for (const [name, { grantId }] of records) if (grantId === grant) records.delete(name);
    },
  };
}
