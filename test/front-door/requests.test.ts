/** What people do on a good day, through the front door: ask, decide, hold, give back, look. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHistory } from '../../src/dev/history.ts';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import { approvals, bob, carol, dana, type House, mallory, openHouse } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const absent = 'wf_00000000000000000000000000';

describe('asking', () => {
  it('P6: one line is acknowledged with what was recorded, and shown to channel, approvers and requester', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'admin on sandbox for 90 min because the deploy is stuck');
    expect(said).toMatchObject({ status: 200, problems: [], id: expect.stringMatching(/^wf_[0-9a-z]{26}$/) });
    expect(said.text).toContain('Recorded. You are told of every change.');
    for (const place of [approvals, bob, carol]) {
      const card = await house.sees(place, said.id, nora.email, 'admin on sandbox', '1 hour 30 minutes');
      expect(read(card)).toContain('“the deploy is stuck”');
      expect(buttonsOf(card)).toEqual(['Approve', 'Deny']);
      expect(card.text.slice(0, 120)).toContain(`${nora.email} asks for admin on sandbox for 1 hour 30 minutes`);
    }
    expect(buttonsOf(await house.sees(nora, said.id))).toEqual(['Cancel']);
    expect(house.readIn(dana).join()).not.toContain(said.id);
    expect(await house.executionsOf(nora)).toHaveLength(1);
    expect(house.sandbox.has(nora.email)).toBe(false);
  });

  it('T22: the same delivery twice is one execution, with one card', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'quiet because I need to look');
    const again = await said.resend({ retry: { num: 1, reason: 'http_timeout' } });
    expect(read(again.body)).toContain(said.id);
    await house.sees(nora, said.id);
    expect(await house.executionsOf(nora)).toHaveLength(1);
    expect(house.readIn(approvals).filter((text) => text.includes(nora.email))).toHaveLength(1);
  });

  it('T31: asking for what is asked for already is answered with the open request', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'quiet for 1h because I need to look');
    const again = await house.ask(nora, 'quiet for 2h because I need to look longer');
    expect(again.text).toContain('You have asked for this already; here is where it stands.');
    expect(again.id).toBe(said.id);
    expect(again.text).toContain('1 hour');
    expect(await house.executionsOf(nora)).toHaveLength(1);
  });

  it('T31: more than the open limit are refused with the time to try again, until one is over', async () => {
    const nora = house.newcomer();
    const roles = ['admin', 'pair', 'staged'];
    for (const role of roles) await house.ask(nora, `${role} because of the migration`);
    const refused = await house.ask(nora, 'risky because of the migration');
    expect(refused.text).toBe('You have 3 open requests, which is the most at one time. Try again in 1 minute.');
    expect(await house.executionsOf(nora)).toHaveLength(3);

    const [newest] = await house.executionsOf(nora);
    await house.ask(nora, `cancel ${newest?.input.request.id}`);
    await house.slack.until(() => house.readIn(nora).find((text) => text.startsWith('Withdrawn: staged')), 'the end');
    expect((await house.ask(nora, 'risky because of the migration')).text).toContain('Recorded');
  });

  it('T31: refusals of the last 24 hours are on the next card', async () => {
    const nora = house.newcomer();
    const first = await house.ask(nora, 'quiet because I want to');
    await house.deny(bob, approvals, first.id, 'that is no reason');
    await house.sees(nora, 'Your request for quiet on sandbox');
    await house.inPhase(first.id, 'closed');
    const second = await house.ask(nora, 'quiet because of INC-42');
    const card = await house.sees(approvals, second.id);
    expect(read(card)).toContain(`This was refused to ${nora.email} 1 time in the last 24 hours.`);
  });
});

describe('deciding', () => {
  it('P1, P6: an approval grants, the requester is told of every change, and every card is redrawn', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'admin for 1h because the deploy is stuck');
    await house.sees(bob, said.id, '[Approve]');
    expect(house.sandbox.has(nora.email)).toBe(false);
    expect(await house.click(bob, 'Approve', bob, said.id)).toContain('Recorded: Approve');

    await house.sees(nora, 'You have admin on sandbox until', 'sandbox login admin');
    expect(house.sandbox.has(nora.email, 'admin')).toBe(true);
    expect(house.sandbox.effectiveGrants(said.id)).toBe(1);
    await house.sees(approvals, `Granted: admin on sandbox for ${read({ text: 'Nora' })}`, nora.email);
    for (const place of [approvals, bob, carol]) {
      const card = await house.sees(place, said.id, 'Active until', 'Bob (bob@example.com) approved at');
      expect(buttonsOf(card)).toEqual([]);
    }
    await house.sees(nora, said.id, "[I'm done]", 'How to use admin on sandbox: sandbox login admin');

    expect(await house.click(nora, "I'm done", nora, said.id)).toContain('Recorded: you are done.');
    await house.sees(nora, 'Your request for admin on sandbox: The access has ended.');
    expect(house.sandbox.has(nora.email)).toBe(false);
    for (const place of [approvals, bob, carol, nora]) await house.sees(place, said.id, 'Ended: admin on sandbox');
    await house.buttonsGone(said.id, nora);
    const kinds = (await house.audited(said.id)).map(({ kind }) => kind);
    expect(kinds).toEqual([
      'requested',
      'asked',
      'voted',
      'approved',
      'granted',
      'released',
      'ending',
      'revoked',
      'closed',
    ]);
  });

  it('P1: a denial with its reason ends the request; nothing is granted, and everybody is told why', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'admin because I am curious');
    const form = await house.deny(bob, bob, said.id, 'curiosity is no reason');
    expect(form).toContain('Recorded: Deny');
    await house.sees(
      nora,
      'Your request for admin on sandbox: Denied by Bob (bob@example.com)',
      'curiosity is no reason',
    );
    for (const place of [approvals, bob, carol, nora])
      await house.sees(place, said.id, 'Denied', 'curiosity is no reason');
    await house.buttonsGone(said.id, nora);
    expect(house.sandbox.calls.filter(({ execution }) => execution === said.id)).toEqual([]);
  });

  it('P1: a quorum of two needs two people, and the card counts them', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'pair because the schema changes');
    await house.sees(approvals, said.id, '[Approve]');
    await house.click(bob, 'Approve', approvals, said.id);
    await house.sees(approvals, said.id, '1 of 2 votes', '[Approve]', '1 more vote needed');
    expect(house.sandbox.has(nora.email)).toBe(false);
    await house.click(carol, 'Approve', carol, said.id);
    await house.sees(nora, 'You have pair on sandbox until');
    expect(house.sandbox.has(nora.email, 'pair')).toBe(true);
    await house.buttonsGone(said.id);
  });

  it('P1: two stages are asked one after the other, each by its own approvers', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'staged because the schema changes');
    await house.sees(approvals, said.id, 'Stage 1 of 2', '[Approve]');
    expect(house.readIn(dana).join()).not.toContain(said.id);
    await house.click(bob, 'Approve', approvals, said.id);
    await house.sees(dana, said.id, 'Stage 2 of 2', '[Approve]');
    await house.slack.until(
      () => house.slack.messagesIn(approvals).find((m) => read(m).includes(said.id) && buttonsOf(m).length === 0),
      'the first stage to lose its buttons',
    );
    expect(house.sandbox.has(nora.email)).toBe(false);

    const waiting = await house.ask(dana, 'approvals');
    expect(waiting.text).toContain(said.id);
    expect(await house.click(dana, 'Approve', dana, said.id)).toContain('Recorded: Approve');
    await house.sees(nora, 'You have staged on sandbox until');
    expect(house.sandbox.has(nora.email, 'staged')).toBe(true);
    expect((await house.ask(dana, 'approvals')).text).toBe('Nothing waits for you.');
  });

  it('P1: with self-approval on, an approver may decide their own request, and the card says so', async () => {
    const said = await house.ask(carol, 'own because the queue is stuck');
    await house.sees(approvals, said.id, 'Self-approval is allowed');
    expect(await house.click(carol, 'Approve', approvals, said.id)).toContain('Recorded: Approve');
    await house.sees(carol, 'You have own on sandbox until');
    expect(house.sandbox.has(carol.email, 'own')).toBe(true);
  });

  it('T25: access that was there before is kept, and everybody is told', async () => {
    const nora = house.newcomer();
    house.sandbox.give(nora.email, 'admin');
    const said = await house.ask(nora, 'admin because I forgot that I have it');
    await house.sees(approvals, said.id, '[Approve]');
    await house.click(bob, 'Approve', approvals, said.id);
    await house.sees(nora, 'You already had, and keep, this access: admin on sandbox.');
    await house.inPhase(said.id, 'closed');
    expect(house.sandbox.has(nora.email, 'admin')).toBe(true);
    expect(house.sandbox.calls.filter((call) => call.execution === said.id).map(({ verb }) => verb)).toEqual([
      'inspect',
    ]);
  });
});

describe('ending', () => {
  it('P2: done by command gives the access back', async () => {
    const nora = house.newcomer();
    const { id } = await house.granted(nora, 'admin because the deploy is stuck');
    expect((await house.ask(nora, 'done')).text).toBe(
      `Recorded: you are done with ${id}. The access is being taken back.`,
    );
    await house.sees(nora, 'Your request for admin on sandbox: The access has ended.');
    expect(house.sandbox.has(nora.email)).toBe(false);
    expect((await house.ask(nora, 'done')).text).toBe('You hold no access, so there is nothing to give back.');
  });

  it('P2: cancelled before the decision, nothing is granted and nobody is asked any more', async () => {
    const nora = house.newcomer();
    const said = await house.ask(nora, 'admin because the deploy is stuck');
    await house.sees(approvals, said.id, '[Approve]');
    await house.sees(nora, said.id, '[Cancel]');
    expect(await house.click(nora, 'Cancel', nora, said.id)).toContain(`Recorded: ${said.id} is being withdrawn.`);
    await house.sees(nora, 'Your request for admin on sandbox: The request was withdrawn.');
    for (const place of [approvals, bob, carol]) await house.sees(place, said.id, 'Withdrawn');
    await house.buttonsGone(said.id, nora);
    expect(house.sandbox.calls.filter(({ execution }) => execution === said.id)).toEqual([]);
  });

  it('P2: cancelled after the grant, the access is taken back first', async () => {
    const nora = house.newcomer();
    const { id } = await house.granted(nora, 'admin because the deploy is stuck');
    expect((await house.ask(nora, 'cancel')).text).toContain('What was given is taken back first.');
    await house.sees(nora, 'Your request for admin on sandbox: The request was withdrawn.');
    expect(house.sandbox.has(nora.email)).toBe(false);
    await house.buttonsGone(id, nora);
    expect(await house.ended(id)).toBe('WorkflowExecutionCanceled');
    expect((await house.ask(nora, `cancel ${id}`)).text).toMatch(/^This is over already, so nothing was changed\./);
  });

  it('P2: terminated, the access is taken back and the end is told all the same', async () => {
    const nora = house.newcomer();
    const { id } = await house.granted(nora, 'admin because the deploy is stuck');
    expect((await house.ask(nora, `terminate ${id.slice(3, 9)}`)).text).toBe(
      `Recorded: ${id} is being ended by force. What was given is taken back.`,
    );
    await house.sees(nora, `Your request for admin on sandbox: The execution was ended by force: by ${nora.email}.`);
    expect(house.sandbox.has(nora.email)).toBe(false);
    await house.sees(approvals, id, 'Terminated');
    await house.buttonsGone(id, nora);
    expect(await house.ended(id)).toBe('WorkflowExecutionTerminated');
  });
});

describe('looking', () => {
  it('P4: list shows the own open requests, list all the closed ones too, and nobody else sees them', async () => {
    const nora = house.newcomer();
    expect((await house.ask(nora, 'list')).text).toBe('You have no open requests.');
    expect((await house.ask(nora, 'list all')).text).toBe('You have not asked for anything yet.');
    const over = await house.ask(nora, 'quiet because I need to look');
    await house.ask(nora, 'cancel');
    await house.inPhase(over.id, 'closed');
    const open = await house.ask(nora, 'risky because I need to look');
    const list = (await house.ask(nora, 'list')).text;
    expect(list).toContain(open.id);
    expect(list).not.toContain(over.id);
    const all = (await house.ask(nora, 'list all')).text;
    expect(all).toContain(open.id);
    expect(all).toContain(over.id);
    expect(all).toContain('Withdrawn');
    expect((await house.ask(mallory, 'list all')).text).toBe('You have not asked for anything yet.');
  });

  it('show tells the story of an own request, by its id, by six characters of it, or by itself', async () => {
    const nora = house.newcomer();
    const { id } = await house.ask(nora, 'quiet because I need to look');
    await house.inPhase(id, 'awaiting_approval');
    await house.sees(nora, id);
    for (const typed of ['show', `show ${id}`, `show ${id.slice(3, 9)}`, `show ${id.slice(3, 12).toUpperCase()}`]) {
      const { text } = await house.ask(nora, typed);
      expect(text).toContain(`${nora.email} asked.`);
      expect(text).toContain('Stage 1 was asked');
      expect(text).toContain(id);
      expect(text).toContain('[Cancel]');
    }
  });

  it('where several are meant, buttons ask which one, and they work', async () => {
    const nora = house.newcomer();
    const first = await house.ask(nora, 'quiet because I need to look');
    const second = await house.ask(nora, 'risky because I need to look');
    const which = await house.ask(nora, 'cancel');
    expect(which.text).toContain('Which one?');
    expect(which.text).toContain(first.id);
    expect(which.text).toContain(second.id);
    const message = house.slack.latest(`D${nora.user}`, nora.user);
    const clicked = await house.slack.click({
      user: nora.user,
      channel: `D${nora.user}`,
      ts: message?.ts ?? '',
      actionId: 'command:1',
    });
    expect(read(await clicked.waitForResponse())).toContain(`Recorded: ${first.id} is being withdrawn.`);
    await house.inPhase(first.id, 'closed');
    expect((await house.ask(nora, 'list')).text).toContain(second.id);
  });

  it('P4: a foreign request is answered like one that does not exist', async () => {
    const nora = house.newcomer();
    const { id } = await house.ask(nora, 'admin because the deploy is stuck');
    for (const verb of ['show', 'cancel', 'done', 'terminate']) {
      const foreign = await house.ask(mallory, `${verb} ${id}`);
      const unknown = await house.ask(mallory, `${verb} ${absent}`);
      expect(foreign.text).toBe(unknown.text);
      expect(foreign.text).toContain('No such request is yours to see or decide.');
      const part = await house.ask(mallory, `${verb} ${id.slice(3, 9)}`);
      expect(part.text).toBe(`None of your requests begins with ${id.slice(0, 9)}. See them with /elevate list all.`);
    }
    expect((await house.executionsOf(nora))[0]?.state.phase).toBe('awaiting_approval');
    expect((await house.ask(bob, `show ${id}`)).text).toContain('[Approve]');
  });

  it('P4: approvals lists what waits for a person, without their own, and its buttons decide', async () => {
    const nora = house.newcomer();
    const { id } = await house.ask(nora, 'quiet because I need to look');
    const own = await house.ask(bob, 'pair because I need it myself');
    const waiting = await house.ask(bob, 'approvals');
    expect(waiting.text).toContain(id);
    expect(waiting.text).not.toContain(own.id);
    expect((await house.ask(mallory, 'approvals')).text).toBe('Nothing waits for you.');
    // The newest is the first in the list.
    expect(await house.click(bob, 'Approve', bob, id)).toContain(nora.email);
    await house.sees(nora, 'You have quiet on sandbox until');
    expect(house.sandbox.has(nora.email, 'quiet')).toBe(true);
  });

  it('whoami, roles and help say who, what and how', async () => {
    const nora = house.newcomer();
    expect((await house.ask(nora, 'whoami')).text).toBe(
      `You are Nora-${nora.email.slice(5, 8)} (${nora.email}), by the confirmed e-mail address of this account. Groups: no groups.`,
    );
    expect((await house.ask(bob, 'whoami')).text).toContain('Groups: sre.');
    const roles = (await house.ask(nora, 'roles')).text;
    expect(roles).toContain('pair pair, on sandbox, up to 4 hours. Decided by 2 of sre.');
    expect(roles).toContain('Decided by 1 of sre, then 1 of dana@example.com.');
    expect(roles).not.toMatch(/^closed /m);
    expect((await house.ask(nora, 'roles administrator')).text).toMatch(/^admin Sandbox administrator/);
    expect((await house.ask(nora, 'roles closed')).text).toBe('Nothing that you may ask for is called closed.');
    expect((await house.ask(dana, 'roles closed')).text).toMatch(/^closed /);
    expect((await house.ask(nora, 'help')).text).toContain('/elevate approvals lists what waits for your decision');
    expect((await house.ask(nora, '')).text).toContain('Say what you need:');
  });

  it('P7: neither the log nor what Temporal keeps says why access was asked for, or holds a token', async () => {
    const nora = house.newcomer();
    const { id } = await house.granted(nora, 'admin because of the secret merger with ACME');
    await house.ask(nora, 'done');
    await house.inPhase(id, 'closed');
    const { text } = await readHistory(house.temporal, id);
    expect(text).not.toMatch(/secret merger|nora-/);
    const told = house.lines.filter((line) => /secret merger|eyJ[\w-]+\.\.[\w-]+\.|xoxb-|whsec_/.test(line));
    expect(told).toEqual([]);
  });
});

// Last, because Elevate's clock is an hour ahead after it.
describe('asking often', () => {
  it('T31: more than the hourly limit are refused with the time to try again, and then work', async () => {
    const nora = house.newcomer();
    for (const role of ['admin', 'pair', 'staged', 'risky', 'quiet']) {
      const { id } = await house.ask(nora, `${role} because of the migration`);
      await house.ask(nora, `cancel ${id}`);
      await house.inPhase(id, 'closed');
    }
    const refused = await house.ask(nora, 'open because of the migration');
    expect(refused.text).toMatch(
      /^You have asked 5 times in an hour, which is the most\. Try again in (1 hour|59 minutes( \d+ seconds?)?)\.$/,
    );
    expect(await house.executionsOf(nora)).toHaveLength(5);
    house.goOn(60 * 60_000);
    expect((await house.ask(nora, 'open because of the migration')).text).toContain('Recorded');
  });
});
