import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TeamsConfig } from '../../src/config/config.ts';
import { ElevateError } from '../../src/core/errors.ts';
import { loggable } from '../../src/core/loggable.ts';
import { createConnector } from '../../src/teams/adapter/outbound.ts';
import { type Connector, ConnectorRefusal } from '../../src/teams/connector.ts';
import type { TeamsMessage } from '../../src/teams/message.ts';
import { sampleTime, teamsConfig } from '../samples.ts';

const token = 'a-token-for-tests';
const message: TeamsMessage = {
  summary: 'Ann asks for admin.',
  card: {
    type: 'AdaptiveCard',
    version: '1.5',
    body: [{ type: 'TextBlock', text: 'hello' }],
    msteams: { width: 'Full' },
  },
};
const sentBody = {
  type: 'message',
  summary: message.summary,
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: message.card }],
};

interface Heard {
  method: string;
  path: string;
  authorization: string | undefined;
  body: unknown;
}

/** A connector that answers as it is told, and writes down what it hears. */
async function openService() {
  const heard: Heard[] = [];
  let answer: (response: ServerResponse) => void = (response) => void json(response, 201, { id: 'm1' });
  const server = createServer((request, response) => {
    void hear(request).then(() => answer(response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function hear(request: IncomingMessage): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const text = await read(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    heard.push({ method, path, authorization: headers.authorization, body });
  }

  return {
    heard,
    serviceUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/emea/`,
    answers: (how: typeof answer) => void (answer = how),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  return response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

let service: Awaited<ReturnType<typeof openService>>;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const now = () => sampleTime;

function connect(
  options: Partial<Parameters<typeof createConnector>[0]> & { teams?: Partial<TeamsConfig> } = {},
): Connector {
  const config = teamsConfig({ serviceHosts: ['127.0.0.1'], ...options.teams });
  return createConnector({ config, now, signIn: async () => token, ...options });
}

function place(conversation = '19:ops@thread.tacv2') {
  return { serviceUrl: service.serviceUrl, conversation };
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable('it went through'),
    (error: unknown) => error,
  );
}

describe('what the bot does in Teams', () => {
  it('sends a message, plainly, with its token', async () => {
    expect(await connect().send(place(), message)).toEqual({ ...place(), activity: 'm1' });
    const path = '/emea/v3/conversations/19%3Aops%40thread.tacv2/activities';
    expect(service.heard).toEqual([{ method: 'POST', path, authorization: `Bearer ${token}`, body: sentBody }]);
  });

  it('replies in a thread by the name of the conversation', async () => {
    await connect().send(place('19:ops@thread.tacv2;messageid=17'), message);
    expect(service.heard).toMatchObject([
      { path: '/emea/v3/conversations/19%3Aops%40thread.tacv2%3Bmessageid%3D17/activities' },
    ]);
    expect(service.heard[0]?.body).not.toHaveProperty('replyToId');
  });

  it('edits a message', async () => {
    service.answers((response) => json(response, 200, { id: 'm1' }));
    await connect().edit({ ...place(), activity: 'm1' }, message);
    expect(service.heard).toMatchObject([
      { method: 'PUT', path: '/emea/v3/conversations/19%3Aops%40thread.tacv2/activities/m1', body: sentBody },
    ]);
  });

  it('sends a message for one person’s eyes', async () => {
    await connect().sendTargeted(place(), '29:1ann', message);
    const path = '/emea/v3/conversations/19%3Aops%40thread.tacv2/activities?isTargetedActivity=true';
    expect(service.heard).toMatchObject([
      { method: 'POST', path, body: { ...sentBody, recipient: { id: '29:1ann' } } },
    ]);
  });

  it('opens a personal chat in a tenant', async () => {
    service.answers((response) => json(response, 201, { id: 'a:ann' }));
    const { appId } = teamsConfig();
    const who = { serviceUrl: service.serviceUrl, tenant: 't1', user: 'oid-of-ann' };
    expect(await connect().openPersonal(who)).toEqual({ serviceUrl: service.serviceUrl, conversation: 'a:ann' });
    expect(service.heard).toMatchObject([
      {
        method: 'POST',
        path: '/emea/v3/conversations',
        body: {
          isGroup: false,
          bot: { id: `28:${appId}` },
          members: [{ id: 'oid-of-ann' }],
          tenantId: 't1',
          channelData: { tenant: { id: 't1' } },
        },
      },
    ]);
  });

  it.each([
    ['objectId', { objectId: 'oid' }],
    ['aadObjectId', { aadObjectId: 'oid' }],
    ['both', { aadObjectId: 'oid', objectId: 'another' }],
  ])('T3: looks a member up, known by %s', async (_, known) => {
    const rest = { name: 'Ann', userPrincipalName: 'ann@example.com', userRole: 'user' };
    service.answers((response) =>
      json(response, 200, { id: '29:1ann', ...rest, tenantId: 't1', ...known, email: 'a@example.com' }),
    );
    expect(await connect().member(place('19:ops@thread.tacv2;messageid=17'), '29:1ann')).toEqual({
      id: '29:1ann',
      objectId: 'oid',
      tenant: 't1',
      ...rest,
    });
    expect(service.heard).toMatchObject([{ path: '/emea/v3/conversations/19%3Aops%40thread.tacv2/members/29%3A1ann' }]);
  });

  it('T3: what a member’s entry does not say is absent', async () => {
    service.answers((response) => json(response, 200, { id: '29:1gus', email: null, userRole: '' }));
    expect(await connect().member(place(), '29:1gus')).toEqual({ id: '29:1gus' });
  });

  it('nobody is nobody, and a conversation that is not there is another thing', async () => {
    const error = (code: string) => (response: ServerResponse) => json(response, 404, { error: { code } });
    service.answers(error('MemberNotFoundInConversation'));
    expect(await connect().member(place(), '29:1eve')).toBeUndefined();
    service.answers(error('ConversationNotFound'));
    expect(await failureOf(connect().member(place(), '29:1eve'))).toMatchObject({
      status: 404,
      word: 'ConversationNotFound',
    });
  });
});

describe('who is in a conversation', () => {
  const entry = { name: 'Ann', userPrincipalName: 'ann@example.com', userRole: 'user', tenantId: 't1' };
  const path = '/emea/v3/conversations/19%3Aops%40thread.tacv2/pagedmembers?pageSize=500';
  const asked = (body: unknown, page?: string) => {
    service.answers((response) => json(response, 200, body));
    return connect().members(place('19:ops@thread.tacv2;messageid=17'), page);
  };

  it('T30: is asked for page by page, with what was said of the next one', async () => {
    const { tenantId, ...rest } = entry;
    expect(
      await asked({ members: [{ id: '29:1ann', objectId: 'oid', ...entry }], continuationToken: 'a+b&c=' }),
    ).toEqual({ members: [{ id: '29:1ann', objectId: 'oid', tenant: tenantId, ...rest }], next: 'a+b&c=' });
    expect(await asked({ members: [] }, 'a+b&c=')).toEqual({ members: [] });
    expect(service.heard).toMatchObject([
      { method: 'GET', path, authorization: `Bearer ${token}`, body: undefined },
      { method: 'GET', path: `${path}&continuationToken=a%2Bb%26c%3D` },
    ]);
  });

  it.each([null, ''])('T30: there is no page after one that names %j', async (continuationToken) => {
    expect(await asked({ members: [{ id: '29:1gus', tenantId: null }], continuationToken })).toEqual({
      members: [{ id: '29:1gus' }],
    });
  });

  it.each([
    ['no list', {}],
    ['nothing', { members: null }],
    ['one person without a list', { members: entry }],
    ['nobody in particular', { members: [{ id: '29:1ann', ...entry }, null] }],
    ['a name alone', { members: ['29:1ann'] }],
    ['a person without an id', { members: [entry] }],
    ['a next page that is no text', { members: [{ id: '29:1ann', ...entry }], continuationToken: 7 }],
  ])('T30: with %s is not known', async (_, body) => {
    expect(await failureOf(asked(body))).toMatchObject({ code: 'unavailable' });
  });

  it('T30: may be a thousand people at once, and not any number', async () => {
    const long = { id: `29:1${'x'.repeat(120)}`, ...entry, email: 'ann@example.com', givenName: 'x'.repeat(200) };
    const many = (count: number) => Array.from({ length: count }, () => long);
    expect((await asked({ members: many(1_000) })).members).toHaveLength(1_000);
    expect(await failureOf(asked({ members: many(4_000) }))).toMatchObject({
      code: 'unavailable',
      message: 'Teams answers more than 1024 KiB.',
    });
  });
});

const inner = (body: unknown) => ({ error: { code: 'ServiceError', innerHttpError: { statusCode: 403, body } } });
const date = new Date(sampleTime + 90_000).toUTCString();

describe('what Teams refuses', () => {
  it.each([
    ['too many calls', 429, { error: { code: 'Throttled' } }, { 'retry-after': '7' }, 'Throttled', 7_000],
    ['too many calls, until a date', 429, {}, { 'retry-after': date }, '', 90_000],
    ['too many calls, without saying for how long', 429, {}, {}, '', undefined],
    ['too many calls, for a day', 429, {}, { 'retry-after': '86400' }, '', 3_600_000],
    ['too many calls, until yesterday', 429, {}, { 'retry-after': 'Tue, 24 Nov 2026 03:00:00 GMT' }, '', 0],
    ['too many calls, in words', 429, {}, { 'retry-after': 'soon' }, '', undefined],
    ['too many calls, by a negative number', 429, {}, { 'retry-after': '-5' }, '', 0],
    ['a service that is down', 503, {}, { 'retry-after': '2' }, '', 2_000],
    ['a service that is down, without a word', 503, 'not JSON', {}, '', undefined],
    ['a conflict', 412, { error: { code: 'PreconditionFailed' } }, {}, 'PreconditionFailed', undefined],
    ['a bad gateway', 502, {}, {}, '', undefined],
    ['a gateway that waited', 504, {}, {}, '', undefined],
    ['a defect of theirs', 500, {}, {}, '', undefined],
    ['a message that is too large', 413, { error: { code: 'MessageSizeTooBig' } }, {}, 'MessageSizeTooBig', undefined],
    ['a bot that is blocked', 403, { error: { code: 'MessageWritesBlocked' } }, {}, 'MessageWritesBlocked', undefined],
    [
      'a narrower word',
      403,
      { error: { code: 'Forbidden', subCode: 'MessageWritesBlocked' } },
      {},
      'MessageWritesBlocked',
      undefined,
    ],
    [
      'a word at the top',
      403,
      { code: 'Forbidden', subCode: 'BotNotInConversationRoster' },
      {},
      'BotNotInConversationRoster',
      undefined,
    ],
    [
      'an inner word',
      403,
      inner({ error: { code: 'ConversationBlockedByUser' } }),
      {},
      'ConversationBlockedByUser',
      undefined,
    ],
    [
      'an inner word without its wrapping',
      403,
      inner({ subCode: 'BotDisabledByAdmin' }),
      {},
      'BotDisabledByAdmin',
      undefined,
    ],
    ['words that are none', 403, { error: { code: 'a sentence, about Ann' } }, {}, '', undefined],
    ['a code that is a number', 403, { error: { code: 7 } }, {}, '', undefined],
    ['a list', 403, [], {}, '', undefined],
    ['a token that is not taken', 401, {}, {}, '', undefined],
  ])('%s (%i) is asked for once, and told as it is', async (_, status, body, headers, word, retryAfterMs) => {
    service.answers((response) => json(response, status, body, headers));
    const refusal = await failureOf(connect().send(place(), message));
    expect(refusal).toBeInstanceOf(ConnectorRefusal);
    expect(refusal).toMatchObject({ status, word, retryAfterMs });
    expect(service.heard).toHaveLength(1);
  });

  const calls: [string, (connector: Connector) => Promise<unknown>][] = [
    ['send', (connector) => connector.send(place(), message)],
    ['sendTargeted', (connector) => connector.sendTargeted(place(), '29:1ann', message)],
    ['edit', (connector) => connector.edit({ ...place(), activity: 'm1' }, message)],
    [
      'openPersonal',
      (connector) => connector.openPersonal({ serviceUrl: place().serviceUrl, tenant: 't1', user: 'u' }),
    ],
    ['member', (connector) => connector.member(place(), '29:1ann')],
    ['members', (connector) => connector.members(place())],
  ];

  it.each(calls)('%s is not made again by the SDK', async (_, call) => {
    service.answers((response) => json(response, 502, {}, { 'retry-after': '0' }));
    expect(await failureOf(call(connect()))).toMatchObject({ status: 502 });
    expect(service.heard).toHaveLength(1);
  });

  it.each(calls)('%s ends when its time is over', async (_, call) => {
    service.answers(() => undefined);
    const failure = await failureOf(call(connect({ timeoutMs: 50 })));
    expect(failure).toMatchObject({ code: 'unavailable', message: 'Teams did not answer within 0.05 s.' });
    expect(service.heard).toHaveLength(1);
  });

  it.each(calls)('T27: %s goes to no host that is not listed, and our token neither', async (_, call) => {
    const signIn = vi.fn<() => Promise<string>>(async () => token);
    const elsewhere = connect({ signIn, teams: { serviceHosts: ['smba.trafficmanager.net'] } });
    expect(await failureOf(call(elsewhere))).toMatchObject({ code: 'unavailable' });
    expect(service.heard).toEqual([]);
    expect(signIn).not.toHaveBeenCalled();
  });

  it.each(calls)('T27: %s follows nobody to another place', async (_, call) => {
    const other = await openService();
    service.answers((response) => response.writeHead(307, { location: `${other.serviceUrl}v3/conversations` }).end());
    const failure = await failureOf(call(connect()));
    expect(failure).toMatchObject({ code: 'unavailable', message: 'Teams answers 307.' });
    expect(other.heard).toEqual([]);
    await other.close();
  });
});

describe('what makes no sense', () => {
  it.each([
    ['an answer without end', (response: ServerResponse) => json(response, 201, { id: 'x'.repeat(300 * 1024) })],
    [
      'an answer that is small until it is unpacked',
      (response: ServerResponse) => {
        const packed = gzipSync(JSON.stringify({ id: 'x'.repeat(10 * 1024 * 1024) }));
        return response.writeHead(201, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed);
      },
    ],
    ['an answer that is no JSON', (response: ServerResponse) => response.writeHead(200).end('<html>a proxy</html>')],
    [
      'an answer that breaks off',
      (response: ServerResponse) => void response.writeHead(201, { 'content-length': '9' }).end('{').destroy(),
    ],
    ['a connection that is cut', (response: ServerResponse) => void response.destroy()],
  ])('%s is an outage, and not repeated', async (_, answer) => {
    service.answers(answer);
    const failure = await failureOf(connect().send(place(), message));
    expect(failure).toBeInstanceOf(ElevateError);
    expect(failure).toMatchObject({ code: 'unavailable' });
    expect(service.heard).toHaveLength(1);
  });

  it('an oversize refusal is a refusal all the same', async () => {
    service.answers((response) => json(response, 403, { error: { code: 'x'.repeat(300 * 1024) } }));
    expect(await failureOf(connect().send(place(), message))).toMatchObject({ status: 403, word: '' });
  });

  it('a message that was sent and got no name is not sent again', async () => {
    service.answers((response) => response.writeHead(201).end());
    expect(await connect().send(place(), message)).toEqual({ ...place(), activity: '' });
  });

  it('a chat that was opened and has no name is none', async () => {
    service.answers((response) => json(response, 201, {}));
    const who = { serviceUrl: service.serviceUrl, tenant: 't1', user: 'u' };
    expect(await failureOf(connect().openPersonal(who))).toMatchObject({ code: 'unavailable' });
  });
});

describe('signing in', () => {
  it('takes its time from the same ten seconds', async () => {
    const never = connect({ signIn: () => new Promise<string>(() => undefined), timeoutMs: 50 });
    expect(await failureOf(never.send(place(), message))).toMatchObject({ code: 'unavailable' });
    expect(service.heard).toEqual([]);
  });

  it('P7: fails without a word of the secret', async () => {
    const signIn = () => Promise.reject(new Error('no sign-in today'));
    const failure = await failureOf(connect({ signIn }).send(place(), message));
    expect(failure).toMatchObject({ code: 'unavailable', message: 'Teams could not be reached.' });
    expect(JSON.stringify(loggable(failure))).not.toContain(token);
    expect(service.heard).toEqual([]);
  });

  it('P7: neither a refusal nor an outage says our token', async () => {
    service.answers((response) => json(response, 403, { error: { code: 'Forbidden', message: token } }));
    const refusal = await failureOf(connect().send(place(), message));
    service.answers((response) => void response.destroy());
    const outage = await failureOf(connect().send(place(), message));
    expect(JSON.stringify([loggable(refusal), loggable(outage)])).not.toContain(token);
  });

  it.each([
    ['a password', teamsConfig()],
    ['the identity of the machine', teamsConfig({ app: { type: 'UserAssignedMsi' } })],
  ])('with %s is never anonymous', async (_, { app }) => {
    // Where one signs in, there is nobody: nothing is sent without a token.
    const { endpoints } = teamsConfig();
    const config = teamsConfig({
      app,
      serviceHosts: ['127.0.0.1'],
      endpoints: { ...endpoints, loginUrl: 'http://127.0.0.1:9/' },
    });
    const connector = createConnector({ config, now, timeoutMs: 2_000 });
    expect(await failureOf(connector.send(place(), message))).toMatchObject({ code: 'unavailable' });
    expect(service.heard).toEqual([]);
  });
});
