import { describe, expect, it } from 'vitest';
import type { ConversationReference } from '../../src/core/ports.ts';
import { hour, minute, sampleTime } from '../samples.ts';
import { kinds, onDatabase, openUrl, storesOf } from './stores.ts';

function reference(overrides: Partial<ConversationReference> = {}): ConversationReference {
  return {
    platform: 'chat',
    tenant: 'T1',
    kind: 'personal',
    key: 'alice',
    address: { service: 'https://chat.example.com/eu/', conversation: 'a:1' },
    seenAt: sampleTime,
    ...overrides,
  };
}

const moved = { service: 'https://chat.example.com/us/', conversation: 'a:1' };

describe.each(kinds)('conversation references on %s', (kind) => {
  const stores = storesOf(kind);

  it('gives back what was heard, under its own key alone', async () => {
    const { references } = await stores.open();
    await references.see(reference());
    expect(await references.get(reference())).toEqual(reference());
    for (const other of [{ platform: 'other' }, { tenant: 'T2' }, { kind: 'sighting' as const }, { key: 'bob' }])
      expect(await references.get(reference(other))).toBeUndefined();
  });

  it('keeps a place of each kind for one key', async () => {
    const { references } = await stores.open();
    const all = (['personal', 'sighting', 'conversation'] as const).map((each) =>
      reference({ kind: each, address: { conversation: each } }),
    );
    for (const each of all) await references.see(each);
    for (const each of all) expect(await references.get(each)).toEqual(each);
  });

  it('P5: what was heard is still known after a restart', async () => {
    const url = await stores.freshUrl();
    const before = await openUrl(url);
    await before.references.see(reference());
    await before.close();
    expect(await (await openUrl(url)).references.get(reference())).toEqual(reference());
  });

  it.each([
    { what: 'later', at: sampleTime + 1, address: moved },
    { what: 'at the same moment', at: sampleTime, address: moved },
    { what: 'earlier', at: sampleTime - 1, address: reference().address },
  ])('an address that was heard $what is there afterwards, or is not', async ({ at, address }) => {
    const { references } = await stores.open();
    await references.see(reference());
    await references.see(reference({ seenAt: at, address: moved }));
    expect((await references.get(reference()))?.address).toEqual(address);
  });

  it('whatever the order in which they arrive, the newest counts', async () => {
    const [one, other] = await stores.openTwice();
    const ages = [3, 9, 1, 7, 5, 8];
    await Promise.all(
      ages.map((age, index) =>
        (index % 2 === 0 ? one : other).references.see(
          reference({ seenAt: sampleTime + age, address: { age: String(age) } }),
        ),
      ),
    );
    expect(await one.references.get(reference())).toEqual(reference({ seenAt: sampleTime + 9, address: { age: '9' } }));
  });

  it('nothing is written while nothing but the time is new, for an hour', async () => {
    const { references } = await stores.open();
    const { service = '', conversation = '' } = reference().address;
    await references.see(reference());
    await references.see(reference({ seenAt: sampleTime + hour - 1, address: { conversation, service } }));
    expect((await references.get(reference()))?.seenAt).toBe(sampleTime);
    await references.see(reference({ seenAt: sampleTime + hour }));
    expect((await references.get(reference()))?.seenAt).toBe(sampleTime + hour);
  });

  it('a place that was buried is dead until it is heard from, and then alive at once', async () => {
    const { references } = await stores.open();
    await references.see(reference());
    await references.bury(reference(), 'blocked', sampleTime + minute);
    await references.bury(reference(), 'blocked', sampleTime + minute);
    expect(await references.get(reference())).toEqual(reference({ dead: 'blocked' }));
    await references.see(reference({ seenAt: sampleTime + 2 * minute }));
    expect(await references.get(reference())).toEqual(reference({ seenAt: sampleTime + 2 * minute }));
  });

  it('a place is not buried for what happened before it was heard from', async () => {
    const { references } = await stores.open();
    await references.see(reference());
    await references.bury(reference(), 'blocked', sampleTime - 1);
    expect(await references.get(reference())).toEqual(reference());
  });

  it('nothing is buried but what was named, and nothing that was never heard from', async () => {
    const { references } = await stores.open();
    await references.see(reference({ kind: 'sighting' }));
    await references.bury(reference(), 'blocked', sampleTime);
    expect(await references.get(reference())).toBeUndefined();
    expect(await references.get(reference({ kind: 'sighting' }))).toEqual(reference({ kind: 'sighting' }));
  });

  it('what an older version has written is there beside the new table', async () => {
    const url = await stores.freshUrl();
    const before = await openUrl(url);
    await before.close();
    await onDatabase(url, 'drop table conversation_references');
    await onDatabase(url, `delete from kysely_migration where name > '0004'`);
    const { references } = await openUrl(url);
    await references.see(reference());
    expect(await references.get(reference())).toEqual(reference());
  });
});
