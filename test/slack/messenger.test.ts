import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ElevateInput, Entry, State } from '../../workflows/contract.ts';
import type { Cards, Chat, Log } from '../../src/core/ports.ts';
import { createSlackDirectory } from '../../src/directory/slack.ts';
import { type SlackDouble, type SlackMessage, startSlackDouble } from '../../src/dev/slack-double.ts';
import { checkChannels } from '../../src/slack/channels.ts';
import { createSlackClient, type SlackClient } from '../../src/slack/client.ts';
import { createMessenger } from '../../src/slack/messenger.ts';
import { openStore, type Store } from '../../src/store/database.ts';
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
} from '../samples.ts';
import { buttonsOf, lintMessage, wordsOf } from './limits-lint.ts';

const workspace = 'T1ACME';
const channel = 'C02APPR';
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const hash = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

let slack: SlackDouble;
let store: Store;
let client: SlackClient;
let now: number;
let chat: Chat;

beforeEach(async () => {
  now = sampleTime;
  slack = await startSlackDouble({ signingSecret: 'shh', botToken: 'xoxb-test', now: () => now });
  for (const person of [alice, bob, carol]) slack.addUser({ id: accountOf(person.id), email: person.id });
  slack.addChannel({ id: channel });
  store = await openStore('sqlite::memory:');
  client = createSlackClient(
    { workspaces: [workspace], signingSecret: 'shh', botToken: 'xoxb-test', apiUrl: slack.apiUrl },
    quiet,
  );
  chat = messengerOn(store.cards);
});

afterEach(async () => {
  await slack.stop();
  await store.close();
});

function messengerOn(cards: Cards): Chat {
  const directory = createSlackDirectory({ client, workspaces: [workspace], now: () => now });
  let minted = 0;
  const tokens = { mint: async () => `token-${(minted += 1)}` };
  return createMessenger({ client, cards, tokens, directory, hash, workspace, log: quiet, now: () => now });
}

function accountOf(email: string): string {
  return `U1${email.split('@')[0]?.toUpperCase()}`;
}

const aliceAccount = { platform: 'slack', tenant: workspace, user: accountOf(alice.id) };

/** Alice asks in Slack; the stage asks in one channel unless said otherwise. */
function request(
  stage: Parameters<typeof sampleStage>[0] = {},
  more: Partial<ElevateInput['plan']> = {},
): ElevateInput {
  const asked = sampleStage({ ask: { channels: { slack: [channel] }, dm: 'none' }, ...stage });
  return sampleInput({ request: { actor: aliceAccount }, plan: { stages: [asked], ...more } });
}

const show = (input: ElevateInput, state: State, events: Entry[] = sampleEntries()) =>
  chat.show({ input, state, events, run: 'run-1' });
const posts = () => slack.calls.filter(({ method }) => method === 'chat.postMessage');
const labels = (message: SlackMessage | undefined) => buttonsOf(message?.blocks).map((button) => button.text.text);
const texts = (messages: SlackMessage[]) => messages.map(({ text }) => text);

const denied = sampleState({
  phase: 'closed',
  outcome: 'denied',
  votes: [sampleVote({ choice: 'deny', reason: 'use the runbook' })],
  access: [{ item: 0, state: 'none' }],
});
const deniedEntries: Entry[] = [{ seq: 4, at: sampleTime + minute, kind: 'closed', outcome: 'denied' }];

