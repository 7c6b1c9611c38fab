import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../workflows/contract.ts';
import type { Config } from '../../src/config/config.ts';
import { ElevateError } from '../../src/core/errors.ts';
import { createIdentity } from '../../src/core/identity.ts';
import type { Account, Directory, SignIn } from '../../src/core/ports.ts';
import { createGroups } from '../../src/directory/groups.ts';
import { createSignInDirectory, rememberSignIns } from '../../src/directory/sign-ins.ts';
import { openStore } from '../../src/store/database.ts';
import { minute, sampleTime } from '../samples.ts';

const issuer = 'https://id.example.com';
const unknown = { code: 'unknown_identity' };
const mismatch = { code: 'not_allowed', details: { reason: 'binding_mismatch' } };

const afterwards: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const undo of afterwards) await undo();
});

function signInOf(email: string | undefined, overrides: Partial<SignIn> & { user?: string } = {}): SignIn {
  const { user = `sub of ${email}`, ...rest } = overrides;
  const actor = { platform: 'api', tenant: issuer, user };
  return { actor, name: 'Somebody', email, emailConfirmed: true, groups: [], at: sampleTime, ...rest };
}

function chatAccount(user: string, email: string, overrides: Partial<Account> = {}): Account {
  const actor = { platform: 'chat', tenant: 'T1', user };
  return { actor, name: user, email, emailConfirmed: true, member: true, active: true, ...overrides };
}

async function scene(config: Partial<Config['identity']> = {}) {
  let time = sampleTime;
  const now = () => time;
  const store = await openStore('sqlite::memory:');
  afterwards.push(store.close);
  const lines: string[] = [];
  const write = (_: object, message: string) => void lines.push(message);
  const accounts: Account[] = [];
  const asked: Actor[] = [];
  const chat = { isDown: false };
  const directory: Directory = {
    async account(actor) {
      asked.push(actor);
      if (chat.isDown) throw new ElevateError('unavailable', 'The chat does not answer.');
      return accounts.find((account) => account.actor.user === actor.user);
    },
    find: async () => undefined,
    members: async () => undefined,
  };
  const queries: string[] = [];
  const counted = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...input: unknown[]) => unknown;
        return (...input: unknown[]) => {
          queries.push(String(name));
          return method(...input);
        };
      },
    });
  const signIns = rememberSignIns({ signIns: counted(store.signIns), now });
  const directories = { chat: directory, api: createSignInDirectory({ signIns }) };
  const identity = createIdentity({
    config: { domains: ['example.com'], oneDirectory: false, aliases: [], links: {}, ...config },
    directories,
    bindings: counted(store.bindings),
    groups: createGroups({ groups: { sre: { users: [], platformGroups: {} } }, directories, signIns, now }),
    signIns,
    audit: store.audit,
    log: { debug: write, info: write, warn: write, error: write },
    now,
  });
  return { ...identity, store, accounts, chat, asked, lines, queries, goOn: (ms: number) => void (time += ms) };
}

/** For those who leave nothing behind. */
const quiet = await scene();

describe('a person who signs in', () => {
  it('T5: is who their token says, by a company login', async () => {
    const { enter } = await scene();
    const signIn = signInOf('alice@example.com', { groups: ['sre', 'not configured'] });
    expect(await enter(signIn)).toEqual({
      id: 'alice@example.com',
      name: 'Somebody',
      actor: signIn.actor,
      linked: true,
      groups: ['sre'],
    });
  });

  it('is known from then on, by what they signed in with last', async () => {
    const { enter, resolve, goOn } = await scene();
    const signIn = signInOf('alice@example.com');
    await expect(resolve(signIn.actor)).rejects.toMatchObject(unknown);
    const entered = await enter(signIn);
    expect(await resolve(signIn.actor)).toEqual(entered);
    goOn(minute);
    await enter({ ...signIn, name: 'Alice Archer', at: sampleTime + minute });
    expect(await resolve(signIn.actor)).toEqual({ ...entered, name: 'Alice Archer' });
  });

  it.each<[string, SignIn]>([
    ['no address', signInOf(undefined)],
    ['an address that is not confirmed', signInOf('alice@example.com', { emailConfirmed: false })],
    ['an address of another company', signInOf('alice@example.org')],
    ['an address of a domain inside of ours', signInOf('alice@sub.example.com')],
    ['an address of a domain that ends as ours', signInOf('alice@notexample.com')],
  ])('T3: with %s is nobody, and nothing is kept of them', async (_, signIn) => {
    const { enter, store } = quiet;
    await expect(enter(signIn)).rejects.toMatchObject(unknown);
    expect(await store.signIns.ofActor(signIn.actor)).toBeUndefined();
    expect(await store.bindings.ofActor(signIn.actor)).toBeUndefined();
  });

  it('T3: binds their account on first use; the same address in another account is refused and told', async () => {
    const { enter, store, lines } = await scene();
    await enter(signInOf('alice@example.com', { user: 'alice-1' }));
    await expect(enter(signInOf('alice@example.com', { user: 'alice-2' }))).rejects.toMatchObject(mismatch);
    expect(await store.audit.last('binding_mismatch')).toMatchObject({ principal: 'alice@example.com' });
    expect(lines.join()).toContain('belong to different people');
  });

  it('T3: with a known account and another address is refused, also a moment after they were let in', async () => {
    const { enter, store } = await scene();
    const { actor } = signInOf('alice@example.com');
    await enter(signInOf('alice@example.com', { actor }));
    await expect(enter(signInOf('bob@example.com', { actor }))).rejects.toMatchObject(mismatch);
    expect(await store.signIns.ofActor(actor)).toMatchObject({ principal: 'alice@example.com' });
  });

  it('T5: is the first of their addresses where an operator has listed several', async () => {
    const { enter } = await scene({ aliases: [['alice@example.com', 'a.archer@example.com']] });
    expect(await enter(signInOf('a.archer@example.com'))).toMatchObject({ id: 'alice@example.com' });
  });

  it('T3: is whom an operator has linked their account to, whatever the token says', async () => {
    const { enter, store } = await scene({ links: { [`api:${issuer}/alice-1`]: 'alice@example.com' } });
    const linked = signInOf('root@example.org', { user: 'alice-1', emailConfirmed: false });
    expect(await enter(linked)).toMatchObject({ id: 'alice@example.com', linked: true });
    expect(await store.signIns.ofActor(linked.actor)).toMatchObject({ principal: 'alice@example.com' });
    await expect(enter(signInOf('alice@example.com', { user: 'alice-2' }))).rejects.toMatchObject(mismatch);
  });
});

