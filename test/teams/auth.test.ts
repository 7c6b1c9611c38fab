import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { base64url, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readActivity } from '../../src/teams/activity.ts';
import { createInbound } from '../../src/teams/adapter/inbound.ts';
import { createVerify, tokenIn, type Verdict } from '../../src/teams/auth.ts';
import { readSigningKeys } from '../../src/teams/read-signing-keys.ts';
import { createSigningKeys } from '../../src/teams/signing-keys.ts';
import { activity, ann, appId, bot, click, type Issuer, openIssuer, serviceUrl, tenant } from './issuer.ts';
import { createLogBook, openWayIn, type WayIn } from './way-in.ts';

let issuer: Issuer;
let door: WayIn;
beforeEach(async () => {
  // The SDK writes what it refuses to the console.
  vi.spyOn(console, 'error').mockReturnValue();
  issuer = await openIssuer();
  door = await openWayIn(issuer);
});
afterEach(async () => {
  await door.close();
  await issuer.close();
  vi.restoreAllMocks();
});

const seconds = () => Math.floor(Date.now() / 1_000);
const foreignTenant = 'https://login.microsoftonline.com/99999999-0000-4000-8000-000000000009/v2.0';
/** What an application of any tenant gets from Entra for ours, which the SDK takes for an emulator's. */
const emulator = { iss: foreignTenant, azp: appId, ver: '2.0', tid: '99999999-0000-4000-8000-000000000009' };
const attacker = 'http://127.0.0.1:9/attacker/';

/** The header of each row, from what would be right. */
const credentials: [string, number, () => Promise<string | undefined>][] = [
  ['a good token', 200, async () => `Bearer ${await issuer.sign()}`],
  ['no header', 401, async () => undefined],
  ['Basic', 401, async () => 'Basic dXNlcjpwYXNz'],
  ['garbage', 401, async () => 'Bearer garbage'],
  ['garbage in three parts', 401, async () => 'Bearer a.b.c'],
  ['a token twice', 401, async () => `Bearer ${await issuer.sign()}, Bearer ${await issuer.sign()}`],
  ['a token of nine KiB', 401, async () => `Bearer ${await issuer.sign({ more: 'x'.repeat(9 * 1024) })}`],
  ['another audience', 401, async () => `Bearer ${await issuer.sign({ aud: tenant })}`],
  ['an audience among others', 401, async () => `Bearer ${await issuer.sign({ aud: [appId, tenant] })}`],
  ['another issuer', 401, async () => `Bearer ${await issuer.sign({ iss: 'https://api.botframework.us' })}`],
  ['no issuer', 401, async () => `Bearer ${await issuer.sign({ iss: undefined })}`],
  ['a token ten minutes over', 401, async () => `Bearer ${await issuer.sign({ exp: seconds() - 600 })}`],
  ['a token two minutes over', 200, async () => `Bearer ${await issuer.sign({ exp: seconds() - 120 })}`],
  ['a token that never ends', 401, async () => `Bearer ${await issuer.sign({ exp: undefined })}`],
  ['a token that begins in ten minutes', 401, async () => `Bearer ${await issuer.sign({ nbf: seconds() + 600 })}`],
  ['an unknown key', 401, async () => `Bearer ${await issuer.sign({}, { kid: 'nobody' })}`],
  [
    'a bad signature',
    401,
    async () => `Bearer ${await issuer.sign({}, { key: (await generateKeyPair('RS256')).privateKey })}`,
  ],
  ['the algorithm none', 401, async () => `Bearer ${await unsigned()}`],
  ['the algorithm none with something as signature', 401, async () => `Bearer ${await unsigned()}x`],
  ['HS256 under the name of our key', 401, async () => `Bearer ${await hmac()}`],
  ['another service address', 401, async () => `Bearer ${await issuer.sign({ serviceurl: attacker })}`],
  ['no service address', 401, async () => `Bearer ${await issuer.sign({ serviceurl: undefined })}`],
  ['a token of a foreign Entra tenant for our application', 401, async () => `Bearer ${await issuer.sign(emulator)}`],
  [
    'the same without a service address',
    401,
    async () => `Bearer ${await issuer.sign({ ...emulator, serviceurl: undefined })}`,
  ],
];