describe('asking', () => {
  it('posts a card with buttons to the channel and a living card to the requester, as Slack takes them', async () => {
    await show(request(), sampleState());
    const [card] = slack.messagesIn(channel);
    expect(labels(card)).toEqual(['Approve', 'Deny']);
    expect(slack.dm(accountOf(alice.id)).map(labels)).toEqual([['Cancel']]);
    for (const { args } of posts()) {
      expect(lintMessage(args as { text: string; blocks: unknown })).toEqual([]);
      expect(args).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' });
    }
  });

  it('P3: showing the same state again sends nothing, also from another process', async () => {
    await show(request(), sampleState());
    const before = slack.calls.length;
    await show(request(), sampleState());
    chat = messengerOn(store.cards);
    await show(request(), sampleState());
    expect(slack.calls.slice(before).map(({ method }) => method)).toEqual([]);
  });

  it('P6: edits the same messages when the state changes, and takes the buttons off', async () => {
    await show(request(), sampleState());
    await show(request(), denied, deniedEntries);
    const [card, ...replies] = slack.messagesIn(channel);
    expect(labels(card)).toEqual([]);
    expect(wordsOf(card?.blocks)).toContain('Denied by Bob Baker (bob@example.com): “use the runbook”.');
    expect(replies.every(({ thread_ts }) => thread_ts === card?.ts)).toBe(true);
    expect(card?.edits).toBe(1);
  });

  it('asks approvers directly where the stage says so, each once, but never the requester or beneficiary', async () => {
    const members = {
      sre: [
        bob.id,
        alice.id,
        `slack:${workspace}/${accountOf(alice.id)}`,
        `slack:${workspace}/${accountOf(carol.id)}`,
        `slack:${workspace}/${accountOf(bob.id)}`,
        'slack:T9OTHER/U1X',
      ],
    };
    await show(request({ members, ask: { channels: {}, dm: 'all' } }), sampleState());
    expect(labels(slack.dm(accountOf(bob.id))[0])).toEqual(['Approve', 'Deny']);
    expect(slack.dm(accountOf(bob.id))).toHaveLength(1);
    expect(labels(slack.dm(accountOf(carol.id))[0])).toEqual(['Approve', 'Deny']);
    expect(slack.dm(accountOf(alice.id)).map(labels)).toEqual([['Cancel']]);
    expect(posts()).toHaveLength(3);
  });

  it.each([
    [
      'by their account, when they asked elsewhere',
      { platform: 'other', tenant: 'x', user: 'y' },
      `slack:${workspace}/U1ALICE`,
    ],
    ['by another address of theirs', aliceAccount, 'alice.archer@example.com'],
  ])('T10: recognises the requester %s', async (_, actor, named) => {
    slack.addUser({ id: 'U1ALICE', email: named.includes('@') ? named : alice.id });
    const input = request({ approvers: { users: [named, bob.id], groups: [] }, ask: { channels: {}, dm: 'all' } });
    await show({ ...input, request: { ...input.request, actor } }, sampleState());
    expect(slack.dm('U1ALICE').map(labels).flat()).not.toContain('Approve');
    expect(labels(slack.dm(accountOf(bob.id))[0])).toEqual(['Approve', 'Deny']);
  });

  it('does not even look up who asked, to ask them', async () => {
    const input = request({ approvers: { users: [alice.id, bob.id], groups: [] }, ask: { channels: {}, dm: 'all' } });
    await show(input, sampleState());
    const lookedUp = slack.calls
      .filter(({ method }) => method === 'users.lookupByEmail')
      .map(({ args }) => args['email']);
    expect(lookedUp).toEqual([bob.id]);
  });

  it('asks at most ten people directly, and no others later', async () => {
    const people = Array.from({ length: 14 }, (_, i) => `approver${i}@example.com`);
    for (const email of people) slack.addUser({ id: accountOf(email), email });
    const input = request({ approvers: { users: people, groups: [] }, ask: { channels: {}, dm: 'all' } });
    const asked = () => people.filter((email) => slack.dm(accountOf(email)).length > 0);
    await show(input, sampleState());
    expect(asked()).toEqual(people.slice(0, 10));
    await show(input, sampleState({ votes: [sampleVote()] }));
    expect(asked()).toHaveLength(10);
  });

  it.each([
    ['an unknown person', undefined],
    ['somebody who left', { deleted: true }],
    ['a guest', { is_restricted: true }],
    ['somebody whose address is not confirmed', { is_email_confirmed: false }],
  ])('passes over %s without keeping the others from being asked', async (_, user) => {
    if (user !== undefined) slack.addUser({ id: 'U1EVE', email: 'eve@example.com', ...user });
    const input = request({
      approvers: { users: ['eve@example.com', bob.id], groups: [] },
      ask: { channels: {}, dm: 'all' },
    });
    await show(input, sampleState());
    expect(slack.dm('U1EVE')).toEqual([]);
    expect(labels(slack.dm(accountOf(bob.id))[0])).toEqual(['Approve', 'Deny']);
  });

  it('asks nobody once it is decided, even if nobody was asked before', async () => {
    await show(request(), denied, deniedEntries);
    expect(slack.messagesIn(channel)).toEqual([]);
    expect(texts(slack.dm(accountOf(alice.id)))[1]).toContain('Denied by Bob Baker');
  });

  it('asks the next stage, and takes the buttons off the card of the one before', async () => {
    slack.addChannel({ id: 'C03OWNER' });
    const first = sampleStage({ ask: { channels: { slack: [channel] }, dm: 'none' } });
    const second = sampleStage({ name: 'owner', ask: { channels: { slack: ['C03OWNER'] }, dm: 'none' } });
    const input = request({}, { stages: [first, second] });
    await show(input, sampleState());
    expect(slack.messagesIn('C03OWNER')).toEqual([]);
    await show(input, sampleState({ stage: 1, votes: [sampleVote()] }), []);
    expect(labels(slack.messagesIn(channel)[0])).toEqual([]);
    expect(labels(slack.messagesIn('C03OWNER')[0])).toEqual(['Approve', 'Deny']);
  });

  it('finds a requester who asked elsewhere by e-mail', async () => {
    const input = request();
    await show(
      { ...input, request: { ...input.request, actor: { platform: 'other', tenant: 'x', user: 'y' } } },
      sampleState(),
    );
    expect(slack.dm(accountOf(alice.id)).map(labels)).toEqual([['Cancel']]);
  });

  it('T29: posts a card without decisions if the words do not fit', async () => {
    const input = request();
    await show({ ...input, request: { ...input.request, reason: 'r'.repeat(3_500) } }, sampleState());
    const [card] = slack.messagesIn(channel);
    expect(labels(card)).toEqual([]);
    expect(wordsOf(card?.blocks)).toContain(`Open to review: /elevate show ${sampleId()}`);
  });

  it('P6: says something even if Slack does not take a drawing', async () => {
    slack.fail({ method: 'chat.postMessage', error: 'invalid_blocks' });
    await show(request(), sampleState());
    const [card] = slack.messagesIn(channel);
    expect(card?.text).toContain(`Open to review: /elevate show ${sampleId()}`);
  });
});

