import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../src/core/card.ts';
import type { Commands } from '../../src/core/commands.ts';
import type { Caller } from '../../src/core/executions.ts';
import type { ConversationReference, References } from '../../src/core/ports.ts';
import type { Patience } from '../../src/core/showing/answering.ts';
import { readActivity } from '../../src/teams/activity.ts';
import { createTeamsBot } from '../../src/teams/bot.ts';
import { type Connector, ConnectorRefusal, type Place } from '../../src/teams/connector.ts';
import type { TeamsMessage } from '../../src/teams/message.ts';
import { teamsConfig } from '../samples.ts';
import {
  openIssuer,
  activity,
  ann,
  ben,
  bot,
  channel,
  click,
  inChannel,
  mention,
  personalChat,
  serviceUrl,
  tenant,
} from './issuer.ts';
import { createLogBook, openWayIn } from './way-in.ts';

interface Asked {
  verb: 'run' | 'take';
  text: string;
  caller: Caller;
  reason?: string;
}

interface Written {
  /** As a call of the connector, and where. */
  call: 'send' | 'sendTargeted';
  conversation: string;
  to?: string;
  /** Everything that the message shows. */
  shown: string;
}

const says = (text: string): Reply => ({ paragraphs: [[text]], cards: [] });
const card = {
  summary: 's',
  title: 'admin on aws-prod',
  status: ['waits'],
  facts: [],
  quote: undefined,
  notes: [],
  actions: [],
};
const pointed = 'I answered you in our own chat.';

function openBot(
  options: {
    respond?: (asked: Asked) => Promise<Reply>;
    patience?: Partial<Patience>;
    /** Throws what a call is answered. */
    fault?: (call: string, conversation: string, times: number) => void;
    references?: Partial<References>;
    targetedMessages?: boolean;
  } = {},
) {
  const asked: Asked[] = [];
  const written: Written[] = [];
  const pauses: number[] = [];
  const kept = new Map<string, ConversationReference>();
  const calls = new Map<string, number>();
  const { lines, log } = createLogBook();
  const respond = options.respond ?? (async ({ verb, text }) => says(`${verb} ${text}`));
  const ask = (one: Asked) => {
    asked.push(one);
    return respond(one);
  };
  const commands: Commands = {
    run: (text, caller) => ask({ verb: 'run', text, caller }),
    take: (text, caller, extra) => ask({ verb: 'take', text, caller, ...extra }),
  };
  const enter = (call: string, conversation: string) => {
    const times = (calls.get(call) ?? 0) + 1;
    calls.set(call, times);
    options.fault?.(call, conversation, times);
  };
  const write = (call: Written['call'], place: Place, message: TeamsMessage, to?: string) => {
    enter(call, place.conversation);
    const shown = JSON.stringify(message.card);
    written.push({ call, conversation: place.conversation, shown, ...(to !== undefined && { to }) });
    return { ...place, activity: `m${written.length}` };
  };
  const connector: Connector = {
    send: async (place, message) => write('send', place, message),
    sendTargeted: async (place, to, message) => write('sendTargeted', place, message, to),
    edit: () => Promise.reject(new Error('not used')),
    member: () => Promise.reject(new Error('not used')),
    members: () => Promise.reject(new Error('not used')),
    openPersonal: async ({ serviceUrl: at, user }) => {
      enter('openPersonal', user);
      return { serviceUrl: at, conversation: `a:opened-for-${user}` };
    },
  };
  const keyOf = (each: { kind: string; key: string }) => `${each.kind} ${each.key}`;
  const references: References = {
    get: async (key) => kept.get(keyOf(key)),
    async see(reference) {
      // A store takes a moment.
      await new Promise((resolve) => void setImmediate(resolve));
      kept.set(keyOf(reference), reference);
    },
    bury: async (key, dead) => {
      const known = kept.get(keyOf(key));
      if (known !== undefined) kept.set(keyOf(key), { ...known, dead });
    },
    ...options.references,
  };
  const teamsBot = createTeamsBot({
    config: teamsConfig({
      serviceHosts: ['127.0.0.1'],
      serviceUrl,
      targetedMessages: options.targetedMessages ?? true,
    }),
    commands,
    mint: async () => 'a-token',
    connector,
    references,
    log,
    now: Date.now,
    newId: () => 'failure-1',
    patience: { ackMs: 2_000, outcomeMs: 60_000, ...options.patience },
    pause: async (ms, signal) => {
      if (signal !== undefined) return sleep(ms, undefined, { signal });
      return void pauses.push(ms);
    },
  });
  return {
    asked,
    written,
    pauses,
    kept,
    lines,
    /** Gives the answer, once everything that follows it has happened. */
    async turn(json: Record<string, unknown>) {
      const answer = await teamsBot.turn(reading(json));
      await teamsBot.settled();
      return answer?.body;
    },
    bot: teamsBot,
  };
}

