import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, ElevateInput, Entry, State } from '../../workflows/contract.ts';
import { ElevateError } from '../../src/core/errors.ts';
import type { Account, Chat, Directory, Log } from '../../src/core/ports.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { createTeamsMessenger } from '../../src/teams/messenger.ts';
import { createPlaces } from '../../src/teams/places.ts';
import {
  alice,
  bob,
  carol,
  minute,
  sampleEntries,
  sampleId,
  sampleInput,
  sampleStage,
  sampleState,
  sampleTime,
  sampleVote,
  teamsConfig,
} from '../samples.ts';
import { createFakeConnector, type Shown } from './fake-connector.ts';

const platform = 'teams';
const tenant = '0ac3e000-0000-4000-8000-000000000001';
const second = '0ac3e000-0000-4000-8000-000000000002';
const channel = '19:approvals@thread.tacv2';
const groupChat = '19:approvers@thread.v2';
const heardFrom = 'https://smba.trafficmanager.net/emea/';
const config = teamsConfig({ tenants: [tenant, second] });
const hash = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

let teams: ReturnType<typeof createFakeConnector>;
let store: Store;
let now: number;
let accounts: Account[];
let lines: string[];
let chat: Chat;

beforeEach(async () => {
  now = sampleTime;
  teams = createFakeConnector({ tenant });
  store = await openStore('sqlite::memory:');
  accounts = [alice, bob, carol].map(({ id, name }) => accountOf(id, name));
  lines = [];
  for (const { id } of [alice, bob, carol]) await heard(actorOf(id));
  chat = messenger();
});

afterEach(() => store.close());

function messenger(): Chat {
  const keep = (fields: object, message: string) => void lines.push(JSON.stringify([fields, message]));
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
  const directory: Directory = {
    account: async (actor) => accounts.find((account) => account.actor.user === actor.user),
    find: async (email) => accounts.find((account) => account.email === email)?.actor,
    members: async () => undefined,
  };
  return createTeamsMessenger({
    connector: teams.connector,
    places: createPlaces({
      connector: teams.connector,
      references: store.references,
      config,
      now: () => now,
    }),
    cards: store.cards,
    directory,
    tokens: { mint: async ({ id }) => `token-${id}` },
    hash,
    config,
    log,
    now: () => now,
    pause: async (ms) => void (now += ms),
  });
}

function actorOf(email: string, of = tenant): Actor {
  return { platform, tenant: of, user: `object-${email.split('@')[0]}` };
}

function accountOf(email: string, name = email, of = tenant): Account {
  return { actor: actorOf(email, of), name, email, emailConfirmed: true, member: true, active: true };
}

const personal = (email: string) => `a:${email.split('@')[0]}`;

/** They have written to the bot. */
function heard(actor: Actor, address: Record<string, string> = {}): Promise<void> {
  const conversation = actor.user.replace('object-', 'a:');
  return store.references.see({
    ...personalKey(actor),
    address: { serviceUrl: heardFrom, conversation, ...address },
    seenAt: now,
  });
}

function personalKey({ tenant: of, user }: Actor) {
  return { platform, tenant: of, kind: 'personal', key: user } as const;
}

function channelKey(of = tenant) {
  return { platform, tenant: of, kind: 'conversation', key: channel } as const;
}

/** Somebody has written there. */
function heardIn(conversation: string, address: Record<string, string> = {}, of = tenant): Promise<void> {
  return store.references.see({
    ...channelKey(of),
    key: conversation,
    address: { serviceUrl: heardFrom, conversation, ...address },
    seenAt: now,
  });
}

/** Alice asks in Teams; the stage asks in one channel unless said otherwise. */
function request(stage: Parameters<typeof sampleStage>[0] = {}, stages?: ReturnType<typeof sampleStage>[]) {
  const asked = sampleStage({ ask: { channels: { teams: [channel] }, dm: 'none' }, ...stage });
  return sampleInput({ request: { actor: actorOf(alice.id) }, plan: { stages: stages ?? [asked] } });
}