describe('channels that can not be used', () => {
  const unreachable = () => texts(slack.dm(accountOf(alice.id))).filter((text) => text.includes(channel));

  it.each([
    [
      'is shared with another company',
      () => slack.addChannel({ id: channel, is_ext_shared: true }),
      'shared with another company',
    ],
    [
      'can not be asked about',
      () => slack.fail({ method: 'conversations.info', error: 'missing_scope' }),
      'shared with another company',
    ],
    [
      'does not exist',
      () => slack.addChannel({ id: channel, is_member: false, is_private: true }),
      'could not be reached',
    ],
    ['has not invited the bot', () => slack.addChannel({ id: channel, is_member: false }), 'could not be reached'],
    ['is archived', () => slack.addChannel({ id: channel, is_archived: true }), 'could not be reached'],
  ])(
    'T30: no card goes to a channel that %s; approvers are asked directly and the requester is told once',
    async (_, arrange, words) => {
      arrange();
      await show(request(), sampleState());
      await show(request(), sampleState());
      expect(slack.messagesIn(channel)).toEqual([]);
      expect(labels(slack.dm(accountOf(bob.id))[0])).toEqual(['Approve', 'Deny']);
      expect(unreachable()).toHaveLength(1);
      expect(unreachable()[0]).toContain(words);
      expect(unreachable()[0]).toContain('Approvers were asked directly.');
    },
  );

  it('T30: asks again after ten minutes whether a channel is shared, and replies no more once it is', async () => {
    await show(request(), sampleState());
    slack.addChannel({ id: channel, is_ext_shared: true });
    const vote: Entry = { seq: 3, at: now, kind: 'voted', vote: sampleVote() };
    now += 11 * minute;
    await show(request(), sampleState({ votes: [sampleVote()] }), [vote]);
    expect(slack.messagesIn(channel)).toHaveLength(1);
  });

  it('asks about a channel once in ten minutes', async () => {
    await show(request(), sampleState());
    const input = request();
    await show({ ...input, request: { ...input.request, id: sampleId(2) } }, sampleState());
    expect(slack.calls.filter(({ method }) => method === 'conversations.info')).toHaveLength(1);
  });

  it('T30: waits where it can not be told just now, instead of asking elsewhere', async () => {
    slack.fail({ method: 'conversations.info', status: 500 });
    await expect(show(request(), sampleState())).rejects.toMatchObject({ code: 'unavailable' });
    expect(slack.dm(accountOf(bob.id))).toEqual([]);
    await show(request(), sampleState());
    expect(labels(slack.messagesIn(channel)[0])).toEqual(['Approve', 'Deny']);
  });

  it('T30: names such channels for a warning at the start', async () => {
    slack.addChannel({ id: 'C9SHARED', is_ext_shared: true });
    expect(await checkChannels(client, [channel, 'C9SHARED', 'C9NONE', 'C9SHARED'])).toEqual([
      { channel: 'C9SHARED', why: 'shared', word: 'is_ext_shared' },
      { channel: 'C9NONE', why: 'unreachable', word: 'channel_not_found' },
    ]);
  });
});

