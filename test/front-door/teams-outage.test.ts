/** Teams in trouble: Slack and the API wait for nothing, and what Teams missed is made up for. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { readHistory } from '../../src/dev/history.ts';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import type { ShownMessage } from '../../src/dev/teams-double.ts';
import type { Fault } from '../../src/dev/teams-double/faults.ts';
import { approvals, bob, carol, type Person } from './house.ts';
import {
  inTeams,
  openTeamsHouse,
  teamsApprovals,
  type TeamsHouse,
  type TeamsPerson,
  teamsShared,
} from './teams-house.ts';

/** Every call that Elevate makes. */
const everyCall: Record<Exclude<Fault['on'], 'metadata' | 'keys'>, true> = {
  send: true,
  sendTargeted: true,
  edit: true,
  open: true,
  member: true,
  members: true,
};
/** Longer than any call is waited for. */
const forEver = 3_600_000;

let house: TeamsHouse;
/** A house for each part: Teams takes only so much in one channel in half a minute. */
function openedHouse(adjust?: (config: Config) => Config): void {
  beforeAll(async () => {
    house = await openTeamsHouse({ ...(adjust && { adjust }) });
  });
  afterAll(() => house.stop());
  afterEach(() => {
    house.teams.mend();
    // That half minute is over. Not more than that: Temporal and the access system have clocks of their own.
    house.goOn(30_000);
  });
}

function nothingAnswers(): void {
  for (const on of Object.keys(everyCall) as (keyof typeof everyCall)[])
    house.teams.fault({ on, times: 1_000, hangMs: forEver });
}

/** Somebody new, in both chats and known in both. */
async function inBoth(): Promise<{ nora: Person; tara: TeamsPerson }> {
  const nora = house.newcomer();
  const tara = house.newInTeams(nora);
  await house.ask(nora, 'whoami');
  await house.askTeams(tara, 'whoami');
  return { nora, tara };
}

/** Living messages in a conversation that are about an execution: neither replies nor the answer to whoever asked. */
function cardsIn(place: string, id: string): ShownMessage[] {
  const isLiving = (message: ShownMessage) => message.thread === undefined && !read(message).startsWith('Recorded');
  return house.teams.messagesIn(place).filter((message) => isLiving(message) && read(message).includes(id));
}

const dmOf = ({ user }: TeamsPerson) => house.teams.personal(user);

/** Nothing about it can be clicked any more, anywhere in Teams. */
const settled = (id: string, ...people: TeamsPerson[]) =>
  house.teams.until(
    () =>
      [teamsApprovals, ...[...Object.values(inTeams), ...people].map(dmOf)]
        .flatMap((place) => cardsIn(place, id))
        .every((message) => buttonsOf(message).length === 0),
    `no button about ${id}`,
    40_000,
  );

/** No notice twice; two cards are never the same text. */
function expectNothingTwice(messages: readonly ShownMessage[]): void {
  const texts = messages.map(read);
  expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
}