function reading(json: Record<string, unknown>) {
  const read = readActivity(json);
  if ('problem' in read) throw new Error(read.problem);
  return read;
}

/** Nothing has been said, or it was said in one of these places. */
function shownIn(written: Written[], conversation: string): string[] {
  return written.filter((each) => each.conversation === conversation).map(({ shown }) => shown);
}

const thread = `${channel};messageid=17`;
const said = (value: unknown) => ({ statusCode: 200, type: 'application/vnd.microsoft.activity.message', value });
const typed = (changes: Record<string, unknown> = {}) =>
  inChannel({ text: '<at>Elevate</at> list', entities: [mention(bot)], ...changes });

describe('a typed command', () => {
  it('in a personal chat is answered there, once', async () => {
    const { turn, asked, written } = openBot();
    expect(await turn(activity({ text: '/elevate admin on aws-prod' }))).toBeUndefined();
    expect(asked).toEqual([
      {
        verb: 'run',
        text: 'admin on aws-prod',
        caller: {
          actor: { platform: 'teams', tenant, user: ann.oid },
          conversation: personalChat,
          delivery: '1700000000001',
        },
      },
    ]);
    expect(written).toMatchObject([{ call: 'send', conversation: personalChat }]);
    expect(written[0]?.shown).toContain('run admin on aws-prod');
  });

  it('P4: in a channel is answered in the person’s own chat, and the channel hears nothing of it', async () => {
    const { turn, written, asked } = openBot({ respond: async () => says('wf_secret of Ann') });
    await turn(activity({ id: 'before', text: 'help' }));
    await turn(typed());
    expect(asked.at(-1)?.text).toBe('list');
    expect(shownIn(written, personalChat).at(-1)).toContain('wf_secret');
    expect(shownIn(written, thread)).toHaveLength(1);
    expect(shownIn(written, thread)[0]).toContain(pointed);
    expect(shownIn(written, thread)[0]).not.toContain('wf_secret');
  });

  it('P4: of somebody who never wrote alone opens their chat by Teams’ own id', async () => {
    const { turn, written, kept } = openBot();
    await turn(typed());
    expect(written.map(({ conversation }) => conversation)).toEqual(['a:opened-for-29:1ann', thread]);
    expect(kept.get(`personal ${ann.oid}`)).toMatchObject({ address: { conversation: 'a:opened-for-29:1ann' } });
  });

  it('in a group chat is answered aside too', async () => {
    const { turn, written } = openBot();
    const group = { id: '19:few@thread.v2', conversationType: 'groupChat', tenantId: tenant };
    await turn(typed({ conversation: group }));
    expect(written.map(({ conversation }) => conversation)).toEqual(['a:opened-for-29:1ann', '19:few@thread.v2']);
  });

  it('that nobody else sees is answered where it was typed, unseen by others', async () => {
    const { turn, written } = openBot();
    await turn(typed({ text: '/list', entities: [], recipient: { ...bot, isTargeted: true } }));
    expect(written).toMatchObject([{ call: 'sendTargeted', conversation: thread, to: ann.member }]);
  });

  it('P4: that nobody else sees is answered in their own chat unless this Teams is known to keep such answers apart', async () => {
    const { turn, written } = openBot({ targetedMessages: false });
    await turn(typed({ text: '/list', entities: [], recipient: { ...bot, isTargeted: true } }));
    expect(written.map(({ call, conversation }) => [call, conversation])).toEqual([
      ['send', 'a:opened-for-29:1ann'],
      ['send', thread],
    ]);
    expect(written[1]?.shown).toContain(pointed);
  });

  it('that nobody else sees is answered in their own chat where Teams shows nothing aside', async () => {
    const fault = (call: string) => {
      if (call === 'sendTargeted') throw new ConnectorRefusal({ status: 400, word: 'BadArgument' });
    };
    const { turn, written } = openBot({ fault });
    await turn(typed({ recipient: { ...bot, isTargeted: true } }));
    expect(written.map(({ conversation }) => conversation)).toEqual(['a:opened-for-29:1ann', thread]);
    expect(written[1]?.shown).toContain(pointed);
  });

  it.each([
    ['has blocked the bot', 'send', 'MessageWritesBlocked'],
    ['does not have the app', 'openPersonal', 'BotNotInConversationRoster'],
  ])('P6: of somebody who %s says how to open the chat, and nothing else', async (_, call, word) => {
    const fault = (made: string, conversation: string) => {
      if (made === call && conversation !== thread) throw new ConnectorRefusal({ status: 403, word });
    };
    const { turn, written } = openBot({ fault, respond: async () => says('wf_secret') });
    await turn(typed());
    expect(written).toMatchObject([{ conversation: thread }]);
    expect(written[0]?.shown).toContain('Open Elevate under Apps');
    expect(written[0]?.shown).not.toContain('wf_secret');
  });

  it('a chat that is closed is remembered as closed, and open again when something comes from it', async () => {
    let isBlocked = true;
    const fault = (_call: string, conversation: string) => {
      if (isBlocked && conversation === personalChat)
        throw new ConnectorRefusal({ status: 403, word: 'MessageWritesBlocked' });
    };
    const { turn, kept, written } = openBot({ fault });
    await turn(activity({ id: '1' }));
    await turn(typed({ id: '2' }));
    expect(kept.get(`personal ${ann.oid}`)).toMatchObject({ dead: 'MessageWritesBlocked' });
    isBlocked = false;
    await turn(activity({ id: '3', text: 'help' }));
    expect(kept.get(`personal ${ann.oid}`)).not.toHaveProperty('dead');
    await turn(typed({ id: '4' }));
    expect(shownIn(written, personalChat)).toHaveLength(2);
  });

  it('with two mentions is understood', async () => {
    const { turn, asked } = openBot();
    const bob = mention({ id: ben.member, name: 'Ben' });
    const text = '<at>Elevate</at> admin for 1h because <at>Ben</at> asked <at>Elevate</at>';
    await turn(typed({ text, entities: [mention(bot), bob, mention(bot)] }));
    expect(asked).toMatchObject([{ text: 'admin for 1h because Ben asked', caller: { actor: { user: ann.oid } } }]);
  });

  it.each([
    ['too many calls', new ConnectorRefusal({ status: 429, word: '', retryAfterMs: 3_000 }), [3_000, 3_000]],
    ['a conflict', new ConnectorRefusal({ status: 412, word: '' }), [1_000, 2_000]],
    ['a bad gateway', new ConnectorRefusal({ status: 502, word: '' }), [1_000, 2_000]],
  ])('P6: is told again after %s', async (_, error, waits) => {
    const fault = (call: string, _place: string, times: number) => {
      if (call === 'send' && times <= 2) throw error;
    };
    const { turn, written, pauses } = openBot({ fault });
    await turn(activity());
    expect(written).toHaveLength(1);
    expect(pauses).toEqual(waits);
  });

  it('P6: that cannot be told is given up at some time, with a line in the log', async () => {
    const fault = () => {
      throw new ConnectorRefusal({ status: 502, word: '' });
    };
    const { turn, pauses, lines } = openBot({ fault });
    await turn(activity());
    expect(pauses).toHaveLength(3);
    expect(lines.join('')).toContain('a person could not be told the outcome');
  });

  it('P6: that Teams does not show is told of in plain words', async () => {
    const fault = (_call: string, _place: string, times: number) => {
      if (times === 1) throw new ConnectorRefusal({ status: 413, word: 'MessageSizeTooBig' });
    };
    const { turn, written } = openBot({ fault });
    await turn(activity());
    expect(written).toHaveLength(1);
    expect(written[0]?.shown).toContain('Teams does not show the answer');
  });

  it('that takes long is answered at once, and its outcome follows', async () => {
    const outcome = Promise.withResolvers<Reply>();
    const { bot: teamsBot, written } = openBot({ respond: () => outcome.promise, patience: { ackMs: 1 } });
    expect(await teamsBot.turn(reading(activity()))).toBeUndefined();
    outcome.resolve(says('it is done'));
    await teamsBot.settled();
    expect(written.map(({ shown }) => /Still working|it is done/.exec(shown)?.[0])).toEqual([
      'Still working',
      'it is done',
    ]);
  });

  it('that takes long in a channel points to the chat once', async () => {
    const outcome = Promise.withResolvers<Reply>();
    const { bot: teamsBot, written } = openBot({ respond: () => outcome.promise, patience: { ackMs: 1 } });
    await teamsBot.turn(reading(typed()));
    outcome.resolve(says('it is done'));
    await teamsBot.settled();
    expect(written.map(({ conversation }) => conversation)).toEqual([
      'a:opened-for-29:1ann',
      'a:opened-for-29:1ann',
      thread,
    ]);
  });

  it('that fails says so, with an id that is in the log', async () => {
    const { turn, written, lines } = openBot({ respond: () => Promise.reject(new Error('a defect')) });
    await turn(activity());
    expect(written[0]?.shown).toContain('failure-1');
    expect(written[0]?.shown).not.toContain('a defect');
    expect(lines.some((line) => line.includes('failure-1') && line.includes('a defect'))).toBe(true);
  });
});