const direct = { ask: { channels: {}, dm: 'all' as const } };
const waiting = sampleState();
const voted: Entry = { seq: 3, at: sampleTime + minute, kind: 'voted', vote: sampleVote() };
const afterVote = sampleState({ votes: [sampleVote()] });
const denied = sampleState({
  phase: 'closed',
  outcome: 'denied',
  votes: [sampleVote({ choice: 'deny', reason: 'use the runbook' })],
  access: [{ item: 0, state: 'none' }],
});
const deniedEntries: Entry[] = [{ seq: 4, at: sampleTime + minute, kind: 'closed', outcome: 'denied' }];

const show = (input: ElevateInput, state: State, events: Entry[] = sampleEntries()) =>
  chat.show({ input, state, events, run: 'run-1' });
const inChannel = () => teams.messagesIn(channel);
const to = (email: string) => teams.messagesIn(personal(email));
const labels = (shown: Shown | undefined) => labelsIn(shown?.message.card);
const words = (shown: Shown | undefined) => JSON.stringify(shown?.message ?? null);
const unreachable = () => to(alice.id).filter((shown) => words(shown).includes('could not be reached'));

/** Titles of what decides or commands, however deep; without their fallbacks. */
function labelsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const { type, title, fallback: _, card, ...rest } = part as Record<string, unknown>;
  if (type === 'Action.Execute' || type === 'Action.ShowCard') return [String(title)];
  return [...Object.values(rest), card].flatMap(labelsIn);
}

describe('asking', () => {
  it('posts a card with buttons to the channel, and a living card to the requester', async () => {
    await show(request(), waiting);
    expect(inChannel().map(labels)).toEqual([['Approve', 'Deny']]);
    expect(to(alice.id).map(labels)).toEqual([['Cancel']]);
    expect(to(bob.id)).toEqual([]);
  });

  it('P3: shows everything once, also from another process, and edits it when it changes', async () => {
    await show(request(), waiting);
    const before = teams.calls.length;
    await show(request(), waiting);
    chat = messenger();
    await show(request(), waiting);
    expect(teams.calls.slice(before)).toEqual([]);
    await show(request(), denied, deniedEntries);
    await show(request(), denied, deniedEntries);
    expect(inChannel()[0]?.edits).toBe(1);
    expect(labels(inChannel()[0])).toEqual([]);
    expect(words(inChannel()[0])).toContain('use the runbook');
    expect(to(alice.id).map(({ edits }) => edits)).toEqual([1, 0]);
  });

  it('P6: tells the channel in the thread of its card', async () => {
    await show(request(), waiting);
    await show(request(), afterVote, [...sampleEntries(), voted]);
    const [card, reply] = inChannel();
    expect(reply?.thread).toBe(card?.activity);
    expect(words(reply)).toContain('Bob Baker');
    expect(teams.calls.at(-1)?.conversation).toBe(`${channel};messageid=${card?.activity}`);
  });

  it('P6: tells a group chat, which has no threads, in a message of its own', async () => {
    const input = request({ ask: { channels: { teams: [groupChat] }, dm: 'none' } });
    await show(input, waiting);
    await show(input, afterVote, [voted]);
    expect(teams.messagesIn(groupChat).map(({ thread }) => thread)).toEqual([undefined, undefined]);
  });

  it('P6: tells the channel apart from its card where the thread is gone', async () => {
    await heardIn(channel);
    await show(request(), waiting);
    const thread = `${channel};messageid=${inChannel()[0]?.activity}`;
    teams.fail({ call: 'send', conversation: thread, status: 404, word: 'ConversationNotFound' });
    await show(request(), afterVote, [voted]);
    expect(words(inChannel()[1])).toContain('Bob Baker');
    expect((await store.references.get(channelKey()))?.dead).toBeUndefined();
  });

  it('asks approvers directly where the stage says so, but never the requester (T10)', async () => {
    const users = [alice.id, `teams:${tenant}/object-alice`, bob.id, carol.id];
    await show(request({ ...direct, approvers: { users, groups: [] } }), waiting);
    expect(to(alice.id).map(labels)).toEqual([['Cancel']]);
    expect(to(bob.id).map(labels)).toEqual([['Approve', 'Deny']]);
    expect(to(carol.id).map(labels)).toEqual([['Approve', 'Deny']]);
  });

  it('T2: asks people of each configured tenant, and nobody of another', async () => {
    accounts.push(accountOf('dan@example.com', 'Dan', second), accountOf('eve@example.com', 'Eve', 'another-tenant'));
    await heard(actorOf('dan@example.com', second));
    await heard(actorOf('eve@example.com', 'another-tenant'));
    const users = ['dan@example.com', 'eve@example.com'];
    await show(request({ ...direct, approvers: { users, groups: [] } }), waiting);
    await show(request({ ...direct, approvers: { users, groups: [] } }), denied, deniedEntries);
    expect(to('dan@example.com').map(({ edits }) => edits)).toEqual([1, 0]);
    expect(to('eve@example.com')).toEqual([]);
  });

  it('finds a requester who asked elsewhere by e-mail', async () => {
    const input = request();
    const elsewhere = { platform: 'slack', tenant: 'T01ACME', user: 'U_alice' };
    await show({ ...input, request: { ...input.request, actor: elsewhere } }, waiting);
    expect(to(alice.id).map(labels)).toEqual([['Cancel']]);
  });

  it('P4: tells a refused clicker alone', async () => {
    const by = { at: now, kind: 'refused', event: 'e', what: 'decision', by: carol, reason: 'not_approver' } as const;
    await show(request(), waiting, [{ ...by, seq: 3, actor: actorOf(carol.id) }]);
    expect(to(carol.id)).toHaveLength(1);
    expect(words(to(carol.id)[0])).toContain('You are not one of the approvers');
    expect(inChannel()).toHaveLength(1);
  });
});