describe('while Teams does not answer at all', () => {
  openedHouse();

  it('P6: what is asked, approved, granted and given back in Slack waits for nothing; Teams catches up', async () => {
    const { nora, tara } = await inBoth();
    const before = house.teams.calls.length;
    // What is known of people is too old.
    house.goOn(61_000);
    nothingAnswers();

    const said = await house.ask(nora, 'admin because the deploy is stuck');
    expect(said.text).toContain('Recorded.');
    await house.sees(bob, said.id, '[Approve]');
    expect(await house.click(bob, 'Approve', approvals, said.id)).toContain('Recorded: Approve');
    await house.sees(nora, 'You have admin on sandbox until');
    expect(house.sandbox.has(nora.email, 'admin')).toBe(true);
    const active = await house.call(nora, `GET /execution/${said.id}`);
    expect(active).toMatchObject({ status: 200, body: { state: 'active' } });
    expect(await house.click(nora, "I'm done", nora, said.id)).toContain('Recorded: you are done.');
    await house.sees(nora, 'Your request for admin on sandbox: The access has ended.');
    expect(house.sandbox.has(nora.email)).toBe(false);
    await house.buttonsGone(said.id, nora);
    const over = await house.call(nora, `GET /execution/${said.id}`);
    expect(over).toMatchObject({ status: 200, body: { state: 'closed', outcome: 'completed' } });

    const input = { role: 'quiet', reason: 'I need to look' };
    const created = await house.call(house.newcomer(), 'POST /execution', { body: { workflow: 'default', input } });
    expect(created.status).toBe(201);
    await house.sees(approvals, created.body.workflow_id, '[Approve]');

    // Teams was asked, and has not answered once: nobody has waited for it.
    const asked = house.teams.calls.slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ status }) => status !== 0)).toEqual([]);
    expect(house.readTeams(teamsApprovals).join()).not.toContain(said.id);
    expect(house.lines.filter((line) => line.includes('nobody can say whether'))).toEqual([]);

    house.teams.mend();
    await house.seesTeams(tara, 'Your request for admin on sandbox: The access has ended.');
    await house.ended(said.id);
    await settled(said.id, tara);
    await house.seesTeams(teamsApprovals, created.body.workflow_id, '[Approve]');
    const own = house.teams.messagesIn(dmOf(tara));
    expect(own.map((message) => read(message).split('\n')[0])).toContain('Ended: admin on sandbox');
    expect(own.filter((message) => read(message).startsWith('You have admin on sandbox until'))).toHaveLength(1);
    expectNothingTwice(own);
  });

  it('P6: what Teams was shown before is right afterwards, in every place, and stands there once', async () => {
    const { nora, tara } = await inBoth();
    const said = await house.askTeams(tara, 'admin because the deploy is stuck', /^Recorded/);
    for (const place of [teamsApprovals, inTeams.bob, inTeams.carol, tara])
      await house.seesTeams(place, said.id, /\[(?:Approve|Cancel)\]/);
    nothingAnswers();

    await house.deny(bob, approvals, said.id, 'use the runbook');
    await house.sees(nora, 'Your request for admin on sandbox', 'use the runbook');
    expect(house.readTeams(teamsApprovals).join()).not.toContain('use the runbook');

    house.teams.mend();
    await settled(said.id, tara);
    for (const place of [teamsApprovals, dmOf(inTeams.bob), dmOf(inTeams.carol)])
      expect(cardsIn(place, said.id).map((card) => read(card))).toEqual([expect.stringContaining('use the runbook')]);
    await house.seesTeams(tara, 'Your request for admin on sandbox', 'use the runbook');
    expect(await house.ended(said.id)).toBe('WorkflowExecutionCompleted');
  });
});

describe('a fault on the way', () => {
  openedHouse();
  const passing: [string, Partial<Fault>][] = [
    ['502', { status: 502 }],
    ['504', { status: 504 }],
    ['412', { status: 412, word: 'PreconditionFailed' }],
    ['429 with a time to wait', { retryAfter: 1 }],
    ['429 without', { status: 429 }],
    ['500', { status: 500 }],
  ];

  it.each(passing)('P6: %s passes: the card is there once, is right, and what was clicked counts', async (_, fault) => {
    const nora = house.newcomer();
    house.teams.fault({ on: 'send', conversation: teamsApprovals, times: 2, ...fault });
    const { id } = await house.ask(nora, 'quiet because I need to look');
    await house.seesTeams(teamsApprovals, id, '[Approve]');
    house.teams.fault({ on: 'edit', conversation: teamsApprovals, times: 2, ...fault });
    expect(await house.clickTeams(inTeams.bob, 'Approve', teamsApprovals, id)).toContain('Recorded: Approve');
    await house.inPhase(id, 'active');
    expect(house.sandbox.has(nora.email, 'quiet')).toBe(true);
    await house.seesTeams(teamsApprovals, id, 'Active until');
    expect(cardsIn(teamsApprovals, id)).toHaveLength(1);
    await house.ask(nora, `done ${id}`);
    await settled(id);
    expect(await house.ended(id)).toBe('WorkflowExecutionCompleted');
    const [card] = cardsIn(teamsApprovals, id);
    expectNothingTwice(house.teams.messagesIn(`${teamsApprovals};messageid=${card?.id}`));
  });
});