describe('a click', () => {
  it('is answered with a sentence for the clicker, and nothing is written anywhere', async () => {
    const { turn, asked, written } = openBot({ respond: async () => says('Recorded: Approve.') });
    expect(await turn(click('offer', { token: 't1', reason: ' fine ' }, inChannelClick()))).toEqual(
      said('Recorded: Approve.'),
    );
    expect(asked).toMatchObject([{ verb: 'take', text: 't1', reason: 'fine', caller: { delivery: 'f:click-1' } }]);
    expect(written).toEqual([]);
  });

  it('T28: is answered in plain text, whatever is named in it', async () => {
    const names = String.raw`a_b *bold* [link](https://evil.example) <b> ~~x~~ _it_ \ # |`;
    const { turn } = openBot({ respond: async () => says(names) });
    const answer = (await turn(click('offer', { token: 't1' }))) as { value: string };
    expect(answer.value).toBe(String.raw`a_b \*bold\* \[link\](https://evil.example) \<b\> \~\~x\~\~ \_it\_ \\ \# \|`);
  });

  it('on a command is answered with what it shows, in place of the card', async () => {
    const { turn, asked } = openBot({ respond: async () => ({ paragraphs: [['Here.']], cards: [card] }) });
    const answer = await turn(click('command', { command: 'show wf_1' }));
    expect(asked).toMatchObject([{ verb: 'run', text: 'show wf_1' }]);
    expect(answer).toMatchObject({
      statusCode: 200,
      type: 'application/vnd.microsoft.card.adaptive',
      value: { type: 'AdaptiveCard', version: '1.5' },
    });
    expect(JSON.stringify(answer)).toContain('admin on aws-prod');
  });

  it('P6: that fails is answered 200 all the same, with an id', async () => {
    const { turn } = openBot({ respond: () => Promise.reject(new Error('a defect')) });
    expect(await turn(click('offer', { token: 't1' }))).toMatchObject(said(expect.stringContaining('failure-1')));
  });

  it.each([
    ['an empty value', { value: {} }],
    ['no value', { value: undefined }],
    ['a list for a value', { value: [] }],
    ['no data', { value: { action: { type: 'Action.Execute', verb: 'offer' } } }],
    ['no verb', { value: { action: { type: 'Action.Execute', data: { token: 't1' } } } }],
    ['a verb of another time', { value: { action: { type: 'Action.Execute', verb: 'claim', data: { token: 't1' } } } }],
  ])('with %s is answered that the button is of no use', async (_, changes) => {
    const { turn, asked } = openBot();
    expect(await turn(click('', {}, changes))).toMatchObject(said(expect.stringContaining('not in use any more')));
    expect(asked).toEqual([]);
  });

  it('T1: of nobody is answered that nobody is known', async () => {
    const { turn, asked, written } = openBot();
    const answer = await turn(click('offer', { token: 't1' }, { from: { id: '29:1x', name: 'Ann' } }));
    expect(answer).toMatchObject(said(expect.stringContaining("can't tell who sent this")));
    expect([asked, written]).toEqual([[], []]);
  });

  it('P6: that takes long is answered in time, and its outcome told in the clicker’s own chat', async () => {
    const outcome = Promise.withResolvers<Reply>();
    const { bot: teamsBot, written } = openBot({ respond: () => outcome.promise, patience: { ackMs: 1 } });
    const answer = await teamsBot.turn(reading(click('offer', { token: 't1' }, inChannelClick())));
    expect(answer?.body.value).toContain('Still working');
    expect(written).toEqual([]);
    outcome.resolve(says('Recorded: Deny.'));
    await teamsBot.settled();
    expect(written).toMatchObject([{ conversation: 'a:opened-for-29:1ann' }]);
    expect(written[0]?.shown).toContain('Recorded: Deny.');
  });

  it('of an older client is a message, told in the clicker’s own chat, and the channel stays quiet', async () => {
    const { turn, asked, written } = openBot();
    expect(
      await turn(inChannel({ text: undefined, value: { verb: 'offer', token: 't1', reason: 'no' } })),
    ).toBeUndefined();
    expect(asked).toMatchObject([{ verb: 'take', text: 't1', reason: 'no' }]);
    expect(written).toMatchObject([{ conversation: 'a:opened-for-29:1ann' }]);
  });

  it('of an older client that says nothing we know is answered too', async () => {
    const { turn, asked, written } = openBot();
    await turn(activity({ text: undefined, value: { verb: 'claim' } }));
    expect(asked).toEqual([]);
    expect(written[0]?.shown).toContain('not in use any more');
  });
});