describe('telling', () => {
  const granted: Entry = {
    seq: 5,
    at: sampleTime + 2 * minute,
    kind: 'granted',
    item: 0,
    until: sampleTime + 62 * minute,
  };
  const voted: Entry = { seq: 3, at: sampleTime + minute, kind: 'voted', vote: sampleVote() };

  it('P6: tells the requester by direct message and the channel in the thread of its card, once', async () => {
    await show(request(), sampleState());
    for (let times = 0; times < 2; times += 1) {
      await show(request(), sampleState({ phase: 'active' }), [...sampleEntries(), voted, granted]);
    }
    expect(texts(slack.dm(accountOf(alice.id))).slice(1)).toEqual([
      expect.stringContaining('You have admin on aws-prod until'),
    ]);
    const [card, ...replies] = slack.messagesIn(channel);
    expect(replies.map(({ text, thread_ts }) => [thread_ts, text])).toEqual([
      [card?.ts, expect.stringContaining('Bob Baker (bob@example.com) approved')],
      [card?.ts, expect.stringContaining('Granted: admin on aws-prod')],
    ]);
  });

  it('P6: tells approvers who were asked directly when it is over', async () => {
    const input = request({ ask: { channels: {}, dm: 'all' } });
    await show(input, sampleState());
    await show(input, denied, deniedEntries);
    const [card, outcome] = slack.dm(accountOf(bob.id));
    expect(labels(card)).toEqual([]);
    expect(outcome?.text).toContain('Denied by Bob Baker');
  });

  it('tells a channel that has cards of two stages once', async () => {
    const ask = { channels: { slack: [channel] }, dm: 'none' as const };
    const input = request({}, { stages: [sampleStage({ ask }), sampleStage({ name: 'owner', ask })] });
    await show(input, sampleState());
    await show(input, sampleState({ stage: 1 }), []);
    await show(input, denied, deniedEntries);
    const messages = slack.messagesIn(channel);
    expect(messages.filter(({ thread_ts }) => thread_ts !== undefined).map(({ thread_ts }) => thread_ts)).toEqual([
      messages[1]?.ts,
    ]);
  });

  it('P4: tells a refused clicker alone, and nobody of another workspace', async () => {
    const click = {
      at: now,
      kind: 'refused',
      event: 'e',
      what: 'decision',
      by: carol,
      reason: 'not_approver',
    } as const;
    const refused: Entry[] = [
      { ...click, seq: 3, actor: { platform: 'slack', tenant: workspace, user: accountOf(carol.id) } },
      { ...click, seq: 4, actor: { platform: 'slack', tenant: 'T9OTHER', user: accountOf(bob.id) } },
      { ...click, seq: 5, actor: { platform: 'other', tenant: workspace, user: accountOf(bob.id) } },
    ];
    await show(request(), sampleState(), refused);
    expect(texts(slack.dm(accountOf(carol.id)))).toEqual([expect.stringContaining('You are not one of the approvers')]);
    expect(slack.dm(accountOf(bob.id))).toEqual([]);
    expect(slack.messagesIn(channel)).toHaveLength(1);
  });
});