describe('an answer that is lost', () => {
  openedHouse();
  const ambiguous: [string, Partial<Fault>][] = [
    ['502 for a card that was posted', { status: 502, after: true }],
    ['504 for a card that was posted', { status: 504, after: true }],
    ['429 for a card that was posted', { retryAfter: 1, after: true }],
    ['an answer that comes too late', { hangMs: 10_500 }],
  ];

  it.each(ambiguous)('P3, P6: %s: rather twice than never, and a click on either is answered', async (_, fault) => {
    const nora = house.newcomer();
    house.teams.fault({ on: 'send', conversation: teamsApprovals, ...fault });
    const { id } = await house.ask(nora, 'quiet because I need to look');
    const copies = await house.teams.until(
      () => (cardsIn(teamsApprovals, id).length === 2 ? cardsIn(teamsApprovals, id) : undefined),
      'both copies',
      40_000,
    );
    const answers = [];
    for (const { id: message } of copies) {
      const click = { user: inTeams.bob.user, conversation: teamsApprovals, label: 'Approve', message };
      const { problems, told } = await house.teams.click(click);
      expect(problems).toEqual([]);
      answers.push(told);
    }
    expect(answers[0]).toContain('Recorded');
    expect(answers[1]).toMatch(/Recorded|decided before your click/);
    await house.inPhase(id, 'active');
    expect(house.sandbox.effectiveGrants(id)).toBe(1);
    expect((await house.audited(id)).filter(({ kind }) => kind === 'voted')).toHaveLength(1);
    await house.seesTeams(teamsApprovals, id, 'Active until');
    await house.ask(nora, `done ${id}`);
    expect(await house.ended(id)).toBe('WorkflowExecutionCompleted');
  });
});

describe('a message that Teams does not take', () => {
  openedHouse();

  it('T29, P6: a card that Teams finds too large is a line that says where to look, and can be decided there', async () => {
    const nora = house.newcomer();
    house.teams.fault({ on: 'send', conversation: teamsApprovals, status: 413, word: 'MessageSizeTooBig' });
    const { id } = await house.ask(nora, 'quiet because I need to look');
    const line = await house.seesTeams(teamsApprovals, `Open to review: /elevate show ${id}`);
    expect(buttonsOf(line)).toEqual([]);
    expect((await house.askTeams(inTeams.bob, `show ${id}`, new RegExp(id))).buttons).toEqual(['Approve', 'Deny']);
    expect(await house.clickTeams(inTeams.bob, 'Approve', inTeams.bob, id)).toContain('Recorded: Approve');
    await house.inPhase(id, 'active');
    expect(house.sandbox.has(nora.email, 'quiet')).toBe(true);
  });
});