function inChannelClick() {
  const { conversation, channelData } = inChannel();
  return { conversation, channelData };
}

describe('what comes again', () => {
  it('P3: a redelivered message does nothing and says nothing again', async () => {
    const { turn, asked, written } = openBot();
    for (let times = 0; times < 4; times += 1) await turn(activity());
    expect([asked.length, written.length]).toEqual([1, 1]);
  });

  it('P3: a redelivered click counts once and has the same answer, also while the first is under way', async () => {
    const { bot: teamsBot, asked } = openBot();
    const one = reading(click('offer', { token: 't1' }));
    const [first, second] = await Promise.all([teamsBot.turn(one), teamsBot.turn(one)]);
    expect(second).toEqual(first);
    expect(await teamsBot.turn(one)).toEqual(first);
    expect(asked).toHaveLength(1);
  });

  it('the same id of another person, or in another conversation, is another delivery', async () => {
    const { turn, asked } = openBot();
    await turn(activity());
    await turn(activity({ from: { id: ben.member, aadObjectId: ben.oid } }));
    await turn(typed({ id: '1700000000001' }));
    expect(asked.map(({ caller }) => caller.actor.user)).toEqual([ann.oid, ben.oid, ann.oid]);
  });

  it('what has no id is never taken for a repetition', async () => {
    const { turn, asked } = openBot();
    for (const text of ['list', 'help']) await turn(activity({ id: undefined, text }));
    expect(asked.map(({ text }) => text)).toEqual(['list', 'help']);
  });
});

