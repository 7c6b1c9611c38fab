import { describe, expect, it } from 'vitest';
import { type Activity, readActivity } from '../../src/teams/activity.ts';
import { readArrival } from '../../src/teams/arrival.ts';
import { referencesIn } from '../../src/teams/learning.ts';
import { commandText } from '../../src/teams/typed-text.ts';
import {
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

function read(json: Record<string, unknown>): Activity {
  const found = readActivity(json);
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

const arrive = (json: Record<string, unknown>) => readArrival(read(json), () => 'made-up');
const us = mention(bot);
const bob = { id: '29:1bob', name: 'Bob Baker' };
const namesake = { id: '29:1eve', name: bot.name };

describe('what was typed', () => {
  it.each([
    ['list', [], 'list'],
    ['', [], ''],
    ['/elevate list', [], 'list'],
    ['elevate list', [], 'list'],
    ['ELEVATE  List all', [], 'List all'],
    ['/elevate', [], ''],
    ['elevated list', [], 'elevated list'],
    ['/list', [], 'list'],
    ['/list all', [], 'list all'],
    ['/elevate /list', [], 'list'],
    ['elevate /approvals', [], 'approvals'],
    ['/admin on aws-prod', [], '/admin on aws-prod'],
    ['/listing', [], '/listing'],
    ['elevate elevate', [], 'elevate'],
    ['<at>Elevate</at> list\n', [us], 'list'],
    ['<at>Elevate</at>&nbsp;list\r\n', [us], 'list'],
    ['<at>Elevate</at>\u00A0/elevate list', [us], 'list'],
    ['<at>Elevate</at> elevate list', [us], 'list'],
    ['list <at>Elevate</at>', [us], 'list'],
    ['<at>Elevate</at> <at>Elevate</at> list', [us, us], 'list'],
    ['<at>Elevate</at> admin <at>Elevate</at> 1h', [us, us], 'admin   1h'],
    [
      '<at>Elevate</at> admin for 1h because <at>Bob Baker</at> asked',
      [us, mention(bob)],
      'admin for 1h because Bob Baker asked',
    ],
    ['<at>Elevate</at> because <at>Elevate</at>', [us, mention(namesake)], 'because Elevate'],
    ['<at>Elevate</at> because <at>Elevate</at>', [mention(namesake), us], 'because'],
    ['<at>Elevate</at> list', [], 'list'],
    ['<at id="0">Elevate</at> list', [{ ...us, text: '<at id="0">Elevate</at>' }], 'list'],
    ['<at>Elevate list', [us], '<at>Elevate list'],
    ['admin because a &lt; b &amp;&amp; c &gt; d', [], 'admin because a < b && c > d'],
    ['admin because &amp;lt;at&amp;gt;', [], 'admin because &lt;at&gt;'],
    ['admin because &quot;it&#39;s&quot; &euro;', [], `admin because "it's" &euro;`],
    ['&lt;at&gt;Elevate&lt;/at&gt; list', [us], '<at>Elevate</at> list'],
  ])('%j, %j is %j', (text, entities, wanted) => {
    expect(commandText({ text, entities: [{ type: 'clientInfo' }, ...entities] }, bot.id)).toBe(wanted);
  });

  it.each([undefined, null, 7, {}])('%j is nothing', (text) => {
    expect(commandText({ text, entities: 'none' }, bot.id)).toBe('');
  });

  it('takes no longer for what is made to take long', () => {
    for (const part of ['<at>', '<at', '</at>', '&amp;', '&#', '\\"'])
      expect(commandText({ text: part.repeat(200_000 / part.length) }, bot.id)).not.toBe('x');
  });
});

const visit = {
  caller: {
    actor: { platform: 'teams', tenant, user: ann.oid },
    conversation: personalChat,
    delivery: '1700000000001',
  },
  place: { serviceUrl, conversation: personalChat },
  member: ann.member,
  company: 'alone',
  by: 'message',
};

describe('what an activity asks', () => {
  it.each([
    ['a message', activity({ text: '/elevate list' }), { kind: 'command', text: 'list', visit }],
    [
      'a mention in a thread of a channel',
      inChannel({ text: '<at>Elevate</at> list', entities: [us] }),
      {
        kind: 'command',
        text: 'list',
        visit: { company: 'among', place: { conversation: `${channel};messageid=17` } },
      },
    ],
    [
      'a slash command, which others do not see',
      inChannel({ text: '/list', recipient: { ...bot, isTargeted: true } }),
      { kind: 'command', text: 'list', visit: { company: 'aside' } },
    ],
    [
      'a conversation of a kind that nobody knows, which others may read',
      activity({ conversation: { id: 'x', tenantId: tenant } }),
      { kind: 'command', visit: { company: 'among' } },
    ],
    [
      'a click',
      click('offer', { token: 't1' }),
      { kind: 'offer', token: 't1', reason: undefined, visit: { by: 'invoke' } },
    ],
    [
      'a click with a reason',
      click('offer', { token: 't1', reason: ' too long \n' }),
      { kind: 'offer', token: 't1', reason: 'too long' },
    ],
    [
      'a click on one card of several, with its own reason',
      click('offer', { token: 't1', reason_3: 'too long' }),
      { kind: 'offer', token: 't1', reason: 'too long' },
    ],
    [
      'a click with the reasons of several cards, of which none counts',
      click('offer', { token: 't1', reason_0: 'too long', reason_1: 'too short' }),
      { kind: 'offer', token: 't1', reason: undefined },
    ],
    [
      'a click with an empty reason',
      click('offer', { token: 't1', reason: '  ' }),
      { kind: 'offer', reason: undefined },
    ],
    ['a click on a command', click('command', { command: 'cancel wf_1' }), { kind: 'button', command: 'cancel wf_1' }],
    [
      'a click of an older client',
      activity({ text: undefined, value: { verb: 'offer', token: 't1', reason: 'no' } }),
      { kind: 'offer', token: 't1', reason: 'no', visit: { by: 'message' } },
    ],
    [
      'a click of an older client on a command',
      activity({ text: undefined, value: { verb: 'command', command: 'show' } }),
      { kind: 'button', command: 'show' },
    ],
    ['a click of an older client that says nothing', activity({ value: {} }), { kind: 'stale' }],
    ['a click that says nothing', click(undefined, undefined, { value: {} }), { kind: 'stale' }],
    ['a click without a value', click(undefined, undefined, { value: undefined }), { kind: 'stale' }],
    [
      'a click whose action is a string',
      click(undefined, undefined, { value: { action: 'offer' } }),
      { kind: 'stale' },
    ],
    ['a click without data', click('offer', undefined), { kind: 'stale' }],
    ['a click whose data is a token', click('offer', 't1'), { kind: 'stale' }],
    ['a click with a token that is none', click('offer', { token: 7 }), { kind: 'stale' }],
    ['a click with an empty token', click('offer', { token: '' }), { kind: 'stale' }],
    ['a click without a verb', click(undefined, { token: 't1' }), { kind: 'stale' }],
    ['a click with a verb in its data alone', click(undefined, { verb: 'offer', token: 't1' }), { kind: 'stale' }],
    ['a click with a verb that nobody knows', click('approve', { token: 't1' }), { kind: 'stale' }],
    ['a click with a verb of every object', click('constructor', { token: 't1' }), { kind: 'stale' }],
    [
      'P1: a card that refreshes itself',
      click('offer', {}, { value: { action: { verb: 'offer', data: { token: 't1' } }, trigger: 'automatic' } }),
      { kind: 'stale' },
    ],
    ['an invoke of another kind', click('offer', {}, { name: 'composeExtension/query' }), { kind: 'unknown' }],
    ['an invoke without a name', click('offer', {}, { name: undefined }), { kind: 'unknown' }],
    ['T1: a message of nobody', activity({ from: { id: '29:1x' } }), { kind: 'nobody', by: 'message' }],
    [
      'T1: a click of nobody',
      click('offer', { token: 't' }, { from: { id: '29:1x', name: 'Ann' } }),
      { kind: 'nobody', by: 'invoke' },
    ],
    [
      'T1: somebody whose id is none',
      activity({ from: { id: '29:1x', aadObjectId: 'ann@example.com' } }),
      { kind: 'nobody' },
    ],
    ['a bot', activity({ from: { id: '28:other', aadObjectId: ben.oid } }), { kind: 'heard' }],
    [
      'a bot by its role',
      activity({ from: { ...ann, id: ann.member, aadObjectId: ann.oid, role: 'bot' } }),
      { kind: 'heard' },
    ],
    ['a skill', activity({ from: { id: ann.member, aadObjectId: ann.oid, role: 'skill' } }), { kind: 'heard' }],
    ['an edit of a message', activity({ type: 'messageUpdate' }), { kind: 'heard' }],
    ['a reaction', activity({ type: 'messageReaction' }), { kind: 'heard' }],
    ['the bot added', activity({ type: 'conversationUpdate', membersAdded: [bot] }), { kind: 'heard' }],
    ['the app added', activity({ type: 'installationUpdate', action: 'add-upgrade' }), { kind: 'heard' }],
    ['somebody else removed', inChannel({ type: 'conversationUpdate', membersRemoved: [bob] }), { kind: 'heard' }],
    ['the bot removed', inChannel({ type: 'conversationUpdate', membersRemoved: [bob, bot] }), { kind: 'removed' }],
    ['the app removed', activity({ type: 'installationUpdate', action: 'remove' }), { kind: 'removed' }],
    ['a removal that is no list', inChannel({ type: 'conversationUpdate', membersRemoved: bot }), { kind: 'heard' }],
  ])('%s', (_, json, wanted) => {
    expect(arrive(json)).toMatchObject(wanted);
  });

  it('T1: neither a display name, nor data, nor who it is said to be for makes somebody another', () => {
    const forged = click(
      'offer',
      { token: 't1', actor: ben.oid, user: ben.oid, from: { aadObjectId: ben.oid }, aadObjectId: ben.oid },
      {
        from: { id: ann.member, name: ben.oid, aadObjectId: ann.oid },
        channelData: { tenant: { id: tenant }, onBehalfOf: [{ itemId: 0, mri: ben.member, displayName: 'Ben' }] },
        onBehalfOf: { aadObjectId: ben.oid },
      },
    );
    const arrival = arrive(forged);
    expect(arrival).toMatchObject({ visit: { member: ann.member, caller: { actor: { tenant, user: ann.oid } } } });
    expect(JSON.stringify(arrival)).not.toContain(ben.oid);
  });

  it('T22: the same delivery is the same, and one without a name is a new one', () => {
    expect(arrive(activity())).toEqual(arrive(activity()));
    expect(arrive(activity({ id: undefined }))).toMatchObject({ visit: { caller: { delivery: 'made-up' } } });
  });
});

describe('what an activity says of where people are', () => {
  const at = 1_000;
  const known = { platform: 'teams', tenant, seenAt: at };
  const learn = (json: Record<string, unknown>) => referencesIn(read(json), at);
  const alone = { serviceUrl, conversation: personalChat };
  const among = { serviceUrl, conversation: channel };

  it('their own chat, and that they are there', () => {
    expect(learn(activity())).toEqual([
      { ...known, kind: 'personal', key: ann.oid, address: alone },
      { ...known, kind: 'sighting', key: ann.oid, address: { ...alone, member: ann.member } },
    ]);
  });

  it('a channel without its thread, and that they are there; nothing of their own chat', () => {
    expect(learn(inChannel())).toEqual([
      { ...known, kind: 'sighting', key: ann.oid, address: { ...among, member: ann.member } },
      { ...known, kind: 'conversation', key: channel, address: among },
    ]);
  });

  it('T30: that a channel is shared', () => {
    const shared = inChannel({ channelData: { tenant: { id: tenant }, channel: { id: channel, type: 'shared' } } });
    expect(learn(shared)).toContainEqual({
      ...known,
      kind: 'conversation',
      key: channel,
      address: { ...among, channelType: 'shared' },
    });
  });

  it.each([
    ['another channel of the team', { id: '19:other@thread.tacv2', type: 'standard' }],
    ['a channel without an id', { type: 'standard' }],
    ['a thread', { id: `${channel};messageid=17`, type: 'standard' }],
  ])('T30: the kind of %s is none of this one', (_, other) => {
    const said = inChannel({ channelData: { tenant: { id: tenant }, channel: other } });
    expect(learn(said)).toContainEqual({ ...known, kind: 'conversation', key: channel, address: among });
  });

  it.each([
    ['nobody', { id: '29:1x' }],
    ['a bot', { id: '28:other', aadObjectId: ben.oid }],
  ])('of %s, only the channel', (_, from) => {
    expect(learn(inChannel({ from }))).toEqual([{ ...known, kind: 'conversation', key: channel, address: among }]);
    expect(learn(activity({ from }))).toEqual([]);
  });
});
