import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ElevateError } from '../../src/core/errors.ts';
import { createWebClient, resolveBot } from '../../src/slack/web-client.ts';
import {
  type Asked,
  botToken,
  button,
  createLogBook,
  echo,
  type FrontDoor,
  openFrontDoor,
  says,
} from './front-door.ts';

let door: FrontDoor;
afterEach(() => door.close());

/** Opens the door with an answer that the test gives when it likes. */
async function openSlowDoor(patience = { ackMs: 20 }) {
  const answer = Promise.withResolvers<string>();
  door = await openFrontDoor({ patience, respond: () => answer.promise.then(says) });
  return answer;
}

describe('a command', () => {
  beforeEach(async () => {
    door = await openFrontDoor();
  });

  it('T1: is run for the person and the place of the verified payload, and answered to that person alone', async () => {
    const typed = await door.slack.command({ user: 'U1ANN', text: 'admin on aws-prod', channel: 'C1OPS' });
    expect(typed).toMatchObject({ status: 200, problems: [], responses: [] });
    expect(typed.body).toMatchObject({ response_type: 'ephemeral', text: 'run admin on aws-prod' });
    const { caller } = door.asked[0] ?? {};
    expect(caller).toEqual({
      actor: { platform: 'slack', tenant: 'T1ACME', user: 'U1ANN' },
      conversation: 'C1OPS',
      delivery: expect.stringContaining('trigger'),
    });
    expect(door.slack.messagesIn('C1OPS', 'U1ANN')).toHaveLength(1);
    expect(door.slack.messagesIn('C1OPS', 'U2BOB')).toEqual([]);
  });

  it('T22: sent twice by Slack carries the same delivery, typed twice another', async () => {
    const typed = await door.slack.command({ user: 'U1ANN', text: 'admin' });
    await typed.resend({ retry: { num: 1, reason: 'http_timeout' } });
    await door.slack.command({ user: 'U1ANN', text: 'admin' });
    const [first, again, other] = door.asked.map(({ caller }) => caller.delivery);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('is read as it was typed, although Slack escapes it', async () => {
    const text = 'admin because R&D > ops <b> &amp; more';
    await door.slack.command({ user: 'U1ANN', text });
    expect(door.asked).toMatchObject([{ text }]);
  });

  it('another command is not ours to answer', async () => {
    expect(await door.slack.command({ user: 'U1ANN', text: '', command: '/elevator' })).toMatchObject({ status: 404 });
    expect(door.asked).toEqual([]);
  });
});

describe('who may act', () => {
  it('T2: a workspace that is not listed is refused with a sentence, by command and by click', async () => {
    door = await openFrontDoor();
    await door.post([button('Approve', 'offer:0')]);
    const typed = await door.slack.command({ user: 'U1ANN', text: 'list', team: 'T9WRONG' });
    expect(typed.body).toMatchObject({ response_type: 'ephemeral', text: expect.stringContaining('does not serve') });
    const clicked = await door.click({ user: 'U1ANN', team: 'T9WRONG', channel: 'C1OPS', label: 'Approve' });
    expect(clicked.status).toBe(200);
    expect(clicked.responses).toMatchObject([
      { response_type: 'ephemeral', text: expect.stringContaining('does not serve') },
    ]);
    expect(door.asked).toEqual([]);
  });

  it('T2: an empty list knows nobody', async () => {
    door = await openFrontDoor({ workspaces: [] });
    const typed = await door.slack.command({ user: 'U1ANN', text: 'list' });
    expect(typed.body).toMatchObject({ text: expect.stringContaining('does not serve') });
    expect(door.asked).toEqual([]);
  });

  it('T2: a click by somebody of another company in a shared channel is refused, and only they are told', async () => {
    door = await openFrontDoor();
    await door.post([button('Approve', 'offer:0')]);
    const clicked = await door.click({ user: 'U3EVE', channel: 'C1OPS', label: 'Approve' });
    expect(clicked.status).toBe(200);
    expect(clicked.responses).toMatchObject([
      { response_type: 'ephemeral', text: expect.stringContaining('another one') },
    ]);
    expect(door.slack.messagesIn('C1OPS', 'U2BOB')).toHaveLength(1);
    expect(door.asked).toEqual([]);
  });

  it('T2: that company being listed too changes nothing, since the channel is not theirs', async () => {
    door = await openFrontDoor({ workspaces: ['T1ACME', 'T2OTHER'] });
    await door.post([button('Approve', 'offer:0')]);
    await door.click({ user: 'U3EVE', channel: 'C1OPS', label: 'Approve' });
    expect(door.asked).toEqual([]);
  });

  it.each<[string, (payload: Record<string, unknown>) => Record<string, unknown>]>([
    ['whose own workspace is not said', (payload) => ({ ...payload, user: { id: 'U1ANN' } })],
    ['without a workspace, as for a whole enterprise', (payload) => ({ ...payload, team: null })],
    [
      'of an installation for an enterprise that is not listed',
      (payload) => ({ ...payload, is_enterprise_install: true, enterprise: { id: 'E1' } }),
    ],
    ['without a person', (payload) => ({ ...payload, user: { team_id: 'T1ACME' } })],
    ['without a trigger', (payload) => ({ ...payload, trigger_id: '' })],
    ['with a list for a workspace', (payload) => ({ ...payload, team: { id: ['T1ACME'] } })],
  ])('T2: a click %s is refused and answered', async (_, alter) => {
    door = await openFrontDoor();
    await door.post([button('Approve', 'offer:0')]);
    const clicked = await door.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Approve', alter });
    expect(clicked.status).toBe(200);
    expect(clicked.responses).toMatchObject([{ response_type: 'ephemeral' }]);
    expect(door.asked).toEqual([]);
  });

  it('T2: an installation for an enterprise acts where both it and the workspace are listed', async () => {
    door = await openFrontDoor({ workspaces: ['T1ACME', 'E1'] });
    await door.post([button('Approve', 'offer:0')]);
    const alter = (payload: Record<string, unknown>) => ({
      ...payload,
      is_enterprise_install: true,
      enterprise: { id: 'E1' },
    });
    await door.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Approve', alter });
    expect(door.asked).toMatchObject([{ caller: { actor: { tenant: 'T1ACME' } } }]);
  });

  it('T2: a form of somebody of another workspace is refused in the form itself', async () => {
    door = await openFrontDoor();
    await door.post([button('Deny', 'reason:0')]);
    await door.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Deny' });
    const sent = await door.slack.submit({ user: 'U1ANN', userTeam: 'T2OTHER' });
    expect(sent).toMatchObject({ status: 200, problems: [], body: { response_action: 'update' } });
    expect(JSON.stringify(sent.body)).toContain('another one');
    expect(door.asked).toEqual([]);
  });

  it('T2: a form that was opened by another installation is refused', async () => {
    door = await openFrontDoor({ workspaces: ['T1ACME', 'T2OTHER'] });
    await door.post([button('Deny', 'reason:0')]);
    await door.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Deny' });
    await door.slack.submit({
      user: 'U1ANN',
      alter: (payload) => ({ ...payload, view: { ...(payload['view'] as object), app_installed_team_id: 'T2OTHER' } }),
    });
    expect(door.asked).toEqual([]);
  });
});

describe('buttons', () => {
  beforeEach(async () => {
    door = await openFrontDoor();
  });

  it('T19: an offer is taken up by whoever clicked, with the token it carries', async () => {
    await door.post([button('Approve', 'offer:0', 'the-token'), button('Other', 'offer:1', 'another')]);
    const clicked = await door.click({ user: 'U2BOB', channel: 'C1OPS', label: 'Approve' });
    expect(clicked).toMatchObject({ status: 200, body: undefined, problems: [] });
    expect(door.asked).toMatchObject([
      { verb: 'take', text: 'the-token', caller: { actor: { user: 'U2BOB' }, conversation: 'C1OPS' } },
    ]);
    expect(clicked.responses).toMatchObject([
      { response_type: 'ephemeral', replace_original: false, text: 'take the-token' },
    ]);
  });

  it('a command button runs its command', async () => {
    await door.post([button('Show', 'command:3', 'show abc123')]);
    const clicked = await door.click({ user: 'U1ANN', channel: 'C1OPS', label: 'Show' });
    expect(door.asked).toMatchObject([{ verb: 'run', text: 'show abc123' }]);
    expect(clicked.responses).toMatchObject([{ text: 'run show abc123' }]);
  });

  it('P3: a click that Slack delivers twice is passed on with one and the same delivery', async () => {
    await door.post([button('Approve', 'offer:0')]);
    const clicked = await door.click({ user: 'U2BOB', channel: 'C1OPS', label: 'Approve' });
    expect(await clicked.resend()).toMatchObject({ status: 200 });
    const [first, second] = door.asked;
    expect(second).toEqual(first);
  });

  it.each(['offer', 'offer:', 'offer:x', 'xoffer:0', 'offer:0x', 'offer:0\n', 'reason', 'command:-1', 'other:0'])(
    'P6: a button that nobody knows (%j) is answered with a sentence and does nothing',
    async (actionId) => {
      await door.post([button('Old', actionId)]);
      const clicked = await door.click({ user: 'U1ANN', channel: 'C1OPS', actionId });
      expect(clicked).toMatchObject({ status: 200, problems: [] });
      expect(clicked.responses).toMatchObject([{ text: expect.stringContaining('not in use any more') }]);
      expect(door.asked).toEqual([]);
    },
  );

  it('a click in an answer that only one person sees works like any other', async () => {
    const card = await door.slack.command({ user: 'U1ANN', text: 'list', channel: 'C1OPS' });
    expect(card.status).toBe(200);
    await door.post([button('Approve', 'offer:0', 'from-a-dm')], 'U2BOB');
    await door.click({ user: 'U2BOB', channel: 'DU2BOB', label: 'Approve' });
    expect(door.asked.at(-1)).toMatchObject({ text: 'from-a-dm', caller: { conversation: 'DU2BOB' } });
  });
});

describe('what takes longer than Slack waits', () => {
  it('P6: a command is answered at once, and its outcome follows', async () => {
    const answer = await openSlowDoor();
    const typed = await door.slack.command({ user: 'U1ANN', text: 'admin', channel: 'C1OPS' });
    expect(typed.body).toMatchObject({ response_type: 'ephemeral', text: 'Still working on it…' });
    answer.resolve('It is recorded.');
    expect(await typed.waitForResponse()).toMatchObject({ response_type: 'ephemeral', text: 'It is recorded.' });
  });

  it('P6: a click is answered at once, and its outcome follows', async () => {
    const answer = await openSlowDoor();
    await door.post([button('Approve', 'offer:0')]);
    const clicked = await door.slack.click({ user: 'U2BOB', channel: 'C1OPS', label: 'Approve' });
    expect(clicked.status).toBe(200);
    answer.resolve('It is recorded.');
    await clicked.waitForResponse(({ text }) => text === 'It is recorded.');
    expect(clicked.responses).toHaveLength(2);
  });

  it('P6: a form is closed, and its outcome follows as a direct message', async () => {
    const answer = await openSlowDoor();
    await door.post([button('Deny', 'reason:0')]);
    await door.slack.click({ user: 'U2BOB', channel: 'C1OPS', label: 'Deny' });
    const sent = await door.slack.submit({ user: 'U2BOB' });
    expect(sent.body).toEqual({ response_action: 'clear' });
    expect(door.slack.modal('U2BOB')).toBeUndefined();
    answer.resolve('It is recorded.');
    const told = await door.slack.until(() => door.slack.dm('U2BOB').at(-1), 'a direct message');
    expect(told.text).toBe('It is recorded.');
  });

  it('P6: an outcome that fails is told too', async () => {
    const answer = await openSlowDoor();
    const typed = await door.slack.command({ user: 'U1ANN', text: 'admin' });
    answer.reject(new Error('the connection string is hunter2'));
    expect(await typed.waitForResponse()).toMatchObject({ text: expect.stringContaining('failure-1') });
  });

  it('P6: work without an end is given up, out loud', async () => {
    door = await openFrontDoor({ patience: { ackMs: 10, outcomeMs: 20 }, respond: () => new Promise(() => {}) });
    const typed = await door.slack.command({ user: 'U1ANN', text: 'admin' });
    expect(await typed.waitForResponse()).toMatchObject({ text: expect.stringContaining('not certain') });
  });

  it.each([
    ['is gone', { status: 404 }],
    ['breaks', { status: 500 }],
  ])('P6: when the address for answers %s, the outcome comes as a direct message', async (_, fault) => {
    const answer = await openSlowDoor();
    door.slack.fail({ method: 'response_url', times: 9, ...fault });
    await door.slack.command({ user: 'U1ANN', text: 'admin', channel: 'C1OPS' });
    answer.resolve('It is recorded.');
    const told = await door.slack.until(() => door.slack.dm('U1ANN').at(-1), 'a direct message');
    expect(told.text).toBe('It is recorded.');
    expect(door.lines.join('')).toContain('did not get through');
  });

  it('what can be told in no way is in the log', async () => {
    const answer = await openSlowDoor();
    door.slack.fail({ method: 'response_url', status: 500 });
    door.slack.fail({ method: 'chat.postMessage', error: 'channel_not_found' });
    await door.slack.command({ user: 'U1ANN', text: 'admin' });
    answer.resolve('It is recorded.');
    await door.slack.until(() => door.slack.calls.some(({ method }) => method === 'chat.postMessage'), 'the try');
    await door.receiver.drain();
    expect(door.lines.join('')).toContain('a person could not be told the outcome');
  });

  it('P7: an answer is never posted to an address that is not https', async () => {
    door = await openFrontDoor();
    await door.post([button('Approve', 'offer:0')]);
    let posts = 0;
    const elsewhere = createServer((_, response) => {
      posts += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const response_url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    const alter = (payload: Record<string, unknown>) => ({ ...payload, response_url });
    await door.click({ user: 'U2BOB', channel: 'C1OPS', label: 'Approve', alter });
    elsewhere.close();
    expect(posts).toBe(0);
    expect(door.slack.dm('U2BOB')).toMatchObject([{ text: 'take a-token' }]);
  });
});

describe('a reason', () => {
  const ask = 'Why not? The requester sees this.';
  const deny = { user: 'U2BOB', channel: 'C1OPS', label: 'Deny' };
  const openForm = async (respond = echo) => {
    door = await openFrontDoor({ respond });
    await door.post([button('Deny', 'reason:0', 't'.repeat(1_900))]);
    return door.click(deny);
  };

  it('is asked for before anything is taken up, and goes with it', async () => {
    const clicked = await openForm();
    expect(clicked).toMatchObject({ status: 200, responses: [], problems: [] });
    expect(door.asked).toEqual([]);
    expect(door.slack.modal('U2BOB')?.view).toMatchObject({ title: { text: 'Deny' }, submit: { text: 'Deny' } });

    const sent = await door.slack.submit({ user: 'U2BOB', fill: { [ask]: '  use the read replica ' } });
    expect(door.asked).toMatchObject([
      {
        verb: 'take',
        text: 't'.repeat(1_900),
        reason: 'use the read replica',
        caller: { actor: { user: 'U2BOB' }, conversation: 'C1OPS' },
      },
    ]);
    expect(sent).toMatchObject({ status: 200, problems: [], body: { response_action: 'update' } });
    expect(JSON.stringify(door.slack.modal('U2BOB')?.view)).toContain('because use the read replica');
  });

  it('may be left out', async () => {
    await openForm();
    await door.slack.submit({ user: 'U2BOB' });
    expect(door.asked).toHaveLength(1);
    expect(door.asked[0]).not.toHaveProperty('reason');
  });

  it('P3: the same form sent twice is one delivery', async () => {
    await openForm();
    const sent = await door.slack.submit({ user: 'U2BOB' });
    await sent.resend();
    const [first, second] = door.asked;
    expect(second).toEqual(first);
  });

  it('P6: what goes wrong is said in the form, which stays open for another try', async () => {
    let tries = 0;
    await openForm(async (asked: Asked) => {
      if (++tries === 1) throw new Error('hunter2');
      return echo(asked);
    });
    const failed = await door.slack.submit({ user: 'U2BOB', fill: { [ask]: 'no' } });
    expect(failed).toMatchObject({ problems: [], body: { response_action: 'errors' } });
    expect(Object.values(door.slack.modal('U2BOB')?.errors ?? {})).toEqual([expect.stringContaining('failure-1')]);
    const sent = await door.slack.submit({ user: 'U2BOB', fill: { [ask]: 'no' } });
    expect(sent.body).toMatchObject({ response_action: 'update' });
    const [first, second] = door.asked;
    expect(second?.caller).toEqual(first?.caller);
  });

  it('P6: a form that Slack does not open is said, and nothing is taken up', async () => {
    door = await openFrontDoor();
    await door.post([button('Deny', 'reason:0')]);
    door.slack.fail({ method: 'views.open', error: 'expired_trigger_id' });
    const clicked = await door.click(deny);
    expect(clicked.status).toBe(200);
    expect(await clicked.waitForResponse()).toMatchObject({ text: expect.stringContaining('Nothing was recorded') });
    expect(door.asked).toEqual([]);
  });

  it.each([
    ['without what it kept', { private_metadata: '' }],
    ['with something else', { private_metadata: '{"token":1,"channel":"C1OPS"}' }],
    ['with null', { private_metadata: 'null' }],
  ])('a form %s is refused in the form', async (_, change) => {
    await openForm();
    const alter = (payload: Record<string, unknown>) => ({
      ...payload,
      view: { ...(payload['view'] as object), ...change },
    });
    const sent = await door.slack.submit({ user: 'U2BOB', alter });
    expect(JSON.stringify(sent.body)).toContain('not in use any more');
    expect(door.asked).toEqual([]);
  });

  it('P6: a button in a form has no address for answers, so they come as a direct message', async () => {
    await openForm(async (asked) => ({
      paragraphs: [[`${asked.verb} ${asked.text.length}`]],
      cards: [
        {
          summary: 'A card',
          title: 'A card',
          status: ['open'],
          facts: [],
          quote: undefined,
          notes: [],
          actions: [{ kind: 'command', label: 'Show', spoken: 'Show', style: 'default', command: 'show' }],
        },
      ],
    }));
    await door.slack.submit({ user: 'U2BOB' });
    const clicked = await door.slack.clickInModal({ user: 'U2BOB', label: 'Show' });
    expect(clicked.status).toBe(200);
    expect(door.asked.at(-1)).toMatchObject({ verb: 'run', text: 'show' });
    expect(await door.slack.until(() => door.slack.dm('U2BOB').at(-1), 'a direct message')).toBeDefined();
  });
});

describe('what breaks behind the door', () => {
  it.each<[string, (asked: Asked) => Promise<never>]>([
    ['throws', () => Promise.reject(new Error('the key is hunter2'))],
    [
      'throws at once',
      () => {
        throw new TypeError('not a function');
      },
    ],
    [
      'throws what is no error',
      async () => {
        const thrown: unknown = 'hunter2';
        throw thrown;
      },
    ],
    ['throws our own error', () => Promise.reject(new ElevateError('unavailable', 'No.'))],
    ['answers nonsense', () => Promise.resolve(null as never)],
  ])('P7: when it %s, the person gets a neutral sentence with an id, and the log the same id', async (_, respond) => {
    door = await openFrontDoor({ respond });
    const typed = await door.slack.command({ user: 'U1ANN', text: 'admin because of my-secret-reason' });
    expect(typed).toMatchObject({ status: 200, problems: [] });
    expect(typed.body).toMatchObject({ response_type: 'ephemeral', text: expect.stringContaining('failure-1') });
    expect(JSON.stringify(typed.body)).not.toContain('hunter2');
    const line = door.lines.find((each) => each.includes('an answer could not be made'));
    expect(JSON.parse(String(line))).toMatchObject({ id: 'failure-1', what: 'command' });
  });

  it('P7: no text, token, signature or key ever reaches the log', async () => {
    door = await openFrontDoor({
      respond: async ({ text }) => {
        JSON.parse(`${text} is no JSON`);
        return says('');
      },
    });
    await door.post([button('Approve', 'offer:0', 'secret-token'), button('Deny', 'reason:1', 'secret-token')]);
    await door.slack.command({ user: 'U1ANN', text: 'secret-reason' });
    await door.click({ user: 'U2BOB', channel: 'C1OPS', label: 'Approve' });
    await door.click({ user: 'U2BOB', channel: 'C1OPS', label: 'Deny' });
    await door.slack.submit({ user: 'U2BOB', fill: { reason: 'secret-reason' } });
    door.slack.fail({ method: 'views.open', status: 500 });
    await door.click({ user: 'U2BOB', channel: 'C1OPS', label: 'Deny' });
    await door.receiver.drain();
    const log = door.lines.join('');
    expect(log).toContain('an answer could not be made');
    expect(log).not.toMatch(/secret-|\/response\/|v0=/);
    expect(log).not.toContain(botToken);
  });
});

describe('who we are', () => {
  const bot = async (workspaces: string[], token = botToken) => {
    const { log } = createLogBook();
    const config = { workspaces, signingSecret: 'x', botToken: token, apiUrl: door.slack.apiUrl };
    const waits: number[] = [];
    const wait = async (ms: number) => void waits.push(ms);
    const found = resolveBot(createWebClient(config, log), { workspaces, log, tries: 3, wait });
    return { found, waits };
  };
  const refusals = { not_allowed: 'T1ACME', unauthenticated: 'invalid_auth' };
  beforeEach(async () => {
    door = await openFrontDoor();
  });

  it('is asked again while Slack cannot be reached', async () => {
    door.slack.fail({ method: 'auth.test', status: 500 });
    door.slack.fail({ method: 'auth.test', error: 'service_unavailable' });
    const { found, waits } = await bot(['T1ACME']);
    expect(await found).toEqual({ botId: 'BBOT', botUserId: 'UBOT', team: 'T1ACME' });
    expect(waits).toHaveLength(2);
  });

  it('is given up after the last try', async () => {
    door.slack.fail({ method: 'auth.test', status: 500, times: 9 });
    const { found, waits } = await bot(['T1ACME']);
    await expect(found).rejects.toMatchObject({ code: 'unavailable' });
    expect(waits).toHaveLength(2);
  });

  it.each([
    ['T2: a token for a workspace that is not listed', ['T2OTHER'], botToken, 'not_allowed'],
    ['a token that Slack refuses', ['T1ACME'], 'xoxb-other', 'unauthenticated'],
  ] as const)('%s is refused at once, with the remedy', async (_, workspaces, token, code) => {
    const { found, waits } = await bot([...workspaces], token);
    await expect(found).rejects.toMatchObject({ code, message: expect.stringContaining(refusals[code]) });
    expect(waits).toEqual([]);
  });

  it('Bolt makes no call of its own, at start or for a command', async () => {
    await door.slack.command({ user: 'U1ANN', text: 'list' });
    expect(door.slack.calls.map(({ method }) => method)).toEqual(['auth.test']);
  });
});