describe('where to', () => {
  it('writes to a channel where it was heard from last, and before that through the configured service', async () => {
    await show(request(), waiting);
    expect(inChannel()[0]?.serviceUrl).toBe(config.serviceUrl);
    await heardIn(channel, {}, second);
    const input = request();
    await show({ ...input, request: { ...input.request, id: sampleId(2) } }, waiting);
    expect(inChannel()[1]?.serviceUrl).toBe(heardFrom);
  });

  it('opens the chat with somebody who never wrote, and remembers it', async () => {
    accounts.push(accountOf('dan@example.com'));
    teams.chats.set('object-dan', 'a:opened');
    const input = request({ ...direct, approvers: { users: ['dan@example.com'], groups: [] } });
    await show(input, waiting);
    await show({ ...input, request: { ...input.request, id: sampleId(2) } }, waiting);
    expect(teams.messagesIn('a:opened').map(labels)).toEqual([
      ['Approve', 'Deny'],
      ['Approve', 'Deny'],
    ]);
    expect(teams.calls.filter(({ call }) => call === 'openPersonal')).toEqual([
      { call: 'openPersonal', conversation: 'object-dan', serviceUrl: config.serviceUrl },
    ]);
    expect(await store.references.get(personalKey(actorOf('dan@example.com')))).toMatchObject({
      address: { serviceUrl: config.serviceUrl, conversation: 'a:opened' },
    });
  });

  it('opens the chat with somebody who was heard elsewhere by the name that Teams gave them there', async () => {
    accounts.push(accountOf('dan@example.com'));
    teams.chats.set('29:dan', 'a:opened');
    await store.references.see({
      ...personalKey(actorOf('dan@example.com')),
      kind: 'sighting',
      address: { serviceUrl: heardFrom, conversation: channel, member: '29:dan' },
      seenAt: now,
    });
    await show(request({ ...direct, approvers: { users: ['dan@example.com'], groups: [] } }), waiting);
    expect(teams.messagesIn('a:opened').map(({ serviceUrl }) => serviceUrl)).toEqual([heardFrom]);
  });

  it('T2: does not write to a host that is not on the list any more, whoever was heard from there', async () => {
    const elsewhere = 'https://attacker.example/';
    now += 1;
    await heardIn(channel, { serviceUrl: elsewhere });
    await heard(actorOf(alice.id), { serviceUrl: elsewhere });
    teams.chats.set('object-alice', 'a:opened');
    await show(request(), waiting);
    expect(inChannel()).toHaveLength(1);
    expect(teams.messagesIn('a:opened').map(labels)).toEqual([['Cancel']]);
    expect(teams.calls.map(({ serviceUrl }) => serviceUrl)).not.toContain(elsewhere);
  });

  it('P6: posts anew what stands at a host that is not on the list any more', async () => {
    await show(request(), waiting);
    const [card] = (await store.cards.of(sampleId(), platform)).filter(({ recipient }) => recipient === channel);
    await store.cards.save({ ...card!, address: { ...card!.address, serviceUrl: 'https://attacker.example/' } });
    await show(request(), afterVote, []);
    expect(inChannel().map(({ serviceUrl, edits }) => [serviceUrl, edits])).toEqual([
      [config.serviceUrl, 0],
      [config.serviceUrl, 0],
    ]);
  });
});