async function unsigned(): Promise<string> {
  const [, payload] = (await issuer.sign()).split('.');
  return `${base64url.encode(JSON.stringify({ alg: 'none', kid: 'key-1' }))}.${payload}.`;
}

async function hmac(): Promise<string> {
  return new SignJWT({ iss: 'https://api.botframework.com', aud: appId, exp: seconds() + 60, serviceurl: serviceUrl })
    .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
    .sign(new TextEncoder().encode('the public key, which everybody knows'));
}

describe('T1: who vouches for an activity', () => {
  it.each(credentials)('%s is answered %i, and the next good one works', async (_, status, header) => {
    const answered = await door.post(JSON.stringify(activity()), { authorization: await header() });
    expect(answered).toMatchObject({ status, body: undefined });
    expect(door.turns).toHaveLength(status === 200 ? 1 : 0);
    expect(await door.deliver()).toMatchObject({ status: 200 });
  });

  it('says how to come in', async () => {
    expect((await door.post('{}')).headers.get('www-authenticate')).toBe('Bearer');
  });

  it('a key that may not speak for Teams is refused', async () => {
    await issuer.addKey('key-of-webchat', { endorsements: ['webchat', 'directline'] });
    expect(await door.deliver()).toMatchObject({ status: 401 });
    await issuer.addKey('key-of-nothing', { endorsements: [] });
    expect(await door.deliver(activity(), await issuer.sign({}))).toMatchObject({ status: 401 });
    expect(door.turns).toEqual([]);
  });

  it('a key that says nothing of channels is taken', async () => {
    await issuer.addKey('key-plain', {});
    expect(await door.deliver()).toMatchObject({ status: 200 });
  });
});

const party = { id: '29:1eve' };
const shapes: [string, number, () => Record<string, unknown>][] = [
  ['a type that is a number', 400, () => ({ type: 5 })],
  ['no type', 400, () => activity({ type: undefined })],
  ['no service address', 400, () => activity({ serviceUrl: undefined })],
  ['a service address that is an object', 400, () => activity({ serviceUrl: { href: serviceUrl } })],
  ['the channel webchat', 400, () => activity({ channelId: 'webchat' })],
  ['the channel AseChannel', 400, () => activity({ channelId: 'AseChannel' })],
  ['the emulator', 400, () => activity({ channelId: 'emulator' })],
  ['no sender', 400, () => activity({ from: undefined })],
  ['a sender that is a string', 400, () => activity({ from: '29:1eve' })],
  ['a sender without an id', 400, () => activity({ from: { ...party, id: undefined } })],
  ['no conversation', 400, () => activity({ conversation: undefined })],
  ['no recipient', 400, () => activity({ recipient: null })],
  ['no tenant', 400, () => activity({ conversation: { id: 'a:x' }, channelData: undefined })],
  ['two tenants', 400, () => activity({ channelData: { tenant: { id: '99999999-0000-4000-8000-000000000009' } } })],
  ['a tenant that is no string', 403, () => activity({ conversation: { id: 'a:x', tenantId: 7 }, channelData: {} })],
  ['T2: another tenant', 403, () => foreign()],
  ['the tenant in capitals', 200, () => activity({ conversation: { id: 'a:x', tenantId: tenant.toUpperCase() } })],
  ['the tenant in one place', 200, () => activity({ conversation: { id: 'a:x' } })],
  ['a mere greeting', 200, () => activity({ text: 'hello' })],
  ['an unknown invoke', 501, () => activity({ type: 'invoke', name: 'task/fetch', value: {} })],
  ['an unknown type', 200, () => activity({ type: 'typing' })],
];

