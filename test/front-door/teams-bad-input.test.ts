/** What Teams would not send, and what nobody vouches for: each has a defined answer, no effect, and the app lives on. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { read } from '../../src/dev/reading.ts';
import { bob, PATIENCE } from './house.ts';
import { inTeams, openTeamsHouse, teamsApp, type TeamsHouse, type TeamsPerson, teamsTenant } from './teams-house.ts';

type Json = Record<string, unknown>;
type Options = Parameters<TeamsHouse['teams']['command']>[1] & {};

let house: TeamsHouse;
let tara: TeamsPerson;
beforeAll(async () => {
  house = await openTeamsHouse();
  tara = house.newInTeams();
  await house.askTeams(inTeams.bob, 'whoami', /^You are/);
});
afterAll(() => house.stop());

/** No part of it may ever be told to anybody, nor be logged. */
const merger = 'the merger with ACME';
const typed = `quiet because of ${merger}`;

/** The app still answers whoever is who they say. */
async function expectAlive(): Promise<void> {
  expect((await fetch(`${house.app.url}/readyz`)).status).toBe(200);
  const said = await house.teams.command({ user: inTeams.bob.user, text: 'whoami' });
  const answer = await said.waitForReply((message) => read(message).startsWith('You are'), PATIENCE);
  expect(read(answer)).toContain(bob.email);
}
afterEach(expectAlive);

/** Where people and channels are, as far as Elevate has learnt. */
function placesKnown(): unknown[] {
  const file = new DatabaseSync(house.config.store.replace('sqlite:', ''), { timeout: 5_000 });
  try {
    return file.prepare('select kind, key, address from conversation_references order by kind, key').all();
  } finally {
    file.close();
  }
}

/** Sends it, and sees that nothing at all came of it. */
async function expectRefused(send: () => Promise<{ status: number; body: unknown }>, status: number): Promise<void> {
  const [calls, places] = [house.teams.calls.length, placesKnown()];
  const { status: given, body } = await send();
  expect([given, body]).toEqual([status, undefined]);
  expect(await house.executionsOf(tara)).toEqual([]);
  expect(await house.executionsOf(bob)).toEqual([]);
  expect(house.teams.calls.slice(calls)).toEqual([]);
  expect(placesKnown()).toEqual(places);
}

/** The activity of a request, but for this. */
function changed(alter: (activity: Json) => Json, options: Options = {}) {
  return () => house.teams.command({ user: tara.user, text: typed, alter }, options);
}

function within(part: string, change: Json) {
  return (activity: Json): Json => ({ ...activity, [part]: { ...(activity[part] as Json), ...change } });
}

/** Lists in lists. */
function deep(depth: number): unknown[] {
  return depth === 1 ? [] : [deep(depth - 1)];
}

function without(part: string) {
  return (activity: Json): Json => Object.fromEntries(Object.entries(activity).filter(([name]) => name !== part));
}

describe('a request that nobody vouches for', () => {
  const ago = (minutes: number) => Math.floor(Date.now() / 1000) - minutes * 60;
  const rows: [string, () => Options][] = [
    ['without a token', () => ({ authorization: null })],
    ['with a password', () => ({ authorization: 'Basic Ym9iOmJvYg==' })],
    ['with a word', () => ({ authorization: 'Bearer let-me-in' })],
    ['with a token of endless length', () => ({ authorization: `Bearer ${'e'.repeat(9_000)}.e.e` })],
    ['signed by somebody else', () => ({ forged: true })],
    ['for another bot', () => ({ claims: { aud: '0e1e7a7e-0000-4000-8000-00000000beef' } })],
    ['for two bots', () => ({ claims: { aud: [teamsApp, '0e1e7a7e-0000-4000-8000-00000000beef'] } })],
    ['for none', () => ({ claims: { aud: undefined } })],
    ['of another issuer', () => ({ claims: { iss: 'https://api.botframework.com' } })],
    [
      'of Entra, as the emulator has it',
      () => ({
        claims: {
          iss: `https://login.microsoftonline.com/${teamsTenant}/v2.0`,
          tid: teamsTenant,
          azp: teamsApp,
          ver: '2.0',
        },
      }),
    ],
    ['that was good ten minutes ago', () => ({ claims: { iat: ago(80), nbf: ago(80), exp: ago(10) } })],
    ['that will be good in ten minutes', () => ({ claims: { nbf: ago(-10) } })],
    ['that is good for ever', () => ({ claims: { exp: undefined } })],
    ['about another service', () => ({ claims: { serviceurl: 'https://evil.test/' } })],
    ['about no service', () => ({ claims: { serviceurl: undefined } })],
  ];

  it.each(rows)('T1: %s is refused with 401, and teaches Elevate nothing', async (_, options) => {
    await expectRefused(
      changed((activity) => activity, options()),
      401,
    );
  });

  it('P1: a click that nobody vouches for decides nothing', async () => {
    const asked = house.newInTeams();
    const { id } = await house.askTeams(asked, 'quiet because I need to look', /^Recorded/);
    const card = await house.seesTeams('19:approvals@thread.tacv2', id, '[Approve]');
    const click = { user: inTeams.bob.user, conversation: card.conversation, label: 'Approve' };
    for (const options of [{ authorization: null }, { forged: true }, { claims: { aud: 'another' } }]) {
      const clicked = await house.teams.click(click, options);
      expect([clicked.status, clicked.body]).toEqual([401, undefined]);
    }
    expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', votes: [] });
    expect(house.sandbox.has(asked.email)).toBe(false);
  });
});