describe('who can not be reached', () => {
  it.each([
    ['was blocked', { status: 403, word: 'MessageWritesBlocked' }],
    ['has lost the app', { status: 403, word: 'BotNotInConversationRoster' }],
    ['was barred by an administrator', { status: 403, word: 'BotDisabledByAdmin' }],
    ['is deleted', { status: 404, word: 'ConversationNotFound' }],
    ['has a wrong name', { status: 400, word: 'BadSyntax', times: 2 }],
  ])('P6: where a channel %s, approvers are asked directly and the requester is told once', async (_, answer) => {
    await heardIn(channel);
    teams.fail({ call: 'send', conversation: channel, ...answer });
    await show(request(), waiting);
    await show(request(), waiting);
    expect(inChannel()).toEqual([]);
    expect(to(bob.id).map(labels)).toEqual([['Approve', 'Deny']]);
    expect(unreachable()).toHaveLength(1);
    expect(words(unreachable()[0])).toContain('Approvers were asked directly.');
    expect(lines.join()).toContain(answer.word);
  });

  it('P6: a channel that is known to be dead is not tried, until it was heard from again', async () => {
    await heardIn(channel);
    teams.fail({ call: 'send', conversation: channel, status: 403, word: 'BotNotInConversationRoster' });
    await show(request(), waiting);
    expect(await store.references.get(channelKey())).toMatchObject({ dead: 'BotNotInConversationRoster' });
    const tried = () => teams.calls.filter(({ conversation }) => conversation === channel).length;
    const [input, before] = [request(), tried()];
    await show({ ...input, request: { ...input.request, id: sampleId(2) } }, waiting);
    expect(tried()).toBe(before);
    now += minute;
    await heardIn(channel);
    await show({ ...input, request: { ...input.request, id: sampleId(3) } }, waiting);
    expect(inChannel().map(labels)).toEqual([['Approve', 'Deny']]);
  });

  it('P6: a channel that takes the app away is given up, and told of, at the next edit', async () => {
    await heardIn(channel);
    await show(request(), waiting);
    teams.fail({ call: 'edit', conversation: channel, status: 403, word: 'BotNotInConversationRoster' });
    await show(request(), afterVote, [voted]);
    expect(unreachable()).toHaveLength(1);
    await show(request(), denied, deniedEntries);
    expect(words(to(alice.id).at(-1))).toContain('Denied');
  });

  it('P6: an approver who blocked the bot is remembered, and the requester is told', async () => {
    teams.fail({ call: 'send', conversation: personal(bob.id), status: 403, word: 'MessageWritesBlocked' });
    await show(request(direct), waiting);
    expect(to(carol.id).map(labels)).toEqual([['Approve', 'Deny']]);
    expect(unreachable().map(words)).toEqual([expect.stringContaining(`${bob.id} could not be reached in Teams.`)]);
    expect(await store.references.get(personalKey(actorOf(bob.id)))).toMatchObject({ dead: 'MessageWritesBlocked' });
    const input = request(direct);
    await show({ ...input, request: { ...input.request, id: sampleId(2) } }, waiting);
    expect(to(bob.id)).toEqual([]);
    expect(unreachable()).toHaveLength(2);
  });

  it('P6: the same for an approver without the app, with whom no chat can be opened', async () => {
    accounts.push(accountOf('dan@example.com'));
    await show(request({ ...direct, approvers: { users: ['dan@example.com', bob.id], groups: [] } }), waiting);
    expect(to(bob.id)).toHaveLength(1);
    expect(unreachable()).toHaveLength(1);
  });

  it('does not bury whoever was heard from while a message was on its way', async () => {
    teams.fail({ call: 'send', conversation: personal(bob.id), status: 403, word: 'MessageWritesBlocked' });
    const { send } = teams.connector;
    teams.connector.send = async (place, message) => {
      now += minute;
      if (place.conversation === personal(bob.id)) await heard(actorOf(bob.id), { conversation: 'a:bob-again' });
      return send(place, message);
    };
    await show(request(direct), waiting);
    expect((await store.references.get(personalKey(actorOf(bob.id))))?.dead).toBeUndefined();
  });

  it('T30: no card goes to a channel that is shared; approvers are asked directly and the requester is told', async () => {
    await heardIn(channel, { channelType: 'shared' });
    await show(request(), waiting);
    expect(inChannel()).toEqual([]);
    expect(to(bob.id).map(labels)).toEqual([['Approve', 'Deny']]);
    expect(words(to(alice.id)[1])).toContain('shared with another company');
  });

  it.each([
    ['a channel', channel, undefined],
    ['a channel that nobody said the kind of', channel, {}],
    ['a channel that is said to be a standard one', channel, { channelType: 'standard' }],
    ['a group chat', groupChat, {}],
  ])('T30: no card goes to %s where a stranger reads along', async (_, conversation, heardOf) => {
    if (heardOf !== undefined) await heardIn(conversation, heardOf);
    teams.rosters.set(conversation, [[{ id: '29:1eve', tenant: 'another-tenant', userRole: 'user' }]]);
    await show(request({ ask: { channels: { teams: [conversation] }, dm: 'none' } }), waiting);
    expect(teams.messagesIn(conversation)).toEqual([]);
    expect(to(bob.id).map(labels)).toEqual([['Approve', 'Deny']]);
    expect(words(to(alice.id)[1])).toContain('shared with another company');
  });

  it('T30: people of each configured tenant may read along', async () => {
    teams.rosters.set(channel, [[{ id: '29:1dan', tenant: second, userRole: 'user' }]]);
    await show(request(), waiting);
    expect(inChannel().map(labels)).toEqual([['Approve', 'Deny']]);
  });

  it('T30: waits where it can not be told just now, instead of asking elsewhere', async () => {
    teams.fail({ call: 'members', status: 500 });
    await expect(show(request(), waiting)).rejects.toMatchObject({ code: 'unavailable' });
    expect([...inChannel(), ...to(bob.id)]).toEqual([]);
    await show(request(), waiting);
    expect(inChannel().map(labels)).toEqual([['Approve', 'Deny']]);
  });

  it('P6: approvers are asked directly where the roster is closed to us, and the requester is told', async () => {
    teams.fail({ call: 'members', status: 403, word: 'BotNotInConversationRoster' });
    await show(request(), waiting);
    expect(inChannel()).toEqual([]);
    expect(to(bob.id).map(labels)).toEqual([['Approve', 'Deny']]);
    expect(words(to(alice.id)[1])).toContain('could not be reached');
  });

  it('asks who is in a channel once in ten minutes, where the channel was heard from', async () => {
    await heardIn(channel);
    await show(request(), waiting);
    const input = request();
    await show({ ...input, request: { ...input.request, id: sampleId(2) } }, waiting);
    expect(teams.calls.filter(({ call }) => call === 'members')).toEqual([
      { call: 'members', conversation: channel, serviceUrl: heardFrom },
    ]);
  });

  it('T30: replies no more in a channel once it is shared', async () => {
    await heardIn(channel, { channelType: 'standard' });
    await show(request(), waiting);
    now += minute;
    await heardIn(channel, { channelType: 'shared' });
    await show(request(), afterVote, [voted]);
    expect(inChannel()).toHaveLength(1);
  });

  it('T30: replies no more in a channel once a guest reads along', async () => {
    await show(request(), waiting);
    teams.rosters.set(channel, [[{ id: '29:1gus', tenant, userRole: 'guest' }]]);
    now += 11 * minute;
    await show(request(), afterVote, [voted]);
    expect(inChannel()).toHaveLength(1);
  });
});