describe('trouble', () => {
  it('P6: one recipient who fails does not keep the others from being told, and is told on the next try', async () => {
    slack.fail({ method: 'chat.postMessage', status: 500 });
    await expect(show(request(), sampleState())).rejects.toMatchObject({ code: 'unavailable' });
    expect(slack.messagesIn(channel)).toEqual([]);
    expect(slack.dm(accountOf(alice.id))).toHaveLength(1);
    await show(request(), sampleState());
    expect(labels(slack.messagesIn(channel)[0])).toEqual(['Approve', 'Deny']);
    expect(slack.dm(accountOf(alice.id))).toHaveLength(1);
  });

  it('says how long Slack asks to wait, the longest of all', async () => {
    slack.fail({ method: 'chat.postMessage', retryAfter: 3 });
    slack.fail({ method: 'chat.postMessage', retryAfter: 7 });
    await expect(show(request(), sampleState())).rejects.toMatchObject({ name: 'ChatBusy', retryAfterMs: 7_000 });
    await show(request(), sampleState());
    expect(slack.messagesIn(channel)).toHaveLength(1);
  });

  it.each(['message_not_found', 'edit_window_closed', 'cant_update_message', 'is_inactive'])(
    'P6: posts anew what can not be edited any more (%s)',
    async (error) => {
      await show(request(), sampleState());
      slack.fail({ method: 'chat.update', error });
      await show(request(), sampleState({ votes: [sampleVote()] }), []);
      const messages = slack.messagesIn(channel);
      expect(messages).toHaveLength(2);
      await show(request(), denied, deniedEntries);
      expect(labels(slack.messagesIn(channel)[1])).toEqual([]);
    },
  );

  it('gives up on a channel that removed the bot, without failing for ever', async () => {
    await show(request(), sampleState());
    slack.fail({ method: 'chat.update', error: 'not_in_channel' });
    await show(request(), sampleState({ votes: [sampleVote()] }), []);
    await show(request(), denied, deniedEntries);
    expect(texts(slack.dm(accountOf(alice.id))).at(-1)).toContain('Denied');
  });

  it('keeps trying where the token is refused, since an operator can mend that', async () => {
    slack.fail({ method: 'chat.postMessage', error: 'invalid_auth' });
    await expect(show(request(), sampleState())).rejects.toThrow('invalid_auth');
    await show(request(), sampleState());
    expect(slack.messagesIn(channel)).toHaveLength(1);
  });

  it('P7: logs neither reasons nor tokens when something fails', async () => {
    const lines: string[] = [];
    const keep = (fields: object, message: string) => void lines.push(JSON.stringify([fields, message]));
    const log = { debug: keep, info: keep, warn: keep, error: keep };
    const directory = createSlackDirectory({ client, workspaces: [workspace], now: () => now });
    const tokens = { mint: async () => 'a-token' };
    chat = createMessenger({ client, cards: store.cards, tokens, directory, hash, workspace, log, now: () => now });
    slack.fail({ method: 'chat.postMessage', error: 'invalid_blocks', times: 2 });
    slack.fail({ method: 'chat.postMessage', status: 500 });
    await expect(show(request(), sampleState())).rejects.toMatchObject({ code: 'unavailable' });
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join()).not.toMatch(/INC-42|a-token|xoxb/u);
  });
});
