import { describe, expect, it } from 'vitest';
import { alice, bob, sampleActor, sampleTime } from '../samples.ts';
import { kinds, storesOf } from './stores.ts';

const binding = { actor: sampleActor(alice), principal: alice.id, boundAt: sampleTime };
const mismatch = { code: 'not_allowed', details: { reason: 'binding_mismatch' } };

describe.each(kinds)('bindings on %s', (kind) => {
  const stores = storesOf(kind);

  it('T3: binds an account to a principal, once', async () => {
    const { bindings } = await stores.open();
    expect(await bindings.ofActor(binding.actor)).toBeUndefined();
    await bindings.bind(binding);
    await bindings.bind({ ...binding, boundAt: sampleTime + 1 });
    expect(await bindings.ofActor(binding.actor)).toEqual(binding);
    expect(await bindings.ofPrincipal(alice.id, 'chat')).toEqual([binding]);
  });

  it('T3: refuses a known account with another e-mail', async () => {
    const { bindings } = await stores.open();
    await bindings.bind(binding);
    await expect(bindings.bind({ ...binding, principal: bob.id })).rejects.toMatchObject(mismatch);
    expect(await bindings.ofActor(binding.actor)).toEqual(binding);
    expect(await bindings.ofPrincipal(bob.id, 'chat')).toEqual([]);
  });

  it('T3: refuses a known e-mail with another account', async () => {
    const { bindings } = await stores.open();
    await bindings.bind(binding);
    const recycled = { ...binding.actor, user: 'U_new' };
    await expect(bindings.bind({ ...binding, actor: recycled })).rejects.toMatchObject(mismatch);
    expect(await bindings.ofActor(recycled)).toBeUndefined();
  });

  it('T3: refuses two pairs that are crossed', async () => {
    const { bindings } = await stores.open();
    await bindings.bind(binding);
    await bindings.bind({ actor: sampleActor(bob), principal: bob.id, boundAt: sampleTime });
    await expect(bindings.bind({ ...binding, principal: bob.id })).rejects.toMatchObject(mismatch);
  });

  it('P4: the refusal does not say whom the account belongs to', async () => {
    const { bindings } = await stores.open();
    await bindings.bind(binding);
    await expect(bindings.bind({ ...binding, principal: bob.id })).rejects.not.toThrow(/alice/);
  });

  it.each([{ platform: 'api' }, { tenant: 'T02' }])('an account elsewhere is another one: %j', async (elsewhere) => {
    const { bindings } = await stores.open();
    const other = { ...binding, actor: { ...binding.actor, ...elsewhere } };
    await bindings.bind(binding);
    await bindings.bind(other);
    expect(await bindings.ofActor(other.actor)).toEqual(other);
    expect(await bindings.ofActor(binding.actor)).toEqual(binding);
    const onChat = await bindings.ofPrincipal(alice.id, 'chat');
    expect(onChat).toEqual('platform' in elsewhere ? [binding] : [binding, other]);
  });

  it('T3: of two that bind one account at the same time, one is refused', async () => {
    const [one, other] = await stores.openTwice();
    const results = await Promise.allSettled([
      one.bindings.bind(binding),
      other.bindings.bind({ ...binding, principal: bob.id }),
    ]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: mismatch });
  });
});