describe('where people are', () => {
  it('is kept before anything is asked about them', async () => {
    const seen: unknown[] = [];
    const { turn, kept } = openBot({
      respond: async () => {
        seen.push(kept.get(`sighting ${ann.oid}`)?.address);
        return says('ok');
      },
    });
    await turn(typed());
    expect(seen).toEqual([{ serviceUrl, conversation: channel, member: ann.member }]);
  });

  it('an outage of what keeps it loses neither a click nor a command', async () => {
    const down = () => Promise.reject(new Error('the store is down'));
    const { turn, asked, written, lines } = openBot({ references: { get: down, see: down, bury: down } });
    expect(await turn(click('offer', { token: 't1' }))).toEqual(said('take t1'));
    await turn(activity());
    await turn(activity({ type: 'installationUpdate', action: 'remove', id: 'gone' }));
    expect(asked).toHaveLength(2);
    expect(written).toHaveLength(1);
    expect(lines.join('')).toContain('where somebody is could not be kept');
  });

  it.each([
    ['installationUpdate', { action: 'add' }],
    ['conversationUpdate', { membersAdded: [bot] }],
    ['messageReaction', {}],
  ])('is learnt from %s too, and nothing is said', async (type, changes) => {
    const { turn, kept, asked, written } = openBot();
    await turn(activity({ type, ...changes }));
    expect(kept.get(`personal ${ann.oid}`)).toMatchObject({ address: { serviceUrl, conversation: personalChat } });
    expect([asked, written]).toEqual([[], []]);
  });

  it('ends when the app is taken away, in a chat and in a channel', async () => {
    const { turn, kept } = openBot();
    await turn(activity());
    await turn(typed());
    await turn(activity({ type: 'installationUpdate', action: 'remove', id: '2' }));
    await turn(inChannel({ type: 'conversationUpdate', membersRemoved: [bot], id: '3' }));
    expect(kept.get(`personal ${ann.oid}`)).toMatchObject({ dead: 'AppRemoved' });
    expect(kept.get(`conversation ${channel}`)).toMatchObject({ dead: 'AppRemoved' });
    await turn(typed({ id: '4' }));
    expect(kept.get(`conversation ${channel}`)).not.toHaveProperty('dead');
  });

  it('T30: a channel that was said to be shared stays so where Teams says nothing of it', async () => {
    const { turn, kept } = openBot();
    await turn(typed({ channelData: { tenant: { id: tenant }, channel: { id: channel, type: 'shared' } } }));
    await turn(typed({ id: '2' }));
    expect(kept.get(`conversation ${channel}`)).toMatchObject({ address: { channelType: 'shared' } });
    await turn(typed({ id: '3', channelData: { tenant: { id: tenant }, channel: { id: channel, type: 'standard' } } }));
    expect(kept.get(`conversation ${channel}`)).toMatchObject({ address: { channelType: 'shared' } });
  });
});

