import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlackDouble, startSlackDouble } from '../../src/dev/slack-double.ts';
import { createSlackLogger } from '../../src/slack/logger.ts';

const botToken = 'xoxb-test';
let clock: number;
let slack: SlackDouble;

beforeEach(async () => {
  clock = Date.UTC(2026, 10, 25, 3);
  slack = await startSlackDouble({ signingSecret: 'shh', botToken, now: () => clock });
  slack.addUser({ id: 'U1ANN', name: 'Ann', email: 'Ann@example.com' });
  slack.addUser({ id: 'U2GONE', email: 'gone@example.com', deleted: true });
  slack.addUser({ id: 'U3BOT', is_bot: true });
  slack.addChannel({ id: 'C1OPS' });
  slack.addChannel({ id: 'C2SHARED', is_ext_shared: true });
  slack.addChannel({ id: 'C3HIDDEN', is_private: true, is_member: false });
  slack.addChannel({ id: 'C4ABSENT', is_member: false });
  slack.addChannel({ id: 'C5OLD', is_archived: true });
  slack.addUsergroup('S1', ['U1ANN']);
});
afterEach(() => slack.stop());

function client(token = botToken, options: webApi.WebClientOptions = {}) {
  return new webApi.WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 5_000,
    logger: createSlackLogger({ debug() {}, info() {}, warn() {}, error() {} }),
    ...options,
  });
}

const call = (method: string, args: Record<string, unknown> = {}) =>
  client().apiCall(method, args) as Promise<Record<string, unknown> & { ok: boolean }>;