describe('trouble', () => {
  it.each([
    ['a conflict', { status: 412, word: 'PreconditionFailed' }],
    ['a bad gateway', { status: 502 }],
    ['a gateway without answer', { status: 504 }],
    ['a wrong key', { status: 401, word: 'BotNotRegistered' }],
    ['no answer in time', { error: new ElevateError('unavailable', 'Teams did not answer.') }],
  ])('P6: %s keeps nobody else from being told, and is mended by the next try', async (_, fault) => {
    teams.fail({ call: 'send', conversation: channel, ...fault });
    await expect(show(request(), waiting)).rejects.toMatchObject({ code: 'unavailable' });
    expect(inChannel()).toEqual([]);
    expect(to(alice.id)).toHaveLength(1);
    await show(request(), waiting);
    expect(inChannel().map(labels)).toEqual([['Approve', 'Deny']]);
    expect(to(alice.id)).toHaveLength(1);
  });

  it('waits as long as Teams asks for, the longest of all', async () => {
    teams.fail({ call: 'send', conversation: channel, status: 429, word: 'Throttled', retryAfterMs: 3_000 });
    teams.fail({ call: 'send', conversation: personal(alice.id), status: 503, retryAfterMs: 9_000 });
    await expect(show(request(), waiting)).rejects.toMatchObject({ name: 'ChatBusy', retryAfterMs: 9_000 });
    await show(request(), waiting);
    expect([...inChannel(), ...to(alice.id)]).toHaveLength(2);
  });

  it('P6: posts anew what is gone', async () => {
    await show(request(), waiting);
    teams.fail({ call: 'edit', conversation: channel, status: 404, word: 'ActivityNotFoundInConversation' });
    await show(request(), afterVote, []);
    expect(inChannel()).toHaveLength(2);
    await show(request(), denied, deniedEntries);
    expect(inChannel()[1]?.edits).toBe(1);
  });

  it.each([
    [413, 'MessageSizeTooBig'],
    [400, 'BadSyntax'],
  ])('P6: says where to look if Teams does not take a card (%i %s)', async (status, word) => {
    teams.fail({ call: 'send', conversation: channel, status, word });
    await show(request(), waiting);
    expect(inChannel().map(labels)).toEqual([[]]);
    expect(words(inChannel()[0])).toContain(`/elevate show ${sampleId()}`);
  });

  it('keeps below what Teams takes in one conversation, and goes on where it stopped', async () => {
    const all = Array.from({ length: 40 }, (_, index) => sampleId(index + 1));
    const start = now;
    for (const id of all) {
      const input = request();
      const once = () => show({ ...input, request: { ...input.request, id } }, waiting);
      await once().catch(async (error: { name: string; retryAfterMs: number }) => {
        expect(error.name).toBe('ChatBusy');
        now += error.retryAfterMs;
        await once();
      });
    }
    expect(inChannel()).toHaveLength(40);
    expect(to(alice.id)).toHaveLength(40);
    expect(now - start).toBeGreaterThan(30_000);
  });

  it('P7: logs neither reasons nor tokens when something fails', async () => {
    teams.fail({ call: 'send', conversation: channel, status: 413, word: 'MessageSizeTooBig' });
    teams.fail({ call: 'send', conversation: personal(alice.id), status: 502 });
    await expect(show(request(), waiting)).rejects.toMatchObject({ code: 'unavailable' });
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join()).not.toMatch(/INC-42|token-/u);
  });
});
