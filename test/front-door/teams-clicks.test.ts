/** Clicks in Teams, alone and beside Slack: those that count, count once; all others change nothing and are told why. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { deriveKeys, newKey } from '../../src/config/keys.ts';
import { readHistory } from '../../src/dev/history.ts';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import type { ShownMessage } from '../../src/dev/teams-double.ts';
import { findButton } from '../../src/dev/teams-double/buttons.ts';
import { createTokens } from '../../src/tokens/signal-token.ts';
import type { Offer } from '../../workflows/contract.ts';
import { approvals, bob, carol, PATIENCE } from './house.ts';
import { ownChannels, teamsChannel } from './teams-channels.ts';
import { inTeams, openTeamsHouse, type TeamsHouse, type TeamsPerson } from './teams-house.ts';

type Json = Record<string, unknown>;
type Role = Parameters<typeof teamsChannel>[0];

let house: TeamsHouse;
beforeAll(async () => {
  house = await openTeamsHouse(ownChannels);
});
afterAll(() => house.stop());

/** Elevate sends so much to one conversation in half a minute, and no more; the access system's clock stays behind. */
const goOn = () => house.goOn(31_000);

const dead =
  'This button does not work any more, so nothing was recorded. Open the request again with /elevate list or /elevate approvals.';
const unknown =
  'No such request is yours to see or decide. See your own with /elevate list, and what waits for you with /elevate approvals.';
const notInUse = 'This button is not in use any more. Say /elevate list to see where things stand.';
const absent = 'wf_00000000000000000000000000';
const copies = '19:copies@thread.tacv2';

/** An open request of somebody new in Teams, with its card in the channel. */
async function open(role: Role = 'quiet') {
  const tara = house.newInTeams();
  const { id } = await house.askTeams(tara, `${role} because I need to look`, /^Recorded/);
  await house.seesTeams(tara, /\nWaiting for approval/, id);
  const channel = teamsChannel(role);
  const card = await house.seesTeams(channel, id, '[Approve]');
  return { tara, id, channel, card, approve: tokenOn(card, 'Approve'), deny: tokenOn(card, 'Deny') };
}

function tokenOn({ card }: ShownMessage, label: string): string {
  return (findButton(card, label, 'the card').action['data'] as { token: string }).token;
}

/** What a click says that is as it should be, but for this. */
function withAction(change: (action: Json) => unknown) {
  return (activity: Json): Json => {
    const value = activity['value'] as { action: Json };
    return { ...activity, value: { ...value, action: change(value.action) } };
  };
}

function withData(data: unknown) {
  return withAction((action) => ({ ...action, data }));
}

/** Clicks Approve on the newest card there with something else in it, and gives what is told. */
async function clickAltered(person: TeamsPerson, conversation: string, alter: (activity: Json) => Json) {
  const { user } = person;
  const clicked = await house.teams.click({ user, conversation, label: 'Approve', alter });
  expect(clicked).toMatchObject({ status: 200, problems: [] });
  return clicked.told;
}

/** Clicks a copy of a button: an old card on a phone, or one that somebody made up. */
async function clickCopy(person: TeamsPerson, data: unknown, verb: unknown = 'offer'): Promise<string> {
  house.teams.addChannel({ id: copies });
  const action = { type: 'Action.Execute', title: 'Copy', verb, data };
  return invoke(person, { action, trigger: 'manual' });
}

/** Sends what a click might send. */
async function invoke({ user }: TeamsPerson, value: unknown): Promise<string> {
  const activity = { type: 'invoke', name: 'adaptiveCard/action', value };
  const sent = await house.teams.send({ user, conversation: copies, activity });
  expect(sent).toMatchObject({
    status: 200,
    body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: expect.any(String) },
  });
  return String((sent.body as Json)['value']);
}

async function expectUntouched(id: string): Promise<void> {
  expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', votes: [] });
  expect(house.sandbox.calls.filter(({ execution }) => execution === id)).toEqual([]);
}

async function votesOn(id: string): Promise<unknown[]> {
  return (await house.audited(id)).filter(({ kind }) => kind === 'voted').map(({ principal }) => principal);
}

/** How many events Temporal has taken for it. */
async function signalsOf(id: string): Promise<number> {
  const { names } = await readHistory(house.temporal, id);
  return names.filter((name) => name === 'WorkflowExecutionSignaled').length;
}

