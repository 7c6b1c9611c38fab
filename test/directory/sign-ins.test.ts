import { afterEach, describe, expect, it } from 'vitest';
import type { KnownSignIn, SignIns } from '../../src/core/ports.ts';
import { createSignInDirectory, rememberSignIns } from '../../src/directory/sign-ins.ts';
import { openStore } from '../../src/store/database.ts';
import { minute, sampleTime } from '../samples.ts';

const alice: KnownSignIn = {
  actor: { platform: 'api', tenant: 'https://id.example.com', user: 'alice-1' },
  principal: 'alice@example.com',
  name: 'Alice',
  email: 'alice@example.com',
  emailConfirmed: true,
  groups: ['sre'],
  at: sampleTime,
};

const afterwards: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of afterwards.splice(0)) await undo();
});

async function scene() {
  let time = sampleTime;
  const { signIns, close } = await openStore('sqlite::memory:');
  afterwards.push(close);
  const written: KnownSignIn[] = [];
  const counted: SignIns = {
    ...signIns,
    async put(signIn) {
      written.push(signIn);
      await signIns.put(signIn);
    },
  };
  const here = rememberSignIns({ signIns: counted, now: () => time });
  return { here, signIns, written, goOn: (ms: number) => void (time += ms) };
}

describe('the directory of those who sign in', () => {
  it('T1: knows the accounts that have, and no account of another issuer or platform', async () => {
    const { signIns } = await scene();
    const directory = createSignInDirectory({ signIns });
    await signIns.put(alice);
    await signIns.put({ ...alice, actor: { ...alice.actor, platform: 'chat' } });
    const { principal: _, groups: __, at: ___, ...account } = alice;
    expect(await directory.account(alice.actor)).toEqual({ ...account, member: true, active: true });
    for (const change of [{ platform: 'chat' }, { tenant: 'https://id.example.org' }, { user: 'alice' }])
      expect(await directory.account({ ...alice.actor, ...change })).toBeUndefined();
  });

  it('T3: does not confirm an address that the token did not', async () => {
    const { signIns } = await scene();
    await signIns.put({ ...alice, emailConfirmed: false });
    expect(await createSignInDirectory({ signIns }).account(alice.actor)).toMatchObject({ emailConfirmed: false });
  });

  it('finds people by their address, and has no groups of its own', async () => {
    const { signIns } = await scene();
    const directory = createSignInDirectory({ signIns });
    await signIns.put(alice);
    expect(await directory.find('alice@example.com')).toEqual(alice.actor);
    expect(await directory.find('bob@example.com')).toBeUndefined();
    expect(await directory.members('sre')).toBeUndefined();
  });
});

describe('what is remembered of sign-ins', () => {
  it('is written when it is new, when it differs, and else once a minute', async () => {
    const { here, written, goOn } = await scene();
    await here.put(alice);
    await here.put(alice);
    goOn(minute - 1);
    await here.put({ ...alice, groups: ['sre'] });
    expect(written).toHaveLength(1);
    await here.put({ ...alice, groups: [], at: alice.at + 1 });
    expect(written).toHaveLength(2);
    goOn(minute + 1);
    await here.put({ ...alice, groups: [], at: alice.at + 1 });
    expect(written).toHaveLength(3);
  });

  it.each<[string, Partial<KnownSignIn>]>([
    ['name', { name: 'Alice Archer' }],
    ['address', { email: 'a@example.com' }],
    ['no address', { email: undefined }],
    ['confirmation', { emailConfirmed: false }],
    ['groups', { groups: [] }],
    ['time', { at: alice.at + 1_000 }],
  ])('T8: is the newest at once: another %s', async (_, change) => {
    const { here, signIns } = await scene();
    await here.put(alice);
    await here.put({ ...alice, ...change });
    expect(await here.ofActor(alice.actor)).toEqual({ ...alice, ...change });
    expect(await here.ofPrincipal(alice.principal)).toEqual([{ ...alice, ...change }]);
    expect(await signIns.ofActor(alice.actor)).toEqual({ ...alice, ...change });
  });

  it('T11: an older token brings back no group', async () => {
    const { here, written } = await scene();
    await here.put({ ...alice, groups: [], at: alice.at + minute });
    await here.put(alice);
    expect(await here.ofPrincipal(alice.principal)).toMatchObject([{ groups: [] }]);
    expect(written).toHaveLength(1);
  });

  it('T11: an older token brings back no group that a newer one, taken elsewhere, has not', async () => {
    const { here, signIns } = await scene();
    await signIns.put({ ...alice, groups: [], at: alice.at + minute });
    await here.put(alice);
    expect(await here.ofPrincipal(alice.principal)).toMatchObject([{ groups: [] }]);
    expect(await here.ofActor(alice.actor)).toMatchObject({ groups: [] });
  });

  it('holds all accounts of a person', async () => {
    const { here } = await scene();
    const second = { ...alice, actor: { ...alice.actor, user: 'alice-2' }, groups: ['oncall'] };
    await here.put(alice);
    await here.put(second);
    const all = await here.ofPrincipal(alice.principal);
    expect(new Set(all.flatMap(({ groups }) => groups))).toEqual(new Set(['sre', 'oncall']));
    expect(await here.ofActor(alice.actor)).toEqual(alice);
  });

  it('is a minute behind what others write, at most, and not at all for people who do not call here', async () => {
    const { here, signIns, goOn } = await scene();
    await signIns.put(alice);
    expect(await here.ofPrincipal(alice.principal)).toEqual([alice]);
    await here.put(alice);
    const elsewhere = { ...alice, groups: [], at: alice.at + 1 };
    await signIns.put(elsewhere);
    expect(await here.ofPrincipal(alice.principal)).toEqual([alice]);
    goOn(minute + 1);
    expect(await here.ofPrincipal(alice.principal)).toEqual([elsewhere]);
    expect(await here.ofActor(alice.actor)).toEqual(elsewhere);
    expect(await here.inGroup('sre')).toEqual([]);
  });

  it('P5: is nothing that could not be written', async () => {
    const { signIns } = await scene();
    const broken = rememberSignIns({
      signIns: { ...signIns, put: async () => Promise.reject(new Error('No.')) },
      now: () => sampleTime,
    });
    await expect(broken.put(alice)).rejects.toThrow('No.');
    expect(await broken.ofActor(alice.actor)).toBeUndefined();
  });
});