/** An app that does what the test says, in place of ours. */
async function app(answer: (body: URLSearchParams) => { status?: number; json?: unknown; text?: string }) {
  const bodies: URLSearchParams[] = [];
  const answerTo = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = new URLSearchParams(Buffer.concat(chunks).toString());
    bodies.push(body);
    const { status = 200, json, text } = answer(body);
    response.writeHead(status, json === undefined ? {} : { 'content-type': 'application/json' });
    response.end(json === undefined ? text : JSON.stringify(json));
  };
  const server = createServer((request, response) => void answerTo(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  slack.sendTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return { bodies, [Symbol.dispose]: () => void server.close() };
}

const payloadOf = (body: URLSearchParams | undefined) => JSON.parse(body?.get('payload') ?? 'null');
const text = (length: number, type = 'plain_text') => ({ type, text: 'x'.repeat(length) });
const buttonOf = (change: object) => ({ type: 'button', text: text(3), action_id: 'a', ...change });
const actions = (...elements: object[]) => [{ type: 'actions', elements }];
const input = {
  type: 'input',
  block_id: 'why',
  label: text(3),
  element: { type: 'plain_text_input', action_id: 'why' },
};
const modal = (change: object = {}) => ({ type: 'modal', title: text(5), submit: text(4), blocks: [input], ...change });

/** A trigger, as a command brings it. */
const trigger = async () => {
  using taken = await app(() => ({}));
  await slack.command({ user: 'U1ANN', text: '' });
  return String(taken.bodies[0]?.get('trigger_id'));
};

const approve = (value: string) => actions(buttonOf({ text: { type: 'plain_text', text: 'Approve' }, value }));

describe('the Web API', () => {
  it('knows who the token belongs to', async () => {
    expect(await call('auth.test')).toMatchObject({ ok: true, team_id: 'T1ACME', user_id: 'UBOT', bot_id: 'BBOT' });
  });

  it('refuses every other token, and a call without one', async () => {
    await expect(client('xoxb-other').auth.test()).rejects.toMatchObject({ data: { error: 'invalid_auth' } });
    const bare = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    expect(await bare.json()).toEqual({ ok: false, error: 'not_authed' });
    expect(JSON.stringify(slack.calls)).not.toContain('xoxb');
  });

  it('keeps an address and whether it is confirmed where Slack does', async () => {
    const { user } = await client().users.info({ user: 'U1ANN' });
    expect(user).toMatchObject({
      id: 'U1ANN',
      is_email_confirmed: true,
      team_id: 'T1ACME',
      profile: { email: 'Ann@example.com' },
    });
    expect(user).not.toHaveProperty('email');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['nothing.like.this', {}, 'unknown_method'],
    ['users.info', { user: 'U9' }, 'user_not_found'],
    ['users.lookupByEmail', { email: 'nobody@example.com' }, 'users_not_found'],
    ['users.lookupByEmail', { email: 'gone@example.com' }, 'users_not_found'],
    ['usergroups.users.list', { usergroup: 'S9' }, 'no_such_subteam'],
    ['conversations.info', { channel: 'C9' }, 'channel_not_found'],
    ['conversations.info', { channel: 'C3HIDDEN' }, 'channel_not_found'],
    ['conversations.open', { users: 'U9' }, 'user_not_found'],
    ['conversations.open', { users: 'U3BOT' }, 'cannot_dm_bot'],
    ['chat.postMessage', { channel: 'C9', text: 'x' }, 'channel_not_found'],
    ['chat.postMessage', { channel: 'U2GONE', text: 'x' }, 'channel_not_found'],
    ['chat.postMessage', { channel: 'C3HIDDEN', text: 'x' }, 'channel_not_found'],
    ['chat.postMessage', { channel: 'C4ABSENT', text: 'x' }, 'not_in_channel'],
    ['chat.postMessage', { channel: 'C5OLD', text: 'x' }, 'is_archived'],
    ['chat.postMessage', { channel: 'C1OPS' }, 'no_text'],
    ['chat.postMessage', { channel: 'C1OPS', text: 'x', thread_ts: '1.1' }, 'thread_not_found'],
    ['chat.postEphemeral', { channel: 'C1OPS', user: 'U9', text: 'x' }, 'user_not_in_channel'],
    ['chat.update', { channel: 'C1OPS', ts: '1.1', text: 'x' }, 'message_not_found'],
    ['chat.update', { channel: 'U1ANN', ts: '1.1', text: 'x' }, 'channel_not_found'],
    ['chat.getPermalink', { channel: 'C1OPS', message_ts: '1.1' }, 'message_not_found'],
    ['views.open', { trigger_id: '1.2.3', view: modal() }, 'invalid_trigger_id'],
    ['views.update', { view_id: 'V9', view: modal() }, 'not_found'],
  ])('%s with %j answers %s', async (method, args, error) => {
    await expect(call(method, args)).rejects.toMatchObject({ data: { ok: false, error } });
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['users.lookupByEmail', { email: 'ann@EXAMPLE.com' }, { user: { id: 'U1ANN' } }],
    ['usergroups.users.list', { usergroup: 'S1' }, { users: ['U1ANN'] }],
    ['conversations.info', { channel: 'C2SHARED' }, { channel: { id: 'C2SHARED', is_ext_shared: true, is_im: false } }],
    ['conversations.open', { users: 'U1ANN' }, { channel: { id: 'DU1ANN' } }],
    ['chat.postMessage', { channel: 'U1ANN', text: 'x' }, { channel: 'DU1ANN' }],
  ])('%s with %j answers well', async (method, args, answer) => {
    expect(await call(method, args)).toMatchObject({ ok: true, ...answer });
  });

  it('edits a message in place, keeps blocks that are not sent, and refuses a text over 4,000', async () => {
    const blocks = [{ type: 'section', text: text(3) }];
    const { ts } = await call('chat.postMessage', { channel: 'U1ANN', text: 'before', blocks });
    await call('chat.update', { channel: 'DU1ANN', ts, text: 'after' });
    expect(slack.dm('U1ANN')).toMatchObject([{ ts, text: 'after', blocks: [{ type: 'section' }], edits: 1 }]);
    await expect(call('chat.update', { channel: 'DU1ANN', ts, text: 'x'.repeat(4_001) })).rejects.toMatchObject({
      data: { error: 'msg_too_long' },
    });
    await call('chat.update', { channel: 'DU1ANN', ts, text: 'x', blocks: [] });
    expect(slack.latest('DU1ANN')?.blocks).toEqual([]);
  });

  it('keeps threads, links, and ephemeral messages from everybody else', async () => {
    const { ts } = await call('chat.postMessage', { channel: 'C1OPS', text: 'card' });
    await call('chat.postMessage', { channel: 'C1OPS', text: 'note', thread_ts: ts });
    expect(slack.latest('C1OPS')).toMatchObject({ text: 'note', thread_ts: ts });
    const { permalink } = await call('chat.getPermalink', { channel: 'C1OPS', message_ts: ts });
    expect(permalink).toBe(`https://acme.slack.com/archives/C1OPS/p${String(ts).replace('.', '')}`);
    const { message_ts } = await call('chat.postEphemeral', { channel: 'C1OPS', user: 'U1ANN', text: 'psst' });
    expect(slack.messagesIn('C1OPS')).toHaveLength(2);
    expect(slack.latest('C1OPS', 'U1ANN')?.text).toBe('psst');
    await expect(call('chat.update', { channel: 'C1OPS', ts: message_ts, text: 'x' })).rejects.toMatchObject({
      data: { error: 'message_not_found' },
    });
  });
});

describe('limits of messages', () => {
  it.each<[string, object[], string]>([
    [
      '51 blocks',
      Array.from({ length: 51 }, () => ({ type: 'divider' })),
      'no more than 50 items allowed [json-pointer:/blocks]',
    ],
    ['an unknown block', [{ type: 'marquee' }], 'unsupported type [json-pointer:/blocks/0/type]'],
    [
      'a long section',
      [{ type: 'section', text: text(3_001) }],
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'an empty text',
      [{ type: 'section', text: text(0) }],
      'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['an empty section', [{ type: 'section' }], 'text or fields is required [json-pointer:/blocks/0]'],
    [
      '11 fields',
      [{ type: 'section', fields: Array.from({ length: 11 }, () => text(3)) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a long field',
      [{ type: 'section', fields: [text(2_001)] }],
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      'a long header',
      [{ type: 'header', text: text(151) }],
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a header in mrkdwn',
      [{ type: 'header', text: text(3, 'mrkdwn') }],
      'must be plain_text [json-pointer:/blocks/0/text/type]',
    ],
    ['no context', [{ type: 'context', elements: [] }], 'must have at least 1 item [json-pointer:/blocks/0/elements]'],
    [
      '11 contexts',
      [{ type: 'context', elements: Array.from({ length: 11 }, () => text(3)) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      '26 buttons',
      actions(...Array.from({ length: 26 }, (_, n) => buttonOf({ action_id: `a${n}` }))),
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'two buttons of one id',
      actions(buttonOf({}), buttonOf({})),
      'action_id must be unique [json-pointer:/blocks/0/elements]',
    ],
    [
      'a long label',
      actions(buttonOf({ text: text(76) })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a long value',
      actions(buttonOf({ value: 'x'.repeat(2_001) })),
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a long spoken label',
      actions(buttonOf({ accessibility_label: 'x'.repeat(76) })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/accessibility_label]',
    ],
    [
      'an unknown style',
      actions(buttonOf({ style: 'loud' })),
      'must be primary or danger [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'a long button beside a section',
      [{ type: 'section', text: text(3), accessory: buttonOf({ text: text(76) }) }],
      'must be less than 76 characters [json-pointer:/blocks/0/accessory/text/text]',
    ],
    [
      'two blocks of one id',
      [
        { type: 'divider', block_id: 'x' },
        { type: 'divider', block_id: 'x' },
      ],
      'block_id must be unique [json-pointer:/blocks]',
    ],
  ])('%s: invalid_blocks, and where', async (_, blocks, remark) => {
    await expect(call('chat.postMessage', { channel: 'C1OPS', text: 'x', blocks })).rejects.toMatchObject({
      data: { error: 'invalid_blocks', errors: [remark], response_metadata: { messages: [`[ERROR] ${remark}`] } },
    });
    expect(slack.messagesIn('C1OPS')).toEqual([]);
  });

  it('takes what is just within them', async () => {
    const blocks = [
      ...Array.from({ length: 47 }, () => ({ type: 'divider' })),
      { type: 'section', text: text(3_000), fields: Array.from({ length: 10 }, () => text(2_000, 'mrkdwn')) },
      { type: 'header', text: text(150) },
      ...actions(
        buttonOf({ text: text(75), value: 'x'.repeat(2_000), accessibility_label: 'x'.repeat(75), style: 'danger' }),
      ),
    ];
    expect(await call('chat.postMessage', { channel: 'C1OPS', text: 'x', blocks })).toMatchObject({ ok: true });
  });
});

describe('forms', () => {
  it('open once for a trigger, within three seconds', async () => {
    const trigger_id = await trigger();
    const late = await trigger();
    await call('views.open', { trigger_id, view: modal() });
    await expect(call('views.open', { trigger_id, view: modal() })).rejects.toMatchObject({
      data: { error: 'exchanged_trigger_id' },
    });
    clock += 3_001;
    await expect(call('views.open', { trigger_id: late, view: modal() })).rejects.toMatchObject({
      data: { error: 'expired_trigger_id' },
    });
    expect(slack.modal('U1ANN')).toBeDefined();
  });

  it.each<[string, object, string]>([
    ['a long title', { title: text(25) }, '/view/title/text'],
    ['a long button', { submit: text(25) }, '/view/submit/text'],
    ['too much to keep', { private_metadata: 'x'.repeat(3_001) }, '/view/private_metadata'],
    ['inputs without a button', { submit: undefined }, '/view/submit'],
    ['101 blocks', { blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) }, '/view/blocks'],
    ['another type', { type: 'message' }, '/view/type'],
    [
      'an input that takes too much',
      { blocks: [{ ...input, element: { ...input.element, max_length: 3_001 } }] },
      '/view/blocks/0/element/max_length',
    ],
  ])('%s: invalid_arguments, and where', async (_, change, pointer) => {
    const trigger_id = await trigger();
    await expect(call('views.open', { trigger_id, view: modal(change) })).rejects.toMatchObject({
      data: { error: 'invalid_arguments', errors: [expect.stringContaining(`[json-pointer:${pointer}]`)] },
    });
  });

  it('are changed by their id, and refuse a change of what is not there any more', async () => {
    const { view } = (await call('views.open', { trigger_id: await trigger(), view: modal() })) as {
      view?: { id: string; hash: string };
    };
    await call('views.update', { view_id: view?.id, hash: view?.hash, view: modal({ title: text(7) }) });
    expect(slack.modal('U1ANN')?.view).toMatchObject({ title: text(7) });
    await expect(call('views.update', { view_id: view?.id, hash: view?.hash, view: modal() })).rejects.toMatchObject({
      data: { error: 'hash_conflict' },
    });
  });

  it.each<[string, unknown, (double: SlackDouble) => unknown, unknown]>([
    ['nothing', undefined, (double) => double.modal('U1ANN'), undefined],
    ['clear', { response_action: 'clear' }, (double) => double.modal('U1ANN'), undefined],
    [
      'errors',
      { response_action: 'errors', errors: { why: 'No.' } },
      (double) => double.modal('U1ANN')?.errors,
      { why: 'No.' },
    ],
    [
      'update',
      { response_action: 'update', view: modal({ title: text(9) }) },
      (double) => double.modal('U1ANN')?.view['title'],
      text(9),
    ],
  ])('obey the answer: %s', async (_, json, look, expected) => {
    await call('views.open', { trigger_id: await trigger(), view: modal() });
    using taken = await app(() => ({ json }));
    const sent = await slack.submit({ user: 'U1ANN', fill: { xxx: 'because' } });
    expect(sent.problems).toEqual([]);
    expect(payloadOf(taken.bodies[0])).toMatchObject({
      type: 'view_submission',
      user: { id: 'U1ANN', team_id: 'T1ACME' },
      view: { state: { values: { why: { why: { type: 'plain_text_input', value: 'because' } } } } },
    });
    expect(look(slack)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['errors for what is no input', { response_action: 'errors', errors: { nothing: 'No.' } }],
    ['a view beyond the limits', { response_action: 'update', view: modal({ title: text(25) }) }],
    ['an action that Slack does not know', { response_action: 'explode' }],
  ])('report a wrong answer: %s', async (_, json) => {
    await call('views.open', { trigger_id: await trigger(), view: modal() });
    using taken = await app(() => ({ json }));
    expect((await slack.submit({ user: 'U1ANN', fill: { why: 'because' } })).problems).toHaveLength(1);
    expect(taken.bodies).toHaveLength(1);
  });

  it('are not sent without what they require, with too much, or with what they do not ask for', async () => {
    const element = { ...input.element, max_length: 3 };
    await call('views.open', { trigger_id: await trigger(), view: modal({ blocks: [{ ...input, element }] }) });
    using taken = await app(() => ({}));
    await expect(slack.submit({ user: 'U1ANN' })).rejects.toThrow('first');
    await expect(slack.submit({ user: 'U1ANN', fill: { why: 'long' } })).rejects.toThrow('no more');
    await expect(slack.submit({ user: 'U1ANN', fill: { why: 'ok', other: 'x' } })).rejects.toThrow(
      'does not ask for other',
    );
    expect(taken.bodies).toEqual([]);
  });
});

describe('people', () => {
  it('type commands, and see the answer alone', async () => {
    using taken = await app(() => ({ json: { response_type: 'ephemeral', text: 'yes' } }));
    const typed = await slack.command({ user: 'U1ANN', text: 'a & b', channel: 'C1OPS' });
    expect(typed).toMatchObject({ status: 200, body: { text: 'yes' }, problems: [] });
    expect(Object.fromEntries(taken.bodies[0] ?? [])).toMatchObject({
      command: '/elevate',
      text: 'a &amp; b',
      user_id: 'U1ANN',
      team_id: 'T1ACME',
      channel_id: 'C1OPS',
    });
    expect(slack.latest('C1OPS', 'U1ANN')?.text).toBe('yes');
    expect(slack.latest('C1OPS')).toBeUndefined();
  });

  it('see an error where the app fails or answers what Slack does not show', async () => {
    using taken = await app((body) =>
      body.get('text') === 'fail' ? { status: 500 } : { json: { blocks: [{ type: 'marquee' }] } },
    );
    expect((await slack.command({ user: 'U1ANN', text: 'fail' })).problems).toEqual(['the app answered 500']);
    expect((await slack.command({ user: 'U1ANN', text: '' })).problems).toEqual(['invalid_blocks', expect.any(String)]);
    expect(taken.bodies).toHaveLength(2);
    expect(slack.dm('U1ANN')).toEqual([]);
  });

  it('click what they see, by its label, in the newest message that has it', async () => {
    using taken = await app(() => ({}));
    const { ts } = await call('chat.postMessage', { channel: 'C1OPS', text: 'old', blocks: approve('old') });
    await call('chat.postMessage', { channel: 'C1OPS', text: 'new', blocks: approve('new') });
    await slack.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Approve' });
    await slack.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Approve', ts: String(ts), userTeam: 'T2OTHER' });
    expect(taken.bodies.map(payloadOf)).toMatchObject([
      {
        type: 'block_actions',
        user: { team_id: 'T1ACME' },
        channel: { id: 'C1OPS' },
        actions: [{ action_id: 'a', value: 'new' }],
      },
      { message: { ts }, team: { id: 'T1ACME' }, user: { team_id: 'T2OTHER' }, actions: [{ value: 'old' }] },
    ]);
  });

  it('cannot click what is not there, not theirs, or gone', async () => {
    await expect(slack.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Approve' })).rejects.toThrow('sees no message');
    const blocks = actions(buttonOf({ text: { type: 'plain_text', text: 'Approve' } }));
    await call('chat.postEphemeral', { channel: 'C1OPS', user: 'U2GONE', text: 'x', blocks });
    await expect(slack.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Approve' })).rejects.toThrow('sees no message');
    const { ts } = await call('chat.postMessage', { channel: 'C1OPS', text: 'x', blocks });
    await call('chat.update', { channel: 'C1OPS', ts, text: 'x', blocks: [] });
    await expect(slack.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Approve' })).rejects.toThrow(
      'No button "Approve"',
    );
  });

  it('get what is posted to their response address: five times, within thirty minutes, checked, replacing where asked', async () => {
    using taken = await app(() => ({}));
    const blocks = actions(buttonOf({ text: { type: 'plain_text', text: 'Approve' } }));
    const { ts } = await call('chat.postMessage', { channel: 'C1OPS', text: 'card', blocks });
    const clicked = await slack.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Approve' });
    const { response_url } = payloadOf(taken.bodies[0]);
    const post = async (body: object) =>
      (
        await fetch(response_url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).status;

    expect(await post({ blocks: [{ type: 'marquee' }] })).toBe(400);
    const waiting = clicked.waitForResponse((posted) => posted.text === 'second');
    expect(await post({ text: 'first' })).toBe(200);
    expect(await post({ text: 'second', response_type: 'in_channel' })).toBe(200);
    expect(await waiting).toMatchObject({ text: 'second' });
    expect(slack.messagesIn('C1OPS').map((message) => message.text)).toEqual(['card', 'second']);
    expect(slack.messagesIn('C1OPS', 'U1ANN').map((message) => message.text)).toEqual(['card', 'first', 'second']);
    expect(await post({ text: 'edited', replace_original: true })).toBe(200);
    expect(slack.messagesIn('C1OPS')[0]).toMatchObject({ ts, text: 'edited' });
    expect(await post({ delete_original: true })).toBe(200);
    expect(slack.messagesIn('C1OPS').map((message) => message.text)).toEqual(['second']);
    expect(await post({ text: 'fifth' })).toBe(200);
    expect(await post({ text: 'sixth' })).toBe(404);
    expect(clicked.responses).toHaveLength(5);

    await slack.command({ user: 'U1ANN', text: '' });
    const other = String(taken.bodies[1]?.get('response_url'));
    clock += 30 * 60_000 + 1;
    expect(
      (await fetch(other, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"late"}' }))
        .status,
    ).toBe(404);
  });

  it('waiting for what never comes says for what', async () => {
    await expect(slack.until(() => slack.latest('C1OPS'), 'a card', 5)).rejects.toThrow('Waited 5 ms for a card.');
  });
});

describe('faults', () => {
  it('hit the named method as often as asked, and then it works again', async () => {
    slack.fail({ method: 'auth.test', error: 'account_inactive', times: 2 });
    expect(await call('users.info', { user: 'U1ANN' })).toMatchObject({ ok: true });
    await expect(call('auth.test')).rejects.toMatchObject({ data: { error: 'account_inactive' } });
    await expect(call('auth.test')).rejects.toMatchObject({ data: { error: 'account_inactive' } });
    expect(await call('auth.test')).toMatchObject({ ok: true });
  });

  it('can be rate limits, broken servers, and answers that do not come', async () => {
    slack.fail({ method: 'auth.test', retryAfter: 7 });
    await expect(call('auth.test')).rejects.toMatchObject({ retryAfter: 7 });
    slack.fail({ method: 'auth.test', status: 503 });
    await expect(call('auth.test')).rejects.toMatchObject({ statusCode: 503 });
    slack.fail({ method: 'auth.test', hangMs: 60_000 });
    await expect(client(botToken, { timeout: 30 }).auth.test()).rejects.toBeInstanceOf(webApi.WebAPIRequestError);
  });

  it('can lose the answer of a call that took effect', async () => {
    slack.fail({ method: 'chat.postMessage', status: 500, after: true });
    await expect(call('chat.postMessage', { channel: 'C1OPS', text: 'posted' })).rejects.toMatchObject({
      statusCode: 500,
    });
    expect(slack.latest('C1OPS')?.text).toBe('posted');
    slack.fail({ method: 'chat.postMessage', status: 500 });
    await expect(call('chat.postMessage', { channel: 'C1OPS', text: 'not posted' })).rejects.toMatchObject({
      statusCode: 500,
    });
    expect(slack.messagesIn('C1OPS')).toHaveLength(1);
  });
});