/** No card about it in any chat can be clicked any more. */
async function expectNoButtons(id: string, role: Role, ...people: TeamsPerson[]): Promise<void> {
  await house.buttonsGone(id);
  await house.buttonsGoneInTeams(id, teamsChannel(role), ...people);
}

describe('who may decide', () => {
  it('P1, P6: an approval grants, is answered at once, and every card in both chats is redrawn', async () => {
    const { tara, id, channel } = await open('admin');
    await house.seesTeams(inTeams.bob, id, '[Approve]');
    expect(house.sandbox.has(tara.email)).toBe(false);
    expect(await house.clickTeams(inTeams.bob, 'Approve', inTeams.bob, id)).toBe(
      `Recorded: Approve, for Tara-${tara.email.slice(5, 8)} (${tara.email}): admin on sandbox. The card shows the outcome in a moment.`,
    );
    await house.seesTeams(tara, 'You have admin on sandbox until', 'sandbox login admin');
    expect(house.sandbox.has(tara.email, 'admin')).toBe(true);
    expect(house.sandbox.effectiveGrants(id)).toBe(1);
    const shown = ['Active until', 'Bob (bob@example.com) approved at'];
    for (const place of [channel, inTeams.bob, inTeams.carol])
      expect(buttonsOf(await house.seesTeams(place, id, ...shown))).toEqual([]);
    for (const place of [approvals, bob, carol]) expect(buttonsOf(await house.sees(place, id, ...shown))).toEqual([]);
    const thread = house.teams.messagesIn(channel).filter(({ thread: below }) => below !== undefined);
    expect(thread.map(read).join()).toMatch(/Bob \(bob@example\.com\) approved at .*1 of 1 vote/);
    expect(await votesOn(id)).toEqual([bob.email]);
  });

  it('P1: a denial with its reason ends the request; nothing is granted, and everybody is told why', async () => {
    const { tara, id, channel } = await open('admin');
    const reason = 'use the **runbook**, not <this>';
    await house.seesTeams(inTeams.carol, id, '[Deny]');
    expect(await house.clickTeams(inTeams.carol, 'Deny', inTeams.carol, id, { reason })).toContain('Recorded: Deny');
    await house.seesTeams(tara, 'Your request for admin on sandbox: Denied by Carol (carol@example.com)', reason);
    for (const place of [channel, inTeams.bob, inTeams.carol, tara]) await house.seesTeams(place, id, 'Denied', reason);
    for (const place of [approvals, bob, carol]) await house.sees(place, id, 'Denied', reason);
    await expectNoButtons(id, 'admin', tara);
    expect(await house.inPhase(id, 'closed')).toMatchObject({
      state: { outcome: 'denied', votes: [{ by: { id: carol.email }, choice: 'deny', reason }] },
    });
    expect(house.sandbox.calls.filter(({ execution }) => execution === id)).toEqual([]);
  });

  it('P1: a denial needs no reason, and one that is too long is told and records nothing', async () => {
    const { id, channel } = await open();
    const told = await house.teams.click({
      user: inTeams.bob.user,
      conversation: channel,
      label: 'Deny',
      alter: withAction((action) => ({ ...action, data: { ...(action['data'] as Json), reason: 'x'.repeat(501) } })),
    });
    expect(told.told).toBe('Nothing was recorded. /reason: A reason has at most 500 characters.');
    await expectUntouched(id);
    expect(await house.clickTeams(inTeams.bob, 'Deny', channel, id)).toContain('Recorded: Deny');
    expect((await house.inPhase(id, 'closed')).state).toMatchObject({ outcome: 'denied' });
  });

  it('P1, T10: an approver who asked is refused, told why and who was asked, and it is written down', async () => {
    const { id } = await house.askTeams(inTeams.carol, 'pair because the queue is stuck', /^Recorded/);
    await house.seesTeams(teamsChannel('pair'), id, '[Approve]');
    const clicked = await house.teams.click({
      user: inTeams.carol.user,
      conversation: teamsChannel('pair'),
      label: 'Approve',
    });
    expect(clicked).toMatchObject({ status: 200, body: { statusCode: 200 } });
    expect(clicked.told).toMatch(/^You asked for this access, so you can't approve it\. Asked at .*: sre\.$/);
    // In the other chat it is still the same person.
    await house.sees(approvals, id, '[Approve]');
    expect(await house.click(carol, 'Approve', approvals, id)).toMatch(/^You asked for this access/);
    await expectUntouched(id);
    const refused = (await house.audited(id)).filter(({ kind }) => kind === 'refused');
    expect(refused.map(({ principal, details }) => [principal, details['reason']])).toEqual([
      [carol.email, 'self_approval'],
    ]);
  });

  it('P1: somebody who is no approver is refused, told why and who was asked, and it is written down', async () => {
    const { tara, id, channel } = await open();
    for (const person of [inTeams.mallory, inTeams.dana]) {
      expect(await house.clickTeams(person, 'Approve', channel, id)).toMatch(
        /^You are not one of the approvers of this stage, so your vote can't count\. Asked at .*: sre\.$/,
      );
    }
    expect(await house.clickTeams(tara, 'Approve', channel, id)).toContain('You asked for this access');
    await expectUntouched(id);
    expect(buttonsOf(await house.seesTeams(channel, id, '[Approve]'))).toEqual(['Approve', 'Deny']);
    const refused = (await house.audited(id)).filter(({ kind }) => kind === 'refused');
    expect(refused.map(({ details }) => details['reason'])).toEqual(['not_approver', 'not_approver', 'self_approval']);
  });

  it('T1: ids, names and roles that a click brings along change nothing', async () => {
    const { tara, id, channel, approve } = await open();
    const claims = {
      user: inTeams.bob.user,
      aadObjectId: inTeams.bob.user,
      from: { aadObjectId: inTeams.bob.user },
      actor: { platform: 'teams', user: inTeams.bob.user },
      email: bob.email,
      name: 'Bob',
      principal: bob.email,
      roles: ['sre'],
      choice: 'approve',
      approver: true,
      execution: id,
      requester: inTeams.mallory.user,
    };
    const noApprover = /^You are not one of the approvers of this stage/;
    const asBob = (activity: Json) => ({
      ...claims,
      ...activity,
      from: {
        ...(activity['from'] as Json),
        name: 'Bob',
        userPrincipalName: bob.email,
        email: bob.email,
        role: 'user',
      },
    });
    expect(await clickAltered(inTeams.mallory, channel, withData({ ...claims, token: approve }))).toMatch(noApprover);
    expect(await clickAltered(inTeams.mallory, channel, asBob)).toMatch(noApprover);
    expect(
      await clickAltered(
        inTeams.mallory,
        channel,
        withAction((action) => ({ ...action, ...claims })),
      ),
    ).toMatch(noApprover);
    await expectUntouched(id);
    // Nor do they keep somebody from deciding.
    const asMallory = withData({ token: approve, user: inTeams.mallory.user, choice: 'deny', role: 'admin' });
    expect(await clickAltered(inTeams.bob, channel, asMallory)).toContain('Recorded: Approve');
    expect((await house.inPhase(id, 'active')).state).toMatchObject({ votes: [{ by: { id: bob.email } }] });
    expect(house.sandbox.has(tara.email, 'quiet')).toBe(true);
    expect(house.sandbox.has(tara.email, 'admin')).toBe(false);
  });

  it('P2: the button to give back, and that to cancel, work for nobody but the owner', async () => {
    const { tara, id, channel } = await open();
    const cancel = findButton((await house.seesTeams(tara, id, '[Cancel]')).card, 'Cancel', 'it').action;
    const { data } = cancel as { data: { command: string } };
    expect(data).toEqual({ command: `cancel ${id}` });
    expect(await clickCopy(inTeams.mallory, data, 'command')).toBe(unknown);
    expect(await clickCopy(inTeams.bob, data, 'command')).toBe(
      'Only the person who made this request may do that, so nothing was changed.',
    );
    await expectUntouched(id);
    await house.clickTeams(inTeams.bob, 'Approve', channel, id);
    const release = tokenOn(await house.seesTeams(tara, id, "[I'm done]"), "I'm done");
    for (const person of [inTeams.mallory, inTeams.bob])
      expect(await clickCopy(person, { token: release })).toBe(
        'Only the person who made this request may do that, so nothing was changed.',
      );
    expect(house.sandbox.has(tara.email, 'quiet')).toBe(true);
    expect(await clickCopy(tara, { token: release })).toContain('Recorded: you are done.');
    await house.inPhase(id, 'closed');
    expect(house.sandbox.has(tara.email)).toBe(false);
  });

  it('P4: a command button with the id of a foreign request is answered like one with an unknown id', async () => {
    const { id } = await open();
    for (const verb of ['cancel', 'show', 'done', 'terminate']) {
      expect(await clickCopy(inTeams.mallory, { command: `${verb} ${id}` }, 'command')).toBe(unknown);
      expect(await clickCopy(inTeams.mallory, { command: `${verb} ${absent}` }, 'command')).toBe(unknown);
    }
    await expectUntouched(id);
  });
});

describe('how often a click counts', () => {
  beforeAll(goOn);

  it('P3: two approvers at once are one grant, with a vote of one of them', async () => {
    const { tara, id, channel } = await open('admin');
    const answers = await Promise.all([
      house.clickTeams(inTeams.bob, 'Approve', channel, id),
      house.clickTeams(inTeams.carol, 'Approve', channel, id),
    ]);
    for (const answer of answers) expect(answer).toMatch(/^Recorded: Approve|^This was decided before your click/);
    await house.inPhase(id, 'active');
    expect(house.sandbox.effectiveGrants(id)).toBe(1);
    expect(house.sandbox.has(tara.email, 'admin')).toBe(true);
    expect(await votesOn(id)).toHaveLength(1);
    await expectNoButtons(id, 'admin');
  });

  it('P3: a double click, and twenty at once, are one vote and one event', async () => {
    const { id, channel } = await open('pair');
    const { id: message } = await house.seesTeams(channel, id, '[Approve]');
    const click = { user: inTeams.bob.user, conversation: channel, message, label: 'Approve' };
    const clicks = await Promise.all(Array.from({ length: 20 }, () => house.teams.click(click)));
    for (const { status, problems } of clicks) expect([status, problems]).toEqual([200, []]);
    for (const { told } of clicks) expect(told).toMatch(/^Recorded: Approve|^Still working/);
    await house.seesTeams(channel, id, '1 of 2 votes', '[Approve]');
    expect(await house.clickTeams(inTeams.bob, 'Approve', channel, id)).toContain('Recorded: Approve');
    expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', votes: [{ by: { id: bob.email } }] });
    expect(await votesOn(id)).toEqual([bob.email]);
    // One event of one id, so that Temporal itself keeps the first alone.
    expect(await signalsOf(id)).toBe(1);
  });

  it('T22: a click that Teams delivers again, or that somebody replays, is one vote', async () => {
    const { id, channel } = await open('pair');
    const { id: message } = await house.seesTeams(channel, id, '[Approve]');
    const click = { user: inTeams.bob.user, conversation: channel, message, label: 'Approve' };
    const clicked = await house.teams.click(click);
    const again = await Promise.all([clicked.resend(), clicked.resend(), clicked.resend({ claims: { iat: 1 } })]);
    for (const { status, body } of again) expect([status, body]).toEqual([200, clicked.body]);
    await house.seesTeams(channel, id, '1 of 2 votes');
    expect(await votesOn(id)).toEqual([bob.email]);
    // Replayed when the request is over, it says where things stand.
    await house.clickTeams(inTeams.carol, 'Approve', channel, id);
    await house.inPhase(id, 'active');
    expect((await clicked.resend()).status).toBe(200);
    expect(await votesOn(id)).toEqual([bob.email, carol.email]);
    expect(house.sandbox.effectiveGrants(id)).toBe(1);
  });

  it('T19: a denial after an own approval replaces it while the stage is open, from the other chat, too', async () => {
    const { tara, id, channel } = await open('pair');
    await house.clickTeams(inTeams.bob, 'Approve', channel, id);
    await house.sees(approvals, id, '1 of 2 votes');
    expect(await house.deny(bob, approvals, id, 'I have changed my mind')).toContain('Recorded: Deny');
    await house.seesTeams(tara, 'Denied by Bob (bob@example.com)', 'I have changed my mind');
    const closed = await house.inPhase(id, 'closed');
    expect(closed.state).toMatchObject({ outcome: 'denied', votes: [{ choice: 'deny' }] });
    await expectNoButtons(id, 'pair', tara);
  });
});

describe('one request in two chats', () => {
  beforeAll(goOn);

  it('P3: who asked in Slack is granted by a click in Teams, and is told in Slack', async () => {
    const nora = house.newcomer();
    const { id } = await house.ask(nora, 'admin because I need to look');
    await house.seesTeams(teamsChannel('admin'), id, '[Approve]');
    expect(await house.clickTeams(inTeams.bob, 'Approve', teamsChannel('admin'), id)).toContain(nora.email);
    await house.sees(nora, 'You have admin on sandbox until');
    expect(house.sandbox.has(nora.email, 'admin')).toBe(true);
    await expectNoButtons(id, 'admin');
    expect(await house.click(nora, "I'm done", nora, id)).toContain('Recorded: you are done.');
    await house.seesTeams(teamsChannel('admin'), id, 'Ended: admin on sandbox');
    expect(house.sandbox.has(nora.email)).toBe(false);
  });

  it('P3: who asked in Teams is granted by a click in Slack, and is told in Teams', async () => {
    const { tara, id } = await open('admin');
    await house.sees(approvals, id, '[Approve]');
    expect(await house.click(carol, 'Approve', approvals, id)).toContain(tara.email);
    await house.seesTeams(tara, 'You have admin on sandbox until');
    expect(house.sandbox.has(tara.email, 'admin')).toBe(true);
    await expectNoButtons(id, 'admin');
    await house.seesTeams(teamsChannel('admin'), id, 'Carol (carol@example.com) approved at');
  });

  it('P3: a quorum of two needs two people: one who clicks in both chats is one', async () => {
    const { tara, id, channel } = await open('pair');
    await house.clickTeams(inTeams.bob, 'Approve', channel, id);
    await house.sees(approvals, id, '1 of 2 votes', '[Approve]');
    expect(await house.click(bob, 'Approve', approvals, id)).toContain('Recorded: Approve');
    await house.sees(bob, id, '1 of 2 votes', '[Approve]');
    expect(await house.click(bob, 'Approve', bob, id)).toContain('Recorded: Approve');
    expect(await votesOn(id)).toEqual([bob.email]);
    expect(house.sandbox.has(tara.email)).toBe(false);
    await house.click(carol, 'Approve', approvals, id);
    await house.seesTeams(tara, 'You have pair on sandbox until');
    expect(await votesOn(id)).toEqual([bob.email, carol.email]);
    expect(house.sandbox.effectiveGrants(id)).toBe(1);
    await expectNoButtons(id, 'pair');
  });

  it('P3: one person at once in both chats is one vote', async () => {
    const { id, channel } = await open('pair');
    await house.sees(approvals, id, '[Approve]');
    const answers = await Promise.all([
      house.click(bob, 'Approve', approvals, id),
      house.clickTeams(inTeams.bob, 'Approve', channel, id),
      house.click(bob, 'Approve', approvals, id),
      house.clickTeams(inTeams.bob, 'Approve', channel, id),
    ]);
    for (const answer of answers) expect(answer).toContain('Recorded: Approve');
    await house.seesTeams(channel, id, '1 of 2 votes');
    await house.sees(approvals, id, '1 of 2 votes');
    expect(await votesOn(id)).toEqual([bob.email]);
    // One event of one id, whichever chat it came from.
    expect(await signalsOf(id)).toBe(1);
  });

  it('P3: the token of a card in Slack is the same offer in Teams, for whoever clicks it', async () => {
    const { id, channel } = await open('pair');
    const inSlack = house.valueOf(await house.sees(approvals, id, '[Approve]'), 'Approve');
    expect(await clickCopy(inTeams.mallory, { token: inSlack })).toMatch(/^You are not one of the approvers/);
    await house.click(bob, 'Approve', approvals, id);
    await house.seesTeams(channel, id, '1 of 2 votes');
    expect(await clickCopy(inTeams.bob, { token: inSlack })).toContain('Recorded: Approve');
    expect(await votesOn(id)).toEqual([bob.email]);
    expect(await clickCopy(inTeams.carol, { token: inSlack })).toMatch(/^Recorded: Approve|^This was decided/);
    await house.inPhase(id, 'active');
    expect(await votesOn(id)).toEqual([bob.email, carol.email]);
  });

  it('P1: each stage is asked in the chats of its own approvers', async () => {
    const { tara, id, channel } = await open('staged');
    expect(house.readTeams(inTeams.dana).filter((text) => text.includes(id))).toEqual([]);
    await house.clickTeams(inTeams.carol, 'Approve', channel, id);
    await house.seesTeams(inTeams.dana, id, 'Stage 2 of 2', '[Approve]');
    await house.teams.until(
      () => house.teams.messagesIn(channel).find((each) => read(each).includes(id) && buttonsOf(each).length === 0),
      'the first stage to lose its buttons',
      PATIENCE,
    );
    expect(house.sandbox.has(tara.email)).toBe(false);
    await house.clickTeams(inTeams.dana, 'Approve', inTeams.dana, id);
    await house.seesTeams(tara, 'You have staged on sandbox until');
    await expectNoButtons(id, 'staged');
  });

  it('P1: with self-approval on, an approver may decide their own request from the other chat', async () => {
    const { id } = await house.askTeams(inTeams.bob, 'own because the queue is stuck', /^Recorded/);
    await house.sees(approvals, id, 'Self-approval is allowed');
    expect(await house.click(bob, 'Approve', approvals, id)).toContain('Recorded: Approve');
    await house.seesTeams(inTeams.bob, 'You have own on sandbox until');
    expect(house.sandbox.has(bob.email, 'own')).toBe(true);
  });
});

describe('two chats that may not know the same people', () => {
  let strict: TeamsHouse;
  beforeAll(async () => {
    const adjust = (config: Config) => {
      const adjusted = ownChannels.adjust(config);
      return { ...adjusted, identity: { ...adjusted.identity, oneDirectory: false } };
    };
    strict = await openTeamsHouse({ ...ownChannels, adjust });
  });
  afterAll(() => strict.stop());
  const link =
    'This needs an account that is known to be yours, so nothing was recorded. Ask an operator to add your account.';

  it('T5: where two are needed, a vote from another chat than the request does not count', async () => {
    const [tara, nora] = [strict.newInTeams(), strict.newcomer()];
    const { id: fromTeams } = await strict.askTeams(tara, 'pair because I need to look', /^Recorded/);
    const { id: fromSlack } = await strict.ask(nora, 'pair because I need to look');
    await strict.sees(approvals, fromTeams, '[Approve]');
    await strict.seesTeams(teamsChannel('pair'), fromSlack, '[Approve]');
    expect(await strict.click(bob, 'Approve', approvals, fromTeams)).toBe(link);
    expect(await strict.clickTeams(inTeams.bob, 'Approve', teamsChannel('pair'), fromSlack)).toBe(link);
    for (const id of [fromTeams, fromSlack])
      expect(await strict.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', votes: [] });

    await strict.clickTeams(inTeams.bob, 'Approve', teamsChannel('pair'), fromTeams);
    await strict.clickTeams(inTeams.carol, 'Approve', teamsChannel('pair'), fromTeams);
    await strict.seesTeams(tara, 'You have pair on sandbox until');
    expect(strict.sandbox.has(tara.email, 'pair')).toBe(true);
  });
});

describe('a button that is old', () => {
  beforeAll(goOn);

  it('P3, P6: after the decision it changes nothing, and says where things stand', async () => {
    const { tara, id, channel, approve, deny } = await open();
    await house.clickTeams(inTeams.bob, 'Approve', channel, id);
    await house.inPhase(id, 'active');
    await expectNoButtons(id, 'quiet');
    for (const token of [approve, deny])
      expect(await clickCopy(inTeams.carol, { token })).toBe(
        'This was decided before your click: active. The card shows where it stands.',
      );
    await house.seesTeams(inTeams.carol, 'This stage is decided already, so your vote was not needed.');
    expect(await house.stateOf(id)).toMatchObject({ phase: 'active', votes: [{ by: { id: bob.email } }] });
    expect(house.sandbox.has(tara.email, 'quiet')).toBe(true);

    await house.seesTeams(tara, id, "[I'm done]");
    await house.clickTeams(tara, "I'm done", tara, id);
    await house.ended(id);
    expect(await clickCopy(inTeams.carol, { token: approve })).toMatch(
      /^This is over already, so nothing was changed\./,
    );
    expect(house.sandbox.effectiveGrants(id)).toBe(1);
  });

  it('P3: after the request has expired it is refused, and nothing is granted', async () => {
    const { tara, id, approve } = await open('hasty');
    await house.seesTeams(tara, 'Nobody decided in time, so the request has expired.');
    expect(await clickCopy(inTeams.bob, { token: approve })).toBe(
      'The time for this button is over, so nothing was recorded. See where things stand with /elevate list or /elevate approvals.',
    );
    await expectNoButtons(id, 'hasty', tara);
    expect(await house.stateOf(id)).toMatchObject({ phase: 'closed', outcome: 'expired', votes: [] });
    expect(house.sandbox.calls.filter(({ execution }) => execution === id)).toEqual([]);
  });

  it('T19: one of an earlier stage is no vote on the next', async () => {
    const { id, channel, approve } = await open('staged');
    await house.clickTeams(inTeams.bob, 'Approve', channel, id);
    await house.seesTeams(inTeams.dana, id, '[Approve]');
    expect(await clickCopy(inTeams.dana, { token: approve })).toContain(
      'You are not one of the approvers of this stage',
    );
    expect(await clickCopy(inTeams.carol, { token: approve })).toBe(
      'This stage was decided before your click. The card shows where it stands.',
    );
    expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', stage: 1, votes: [{ stage: 0 }] });
    expect(await votesOn(id)).toEqual([bob.email]);
  });
});

describe('a button that was tampered with', () => {
  beforeAll(goOn);

  it('P3: the token of one request in the card of another decides what it names, and nothing else', async () => {
    const [one, other] = [await open(), await open()];
    const told = await clickAltered(inTeams.bob, other.channel, withData({ token: one.approve }));
    expect(told).toContain('Recorded: Approve');
    expect(told).toContain(one.tara.email);
    await house.inPhase(one.id, 'active');
    await expectUntouched(other.id);
  });

  it('T21: every token that is not exactly ours gets the same neutral sentence', async () => {
    const { id, approve } = await open();
    const [header = '', , iv = '', body = '', tag = ''] = approve.split('.');
    const none = Buffer.from('{"alg":"none","typ":"elevate-offer+jwe"}').toString('base64url');
    const middle = Math.floor(body.length / 2);
    const flipped = body[middle] === 'A' ? 'B' : 'A';
    const values = {
      word: 'approve',
      'a piece': approve.slice(0, 40),
      'without its end': approve.slice(0, -1),
      'with one more character': `${approve}A`,
      'with space': ` ${approve}`,
      'in capitals': approve.toUpperCase(),
      'with another body': [header, '', iv, body.slice(0, middle) + flipped + body.slice(middle + 1), tag].join('.'),
      'without a tag': [header, '', iv, body, ''].join('.'),
      'with alg none': [none, '', iv, body, tag].join('.'),
      unsigned: `${none}.${Buffer.from(`{"execution":"${id}"}`).toString('base64url')}.`,
      'very long': 'e'.repeat(100_000),
      json: JSON.stringify({ what: 'decision', execution: id }),
      'an id': id,
      'what Markdown would read': '[Approve](https://evil.test) **now**',
    };
    for (const [name, token] of Object.entries(values))
      expect([name, await clickCopy(inTeams.bob, { token })]).toEqual([name, dead]);
    await expectUntouched(id);
  });

  it('T21: the token of another deployment, of other keys, of an older digest or a stage that is not there is refused', async () => {
    const { id, approve } = await open();
    const { keys, temporal } = house.config;
    const minter = (from: readonly string[], queue: string) =>
      createTokens({ keys: deriveKeys(from).tokens, deployment: `default/${queue}`, now: Date.now });
    const ours = await minter(keys, temporal.taskQueue);
    const offer = (await ours.open(approve)) as Offer<'decision'>;
    const elsewhere = await (await minter(keys, 'elsewhere')).mint(offer);
    const otherKeys = await (await minter([newKey()], temporal.taskQueue)).mint(offer);
    const older = await ours.mint({ ...offer, data: { ...offer.data, digest: 'd'.repeat(43) } });
    const foreignOwner = await ours.mint({ ...offer, data: { ...offer.data, owner: bob.email } });
    for (const token of [elsewhere, otherKeys, older, foreignOwner])
      expect(await clickCopy(inTeams.bob, { token })).toBe(dead);
    const noSuch = await ours.mint({ ...offer, execution: absent });
    expect(await clickCopy(inTeams.bob, { token: noSuch })).toBe(unknown);
    const stage = await ours.mint({ ...offer, data: { ...offer.data, stage: 7 } });
    expect(await clickCopy(inTeams.bob, { token: stage })).toMatch(/^This stage is decided already/);
    const ratify = await ours.mint({ ...offer, data: { ...offer.data, choice: 'ratify' } });
    expect(await clickCopy(inTeams.bob, { token: ratify })).toMatch(/^This version of Elevate does not know/);
    await expectUntouched(id);
  });

  it('a click that is not whole, or of an unknown kind, is answered and does nothing', async () => {
    const { id, approve } = await open();
    const action = { type: 'Action.Execute', verb: 'offer', data: { token: approve } };
    const values: unknown[] = [
      {},
      { action: {} },
      { action: { ...action, data: undefined } },
      { action: { ...action, data: approve } },
      { action: { ...action, data: [approve] } },
      { action: { ...action, data: { token: [approve] } } },
      { action: { ...action, data: { token: { token: approve } } } },
      { action: { ...action, data: { Token: approve } } },
      { action: { ...action, data: { token: 7 } } },
      { action: { ...action, data: { token: '' } } },
      { action: { ...action, verb: undefined } },
      { action: { ...action, verb: 'approve' } },
      { action: { ...action, verb: 'OFFER' } },
      { action: { ...action, verb: ['offer'] } },
      { action: { ...action, verb: 'command' } },
      { action: { ...action, verb: 'constructor' } },
      { action: [action] },
      { action: 'offer' },
      { token: approve, verb: 'offer' },
      [],
      [action],
      null,
      undefined,
      'offer',
      7,
    ];
    for (const value of values) {
      const given = typeof value === 'object' && value !== null && !Array.isArray(value);
      const told = await invoke(inTeams.bob, given ? { ...value, trigger: 'manual' } : value);
      expect([value, told]).toEqual([value, notInUse]);
    }
    await expectUntouched(id);
  });

  it('P1: a card that refreshes itself decides nothing', async () => {
    const { id, channel } = await open();
    const automatic = (activity: Json) => ({
      ...activity,
      value: { ...(activity['value'] as Json), trigger: 'automatic' },
    });
    expect(await clickAltered(inTeams.bob, channel, automatic)).toBe(notInUse);
    await expectUntouched(id);
  });

  it('an invoke that is not a click on a card is none of ours', async () => {
    const { id, approve } = await open();
    const value = { action: { type: 'Action.Execute', verb: 'offer', data: { token: approve } }, trigger: 'manual' };
    for (const name of ['task/fetch', 'adaptiveCard/Action', 'composeExtension/query', 7, undefined]) {
      const activity = { type: 'invoke', name, value };
      const sent = await house.teams.send({ user: inTeams.bob.user, conversation: copies, activity });
      expect([name, sent.status, sent.body]).toEqual([name, 501, undefined]);
    }
    await expectUntouched(id);
  });
});

describe('a client that sends a message instead', () => {
  beforeAll(goOn);

  it('P1: an old client decides all the same, and is answered in the own chat alone (P4)', async () => {
    const { tara, id, channel } = await open();
    const before = house.readTeams(channel).length;
    const old = { user: inTeams.bob.user, conversation: channel, label: 'Deny', client: 'old' as const };
    const clicked = await house.teams.click({ ...old, inputs: { reason: 'ask again tomorrow' } });
    expect(clicked).toMatchObject({ status: 200, body: undefined, problems: [] });
    const answer = await clicked.waitForReply((message) => read(message).startsWith('Recorded'), PATIENCE);
    expect(answer.conversation).toBe(house.teams.personal(inTeams.bob.user));
    await house.seesTeams(tara, 'Denied by Bob (bob@example.com)', 'ask again tomorrow');
    expect((await house.inPhase(id, 'closed')).state).toMatchObject({ outcome: 'denied' });
    await clicked.resend();
    expect(await votesOn(id)).toEqual([bob.email]);
    const since = house.readTeams(channel).slice(before);
    expect(since.filter((text) => /Recorded|answered you/.test(text))).toEqual([]);
  });

  it('T1: such a message from a stranger, from nobody, or with nothing of ours in it does nothing', async () => {
    const { id, channel, approve } = await open();
    const old = { conversation: channel, label: 'Approve', client: 'old' as const };
    const stranger = await house.teams.click({ ...old, user: inTeams.mallory.user });
    await stranger.waitForReply((message) => read(message).startsWith('You are not one of the approvers'), PATIENCE);
    const values = [{}, { verb: 'offer' }, { token: approve }, { verb: 'other', token: approve }, { verb: 'command' }];
    for (const value of values) {
      const sent = await house.teams.click({
        ...old,
        user: inTeams.bob.user,
        alter: (activity) => ({ ...activity, value }),
      });
      expect(read(await sent.waitForReply((message) => read(message) === notInUse, PATIENCE))).toBe(notInUse);
    }
    await expectUntouched(id);
  });
});

it('P7: no token, no reason and no credential is in the log', () => {
  const told = house.lines.filter((line) =>
    /I need to look|runbook|changed my mind|eyJ[\w-]+\.|Bearer \w|whsec_/.test(line),
  );
  expect(told).toEqual([]);
  expect(house.lines.some((line) => line.includes('told a person why not'))).toBe(true);
});