describe('places that are closed to us', () => {
  openedHouse();
  afterEach(async () => {
    for (const { user, email } of Object.values(inTeams)) house.teams.addUser({ id: user, upn: email, name: email });
    await house.teams.install({ user: inTeams.bob.user, conversation: teamsApprovals });
    for (const { user } of Object.values(inTeams)) await house.teams.install({ user });
  });

  const closing: [string, () => unknown][] = [
    [
      'that the app was taken out of',
      () => house.teams.uninstall({ user: inTeams.bob.user, conversation: teamsApprovals }),
    ],
    ...['BotNotInConversationRoster', 'MessageWritesBlocked'].map((word): [string, () => unknown] => [
      `where Teams says ${word}`,
      () => house.teams.fault({ on: 'send', conversation: teamsApprovals, status: 403, word }),
    ]),
  ];

  it.each(closing)(
    'P6: in place of a channel %s, approvers are asked directly, and the requester is told',
    async (_, close) => {
      const { nora, tara } = await inBoth();
      await close();
      const { id } = await house.askTeams(tara, 'quiet because I need to look', /^Recorded/);
      await house.seesTeams(
        tara,
        `The channel ${teamsApprovals} could not be reached in Teams. Approvers were asked directly.`,
      );
      for (const approver of [inTeams.bob, inTeams.carol]) await house.seesTeams(approver, id, '[Approve]');
      expect(cardsIn(teamsApprovals, id)).toEqual([]);
      await house.clickTeams(inTeams.carol, 'Approve', inTeams.carol, id);
      await house.inPhase(id, 'active');
      expect(house.sandbox.has(nora.email, 'quiet')).toBe(true);
      await house.askTeams(tara, `done ${id}`, /^Recorded/);
      await settled(id, tara);
      for (const approver of [inTeams.bob, inTeams.carol])
        await house.seesTeams(approver, id, 'Ended: quiet on sandbox');
      expect(await house.ended(id)).toBe('WorkflowExecutionCompleted');

      // It works again as soon as the app is back.
      await house.teams.install({ user: inTeams.bob.user, conversation: teamsApprovals });
      const again = await house.askTeams(tara, 'quiet because I need to look again', /^Recorded/);
      await house.seesTeams(teamsApprovals, again.id, '[Approve]');
    },
  );

  it.each(['blocked', 'absent'] as const)(
    'P6: an approver for whom the app is %s is passed over, the requester is told, and the next request finds them again',
    async (app) => {
      const { tara } = await inBoth();
      house.teams.addUser({ id: inTeams.carol.user, upn: carol.email, name: 'Carol', app });
      const { id } = await house.askTeams(tara, 'admin because I need to look', /^Recorded/);
      await house.seesTeams(tara, 'carol@example.com could not be reached in Teams. Others were asked.');
      await house.seesTeams(inTeams.bob, id, '[Approve]');
      await house.seesTeams(teamsApprovals, id, '[Approve]');
      expect(cardsIn(dmOf(inTeams.carol), id)).toEqual([]);
      await house.clickTeams(inTeams.bob, 'Deny', teamsApprovals, id, { reason: 'use the runbook' });
      await settled(id, tara);
      expect(await house.ended(id)).toBe('WorkflowExecutionCompleted');

      await house.teams.install({ user: inTeams.carol.user });
      const again = await house.askTeams(tara, 'admin because I need to look again', /^Recorded/);
      await house.seesTeams(inTeams.carol, again.id, '[Approve]');
    },
  );

  it('P6: a requester who has blocked the app hears in Slack of all that happens, and nothing waits for them', async () => {
    const { nora, tara } = await inBoth();
    house.teams.addUser({ id: tara.user, upn: tara.email, app: 'blocked' });
    const { id } = await house.granted(nora, 'quiet because I need to look');
    await house.sees(nora, 'You have quiet on sandbox until');
    await house.ask(nora, `done ${id}`);
    await house.sees(nora, 'Your request for quiet on sandbox: The access has ended.');
    await settled(id);
    expect(await house.ended(id)).toBe('WorkflowExecutionCompleted');
    expect(house.readTeams(tara).join()).not.toContain(id);
  });

  it('P4, P6: whoever asks in a channel and can not be written to alone is told so there, and no more than that', async () => {
    const { nora, tara } = await inBoth();
    await house.ask(nora, 'quiet because I need to look');
    house.teams.addUser({ id: tara.user, upn: tara.email, app: 'blocked' });
    const asks = () => house.teams.command({ user: tara.user, text: 'list', conversation: teamsApprovals });
    const isRefusal = (message: ShownMessage) => read(message).startsWith('What I have to say is for you alone');
    const refused = await (await asks()).waitForReply(isRefusal, 20_000);
    expect(refused.conversation).toBe(teamsApprovals);
    expect(read(refused)).not.toMatch(/quiet|wf_/);

    await house.teams.install({ user: tara.user });
    const answered = await asks();
    await answered.waitForReply((message) => read(message) === 'I answered you in our own chat.', 20_000);
    await house.seesTeams(tara, 'quiet on sandbox for 1 hour');
  });

  it('T30, P6: no card goes to a channel that another company reads; approvers are asked directly, the requester is told', async () => {
    const { nora, tara } = await inBoth();
    const { id } = await house.askTeams(tara, 'open because I need to look', /^Recorded/);
    await house.seesTeams(
      tara,
      `The channel ${teamsShared} in Teams is, or may be, shared with another company`,
      'asked directly',
    );
    await house.seesTeams(inTeams.bob, id, '[Approve]');
    expect(house.teams.messagesIn(teamsShared)).toEqual([]);
    expect(
      house.teams.calls.filter(({ operation, conversation }) => operation === 'send' && conversation === teamsShared),
    ).toEqual([]);
    await house.clickTeams(inTeams.bob, 'Approve', inTeams.bob, id);
    await house.inPhase(id, 'active');
    expect(house.sandbox.has(nora.email, 'open')).toBe(true);
  });
});

