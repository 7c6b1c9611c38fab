/** What goes wrong at the door and beyond it: each has a defined answer, and nothing starts or nothing is lost. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import type { SlackDouble } from '../../src/dev/slack-double.ts';
import { approvals, bob, carol, type House, openHouse, type Person, team } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

type Account = Partial<Parameters<SlackDouble['addUser']>[0]>;

/** Changes an account and lets Elevate's memory of it get old. */
function change({ user, email }: Person, account: Account): void {
  house.slack.addUser({ id: user, email, name: email, ...account });
  house.goOn(61_000);
}

/** Nothing has reached Temporal, the store, the access system or anybody else. */
async function expectNothingStarted(person: Person): Promise<void> {
  expect(await house.executionsOf(person)).toEqual([]);
  expect(house.readIn(approvals).filter((text) => text.includes(person.email))).toEqual([]);
  expect(house.sandbox.calls.filter(({ beneficiary }) => beneficiary === person.email)).toEqual([]);
}

describe('a command that does not fit', () => {
  it.each([
    ['frobnicate', '“frobnicate” is neither a command nor a role. Try: /elevate help'],
    ['approve wf_123456', '“approve” is not available in this version. Try: /elevate approvals'],
    ['whoami please', '“please” does not belong to “whoami”. Try: /elevate whoami'],
    ['show me', '“me” is not an id. At least six characters of one are needed. Try: /elevate show'],
    [
      'amdin because the deploy is stuck',
      'There is no role “amdin” here. Try: /elevate admin because the deploy is stuck',
    ],
    ['root because the deploy is stuck', 'There is no role “root” here. Try: /elevate help'],
    [
      'admin on mars because the deploy is stuck',
      'The role admin is given on sandbox. There is no “mars” for it. Try: /elevate roles admin',
    ],
    [
      'admin for ever because the deploy is stuck',
      '“ever” is not a length of time. Write it as 30m, 1h or 2 days. Try: /elevate admin for 1h because the deploy is stuck',
    ],
    [
      'admin for @bob because the deploy is stuck',
      'Asking for somebody else is not available in this version. Try: /elevate help',
    ],
    [
      'admin, pair because the deploy is stuck',
      'One request asks for one role in this version. Try: /elevate admin because the deploy is stuck',
    ],
    [
      'admin for 1h',
      'This request is not complete, so nothing was started. /reason: A reason is needed: add "because …".',
    ],
    [
      'admin because x',
      'This request is not complete, so nothing was started. /reason: The reason needs at least 5 characters.',
    ],
    [
      `admin because ${'x'.repeat(2_001)}`,
      'This request is not complete, so nothing was started. /reason: At most 2000 characters.',
    ],
    [`admin because ${'x'.repeat(4_000)}`, 'A command has at most 4,000 characters. Try: /elevate help'],
    [
      'admin for 30s because the deploy is stuck',
      'This request is not complete, so nothing was started. /duration: The shortest duration is 1 minute, the longest here 4 hours.',
    ],
    [
      'admin for 5h because the deploy is stuck',
      'This request is not complete, so nothing was started. /duration: The longest duration for this role is 4 hours.',
    ],
    [
      'closed because the deploy is stuck',
      'You may not ask for this, so nothing was started. Type /elevate roles to see what you may ask for.',
    ],
  ])('%.40s is answered with what to do, and starts nothing', async (typed, answer) => {
    const nora = house.newcomer();
    const said = await house.ask(nora, typed);
    expect(said).toMatchObject({ status: 200, problems: [], text: answer });
    await expectNothingStarted(nora);
  });

  it('T29: a reason that fits no card has no Approve button there; show has it in full, and it is decided there', async () => {
    const nora = house.newcomer();
    const reason = `the deploy ${'&'.repeat(1_200)} stuck`;
    const said = await house.ask(nora, `admin because ${reason}`);
    for (const place of [approvals, bob]) {
      const card = await house.sees(place, nora.email, `it can't be decided here. Open to review: /elevate show`);
      expect(buttonsOf(card)).toEqual([]);
      expect(read(card)).toContain(said.id);
    }
    const review = await house.ask(bob, `show ${said.id}`);
    expect(review.text).toContain(reason);
    expect(review.text).toContain('[Approve]');
    expect(await house.click(bob, 'Approve', bob, said.id)).toContain('Recorded: Approve');
    await house.inPhase(said.id, 'active');
    expect(house.sandbox.has(nora.email, 'admin')).toBe(true);
  });
});