describe('a body that Teams would not send', () => {
  const nested = (depth: number) => `{"type":"message","value":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const rows: [string, number, Options][] = [
    ['of more than 256 KiB', 413, { body: JSON.stringify({ type: 'message', text: 'x'.repeat(256 * 1024) }) }],
    ['of many megabytes', 413, { body: 'x'.repeat(8 * 1024 * 1024) }],
    ['of another type', 415, { contentType: 'text/plain' }],
    ['as a form', 415, { contentType: 'application/x-www-form-urlencoded', body: 'type=message' }],
    ['of a type that only begins like JSON', 415, { contentType: 'application/json-patch+json' }],
    ['that is nothing', 400, { body: '' }],
    ['that ends early', 400, { body: '{"type":"message"' }],
    ['that is a list', 400, { body: '[{"type":"message"}]' }],
    ['that is a word', 400, { body: '"message"' }],
    ['that is null', 400, { body: 'null' }],
    ['that is no text', 400, { body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]) }],
    ['with lists a hundred thousand deep', 400, { body: nested(100_000) }],
    ['with objects ten thousand deep', 400, { body: '{"value":'.repeat(10_000) + '1' + '}'.repeat(10_000) }],
    ['whose type is a number', 400, { body: '{"type":5}' }],
    ['whose type is a number, of nobody', 401, { body: '{"type":5}', authorization: null }],
    ['that is empty', 400, { body: '{}' }],
    ['that would be an object of another kind', 400, { body: '{"__proto__":{"type":"message"}}' }],
  ];

  it.each(rows)('%s is refused with %i', async (_, status, options) => {
    await expectRefused(
      changed((activity) => activity, options),
      status,
    );
  });

  it.each<[string, number, (activity: Json) => Json]>([
    ['with lists a hundred deep', 400, (activity) => ({ ...activity, value: deep(100) })],
    ['without a type', 400, without('type')],
    ['with an empty type', 400, (activity) => ({ ...activity, type: '' })],
    ['without a sender', 400, without('from')],
    ['whose sender is null', 400, (activity) => ({ ...activity, from: null })],
    ['whose sender is a name', 400, (activity) => ({ ...activity, from: 'Bob' })],
    ['with two senders', 400, (activity) => ({ ...activity, from: [activity['from']] })],
    ['whose sender has no id', 400, within('from', { id: undefined })],
    ['whose sender has a number', 400, within('from', { id: 29 })],
    ['whose sender has an endless id', 400, within('from', { id: '29:'.padEnd(2_000, 'x') })],
    ['without a recipient', 400, without('recipient')],
    ['without a conversation', 400, without('conversation')],
    ['in a conversation without an id', 400, within('conversation', { id: '' })],
    ['without a service address', 400, without('serviceUrl')],
    ['from the web chat', 400, (activity) => ({ ...activity, channelId: 'webchat' })],
    ['from the emulator', 400, (activity) => ({ ...activity, channelId: 'emulator' })],
    ['from a channel with other rules', 400, (activity) => ({ ...activity, channelId: 'AseChannel' })],
    ['from no channel', 400, without('channelId')],
    [
      'of no tenant',
      400,
      (activity) => ({ ...within('conversation', { tenantId: undefined })(activity), channelData: {} }),
    ],
    ['of a tenant that is a number', 400, within('conversation', { tenantId: 7 })],
    [
      'of a tenant that is not listed',
      403,
      (activity) => ({ ...within('conversation', { tenantId: 'another' })(activity), channelData: {} }),
    ],
  ])('T2: an activity %s is refused with %i although it is vouched for', async (_, status, alter) => {
    await expectRefused(changed(alter), status);
  });

  it('T1: an activity that sends answers elsewhere is refused, although a token speaks for that address', async () => {
    for (const serviceUrl of [
      'https://evil.test/',
      'http://127.0.0.1.evil.test/',
      'file:///etc/passwd',
      'no address',
    ]) {
      const alter = (activity: Json) => ({ ...activity, serviceUrl });
      await expectRefused(changed(alter, { claims: { serviceurl: serviceUrl } }), 403);
    }
  });
});

describe('an activity that is odd, and vouched for', () => {
  const nothing: [string, (activity: Json) => Json][] = [
    ['of a kind that is not known', (activity) => ({ ...activity, type: 'typing' })],
    ['of a kind that everything has', (activity) => ({ ...activity, type: 'constructor' })],
    [
      'that is a reaction',
      (activity) => ({ ...activity, type: 'messageReaction', reactionsAdded: [{ type: 'like' }] }),
    ],
    ['that is an event', (activity) => ({ ...activity, type: 'event', name: 'adaptiveCard/action' })],
    ['that edits an old message', (activity) => ({ ...activity, type: 'messageUpdate' })],
    ['of a bot', within('from', { id: '28:another-bot' })],
    ['of somebody who is said to be a bot', within('from', { role: 'bot' })],
    ['of a skill', within('from', { role: 'skill' })],
    ['that adds nobody', (activity) => ({ ...activity, type: 'conversationUpdate', membersAdded: 'everybody' })],
    ['that adds nothing', (activity) => ({ ...activity, type: 'conversationUpdate', membersAdded: [null, 7, []] })],
    ['that installs in its own way', (activity) => ({ ...activity, type: 'installationUpdate', action: 7 })],
  ];

  it.each(nothing)('%s is taken, starts nothing, and is not answered', async (_, alter) => {
    const newcomer = house.newInTeams();
    const sent = await house.teams.command({ user: newcomer.user, text: typed, alter });
    expect(sent.status).toBe(200);
    await house.askTeams(inTeams.bob, 'whoami', /^You are/);
    expect(house.readTeams(newcomer)).toEqual([]);
    expect(await house.executionsOf(newcomer)).toEqual([]);
  });

  const sayWhat = /^Say what you need:/;
  const answered: [string, (activity: Json) => Json, RegExp][] = [
    ['without words', without('text'), sayWhat],
    ['whose words are a number', (activity) => ({ ...activity, text: 7 }), sayWhat],
    ['whose words are an object', (activity) => ({ ...activity, text: { toString: 'list' } }), sayWhat],
    ['of spaces', (activity) => ({ ...activity, text: ' &nbsp;\u00a0\r\n' }), sayWhat],
    ['of control characters', (activity) => ({ ...activity, text: '\u0000\u202e\u200b' }), /Try: \/elevate/],
    ['of a hundred thousand words', (activity) => ({ ...activity, text: 'x '.repeat(100_000) }), /at most 4,000/],
    ['of nothing but tags', (activity) => ({ ...activity, text: '<at>'.repeat(20_000) }), /at most 4,000/],
    ['of nothing but ampersands', (activity) => ({ ...activity, text: '&'.repeat(90_000) }), /at most 4,000/],
    ['whose entities are none', (activity) => ({ ...activity, text: 'list', entities: 'none' }), /^You have no open/],
    [
      'whose mentions are none',
      (activity) => ({
        ...activity,
        text: '<at>Elevate</at> list',
        entities: [null, 7, [], { type: 'mention' }, { type: 'mention', text: '<at>Elevate</at>', mentioned: [] }],
      }),
      /^You have no open/,
    ],
    ['whose value is a list', (activity) => ({ ...activity, text: 'list', value: ['offer'] }), /^You have no open/],
    [
      'whose value is sixty lists deep',
      (activity) => ({ ...activity, text: 'list', value: deep(60) }),
      /^You have no open/,
    ],
    ['whose value is null', (activity) => ({ ...activity, text: 'list', value: null }), /^You have no open/],
    [
      'with a prototype',
      (activity) =>
        JSON.parse(
          JSON.stringify({ ...activity, text: 'list' }).replace('{', '{"__proto__":{"text":"quiet because I may"},'),
        ) as Json,
      /^You have no open/,
    ],
    ['without an id', (activity) => ({ ...without('id')(activity), text: 'list' }), /^You have no open/],
  ];

  it.each(answered)('a message %s is answered with a sentence, and starts nothing', async (_, alter, answer) => {
    const newcomer = house.newInTeams();
    const sent = await house.teams.command({ user: newcomer.user, text: typed, alter });
    expect([sent.status, sent.body]).toEqual([200, undefined]);
    expect(read(await sent.waitForReply(undefined, PATIENCE))).toMatch(answer);
    expect(house.readTeams(newcomer)).toHaveLength(1);
    expect(await house.executionsOf(newcomer)).toEqual([]);
  });

  it('P4: a conversation of a kind that is not known is one that others read', async () => {
    const newcomer = house.newInTeams();
    const conversation = '19:strange@thread.tacv2';
    house.teams.addChannel({ id: conversation });
    for (const conversationType of [undefined, 'Personal', 7]) {
      const alter = within('conversation', { conversationType });
      await house.teams.command({ user: newcomer.user, text: `whoami`, conversation, alter });
    }
    await house.teams.until(() => house.readTeams(conversation).length === 3, 'three answers', PATIENCE);
    expect(new Set(house.readTeams(conversation))).toEqual(new Set(['I answered you in our own chat.']));
    expect(house.readTeams(newcomer).filter((text) => text.includes(newcomer.email))).toHaveLength(3);
  });

  it('T22: the same activity a hundred times at once is one request, and every one of them is answered 200', async () => {
    const newcomer = house.newInTeams();
    const alter = (activity: Json) => ({ ...activity, id: 'f:flood' });
    const flood = Array.from({ length: 100 }, () =>
      house.teams.command({ user: newcomer.user, text: 'quiet because I need to look', alter }),
    );
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([200]));
    await house.seesTeams(newcomer, 'Recorded. You are told');
    expect(await house.executionsOf(newcomer)).toHaveLength(1);
    expect(house.readTeams(newcomer).filter((text) => text.startsWith('Recorded'))).toHaveLength(1);
  });
});

describe('what is no way in', () => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is answered 405, with what is', async (method) => {
    const answer = await fetch(`${house.app.url}/api/messages`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await answer.text()).not.toMatch(/bot|teams|tenant|stack/i);
  });

  it('a WebSocket is not opened', async () => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    };
    const asking = request(`${house.app.url}/api/messages`, { headers });
    const outcome = Promise.race([
      once(asking, 'response').then(([response]) => response.statusCode as number),
      once(asking, 'upgrade').then(() => 'upgraded'),
      once(asking, 'error').then(() => 'closed'),
    ]);
    asking.end();
    expect(await outcome).toBe(405);
    asking.destroy();
  });

  it('who hangs up in the middle of a body leaves nothing behind', async () => {
    const { hostname, port } = new URL(house.app.url);
    for (let sent = 0; sent < 10; sent += 1) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      const head = `POST /api/messages HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer a.b.c`;
      socket.write(`${head}\r\ncontent-length: 1000\r\n\r\n{"type":"mess`);
      socket.destroy();
      await once(socket, 'close');
    }
    expect((await house.askTeams(inTeams.mallory, 'whoami')).text).toContain('mallory@example.com');
  });
});

it('P7: nothing that was sent is in the log, but that it was refused, and why', async () => {
  const refusals = house.lines.filter((line) => line.includes('request to the bot refused'));
  const reasons = new Set(refusals.map((line) => (JSON.parse(line) as { reason: string }).reason));
  expect(reasons).toEqual(
    new Set([
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
      'ERR_JWT_EXPIRED',
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
      'a party is not named',
      'another channel',
      'audience',
      'body too large',
      'content type',
      'issuer',
      'malformed body',
      'malformed token',
      'no service address',
      'no tenant, or several',
      'no token',
      'no type',
      'service address',
      'service host',
      'tenant',
    ]),
  );
  const secrets = [
    merger,
    'let-me-in',
    'Ym9i',
    'evil.test',
    (await house.teams.token()).slice(0, 16),
    house.config.teams?.app.type === 'SingleTenant' ? house.config.teams.app.password : 'no password',
    house.config.keys[0] ?? 'no key',
  ];
  const told = house.lines.filter((line) => /eyJ[\w-]{8}|Bearer \S|whsec_|xoxb-/.test(line));
  expect(told).toEqual([]);
  for (const secret of secrets) expect(house.lines.filter((line) => line.includes(secret))).toEqual([]);
});