function foreign() {
  const id = '99999999-0000-4000-8000-000000000009';
  return activity({ conversation: { id: 'a:x', tenantId: id }, channelData: { tenant: { id } } });
}

describe('what Teams says', () => {
  it.each(shapes)('%s is answered %i, and the next good one works', async (_, status, sent) => {
    expect(await door.deliver(sent())).toMatchObject({ status, body: undefined });
    const taken = status === 200 || status === 501;
    expect(door.turns).toHaveLength(taken ? 1 : 0);
    expect(await door.deliver()).toMatchObject({ status: 200 });
  });

  it('nobody who has not shown a token learns what is wrong with a body', async () => {
    for (const body of ['{"type":5}', '[', JSON.stringify(foreign())])
      expect(await door.post(body)).toMatchObject({ status: 401 });
    const forged = await issuer.sign({}, { key: (await generateKeyPair('RS256')).privateKey });
    expect(await door.deliver(foreign(), forged)).toMatchObject({ status: 401 });
    expect(await door.deliver(activity({ serviceUrl: 'https://evil.example/' }), forged)).toMatchObject({
      status: 401,
    });
  });

  it.each([
    'https://evil.example/',
    'http://smba.trafficmanager.net/emea/',
    'https://smba.trafficmanager.net.evil.example/',
  ])('T27: %s is not a service that may be sent to, whoever vouches for it', async (address) => {
    const sent = activity({ serviceUrl: address });
    expect(await door.deliver(sent, await issuer.sign({ serviceurl: address }))).toMatchObject({ status: 403 });
    expect(door.turns).toEqual([]);
  });

  it('an answer to an invoke comes back as it was given', async () => {
    const body = { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Recorded.' } as const;
    await door.close();
    door = await openWayIn(issuer, { bot: { turn: async () => ({ status: 200, body }), settled: async () => {} } });
    expect(await door.deliver(click('offer', { token: 't' }))).toMatchObject({ status: 200, body });
  });

  it('P7: a bot that fails is answered without a word of why', async () => {
    await door.close();
    const failing = { turn: () => Promise.reject(new Error('the password is swordfish')), settled: async () => {} };
    door = await openWayIn(issuer, { bot: failing });
    expect(await door.deliver()).toMatchObject({ status: 200, body: undefined });
    expect(await door.deliver(click('offer', {}))).toMatchObject({ status: 501, body: undefined });
    expect(door.lines.join('')).toContain('a turn of the bot failed');
  });
});

describe('what arrives', () => {
  const token = async () => ({ authorization: `Bearer ${await issuer.sign()}` });
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const withText = (text: string) => JSON.stringify(activity({ text }));

  it.each([
    ['an unknown media type', 415, withText('x'), { 'content-type': 'text/plain' }],
    ['no media type', 415, new TextEncoder().encode(withText('x')), { 'content-type': undefined }],
    ['a compressed body', 415, withText('x'), { 'content-encoding': 'gzip' }],
    ['a body of more than 256 KiB', 413, withText('x'.repeat(256 * 1024)), {}],
    ['a body of nearly 256 KiB', 200, withText('x'.repeat(255 * 1024)), {}],
    ['nothing', 400, '', {}],
    ['half an object', 400, '{"type":"message"', {}],
    ['a list', 400, '[]', {}],
    ['null', 400, 'null', {}],
    ['bytes that are no text', 400, Uint8Array.from('{"type":"\xff"}', (c) => c.charCodeAt(0)), {}],
    ['a body as deep as none is', 400, JSON.stringify(activity()).replace('"list"', nested(100_000)), {}],
    ['a body as deep as some are', 200, JSON.stringify(activity()).replace('"list"', nested(60)), {}],
    ['brackets that are only said', 200, withText(nested(1_000)), {}],
    ['a quotation mark that is only said', 200, withText(`\\"${nested(100)}\\`), {}],
  ])('%s is answered %i, and the next good one works', async (_, status, body, headers) => {
    expect(await door.post(body, { ...(await token()), ...headers })).toMatchObject({ status, body: undefined });
    expect(await door.deliver()).toMatchObject({ status: 200 });
  });

  it('a body that does not come is not waited for', async () => {
    await door.close();
    door = await openWayIn(issuer, { limits: { bodyMs: 30 } });
    const request = httpRequest(door.url, {
      method: 'POST',
      headers: { ...(await token()), 'content-type': 'application/json' },
    });
    request.write('{"type":');
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(408);
    request.destroy();
  });

  it('a bot that does not answer is not waited for', async () => {
    await door.close();
    const bodyMs = 30;
    const hanging = Promise.withResolvers<undefined>();
    door = await openWayIn(issuer, {
      bot: { turn: () => hanging.promise, settled: async () => {} },
      limits: { answerMs: 30, bodyMs },
    });
    expect(await door.deliver()).toMatchObject({ status: 503 });
    hanging.resolve(undefined);
  });

  it.each(['GET', 'HEAD', 'PUT'])('%s is not a way in', async (method) => {
    expect((await fetch(door.url, { method })).status).toBe(405);
  });

  it('P7: no line of the log quotes a body or a token', async () => {
    const secret = 'swordfish';
    await door.post(`{"type":"${secret}`, await token());
    await door.deliver(activity({ channelId: secret, serviceUrl: secret }));
    await door.deliver(activity(), await issuer.sign({ aud: secret, iss: secret, serviceurl: secret }));
    const [header, payload] = (await issuer.sign()).split('.');
    await door.deliver(activity(), `${header}.${payload}.${secret}`);
    expect(door.lines.join('')).not.toContain(secret);
    expect(door.lines.filter((line) => line.includes('request to the bot refused'))).toHaveLength(4);
  });
});

describe('the keys of Teams', () => {
  it('are read once for many', async () => {
    await Promise.all([1, 2, 3, 4].map((id) => door.deliver(activity({ id: String(id) }))));
    expect(issuer.asked).toEqual(['/metadata', '/keys']);
  });

  it('are looked for again when a new one is used, also by the SDK', async () => {
    expect(await door.deliver()).toMatchObject({ status: 200 });
    issuer.drop('key-1');
    await issuer.addKey('key-2');
    expect(await door.deliver()).toMatchObject({ status: 200 });
    expect(door.turns).toHaveLength(2);
  });

  it('nobody can make us ask for them again and again', async () => {
    for (const kid of ['a', 'b', 'c', 'd']) await door.deliver(activity(), await issuer.sign({}, { kid }));
    expect(issuer.asked).toEqual(['/metadata', '/keys', '/metadata', '/keys']);
    for (const claims of [{ aud: 'x' }, { iss: 'x' }])
      await door.deliver(activity(), await issuer.sign(claims, { kid: 'e' }));
    expect(issuer.asked).toHaveLength(4);
  });

  it('are asked for again some minutes later', async () => {
    let ahead = 0;
    await door.close();
    door = await openWayIn(issuer, { now: () => Date.now() + ahead });
    const unknown = await issuer.sign({}, { kid: 'new' });
    expect(await door.deliver(activity(), unknown)).toMatchObject({ status: 401 });
    await issuer.addKey('new');
    expect(await door.deliver()).toMatchObject({ status: 401 });
    ahead = 5 * 60_000;
    expect(await door.deliver()).toMatchObject({ status: 200 });
  });

  it.each([
    ['nobody answers', { up: false }],
    ['the keys are said to be on another machine without TLS', { metadata: { jwks_uri: 'http://keys.example.com/' } }],
    ['nobody says where they are', { metadata: { jwks_uri: undefined } }],
  ])('cannot be had: %s, and that is not the caller’s fault', async (_, broken) => {
    let ahead = 0;
    await door.close();
    Object.assign(issuer.state, broken);
    door = await openWayIn(issuer, { now: () => Date.now() + ahead });
    const refused = await door.deliver();
    expect(refused).toMatchObject({ status: 503, body: undefined });
    expect(refused.headers.get('retry-after')).toBe('5');
    Object.assign(issuer.state, { up: true, metadata: {} });
    ahead = 10_000;
    expect(await door.deliver()).toMatchObject({ status: 200 });
  });

  it('outlive an outage for days, and not for ever', async () => {
    let ahead = 0;
    await door.close();
    door = await openWayIn(issuer, { now: () => Date.now() + ahead });
    const day = 24 * 60 * 60_000;
    const lasting = await issuer.sign({ exp: seconds() + 30 * 24 * 3_600 });
    await door.endpoint.ready();
    issuer.state.up = false;
    ahead = 2 * day;
    expect(await door.deliver(activity(), lasting)).toMatchObject({ status: 200 });
    expect(await door.deliver(activity(), await issuer.sign({}, { kid: 'new' }))).toMatchObject({ status: 503 });
    ahead = 6 * day;
    expect(await door.deliver(activity(), lasting)).toMatchObject({ status: 503 });
    issuer.state.up = true;
    ahead += 10_000;
    expect(await door.deliver(activity(), lasting)).toMatchObject({ status: 200 });
  });
});

describe('T1: the first lock, as if the SDK were not there', () => {
  it.each(credentials)('%s: %i', async (_, status, header) => {
    const { log } = createLogBook();
    const read = () => readSigningKeys(`${issuer.origin()}/metadata`, fetch);
    const keys = createSigningKeys({ read, now: Date.now, log });
    const verify = createVerify({ config: issuer.config(), keys, now: Date.now });
    const token = tokenIn(await header());
    const verdict: Verdict = token === undefined ? { ok: false, status: 401, reason: 'no token' } : await verify(token);
    const isFor = verdict.ok && verdict.serviceUrl === serviceUrl;
    expect(isFor ? { status: 200 } : { status: 401, ...(verdict.ok ? {} : verdict) }).toMatchObject({ status });
  });
});

/** The SDK alone, as if our own check were not there. */
describe('T1: the second lock', () => {
  async function throughSdk(claims: Record<string, unknown>, changes: Record<string, unknown> = {}) {
    const config = issuer.config();
    const { log } = createLogBook();
    const keys = createSigningKeys({
      read: () => readSigningKeys(`${issuer.origin()}/metadata`, fetch),
      now: Date.now,
      log,
    });
    const inbound = createInbound({ config, keys, log });
    const read = readActivity(activity(changes));
    if ('problem' in read) throw new Error(read.problem);
    const turn = vi.fn<() => Promise<undefined>>(async () => undefined);
    const { status, body } = await inbound.process({ token: await issuer.sign(claims), activity: read }, turn);
    return { status, body, turns: turn.mock.calls.length };
  }

  it('lets in what is right', async () => {
    expect(await throughSdk({})).toEqual({ status: 200, body: undefined, turns: 1 });
  });

  it.each([
    ['a foreign Entra tenant', emulator, {}],
    ['a foreign Entra tenant with an address of its own', emulator, { serviceUrl: attacker }],
    ['Entra’s older tokens', { ...emulator, iss: foreignTenant.replace('v2.0', ''), ver: '1.0', appid: appId }, {}],
    ['another audience', { aud: tenant }, {}],
    ['another service address', { serviceurl: attacker }, {}],
  ])('refuses %s, and says no more', async (_, claims, changes) => {
    expect(await throughSdk(claims, changes)).toEqual({ status: 401, body: undefined, turns: 0 });
  });
});

it('T1: a person is who Teams says, under whatever name', async () => {
  await door.deliver(activity({ from: { id: ann.member, name: 'Ben', aadObjectId: ann.oid.toUpperCase() } }));
  expect(door.turns).toMatchObject([
    { tenant, from: { id: ann.member, objectId: ann.oid }, recipient: { id: bot.id } },
  ]);
});