describe('a request that nobody at Slack could have sent', () => {
  const seconds = () => Math.floor(Date.now() / 1000);

  it.each([
    ['a signature of somebody else', 401, () => ({ secret: 'another-secret' })],
    ['a signature that is none', 401, () => ({ signature: 'v0=00' })],
    ['a signature of ten minutes ago', 401, () => ({ timestamp: seconds() - 600 })],
    ['a signature of the future', 401, () => ({ timestamp: seconds() + 3_600 })],
    ['a body over 256 KiB', 413, () => ({ body: `text=${'x'.repeat(256 * 1024)}` })],
    ['an unknown content type', 415, () => ({ contentType: 'text/xml' })],
    ['a body that is no JSON', 400, () => ({ contentType: 'application/json', body: '{"type":' })],
    ['a payload that is no JSON', 400, () => ({ body: 'payload=%7B' })],
    ['a payload that is a list', 400, () => ({ body: 'payload=%5B%5D' })],
    ['bytes that are no text', 400, () => ({ body: new Uint8Array([0x70, 0x3d, 0xff, 0xfe]) })],
  ])('%s is refused with %i before anything is looked at', async (_, status, options) => {
    const nora = house.newcomer();
    const before = house.slack.calls.length;
    const typed = { user: nora.user, text: 'admin because the deploy is stuck' };
    const refused = await house.slack.command(typed, options());
    expect(refused).toMatchObject({ status, body: undefined });
    await expectNothingStarted(nora);
    expect(house.slack.calls.slice(before).filter(({ args }) => args['user'] === nora.user)).toEqual([]);
  });

  describe('what is signed, and of nobody', () => {
    /** One where nothing else is asked, so that every call of Slack's would be an answer to this. */
    let quiet: House;
    beforeAll(async () => {
      quiet = await openHouse();
    });
    afterAll(() => quiet.stop());

    it.each([
      ['a form that is nothing of ours', 'a=b', 404, undefined],
      [
        'a command without a person',
        `command=%2Felevate&text=admin+because+of+it&team_id=${team}&trigger_id=1`,
        200,
        'Elevate cannot tell who sent this, so nothing was done.',
      ],
      [
        'a shortcut of nobody',
        `payload=${encodeURIComponent('{"type":"shortcut","callback_id":"x"}')}`,
        500,
        undefined,
      ],
      [
        'a click of nobody on nothing',
        `payload=${encodeURIComponent('{"type":"block_actions","actions":[]}')}`,
        500,
        undefined,
      ],
    ])('%s, although signed, does nothing, and the door stays open', async (_, body, status, text) => {
      const before = quiet.slack.calls.length;
      const answered = await quiet.slack.deliver(body);
      expect(answered.status).toBe(status);
      expect((answered.body as { text?: string } | undefined)?.text).toBe(text);
      expect(quiet.slack.calls.slice(before)).toEqual([]);
      expect((await quiet.ask(bob, 'whoami')).text).toContain(bob.email);
    });
  });
});