it('T1: a message of nobody is answered where it was written, without a word of what it said', async () => {
  const { turn, asked, written } = openBot();
  await turn(typed({ from: { id: '29:1x', name: 'Ann' } }));
  expect(asked).toEqual([]);
  expect(written).toMatchObject([{ call: 'send', conversation: thread }]);
  expect(written[0]?.shown).toContain("can't tell who sent this");
});

describe('through the front door', () => {
  async function openDoor(options: Parameters<typeof openBot>[0] = {}) {
    const issuer = await openIssuer();
    const opened = openBot(options);
    const door = await openWayIn(issuer, { bot: opened.bot });
    return {
      ...opened,
      deliver: (json: Record<string, unknown>) => door.deliver(json),
      drain: () => door.endpoint.drain(),
      async [Symbol.asyncDispose]() {
        await door.close();
        await issuer.close();
      },
    };
  }

  it.each([
    ['a click', 200, click('offer', { token: 't1' }), said('take t1')],
    ['a click with an empty value', 200, click('', {}, { value: {} }), said(expect.stringContaining('not in use'))],
    ['a click of nobody', 200, click('offer', { token: 't' }, { from: { id: '29:1x' } }), said(expect.any(String))],
    ['a click without a sender', 400, click('offer', { token: 't1' }, { from: undefined }), undefined],
    ['an invoke that is not one of ours', 501, click('offer', {}, { name: 'task/fetch' }), undefined],
    ['a command', 200, activity(), undefined],
  ])('%s is answered %i', async (_, status, json, body) => {
    await using door = await openDoor();
    expect(await door.deliver(json)).toMatchObject({ status, body });
  });

  it('P3: a replayed delivery is answered the same and done once', async () => {
    await using door = await openDoor();
    const first = await door.deliver(click('offer', { token: 't1' }));
    expect(await door.deliver(click('offer', { token: 't1' }))).toMatchObject({ status: 200, body: first.body });
    expect(door.asked).toHaveLength(1);
  });

  it('P6: stopping waits until everybody has been told', async () => {
    const outcome = Promise.withResolvers<Reply>();
    await using door = await openDoor({ respond: () => outcome.promise, patience: { ackMs: 1 } });
    expect(await door.deliver(click('offer', { token: 't1' }))).toMatchObject({ status: 200 });
    expect(door.written).toEqual([]);
    const drained = door.drain();
    outcome.resolve(says('it is done'));
    await drained;
    expect(door.written[0]?.shown).toContain('it is done');
  });
});