describe('approvers who are asked in Teams alone', () => {
  openedHouse((config) => {
    const { quiet, ...roles } = config.roles;
    if (quiet === undefined) throw new Error('there is no such role');
    const ask = { channels: { teams: [teamsApprovals] }, dm: 'none' as const };
    return {
      ...config,
      roles: { ...roles, quiet: { ...quiet, approval: quiet.approval.map((s) => ({ ...s, ask })) } },
    };
  });

  it('P6: where none can be reached, who asked in Slack is told there, and the execution says so', async () => {
    const nora = house.newcomer();
    await house.teams.uninstall({ user: inTeams.bob.user, conversation: teamsApprovals });
    for (const { user, email } of [inTeams.bob, inTeams.carol])
      house.teams.addUser({ id: user, upn: email, app: 'blocked' });
    const { id } = await house.ask(nora, 'quiet because I need to look');
    const tellThem = 'Tell your approvers: they find your request with /elevate approvals.';
    for (const who of [`The channel ${teamsApprovals}`, bob.email, carol.email])
      await house.sees(nora, `${who} could not be reached in Teams. ${tellThem}`);
    expect(house.readIn(nora).filter((text) => text.includes('could not be reached'))).toHaveLength(3);
    const { text } = await house.ask(nora, `show ${id}`);
    for (const who of [`The channel ${teamsApprovals}`, bob.email, carol.email])
      expect(text).toContain(`${who} could not be reached in Teams.`);

    // They find it all the same.
    const waiting = await house.ask(bob, 'approvals');
    expect(waiting.text).toContain(id);
    await house.ask(nora, `cancel ${id}`);
    expect(await house.ended(id)).toBe('WorkflowExecutionCanceled');
  });
});

describe('people whom Teams does not know', () => {
  openedHouse();

  it('P6: who asked in Slack and is not in Teams is decided on in Teams like everybody else', async () => {
    const nora = house.newcomer();
    const { id } = await house.ask(nora, 'admin because I need to look');
    await house.seesTeams(inTeams.bob, id, '[Approve]');
    await house.clickTeams(inTeams.bob, 'Approve', inTeams.bob, id);
    await house.sees(nora, 'You have admin on sandbox until');
    expect(house.sandbox.has(nora.email, 'admin')).toBe(true);
    await house.ask(nora, `done ${id}`);
    await settled(id);
    expect(await house.ended(id)).toBe('WorkflowExecutionCompleted');
    expect(house.teams.messagesIn(dmOf(inTeams.bob)).filter((message) => read(message).includes(id))).toHaveLength(1);
  });

  describe('nor Elevate', () => {
    let fresh: TeamsHouse;
    beforeAll(async () => {
      fresh = await openTeamsHouse({ uninstalled: true });
    });
    afterAll(() => fresh.stop());

    it('P6: approvers who never wrote to Elevate are found by their address, and written to once their chat is open', async () => {
      const nora = fresh.newcomer();
      const { id } = await fresh.ask(nora, 'admin because I need to look');
      for (const place of [teamsApprovals, inTeams.bob, inTeams.carol]) await fresh.seesTeams(place, id, '[Approve]');
      expect(fresh.teams.calls.filter(({ operation }) => operation === 'open')).toHaveLength(2);
      expect(await fresh.clickTeams(inTeams.carol, 'Approve', inTeams.carol, id)).toContain('Recorded: Approve');
      await fresh.inPhase(id, 'active');
      expect(fresh.sandbox.has(nora.email, 'admin')).toBe(true);

      const again = await fresh.ask(fresh.newcomer(), 'admin because I need to look');
      await fresh.seesTeams(inTeams.bob, again.id, '[Approve]');
      expect(fresh.teams.calls.filter(({ operation }) => operation === 'open')).toHaveLength(2);
    });
  });
});