describe('T4, P4: addresses that look alike', () => {
  it.each<[string, string]>([
    ['sub-address', 'alice+admin@example.com'],
    ['dot in the name', 'a.lice@example.com'],
    ['quoted name', '"alice"@example.com'],
    ['other letter of ASCII', 'aIice@example.com'],
    ['underscore', 'alice_@example.com'],
  ])('are two people: a %s', async (_, email) => {
    const alice = await quiet.enter(signInOf('alice@example.com'));
    const other = await quiet.enter(signInOf(email));
    expect(other.id).not.toBe(alice.id);
  });

  it('in capitals mean the same address, so they belong to the one account that came first', async () => {
    const { enter } = await scene();
    await enter(signInOf('alice@example.com'));
    await expect(enter(signInOf('Alice@Example.COM'))).rejects.toMatchObject(mismatch);
    expect(await (await scene()).enter(signInOf('Alice@Example.COM'))).toMatchObject({ id: 'alice@example.com' });
  });

  it.each<[string, string]>([
    ['a Kelvin sign', '\u212Aate@example.com'],
    ['a Cyrillic a', '\u0430lice@example.com'],
    ['a dotless i', 'al\u0131ce@example.com'],
    ['full-width letters', '\uFF41lice@example.com'],
    ['a Cyrillic letter in the domain', 'alice@ex\u0430mple.com'],
    ['a zero-width space', 'alice\u200b@example.com'],
    ['a combining accent', 'alice\u0301@example.com'],
    ['a trailing dot', 'alice@example.com.'],
    ['two @', 'alice@example.com@example.org'],
    ['two @, ours last', 'alice@example.org@example.com'],
    ['two @, one in quotes', '"alice@example.org"@example.com'],
    ['a space', 'alice @example.com'],
    ['a line break', 'alice@example.com\n'],
    ['a zero byte', 'alice@example.com\0'],
    ['a name in front', 'Alice <alice@example.com>'],
    ['no name', '@example.com'],
    ['a domain in brackets', 'alice@[example.com]'],
  ])('are nobody with %s', async (_, email) => {
    await expect(quiet.enter(signInOf(email))).rejects.toMatchObject(unknown);
  });

  it('never meet in one principal unless they differ in case alone', async () => {
    const { enter } = await scene();
    const letters = fc.constantFrom('a', 'A', 'k', 'K', '\u212A', '.', '+', '"', '@', '\u0131', 'i', '\u200b');
    const address = fc.array(letters, { minLength: 1, maxLength: 5 }).map((name) => `${name.join('')}@example.com`);
    await fc.assert(
      fc.asyncProperty(address, async (email) => {
        const id = await enter(signInOf(email, { user: email.toLowerCase() })).then(
          (principal) => principal.id,
          () => undefined,
        );
        if (id !== undefined) expect(id).toBe(email.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
      }),
      { numRuns: 60 },
    );
  });
});

describe('T9: a person who has left', () => {
  async function left() {
    const world = await scene();
    world.accounts.push(chatAccount('U1ALICE', 'alice@example.com'));
    await world.resolve({ platform: 'chat', tenant: 'T1', user: 'U1ALICE' });
    return world;
  }
  const gone = (world: { accounts: Account[] }) =>
    world.accounts.splice(0, 1, chatAccount('U1ALICE', 'alice@example.com', { active: false }));

  it('is refused everywhere, however good their token still is', async () => {
    const world = await left();
    const signIn = signInOf('alice@example.com');
    await world.enter(signIn);
    gone(world);
    world.goOn(minute);
    await expect(world.enter(signIn)).rejects.toMatchObject(unknown);
    await expect(world.resolve(signIn.actor)).rejects.toMatchObject(unknown);
  });

  it('has nothing kept of a sign-in after that', async () => {
    const world = await left();
    gone(world);
    const signIn = signInOf('alice@example.com');
    await expect(world.enter(signIn)).rejects.toMatchObject(unknown);
    expect(await world.store.signIns.ofActor(signIn.actor)).toBeUndefined();
  });

  it('is refused also by another of their addresses, and by an account that an operator has linked', async () => {
    const aliases = [['alice@example.com', 'a.archer@example.com']];
    for (const links of [{}, { 'chat:T1/U1ALICE': 'a.archer@example.com' }]) {
      const world = await scene({ aliases, links });
      world.accounts.push(chatAccount('U1ALICE', 'a.archer@example.com'));
      await world.resolve({ platform: 'chat', tenant: 'T1', user: 'U1ALICE' });
      gone(world);
      await expect(world.enter(signInOf('alice@example.com'))).rejects.toMatchObject(unknown);
    }
  });

  it('is not thought to have left because the chat does not answer, or does not know them any more', async () => {
    const world = await left();
    world.chat.isDown = true;
    expect(await world.enter(signInOf('alice@example.com'))).toMatchObject({ id: 'alice@example.com' });
    expect(world.lines.join()).toContain('still active');
    world.chat.isDown = false;
    world.accounts.splice(0);
    world.goOn(minute);
    expect(await world.enter(signInOf('alice@example.com'))).toMatchObject({ id: 'alice@example.com' });
  });

  it('is not forgotten because the chat does not answer any more', async () => {
    const world = await left();
    gone(world);
    await expect(world.enter(signInOf('alice@example.com'))).rejects.toMatchObject(unknown);
    world.chat.isDown = true;
    world.goOn(minute);
    await expect(world.enter(signInOf('alice@example.com'))).rejects.toMatchObject(unknown);
  });

  it('is nobody else', async () => {
    const world = await left();
    gone(world);
    expect(await world.enter(signInOf('bob@example.com'))).toMatchObject({ id: 'bob@example.com' });
  });
});

describe('a person who calls often', () => {
  it('costs no question to store or chat for a minute', async () => {
    const world = await scene();
    world.accounts.push(chatAccount('U1ALICE', 'alice@example.com'));
    await world.resolve({ platform: 'chat', tenant: 'T1', user: 'U1ALICE' });
    const signIn = signInOf('alice@example.com', { groups: ['sre'] });
    await world.enter(signIn);
    world.queries.length = 0;
    world.asked.length = 0;
    world.goOn(minute - 1);
    for (let calls = 0; calls < 100; calls += 1) {
      await world.enter(signIn);
      await world.resolve(signIn.actor);
    }
    expect(world.queries).toEqual([]);
    expect(world.asked).toEqual([]);
    world.goOn(2);
    await world.enter(signIn);
    expect(world.queries).toContain('put');
    expect(world.asked).toHaveLength(1);
  });
});

describe('an account of a chat', () => {
  const actor = { platform: 'chat', tenant: 'T1', user: 'U1ALICE' };

  it.each<[string, Partial<Account>]>([
    ['a guest', { member: false }],
    ['deactivated', { active: false }],
    ['without a confirmed address', { emailConfirmed: false }],
    ['without an address', { email: undefined }],
  ])('T3: that is %s is nobody', async (_, overrides) => {
    const { resolve, accounts } = quiet;
    accounts.splice(0, 1, chatAccount('U1ALICE', 'alice@example.com', overrides));
    await expect(resolve(actor)).rejects.toMatchObject(unknown);
  });

  it('T2: of a platform that is not configured is nobody', async () => {
    await expect(quiet.resolve({ ...actor, platform: 'elsewhere' })).rejects.toMatchObject(unknown);
  });

  it('T5: is linked by an operator alone, not by having an address', async () => {
    const bound = await scene();
    bound.accounts.push(chatAccount('U1ALICE', 'alice@example.com'));
    expect(await bound.resolve(actor)).toMatchObject({ id: 'alice@example.com', linked: false });
    const linked = await scene({ links: { 'chat:T1/U1ALICE': 'alice@example.com' } });
    linked.accounts.push(chatAccount('U1ALICE', 'other@example.com'));
    expect(await linked.resolve(actor)).toMatchObject({ id: 'alice@example.com', linked: true });
  });

  it('T11: is in the groups that their token named, for fifteen minutes', async () => {
    const { resolve, enter, accounts, goOn } = await scene();
    accounts.push(chatAccount('U1ALICE', 'alice@example.com'));
    await enter(signInOf('alice@example.com', { groups: ['sre'] }));
    expect(await resolve(actor)).toMatchObject({ groups: ['sre'] });
    goOn(15 * minute);
    expect(await resolve(actor)).toMatchObject({ groups: ['sre'] });
    goOn(1);
    expect(await resolve(actor)).toMatchObject({ groups: [] });
  });
});