describe('an access system that goes wrong', () => {
  afterEach(() => void house.sandbox.faults.splice(0));
  const holders: { person: Person; id: string }[] = [];

  it('a refusal ends the request, and the requester is told why', async () => {
    const nora = house.newcomer();
    house.sandbox.fail({ verb: 'grant', kind: 'refuse', reason: 'no seat is left' });
    const said = await house.ask(nora, 'quiet because I need to look');
    await house.sees(approvals, said.id, '[Approve]');
    await house.click(bob, 'Approve', approvals, said.id);
    await house.sees(nora, 'The access could not be granted: no seat is left.', 'ask again: /elevate quiet');
    expect(house.sandbox.has(nora.email)).toBe(false);
    expect(house.sandbox.calls.filter((call) => call.execution === said.id && call.verb === 'grant')).toHaveLength(1);
    await house.buttonsGone(said.id, nora);
    expect(await house.ended(said.id)).toBe('WorkflowExecutionFailed');
  });

  it.each([
    ['hangs', { kind: 'hang' }],
    ['answers late', { kind: 'delay', delayMs: 900 }],
    ['answers a call twice', { kind: 'duplicate' }],
    ['answers garbage', { kind: 'garbage' }],
    ['answers a status of its own trouble', { kind: 'status', status: 503 }],
    ['breaks the connection after it granted', { kind: 'drop' }],
  ] as const)('T26: one that %s grants once, under one webhook-id', async (_, fault) => {
    const nora = house.newcomer();
    house.sandbox.fail({ verb: 'grant', ...fault });
    const { id } = await house.granted(nora, 'quiet because I need to look');
    holders.push({ person: nora, id });
    expect(house.sandbox.has(nora.email, 'quiet')).toBe(true);
    expect(house.sandbox.effectiveGrants(id)).toBe(1);
    const grants = house.sandbox.calls.filter((call) => call.execution === id && call.verb === 'grant');
    expect(grants.length).toBeGreaterThan(1);
    expect(new Set(grants.map((call) => call.id)).size).toBe(1);
    await house.sees(nora, 'You have quiet on sandbox until');
  });

  it('P2: all of that access ends, also where the first calls to revoke go wrong', async () => {
    house.sandbox.fail({ verb: 'revoke', kind: 'status', status: 500, times: 2 });
    house.sandbox.fail({ verb: 'revoke', kind: 'hang', times: 1 });
    house.sandbox.fail({ verb: 'revoke', kind: 'refuse', times: 1 });
    expect(holders).toHaveLength(6);
    await Promise.all(holders.map(({ person }) => house.ask(person, 'done')));
    for (const { person, id } of holders) {
      await house.sees(person, 'Your request for quiet on sandbox: The access has ended.');
      expect(house.sandbox.has(person.email)).toBe(false);
      expect(await house.ended(id)).toBe('WorkflowExecutionCompleted');
    }
    expect(house.sandbox.rejected).toEqual([]);
  });
});

