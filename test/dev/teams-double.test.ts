import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import { startTeamsDouble, type TeamsDouble } from '../../src/dev/teams-double.ts';

const tenant = '5c1c2f4e-0f0a-4d0e-9a54-5a2f6d1f0001';
const appId = '7d2d3f5f-0f0a-4d0e-9a54-5a2f6d1f0002';
const ann = '8f2c0000-0000-4000-8000-00000000000a';
const ben = '8f2c0000-0000-4000-8000-00000000000b';
const gus = '8f2c0000-0000-4000-8000-00000000000c';
const ops = '19:ops@thread.tacv2';
const group = '19:few@thread.v2';
const mixed = '19:mixed@thread.tacv2';

let clock: number;
let teams: TeamsDouble;

beforeEach(async () => {
  clock = Date.UTC(2026, 10, 25, 3);
  teams = await startTeamsDouble({ tenant, appId, now: () => clock });
  teams.addUser({ id: ann, name: 'Ann', upn: 'ann@example.com' });
  teams.addUser({ id: ben, name: 'Ben', upn: 'ben@example.com', app: 'absent' });
  teams.addUser({ id: gus, name: 'Gus', role: 'guest', tenant: 'another', app: 'blocked' });
  teams.addChannel({ id: ops });
  teams.addChannel({ id: group, kind: 'groupChat', members: [ann] });
  teams.addChannel({ id: mixed, members: [ann, gus] });
  teams.addChannel({ id: '19:else@thread.tacv2', installed: false });
});
afterEach(() => teams.stop());