describe('the keys of Teams', () => {
  openedHouse();
  const quarterHour = 15 * 60_000;

  it('T1: new keys are learned when something is signed with them; old ones are good no longer', async () => {
    const tara = house.newInTeams();
    house.goOn(quarterHour);
    await house.teams.rotate();
    expect((await house.askTeams(tara, 'whoami', /^You are/)).text).toContain(tara.email);
  });

  it('P5: while the keys cannot be read, Teams is told to come again; what it brings again then counts once', async () => {
    const tara = house.newInTeams();
    house.goOn(quarterHour);
    await house.teams.rotate();
    house.teams.fault({ on: 'keys', status: 503 });
    const refused = await house.teams.command({ user: tara.user, text: 'quiet because I need to look' });
    expect(refused.status).toBe(503);
    expect(await house.executionsOf(tara)).toEqual([]);
    expect((await house.ask(house.newcomer(), 'whoami')).text).toContain('You are');

    house.goOn(5_001);
    expect((await refused.resend()).status).toBe(200);
    expect((await refused.resend()).status).toBe(200);
    await house.seesTeams(tara, /^Recorded/m);
    expect(await house.executionsOf(tara)).toHaveLength(1);
  });
});

describe('what one life costs', () => {
  it('P3: messages and edits in Teams, and events of history, stay few', async () => {
    const figures = await openTeamsHouse({
      adjust(config) {
        const { admin, ...roles } = config.roles;
        if (admin === undefined) throw new Error('there is no such role');
        const approval = admin.approval.map((stage) => ({ ...stage, approvers: { users: [bob.email], groups: [] } }));
        return { ...config, roles: { ...roles, admin: { ...admin, approval } } };
      },
    });
    try {
      const nora = figures.newcomer();
      const tara = figures.newInTeams(nora);
      await figures.askTeams(tara, 'whoami');
      const before = figures.teams.calls.length;
      const { id } = await figures.askTeams(tara, 'admin because I need to look', /^Recorded/);
      for (const place of [teamsApprovals, inTeams.bob]) await figures.seesTeams(place, id, '[Approve]');
      await figures.clickTeams(inTeams.bob, 'Approve', teamsApprovals, id);
      await figures.seesTeams(tara, id, "[I'm done]");
      await figures.clickTeams(tara, "I'm done", tara, id);
      expect(await figures.ended(id)).toBe('WorkflowExecutionCompleted');
      const calls = figures.teams.calls.slice(before);
      const places = { channel: teamsApprovals, approver: dmOf(inTeams.bob), requester: dmOf(tara) };
      const counted = Object.entries(places).map(([place, conversation]) => {
        const own = calls.filter((call) => call.conversation === conversation);
        const of = (operation: string) => own.filter((call) => call.operation === operation).length;
        return [place, { posts: of('send'), edits: of('edit'), lookups: of('member') }] as const;
      });
      const { names } = await readHistory(figures.temporal, id);
      console.info('One life', Object.fromEntries(counted), `${names.length} events of history`);
      const total = (what: 'posts' | 'edits') => counted.reduce((sum, [, each]) => sum + each[what], 0);
      expect(total('posts')).toBeLessThanOrEqual(10);
      expect(total('edits')).toBeLessThanOrEqual(15);
      expect(names.length).toBeLessThanOrEqual(150);
    } finally {
      await figures.stop();
    }
  });
});