describe('a Slack that goes wrong', () => {
  it.each([
    ['asks to wait', { retryAfter: 1, times: 2 }],
    ['answers 500', { status: 500, times: 3 }],
    ['has trouble of its own', { error: 'internal_error', times: 3 }],
    ['hangs longer than it is waited for', { status: 500, hangMs: 10_500, times: 1 }],
  ])('P5, P6: one that %s while cards are posted loses none of them, and has none twice', async (_, fault) => {
    const nora = house.newcomer();
    house.slack.fail({ method: 'chat.postMessage', ...fault });
    const said = await house.ask(nora, 'admin because the deploy is stuck');
    expect(said.text).toContain('Recorded');
    for (const place of [approvals, bob, carol, nora]) {
      await house.sees(place, said.id);
      expect(house.readIn(place).filter((text) => text.includes(said.id))).toHaveLength(1);
    }
    const posts = house.slack.calls.filter(
      ({ method, args }) => method === 'chat.postMessage' && String(args['text']).includes(said.id),
    );
    expect(posts).toHaveLength(4 + fault.times);
    await house.click(bob, 'Approve', approvals, said.id);
    await house.sees(nora, 'You have admin on sandbox until');
    await house.ask(nora, 'done');
    // When it has ended, everything has been shown: the next fault meets no call of this test.
    await house.ended(said.id);
  });

  it('P6: cards that could not be edited are mended', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'admin because the deploy is stuck');
    await house.sees(nora, said.id);
    house.slack.fail({ method: 'chat.update', status: 500, times: 3 });
    house.slack.fail({ method: 'chat.update', retryAfter: 1, times: 1 });
    await house.click(bob, 'Approve', approvals, said.id);
    expect(await house.inPhase(said.id, 'active')).toBeDefined();
    expect(house.sandbox.has(nora.email, 'admin')).toBe(true);
    for (const place of [approvals, bob, carol, nora]) await house.sees(place, said.id, 'Active until');
  });

  it('P6: an answer that does not get through to the click comes as a direct message', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'quiet because I need to look');
    const card = await house.sees(approvals, said.id, '[Approve]');
    house.slack.fail({ method: 'response_url', status: 500 });
    await house.slack.click({ user: bob.user, label: 'Approve', channel: approvals, ts: card.ts });
    await house.sees(bob, 'Recorded: Approve', nora.email);
    expect(await house.inPhase(said.id, 'active')).toMatchObject({ state: { votes: [{ by: { id: bob.email } }] } });
  });

  it('P5: a Slack that cannot say who asks is asked again, and the person is told so in time', async () => {
    const nora = house.newcomer();
    house.slack.fail({ method: 'users.info', hangMs: 2_500, status: 500 });
    const said = await house.ask(nora, 'quiet because I need to look');
    expect(said.ackMs).toBeLessThan(3_000);
    expect(read(said.body)).toBe('Still working on it…');
    expect(said.text).toContain('Recorded');
    expect(await house.executionsOf(nora)).toHaveLength(1);
  });

  it('P6: a form that Slack does not open is told, and nothing is recorded', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'quiet because I need to look');
    await house.sees(approvals, said.id, '[Deny]');
    house.slack.fail({ method: 'views.open', error: 'expired_trigger_id' });
    expect(await house.click(bob, 'Deny', approvals, said.id)).toContain(
      'Nothing was recorded. Click the button again.',
    );
    expect((await house.executionsOf(nora))[0]?.state).toMatchObject({ phase: 'awaiting_approval', votes: [] });
  });
});

describe('a channel shared with another company', () => {
  it('T30: gets no card; the requester is told, approvers are asked directly, and the start warned of it', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'open because I need to look');
    await house.sees(
      nora,
      'The channel C03SHARED in Slack is, or may be, shared with another company, so your request is not shown there. Approvers were asked directly.',
    );
    await house.sees(bob, said.id, '[Approve]');
    expect(house.readIn('C03SHARED')).toEqual([]);
    const warned = house.lines.filter((line) => line.includes('no card goes to this channel'));
    expect(warned).toEqual([expect.stringContaining('"channel":"C03SHARED"')]);
  });
});