async function call(method: string, path: string, body?: unknown, token?: string) {
  const response = await fetch(`${teams.serviceUrl}v3/conversations${path}`, {
    method,
    headers: { authorization: `Bearer ${token ?? (await teams.token())}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect to be there
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

const to = (conversation: string) => `/${encodeURIComponent(conversation)}/activities`;
const say = (text: string) => ({ type: 'message', text });
const cardOf = (...body: object[]) => ({ type: 'AdaptiveCard', version: '1.5', body });
const show = (card: object) => ({
  type: 'message',
  summary: 'a card',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
});
const execute = (title: string, token = title) => ({
  type: 'Action.Execute',
  title,
  verb: 'offer',
  data: { token },
  fallback: { type: 'Action.Submit', title, data: { verb: 'offer', token } },
});
const buttons = (...actions: object[]) => ({ type: 'ActionSet', actions });
const reason = { type: 'Input.Text', id: 'reason', maxLength: 5 };
const deny = (input: object = reason) => ({
  type: 'Action.ShowCard',
  title: 'Deny',
  card: { type: 'AdaptiveCard', body: [input, buttons(execute('Send'))] },
});
const decision = cardOf({ type: 'TextBlock', text: 'May she?' }, buttons(execute('Approve'), deny()));
const message = (value: string) => ({ statusCode: 200, type: 'application/vnd.microsoft.activity.message', value });
const view = (value: object) => ({ statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value });

interface Taken {
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect to be there
  activity: any;
  authorization: string;
}

/** A bot that does what the test says, in place of ours. */
async function bot(answer: (activity: Taken['activity']) => { status?: number; json?: unknown } = () => ({})) {
  const taken: Taken[] = [];
  const answerTo = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const activity = JSON.parse(Buffer.concat(chunks).toString());
    taken.push({ activity, authorization: request.headers.authorization ?? '' });
    const { status = 200, json } = answer(activity);
    response.writeHead(status, json === undefined ? {} : { 'content-type': 'application/json' });
    response.end(json === undefined ? undefined : JSON.stringify(json));
  };
  const server = createServer((request, response) => void answerTo(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  teams.sendTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`);
  return { taken, [Symbol.dispose]: () => void server.close() };
}

/** As the bot has to. */
async function verify({ authorization }: Pick<Taken, 'authorization'>) {
  const metadata = (await (await fetch(teams.endpoints.openIdMetadataUrl)).json()) as {
    jwks_uri: string;
    issuer: string;
  };
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const { payload } = await jwtVerify(authorization.replace('Bearer ', ''), keys, {
    issuer: teams.endpoints.tokenIssuer,
    audience: appId,
    algorithms: ['RS256'],
    currentDate: new Date(clock),
  });
  return payload;
}

describe('the connector', () => {
  it.each([
    ['POST', to(`a:${ann}`)],
    ['PUT', `${to(`a:${ann}`)}/1`],
    ['POST', ''],
    ['GET', `/a%3A${ann}/members/${ann}`],
  ])('refuses every other token: %s %s', async (method, path) => {
    const body = method === 'GET' ? undefined : say('x');
    expect((await call(method, path, body, 'another')).status).toBe(401);
    expect(teams.messagesIn(teams.personal(ann))).toEqual([]);
    expect(JSON.stringify(teams.calls)).not.toContain(await teams.token());
  });

  it('takes messages into personal chats, group chats, channels and threads, and edits them', async () => {
    for (const place of [teams.personal(ann), group, ops])
      expect(await call('POST', to(place), say(`to ${place}`))).toMatchObject({ status: 201, body: { id: /\d+/ } });
    const root = teams.latest(ops)!;
    const thread = `${ops};messageid=${root.id}`;
    const { body } = await call('POST', `${to(thread)}/any-id-at-all`, say('reply'));
    expect(teams.messagesIn(ops).map(({ text }) => text)).toEqual([`to ${ops}`, 'reply']);
    expect(teams.latest(thread)).toMatchObject({ id: body.id, thread: root.id });
    expect((await call('PUT', `${to(thread)}/${body.id}`, say('edited'))).status).toBe(200);
    expect((await call('PUT', `${to(thread)}/${root.id}`, say('root'))).status).toBe(200);
    expect(teams.messagesIn(thread)).toMatchObject([
      { text: 'root', edits: 1 },
      { text: 'edited', edits: 1 },
    ]);
    expect(teams.messagesIn(group)).toMatchObject([{ text: `to ${group}`, thread: undefined }]);
  });

  it('opens the chat with one member by Teams id or object id, and never by address', async () => {
    const open = (id: string, change: object = {}) => {
      const bots = { bot: { id: `28:${appId}` }, isGroup: false, channelData: { tenant: { id: tenant } } };
      return call('POST', '', { ...bots, members: [{ id }], ...change });
    };
    expect(await open(ann)).toMatchObject({ status: 201, body: { id: teams.personal(ann) } });
    expect(await open(`29:1${ann}`)).toMatchObject({ status: 201, body: { id: teams.personal(ann) } });
    expect(await open('ann@example.com')).toMatchObject({ status: 404 });
    expect(await open(ben)).toMatchObject({ status: 403, body: { error: { code: 'BotNotInConversationRoster' } } });
    expect(await open(ann, { channelData: {} })).toMatchObject({ status: 403 });
    expect(await open(ann, { bot: { id: '28:other' } })).toMatchObject({ status: 403 });
    expect(await open(ann, { isGroup: true })).toMatchObject({ status: 400 });
  });

  it.each([ann, ann.toUpperCase(), `29:1${ann}`, 'ann@example.com', 'ANN@example.com'])(
    'knows a member of a conversation as %s',
    async (who) => {
      for (const place of [ops, `${ops};messageid=17`, group, teams.personal(ann)])
        expect(await call('GET', `/${encodeURIComponent(place)}/members/${encodeURIComponent(who)}`)).toMatchObject({
          status: 200,
          body: {
            id: `29:1${ann}`,
            objectId: ann,
            email: 'ann@example.com',
            userPrincipalName: 'ann@example.com',
            tenantId: tenant,
            userRole: 'user',
          },
        });
    },
  );

  it('says of a guest what they are, and not what they lack', async () => {
    const { body } = await call('GET', `/${mixed}/members/${gus}`);
    expect(body).toEqual({ id: `29:1${gus}`, objectId: gus, name: 'Gus', tenantId: 'another', userRole: 'guest' });
  });

  it('gives the roster of a channel by the page, and of a chat as a whole', async () => {
    const roster = (place: string, query = '') =>
      call('GET', `/${encodeURIComponent(place)}/pagedmembers${query}`).then(({ body }) => body);
    const names = ({ members }: { members: { name: string }[] }) => members.map(({ name }) => name);
    expect(await roster(`${mixed};messageid=17`)).toEqual({
      members: [
        expect.objectContaining({ objectId: ann, tenantId: tenant, userRole: 'user' }),
        expect.objectContaining({ objectId: gus, tenantId: 'another', userRole: 'guest' }),
      ],
    });
    expect(names(await roster(ops))).toEqual(['Ann', 'Ben']);
    teams.addUser({ id: `${gus}2`, upn: 'gus_other.test#EXT#@example.com' });
    for (let n = 0; n < 60; n += 1) teams.addUser({ id: `${n}`, name: `P${n}` });
    teams.addChannel({ id: group, kind: 'groupChat' });
    expect(names(await roster(group, '?pageSize=1'))).toHaveLength(62);
    const { continuationToken, ...first } = await roster(ops, '?pageSize=1');
    const last = await roster(ops, `?pageSize=1&continuationToken=${encodeURIComponent(continuationToken)}`);
    expect([...names(first), ...names(last)]).toEqual(['Ann', 'Ben', ...Array.from({ length: 60 }, (_, n) => `P${n}`)]);
    expect([first.members.length, last.continuationToken]).toEqual([50, undefined]);
  });

  it.each([
    ['a roster that is not there', 'GET', '/19%3Anone/pagedmembers', undefined, 404, 'ConversationNotFound'],
    [
      'a roster without the app',
      'GET',
      '/19%3Aelse%40thread.tacv2/pagedmembers',
      undefined,
      403,
      'BotNotInConversationRoster',
    ],
    ['a page that is not there', 'GET', `/${ops}/pagedmembers?continuationToken=x`, undefined, 400, 'BadArgument'],
    ['a person who is not there', 'GET', `/${group}/members/${ben}`, undefined, 404, 'MemberNotFoundInConversation'],
    ['a conversation that is not there', 'POST', to('19:none@x'), say('x'), 404, 'ConversationNotFound'],
    ['a thread that is not there', 'POST', to(`${ops};messageid=9`), say('x'), 404, 'ConversationNotFound'],
    ['a thread of a group chat', 'POST', to(`${group};messageid=9`), say('x'), 404, 'ConversationNotFound'],
    ['a message that is not there', 'PUT', `${to(ops)}/9`, say('x'), 404, 'ActivityNotFoundInConversation'],
    ['a chat without the app', 'POST', to('19:else@thread.tacv2'), say('x'), 403, 'BotNotInConversationRoster'],
    ['somebody without the app', 'POST', to(`a:${ben}`), say('x'), 403, 'BotNotInConversationRoster'],
    ['somebody who blocked it', 'POST', to(`a:${gus}`), say('x'), 403, 'MessageWritesBlocked'],
    ['too large a message', 'POST', to(ops), say('x'.repeat(51_200)), 413, 'MessageSizeTooBig'],
    ['nothing', 'POST', to(ops), { type: 'message' }, 400, 'BadSyntax'],
    ['what is no message', 'POST', to(ops), { type: 'trace', text: 'x' }, 400, 'BadSyntax'],
  ])('refuses %s', async (_, method, path, body, status, code) => {
    expect(await call(method, path, body)).toMatchObject({ status, body: { error: { code } } });
    expect(teams.messagesIn(ops)).toEqual([]);
    expect(teams.calls.at(-1)).toMatchObject({ status });
  });

  it('shows a targeted message to its person alone, and only where others are', async () => {
    const targeted = (place: string, id: string) =>
      call('POST', `${to(place)}?isTargetedActivity=true`, { ...say('psst'), recipient: { id } });
    expect((await targeted(ops, `29:1${ann}`)).status).toBe(201);
    expect((await targeted(teams.personal(ann), `29:1${ann}`)).status).toBe(400);
    expect((await targeted(group, `29:1${ben}`)).status).toBe(400);
    expect(teams.messagesIn(ops)).toEqual([]);
    expect(teams.messagesIn(ops, ben)).toEqual([]);
    expect(teams.latest(ops, ann)).toMatchObject({ text: 'psst', onlyFor: ann });
  });
});

describe('cards', () => {
  it.each<[string, object, string]>([
    ['a later version', { ...decision, version: '1.6' }, 'version 1.6 is not shown at the top'],
    ['no version', { ...decision, version: undefined }, 'version undefined is not shown at the top'],
    ['no body', { ...decision, body: undefined }, 'needs a list at body'],
    ['an unknown element', cardOf({ type: 'CodeBlock' }), 'unknown element CodeBlock at body/0'],
    ['a text block without text', cardOf({ type: 'TextBlock' }), 'needs a text at body/0'],
    [
      'a run of something',
      cardOf({ type: 'RichTextBlock', inlines: [{ type: 'Image' }] }),
      'needs a text at body/0/inlines/0',
    ],
    [
      'half a fact',
      cardOf({ type: 'FactSet', facts: [{ title: 'x' }] }),
      'needs a title and a value at body/0/facts/0',
    ],
    [
      'Execute outside a set',
      { ...cardOf(), actions: [execute('A')] },
      'Action.Execute stands outside an ActionSet at actions/0',
    ],
    [
      'Execute in an opened card outside a set',
      cardOf(buttons({ ...deny(), card: { ...cardOf(), actions: [execute('A')] } })),
      'Action.Execute stands outside an ActionSet at body/0/actions/0/card/actions/0',
    ],
    [
      'Execute without a verb',
      cardOf(buttons({ ...execute('A'), verb: undefined })),
      'needs a verb at body/0/actions/0',
    ],
    ['a button without a title', cardOf(buttons({ type: 'Action.Submit' })), 'needs a title at body/0/actions/0'],
    [
      'a broken fallback',
      cardOf(buttons({ ...execute('A'), fallback: { type: 'Action.Submit' } })),
      'needs a title at body/0/actions/0/fallback',
    ],
    [
      'seven buttons',
      cardOf(buttons(...Array.from({ length: 7 }, (_, n) => execute(`${n}`)))),
      'shows six buttons and no more at body/0/actions',
    ],
    [
      'a card in a card in a card',
      cardOf(buttons({ ...deny(), card: cardOf(buttons(deny())) })),
      'opens a card within a card at body/0/actions/0/card/body/0/actions/0',
    ],
    ['an input without an id', cardOf({ type: 'Input.Text' }), 'needs an id at body/0'],
    ['two inputs of one id', cardOf(reason, buttons(deny())), 'two inputs are called reason'],
    [
      'a required input without its sentence',
      cardOf({ ...reason, isRequired: true }),
      'needs an errorMessage at body/0',
    ],
    [
      'too many who refresh',
      { ...decision, refresh: { userIds: Array(61).fill('29:x') } },
      'more than 60 people refresh',
    ],
  ])('with %s are refused', async (_, card, remark) => {
    const { status, body } = await call('POST', to(ops), show(card));
    expect([status, body.error.message]).toEqual([400, remark]);
    expect(teams.messagesIn(ops)).toEqual([]);
  });

  it('are read as people see them, with what a button opens closed', async () => {
    const facts = {
      type: 'FactSet',
      facts: [
        { title: 'Who', value: 'Ann' },
        { title: 'Why', value: 'INC-4' },
      ],
    };
    const runs = { type: 'RichTextBlock', inlines: ['Waiting ', { type: 'TextRun', text: 'for Ben' }] };
    const column = (text: string) => ({ items: [{ type: 'TextBlock', text }] });
    const columns = { type: 'ColumnSet', columns: [column('left'), column('right')] };
    const until = '{{DATE(2026-11-25T04:00:07Z, SHORT)}} {{TIME(2026-11-25T04:00:07Z)}}';
    const time = { type: 'TextBlock', text: `Until ${until}` };
    const card = cardOf(
      { type: 'Container', items: [runs, facts] },
      columns,
      time,
      buttons(execute('Approve'), deny()),
    );
    await call('POST', to(ops), show(card));
    const shown = teams.latest(ops);
    expect(read(shown).split(/\n\s*/)).toEqual([
      'Waiting for Ben',
      'Who: Ann  Why: INC-4',
      'left  right',
      'Until 2026-11-25 04:00 UTC',
      '[Approve]  [Deny]',
    ]);
    expect(buttonsOf(shown)).toEqual(['Approve', 'Deny']);
    expect(read({ text: 'words' })).toBe('words');
  });
});

describe('what the bot is sent', () => {
  it('is vouched for by an issuer of its own, for this bot and this service', async () => {
    using seen = await bot();
    await teams.command({ user: ann, text: 'list' });
    const payload = await verify(seen.taken[0]!);
    expect(payload).toMatchObject({ aud: appId, serviceurl: teams.serviceUrl, iss: teams.endpoints.tokenIssuer });
    const { keys } = (await (await fetch(new URL('/v1/.well-known/keys', teams.serviceUrl))).json()) as {
      keys: object[];
    };
    expect(keys).toMatchObject([{ kty: 'RSA', use: 'sig', endorsements: ['msteams'] }]);
    expect(JSON.stringify(keys)).not.toContain('"d"');
  });

  it('can be signed with another key, known or not, forged, changed and bare', async () => {
    using seen = await bot();
    await teams.rotate();
    await teams.command({ user: ann, text: 'list' });
    await expect(verify(seen.taken[0]!)).resolves.toBeDefined();
    await teams.rotate({ keep: true });
    await expect(verify(seen.taken[0]!)).resolves.toBeDefined();
    await teams.rotate();
    await expect(verify(seen.taken[0]!)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    await teams.command({ user: ann, text: 'list' }, { forged: true });
    await expect(verify(seen.taken[1]!)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
    await teams.command({ user: ann, text: 'list' }, { claims: { aud: 'another' } });
    await expect(verify(seen.taken[2]!)).rejects.toMatchObject({ claim: 'aud' });
    await teams.command({ user: ann, text: 'list' }, { authorization: null });
    expect(seen.taken[3]?.authorization).toBe('');
  });

  it('is what people write: to it alone, or where they mention it', async () => {
    using seen = await bot();
    await teams.command({ user: ann, text: 'list' });
    await teams.command({ user: ann, text: 'list', conversation: ops });
    await teams.command({ user: ann, text: 'list', conversation: group });
    await teams.command({ user: ann, text: 'list', conversation: ops, targeted: true });
    const from = { id: `29:1${ann}`, name: 'Ann', aadObjectId: ann };
    const said = { type: 'message', channelId: 'msteams', serviceUrl: teams.serviceUrl, from };
    const mention = { type: 'mention', text: '<at>Elevate</at>', mentioned: { id: `28:${appId}`, name: 'Elevate' } };
    const [alone, inChannel, inGroup, targeted] = seen.taken.map(({ activity }) => activity);
    expect(alone).toMatchObject({
      ...said,
      text: '/elevate list',
      conversation: { id: teams.personal(ann), conversationType: 'personal', tenantId: tenant },
      channelData: { tenant: { id: tenant } },
    });
    expect(inChannel).toMatchObject({
      ...said,
      text: '<at>Elevate</at> list\n',
      conversation: { id: `${ops};messageid=${inChannel.id}`, conversationType: 'channel' },
      channelData: { channel: { id: ops, type: 'standard' }, team: { id: '19:team@thread.tacv2' } },
    });
    expect(inChannel.entities).toContainEqual(mention);
    expect(inGroup).toMatchObject({
      ...said,
      conversation: { id: group, conversationType: 'groupChat', isGroup: true },
    });
    expect(targeted).toMatchObject({ ...said, text: 'elevate list', recipient: { isTargeted: true } });
    expect(targeted.entities).not.toContainEqual(mention);
    // The thread that a person began can be answered in.
    expect((await call('POST', to(inChannel.conversation.id), say('yes'))).status).toBe(201);
  });

  it('is what they add and take away, said twice, and whatever a test makes up', async () => {
    using seen = await bot();
    await teams.install({ user: ben });
    await teams.uninstall({ user: ann, conversation: ops });
    await teams.send({ user: ann, activity: { type: 'conversationUpdate', membersAdded: [{ id: 'x' }] } });
    await teams.write({ user: ann, text: '<at>Ben</at> hm', mentions: [{ id: 'x', name: 'Ben' }] });
    await teams.write({ user: ann, text: 'hm', alter: (activity) => ({ ...activity, from: undefined }) });
    expect(seen.taken.map(({ activity }) => activity)).toMatchObject([
      { type: 'conversationUpdate', membersAdded: [{ id: `28:${appId}` }], conversation: { id: teams.personal(ben) } },
      { type: 'installationUpdate', action: 'add' },
      { type: 'conversationUpdate', membersRemoved: [{ id: `28:${appId}` }], conversation: { id: ops } },
      { type: 'installationUpdate', action: 'remove' },
      { type: 'conversationUpdate', membersAdded: [{ id: 'x' }] },
      { type: 'message', entities: [{ mentioned: { id: 'x', name: 'Ben' } }, { type: 'clientInfo' }] },
      { type: 'message', text: 'hm' },
    ]);
    expect(seen.taken.at(-1)?.activity).not.toHaveProperty('from');
    expect((await call('POST', to(teams.personal(ben)), say('now'))).status).toBe(201);
    expect((await call('POST', to(ops), say('no more'))).status).toBe(403);
  });

  it('comes again when it is sent again, under the same id', async () => {
    using seen = await bot();
    const sent = await teams.command({ user: ann, text: 'list' });
    await sent.resend();
    expect(seen.taken.map(({ activity }) => activity.id)).toEqual([sent.activity, sent.activity]);
  });
});

describe('people', () => {
  it('see the answer where they asked or in their own chat, and nothing from before', async () => {
    using seen = await bot();
    await call('POST', to(ops), say('before'));
    const asked = await teams.command({ user: ann, text: 'list', conversation: ops });
    expect(asked).toMatchObject({ status: 200, problems: [] });
    expect(asked.replies()).toEqual([]);
    const waiting = asked.waitForReply(({ text }) => text === 'two');
    await call('POST', to(seen.taken[0]?.activity.conversation.id), say('one'));
    await call('POST', to(teams.personal(ann)), say('two'));
    expect(await waiting).toMatchObject({ text: 'two' });
    expect(asked.replies().map(({ text }) => text)).toEqual(['one', 'two']);
  });

  it('click the newest button of a label, and are told in a line under the card', async () => {
    using seen = await bot(() => ({ json: message('Recorded.') }));
    const { body } = await call('POST', to(ops), show(cardOf(buttons(execute('Approve', 'old')))));
    await call('POST', to(ops), show(cardOf(buttons(execute('Approve', 'new')))));
    const clicked = await teams.click({ user: ann, conversation: ops, label: 'Approve' });
    expect(clicked).toMatchObject({ told: 'Recorded.', card: undefined, problems: [] });
    await teams.click({ user: ann, conversation: ops, label: 'Approve', message: body.id });
    expect(seen.taken.map(({ activity }) => activity)).toMatchObject([
      {
        type: 'invoke',
        name: 'adaptiveCard/action',
        value: { action: { type: 'Action.Execute', verb: 'offer', data: { token: 'new' } }, trigger: 'manual' },
      },
      {
        value: { action: { data: { token: 'old' } } },
        replyToId: body.id,
        conversation: { id: `${ops};messageid=${body.id}` },
      },
    ]);
  });

  it('open what a button opens and fill it in, as far as it asks', async () => {
    using seen = await bot(() => ({ json: message('Recorded.') }));
    await call('POST', to(ops), show(decision));
    const click = (inputs: Record<string, string>) =>
      teams.click({ user: ann, conversation: ops, label: 'Deny', inputs });
    await click({ reason: 'no' });
    await click({});
    expect(seen.taken.map(({ activity }) => activity.value.action)).toMatchObject([
      { title: 'Send', data: { token: 'Send', reason: 'no' } },
      { title: 'Send', data: { token: 'Send', reason: '' } },
    ]);
    await expect(click({ reason: 'too long' })).rejects.toThrow('no more');
    await expect(click({ other: 'x' })).rejects.toThrow('does not ask for other');
    const required = { ...reason, isRequired: true, errorMessage: 'Say why.' };
    await call('POST', to(ops), show(cardOf(buttons(deny(required)))));
    await expect(click({})).rejects.toThrow('Say why.');
    expect(seen.taken).toHaveLength(2);
  });

  it('with an old client send a message without words in place of a click', async () => {
    using seen = await bot();
    await call('POST', to(ops), show(decision));
    await teams.click({ user: ann, conversation: ops, label: 'Deny', inputs: { reason: 'no' }, client: 'old' });
    expect(seen.taken[0]?.activity).toMatchObject({
      type: 'message',
      value: { verb: 'offer', token: 'Send', reason: 'no' },
      replyToId: teams.latest(ops)?.id,
    });
    expect(seen.taken[0]?.activity).not.toHaveProperty('text');
  });

  it('who click are alone in seeing a card that is answered, until the message is edited for all', async () => {
    const done = cardOf({ type: 'TextBlock', text: 'Done.' });
    using _ = await bot(() => ({ json: view(done) }));
    const { body } = await call('POST', to(ops), show(decision));
    const clicked = await teams.click({ user: ann, conversation: ops, label: 'Approve' });
    expect(clicked).toMatchObject({ card: done, told: undefined, problems: [] });
    expect(read(teams.latest(ops, ann))).toBe('Done.');
    expect(buttonsOf(teams.latest(ops, ben))).toEqual(['Approve', 'Deny']);
    expect(buttonsOf(teams.latest(ops))).toEqual(['Approve', 'Deny']);
    await expect(teams.click({ user: ann, conversation: ops, label: 'Approve' })).rejects.toThrow(
      'No button "Approve"',
    );
    await call('PUT', `${to(ops)}/${body.id}`, show(cardOf({ type: 'TextBlock', text: 'For all.' })));
    expect([ann, ben].map((user) => read(teams.latest(ops, user)))).toEqual(['For all.', 'For all.']);
  });

  it.each<[string, { status?: number; json?: unknown }, string]>([
    ['fails', { status: 500 }, 'the bot answered 500'],
    ['says nothing', {}, 'a click was answered undefined'],
    ['refuses in its own way', { json: { ...message('No.'), statusCode: 403 } }, 'a click was answered 403'],
    ['sends what is not shown', { json: { ...message('x'), type: 'text/html' } }, 'Teams shows no text/html'],
    [
      'sends a card that is not shown',
      { json: view({ ...decision, version: '1.6' }) },
      'version 1.6 is not shown at the top',
    ],
  ])('see that something went wrong where the bot %s', async (_, answer, problem) => {
    using seen = await bot(() => answer);
    await call('POST', to(ops), show(decision));
    expect((await teams.click({ user: ann, conversation: ops, label: 'Approve' })).problems).toEqual([problem]);
    expect(seen.taken).toHaveLength(1);
    expect(buttonsOf(teams.latest(ops, ann))).toEqual(['Approve', 'Deny']);
  });

  it('cannot click what is not there or not theirs', async () => {
    const click = (user: string) => teams.click({ user, conversation: ops, label: 'Approve' });
    await expect(click(ann)).rejects.toThrow('sees no message');
    await call('POST', `${to(ops)}?isTargetedActivity=true`, { ...show(decision), recipient: { id: `29:1${ann}` } });
    await expect(click(ben)).rejects.toThrow('sees no message');
    await expect(teams.command({ user: 'nobody', text: 'list' })).rejects.toThrow('nobody');
    await expect(teams.command({ user: ann, text: 'list' })).rejects.toThrow('Say first where the bot is');
  });
});

describe('faults', () => {
  it('hit what they name as often as asked, and then it works again', async () => {
    teams.fault({ on: 'send', conversation: ops, retryAfter: 7, times: 2 });
    expect((await call('POST', to(group), say('x'))).status).toBe(201);
    for (const _ of [1, 2]) {
      const throttled = await call('POST', to(ops), say('x'));
      expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '7']);
    }
    expect((await call('POST', to(ops), say('x'))).status).toBe(201);
    expect(teams.messagesIn(ops)).toHaveLength(1);
    expect(teams.calls.map(({ status }) => status)).toEqual([201, 429, 429, 201]);
  });

  it.each([
    [{ status: 502 }, 502, 'ServiceError'],
    [{ status: 504 }, 504, 'ServiceError'],
    [{ status: 412 }, 412, 'ServiceError'],
    [{ status: 403, word: 'MessageWritesBlocked' }, 403, 'MessageWritesBlocked'],
  ])('can be %j', async (fault, status, code) => {
    teams.fault({ on: 'edit', ...fault });
    expect(await call('PUT', `${to(ops)}/1`, say('x'))).toMatchObject({ status, body: { error: { code } } });
  });

  it('can be answers that do not come, also of the issuer', async () => {
    teams.fault({ on: 'member', hangMs: 60_000 });
    teams.fault({ on: 'keys', hangMs: 60_000 });
    const signal = AbortSignal.timeout(50);
    const member = fetch(`${teams.serviceUrl}v3/conversations/${ops}/members/${ann}`, { signal });
    const keys = fetch(new URL('/v1/.well-known/keys', teams.serviceUrl), { signal });
    await expect(member).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(keys).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('can lose the answer of a call that took effect', async () => {
    teams.fault({ on: 'send', status: 504, after: true });
    expect((await call('POST', to(ops), say('posted'))).status).toBe(504);
    expect(teams.latest(ops)?.text).toBe('posted');
  });
});
