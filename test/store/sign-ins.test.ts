import { describe, expect, it } from 'vitest';
import type { KnownSignIn } from '../../src/core/ports.ts';
import { alice, bob, sampleTime } from '../samples.ts';
import { kinds, storesOf } from './stores.ts';

function signIn(overrides: Partial<KnownSignIn> = {}): KnownSignIn {
  return {
    actor: { platform: 'api', tenant: 'https://login.example.com', user: 'subject-1' },
    principal: alice.id,
    name: alice.name,
    email: alice.id,
    emailConfirmed: true,
    groups: ['sre', 'audit'],
    at: sampleTime,
    ...overrides,
  };
}

const elsewhere = { platform: 'api', tenant: 'https://other.example.com', user: 'subject-1' };

describe.each(kinds)('sign-ins on %s', (kind) => {
  const stores = storesOf(kind);

  it('T11: gives back what a token said, as it was', async () => {
    const { signIns } = await stores.open();
    expect(await signIns.ofActor(signIn().actor)).toBeUndefined();
    const bare = signIn({ actor: elsewhere, email: undefined, emailConfirmed: false, groups: [] });
    await signIns.put(signIn());
    await signIns.put(bare);
    expect(await signIns.ofActor(signIn().actor)).toEqual(signIn());
    expect(await signIns.ofActor(elsewhere)).toEqual(bare);
  });

  it.each([
    { what: 'a newer one', at: sampleTime + 1, kept: 'new' },
    { what: 'one of the same second', at: sampleTime, kept: 'new' },
    { what: 'an older one', at: sampleTime - 1, kept: 'old' },
  ])('T11: after $what, the $kept one counts, with its groups alone', async ({ at, kept }) => {
    const { signIns } = await stores.open();
    await signIns.put(signIn({ groups: ['old', 'both'] }));
    await signIns.put(signIn({ groups: ['new', 'both'], at }));
    expect((await signIns.ofActor(signIn().actor))?.groups).toEqual([kept, 'both']);
    expect(await signIns.inGroup('both')).toEqual([alice.id]);
    expect(await signIns.inGroup(kept)).toEqual([alice.id]);
    expect(await signIns.inGroup(kept === 'new' ? 'old' : 'new')).toEqual([]);
  });

  it('T11: whatever the order in which they arrive, the newest counts', async () => {
    const [one, other] = await stores.openTwice();
    const ages = [3, 9, 1, 7, 5, 8];
    await Promise.all(
      ages.map((age, index) =>
        (index % 2 === 0 ? one : other).signIns.put(signIn({ at: sampleTime + age, groups: [`g${age}`] })),
      ),
    );
    expect(await one.signIns.ofActor(signIn().actor)).toEqual(signIn({ at: sampleTime + 9, groups: ['g9'] }));
    for (const age of ages) expect(await one.signIns.inGroup(`g${age}`)).toEqual(age === 9 ? [alice.id] : []);
  });

  it('lists the accounts of a person, newest first', async () => {
    const { signIns } = await stores.open();
    const other = signIn({ actor: elsewhere, at: sampleTime + 1 });
    await signIns.put(signIn());
    await signIns.put(other);
    expect(await signIns.ofPrincipal(alice.id)).toEqual([other, signIn()]);
    expect(await signIns.ofPrincipal(bob.id)).toEqual([]);
  });

  it('T11: names each person in a group once, by its exact name', async () => {
    const { signIns } = await stores.open();
    await signIns.put(signIn());
    await signIns.put(signIn({ actor: elsewhere }));
    await signIns.put(
      signIn({ actor: { ...elsewhere, user: 'subject-2' }, principal: bob.id, groups: ['sre', 'sre'] }),
    );
    expect(await signIns.inGroup('sre')).toEqual([alice.id, bob.id]);
    expect(await signIns.inGroup('audit')).toEqual([alice.id]);
    for (const nobody of ['SRE', 'sr', 'sre ', '%', '']) expect(await signIns.inGroup(nobody)).toEqual([]);
  });

  it('an account that has another owner now is no longer found under the old one', async () => {
    const { signIns } = await stores.open();
    await signIns.put(signIn());
    await signIns.put(signIn({ principal: bob.id, at: sampleTime + 1 }));
    expect(await signIns.ofPrincipal(alice.id)).toEqual([]);
    expect(await signIns.inGroup('sre')).toEqual([bob.id]);
  });

  it('takes groups of any text; what no configuration can name is not looked for', async () => {
    const { signIns } = await stores.open();
    const groups = [
      '',
      '\0',
      'a\0b',
      'x'.repeat(10_000),
      "' or 1=1 --",
      'Ünïcode 🎈',
      ...Array.from({ length: 300 }, (_, i) => `g${i}`),
    ];
    await signIns.put(signIn({ groups }));
    expect(await signIns.ofActor(signIn().actor)).toEqual(signIn({ groups }));
    expect(await signIns.inGroup('Ünïcode 🎈')).toEqual([alice.id]);
  });
});