describe('an account that may not act', () => {
  const guests = 'only full members of the company workspace can use it, not guests or bots.';
  const noEmail = 'this account has no confirmed company e-mail address.';
  const rows: [string, Account, string][] = [
    ['deactivated', { deleted: true }, 'this account is deactivated.'],
    ['a guest', { is_restricted: true }, guests],
    ['a guest of one channel', { is_ultra_restricted: true }, guests],
    ['a bot', { is_bot: true }, guests],
    ['a stranger', { is_stranger: true }, guests],
    ['without a confirmed address', { is_email_confirmed: false }, noEmail],
    ['without an address', { email: '' }, noEmail],
    ['with an address of another domain', { email: 'carol@example.com.evil.test' }, noEmail],
    ['with an address that only looks like one of ours', { email: 'carol@example.com\u200b' }, noEmail],
  ];
  afterEach(() => change(carol, { name: 'Carol' }));

  it.each(rows)(
    'T3: an approver who is now %s can neither ask nor decide, and is told why',
    async (_, account, why) => {
      const nora = house.newcomer();
      const { id } = await house.ask(nora, 'quiet because I need to look');
      await house.sees(approvals, id, '[Approve]');
      change(carol, account);
      const sentence = `Elevate can't tell who you are in this company: ${why} Ask an operator to add your account.`;
      expect((await house.ask(carol, 'own because the queue is stuck')).text).toBe(sentence);
      expect((await house.ask(carol, `show ${id}`)).text).toBe(sentence);
      expect(await house.click(carol, 'Approve', approvals, id)).toBe(sentence);
      expect(await house.executionsOf(carol)).toEqual([]);
      expect((await house.executionsOf(nora))[0]?.state).toMatchObject({ phase: 'awaiting_approval', votes: [] });
    },
  );

  it('T2: an account of another workspace can neither ask nor decide', async () => {
    const nora = house.newcomer();
    const { id } = await house.ask(nora, 'quiet because I need to look');
    await house.sees(approvals, id, '[Approve]');
    change(carol, { team_id: 'T09OTHER' });
    expect((await house.ask(carol, 'own because the queue is stuck')).text).toContain(guests);
    expect(await house.click(carol, 'Approve', approvals, id)).toBe(
      'Only people of the workspace that runs Elevate can use this. You are here from another one.',
    );
    const elsewhere = await house.slack.command({ user: carol.user, text: 'whoami', team: 'T09OTHER' });
    expect(read(elsewhere.body)).toBe('Elevate does not serve this workspace. Ask your administrator to add it.');
    expect((await house.executionsOf(nora))[0]?.state).toMatchObject({ phase: 'awaiting_approval', votes: [] });
  });

  it('T9: a requester who is deactivated after the decision gets nothing', async () => {
    const nora = house.newcomer();
    const { id } = await house.ask(nora, 'pair because I need to look');
    await house.sees(approvals, id, '[Approve]');
    await house.click(bob, 'Approve', approvals, id);
    change(nora, { deleted: true });
    await house.click(carol, 'Approve', approvals, id);
    const closed = await house.inPhase(id, 'closed');
    expect(closed.state).toMatchObject({ outcome: 'revoked', why: 'the requester is not active any more' });
    await house.sees(approvals, id, 'Ended early');
    expect(house.sandbox.calls.filter(({ execution }) => execution === id)).toEqual([]);
  });
});

describe('an account and an address that do not belong together any more', () => {
  const mismatch =
    'This account and this e-mail address belong to different people in our records, so nothing was done. Ask an operator to look at it.';

  it('T3: an account whose address has changed is refused and alerted', async () => {
    const nora = house.newcomer();
    await house.ask(nora, 'whoami');
    change(nora, { email: `new.${nora.email}` });
    expect((await house.ask(nora, 'quiet because I need to look')).text).toBe(mismatch);
    await expectNothingStarted(nora);
    await expectNothingStarted({ ...nora, email: `new.${nora.email}` });
    const alerts = house.lines.filter((line) => line.includes('belong to different people'));
    expect(alerts.filter((line) => line.includes(nora.user))).toHaveLength(1);
  });

  it('T3: another account with a known address can neither ask nor decide as that person', async () => {
    const nora = house.newcomer();
    const { id } = await house.ask(nora, 'quiet because I need to look');
    await house.sees(approvals, id, '[Approve]');
    await house.ask(bob, 'whoami');
    const impostor = house.newcomer({ email: bob.email });
    expect((await house.ask(impostor, 'whoami')).text).toBe(mismatch);
    expect((await house.ask(impostor, 'own because the queue is stuck')).text).toBe(mismatch);
    expect(await house.click(impostor, 'Approve', approvals, id)).toBe(mismatch);
    expect((await house.executionsOf(nora))[0]?.state).toMatchObject({ phase: 'awaiting_approval', votes: [] });
    expect((await house.ask(bob, 'whoami')).text).toContain('bob@example.com');
  });
});
