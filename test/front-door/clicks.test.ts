/** Clicks that must not count, or must count once: P1, P3 and P4 at the front door. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deriveKeys, newKey } from '../../src/config/keys.ts';
import { readHistory } from '../../src/dev/history.ts';
import { read } from '../../src/dev/reading.ts';
import { createTokens } from '../../src/tokens/signal-token.ts';
import type { Offer } from '../../workflows/contract.ts';
import { approvals, bob, carol, dana, type House, mallory, openHouse, type Person } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const dead =
  'This button does not work any more, so nothing was recorded. Open the request again with /elevate list or /elevate approvals.';
const unknown =
  'No such request is yours to see or decide. See your own with /elevate list, and what waits for you with /elevate approvals.';
const absent = 'wf_00000000000000000000000000';
const copies = 'C09COPIES';

/** An open request of somebody new, with its card in the channel. */
async function open(role = 'quiet') {
  const nora = house.newcomer();
  const { id } = await house.ask(nora, `${role} because I need to look`);
  const card = await house.sees(approvals, id, '[Approve]');
  return { nora, id, card, approve: house.valueOf(card, 'Approve'), deny: house.valueOf(card, 'Deny') };
}

/** Clicks a copy of a button: an old card on a phone, or one that somebody made up. */
async function clickCopy(person: Person, value: string, actionId = 'offer:0'): Promise<string> {
  house.slack.addChannel({ id: copies });
  const ts = await house.showButton(copies, { label: 'Copy', actionId, value });
  const clicked = await house.slack.click({ user: person.user, channel: copies, ts, label: 'Copy' });
  return read(await clicked.waitForResponse());
}

async function expectUntouched(id: string): Promise<void> {
  expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', votes: [] });
  expect(house.sandbox.calls.filter(({ execution }) => execution === id)).toEqual([]);
}

describe('who may decide', () => {
  it('P1, T10: an approver who asked is refused, told why and who was asked, and it is written down', async () => {
    const { id } = await house.ask(carol, 'pair because the queue is stuck');
    await house.sees(approvals, id, '[Approve]');
    expect(await house.click(carol, 'Approve', approvals, id)).toMatch(
      /^You asked for this access, so you can't approve it\. Asked at .*: sre\.$/,
    );
    await expectUntouched(id);
    const refused = (await house.audited(id)).filter(({ kind }) => kind === 'refused');
    expect(refused).toMatchObject([{ principal: carol.email, details: { reason: 'self_approval' } }]);
  });

  it('P1: somebody who is no approver is refused, told why and who was asked, and it is written down', async () => {
    const { id, nora } = await open();
    for (const person of [mallory, dana]) {
      expect(await house.click(person, 'Approve', approvals, id)).toMatch(
        /^You are not one of the approvers of this stage, so your vote can't count\. Asked at .*: sre\.$/,
      );
    }
    expect(await house.click(nora, 'Approve', approvals, id)).toContain('You asked for this access');
    await expectUntouched(id);
    const refused = (await house.audited(id)).filter(({ kind }) => kind === 'refused');
    expect(refused.map(({ details }) => details['reason'])).toEqual(['not_approver', 'not_approver', 'self_approval']);
  });

  it('T11: who joined the approvers after a request of high risk does not count; of normal risk, is marked', async () => {
    const risky = await open('risky');
    const normal = await open('pair');
    const late = house.newcomer();
    house.slack.addUsergroup('S01SRE', [late.user]);
    house.goOn(61_000);
    expect(await house.click(late, 'Approve', approvals, risky.id)).toBe(
      'You joined the approvers after this was asked for, so your vote does not count here. Another approver decides.',
    );
    await expectUntouched(risky.id);
    expect(await house.click(late, 'Approve', approvals, normal.id)).toContain('Recorded: Approve');
    await house.sees(approvals, normal.id, '1 of 2 votes', 'joined later');

    house.slack.addUsergroup('S01SRE', []);
    house.goOn(61_000);
    expect(await house.click(late, 'Approve', approvals, risky.id)).toContain('You are not one of the approvers');
  });

  it('T2: a click from another workspace, or of a guest from another company, does not count', async () => {
    const { id } = await open();
    const click = { user: bob.user, channel: approvals, label: 'Approve' };
    const { ts } = await house.sees(approvals, id, '[Approve]');
    const foreign = await house.slack.click({ ...click, ts, team: 'T09OTHER' });
    expect(read(await foreign.waitForResponse())).toBe(
      'Elevate does not serve this workspace. Ask your administrator to add it.',
    );
    const connected = await house.slack.click({ ...click, ts, userTeam: 'T09OTHER' });
    expect(read(await connected.waitForResponse())).toBe(
      'Only people of the workspace that runs Elevate can use this. You are here from another one.',
    );
    const nobody = await house.slack.click({ ...click, ts, alter: (payload) => ({ ...payload, user: undefined }) });
    expect(nobody).toMatchObject({ status: 500, responses: [] });
    await expectUntouched(id);
  });

  it('T1: who clicks is who Slack says, whatever else the click claims', async () => {
    const { id } = await open();
    const { ts } = await house.sees(approvals, id, '[Approve]');
    const claiming = await house.slack.click({
      user: mallory.user,
      channel: approvals,
      ts,
      label: 'Approve',
      alter: (payload) => ({ ...payload, user_id: bob.user, actor: { user: bob.user }, email: bob.email }),
    });
    expect(read(await claiming.waitForResponse())).toContain('You are not one of the approvers');
    await expectUntouched(id);
  });
});

describe('how often a click counts', () => {
  it('P3: two approvers at once are one grant', async () => {
    const { id, nora } = await open('admin');
    const answers = await Promise.all([
      house.click(bob, 'Approve', approvals, id),
      house.click(carol, 'Approve', approvals, id),
    ]);
    for (const answer of answers) expect(answer).toMatch(/^Recorded: Approve|^This was decided before your click/);
    await house.inPhase(id, 'active');
    expect(house.sandbox.effectiveGrants(id)).toBe(1);
    expect(house.sandbox.has(nora.email, 'admin')).toBe(true);
    const kinds = (await house.audited(id)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'voted')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'approved')).toHaveLength(1);
  });

  it('P3: twenty clicks of one person at once are one vote', async () => {
    const { id } = await open('pair');
    const { ts } = await house.sees(approvals, id, '[Approve]');
    const click = { user: bob.user, channel: approvals, ts, label: 'Approve' };
    const clicks = await Promise.all(Array.from({ length: 20 }, () => house.slack.click(click)));
    expect(clicks.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    for (const { waitForResponse } of clicks) {
      const answer = await waitForResponse((post) => !read(post).startsWith('Still working'), 20_000);
      expect(read(answer)).toContain('Recorded: Approve');
    }
    await house.sees(approvals, id, '1 of 2 votes', '[Approve]');
    expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', votes: [{ by: { id: bob.email } }] });
    expect((await house.audited(id)).filter(({ kind }) => kind === 'voted')).toHaveLength(1);
    // One event of one id, so that Temporal itself keeps the first alone.
    const { names } = await readHistory(house.temporal, id);
    expect(names.filter((name) => name === 'WorkflowExecutionSignaled')).toHaveLength(1);
    expect(house.sandbox.calls.filter(({ execution }) => execution === id)).toEqual([]);
  });

  it('T22: a click that Slack delivers twice is one vote', async () => {
    const { id } = await open('pair');
    const { ts } = await house.sees(approvals, id, '[Approve]');
    const clicked = await house.slack.click({ user: bob.user, channel: approvals, ts, label: 'Approve' });
    await clicked.resend();
    await house.sees(approvals, id, '1 of 2 votes');
    expect((await house.audited(id)).filter(({ kind }) => kind === 'voted')).toHaveLength(1);
  });

  it('T19: a denial after an own approval replaces it while the stage is open', async () => {
    const { id, nora } = await open('pair');
    await house.click(bob, 'Approve', approvals, id);
    await house.sees(approvals, id, '1 of 2 votes');
    expect(await house.deny(bob, approvals, id, 'I have changed my mind')).toContain('Recorded: Deny');
    await house.sees(nora, 'Denied by Bob (bob@example.com)', 'I have changed my mind');
    const closed = await house.inPhase(id, 'closed');
    expect(closed.state).toMatchObject({ outcome: 'denied', votes: [{ choice: 'deny' }] });
  });
});

describe('a button that is old', () => {
  it('P3, P6: after the decision it changes nothing, and says what was decided', async () => {
    const { id, nora, approve, deny } = await open('admin');
    await house.click(bob, 'Approve', approvals, id);
    await house.inPhase(id, 'active');
    await house.buttonsGone(id);
    expect(await clickCopy(carol, approve)).toBe(
      'This was decided before your click: active. The card shows where it stands.',
    );
    expect(await clickCopy(carol, deny)).toBe(
      'This was decided before your click: active. The card shows where it stands.',
    );
    await house.sees(carol, 'This stage is decided already, so your vote was not needed.');
    expect(await house.stateOf(id)).toMatchObject({ phase: 'active', votes: [{ by: { id: bob.email } }] });
    expect(house.sandbox.has(nora.email, 'admin')).toBe(true);

    await house.ask(nora, 'done');
    await house.ended(id);
    expect(await clickCopy(carol, approve)).toMatch(/^This is over already, so nothing was changed\./);
    expect(house.sandbox.effectiveGrants(id)).toBe(1);
  });

  it('P3: after the request has expired it is refused, and nothing is granted', async () => {
    const { id, nora, approve } = await open('hasty');
    await house.sees(nora, 'Nobody decided in time, so the request has expired.');
    expect(await clickCopy(bob, approve)).toBe(
      'The time for this button is over, so nothing was recorded. See where things stand with /elevate list or /elevate approvals.',
    );
    await house.buttonsGone(id, nora);
    expect(await house.stateOf(id)).toMatchObject({ phase: 'closed', outcome: 'expired', votes: [] });
    expect(house.sandbox.calls.filter(({ execution }) => execution === id)).toEqual([]);
  });

  it('T19: one of an earlier stage is no vote on the next', async () => {
    const { id, approve } = await open('staged');
    await house.click(bob, 'Approve', approvals, id);
    await house.sees(dana, id, '[Approve]');
    expect(await clickCopy(dana, approve)).toContain('You are not one of the approvers of this stage');
    expect(await clickCopy(carol, approve)).toBe(
      'This stage was decided before your click. The card shows where it stands.',
    );
    await house.sees(carol, 'This stage is decided already, so your vote was not needed.');
    expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', stage: 1, votes: [{ stage: 0 }] });
  });
});

describe('a button that was tampered with', () => {
  it('P3: the token of one request in the card of another decides what it names, and nothing else', async () => {
    const one = await open();
    const other = await open();
    const clicked = await house.slack.click({
      user: bob.user,
      channel: approvals,
      ts: other.card.ts,
      label: 'Approve',
      alter: (payload) => withValue(payload, one.approve),
    });
    expect(read(await clicked.waitForResponse())).toContain(`Recorded: Approve, for Nora`);
    expect(read(await clicked.waitForResponse())).toContain(one.nora.email);
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
      empty: '',
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
      'as long as a button takes': 'e'.repeat(2_000),
      json: JSON.stringify({ what: 'decision', execution: id }),
      'an id': id,
    };
    for (const [name, value] of Object.entries(values)) {
      const { ts } = await house.sees(approvals, id, '[Approve]');
      const clicked = await house.slack.click({
        user: bob.user,
        channel: approvals,
        ts,
        label: 'Approve',
        alter: (payload) => withValue(payload, value),
      });
      expect([name, read(await clicked.waitForResponse())]).toEqual([name, dead]);
    }
    await expectUntouched(id);
  });

  it('T21: the token of another deployment, of other keys, or of a changed request is refused alike', async () => {
    const { id, approve } = await open();
    const { keys, temporal } = house.config;
    const minter = (from: readonly string[], queue: string) =>
      createTokens({ keys: deriveKeys(from).tokens, deployment: `default/${queue}`, now: Date.now });
    const ours = await minter(keys, temporal.taskQueue);
    const offer = (await ours.open(approve)) as Offer<'decision'>;
    const elsewhere = await (await minter(keys, 'elsewhere')).mint(offer);
    const otherKeys = await (await minter([newKey()], temporal.taskQueue)).mint(offer);
    const changed = await ours.mint({ ...offer, data: { ...offer.data, digest: 'd'.repeat(43) } });
    const foreignOwner = await ours.mint({ ...offer, data: { ...offer.data, owner: bob.email } });
    for (const token of [elsewhere, otherKeys, changed, foreignOwner]) expect(await clickCopy(bob, token)).toBe(dead);
    const noSuch = await ours.mint({ ...offer, execution: absent });
    expect(await clickCopy(bob, noSuch)).toBe(unknown);
    const stage = await ours.mint({ ...offer, data: { ...offer.data, stage: 7 } });
    expect(await clickCopy(bob, stage)).toMatch(/^This stage is decided already/);
    const ratify = await ours.mint({ ...offer, data: { ...offer.data, choice: 'ratify' } });
    expect(await clickCopy(bob, ratify)).toMatch(/^This version of Elevate does not know how to do that/);
    await expectUntouched(id);
  });

  it('P4: a command button with the id of a foreign request is answered like one with an unknown id', async () => {
    const { id } = await open();
    for (const verb of ['cancel', 'show', 'done', 'terminate']) {
      expect(await clickCopy(mallory, `${verb} ${id}`, 'command:0')).toBe(unknown);
      expect(await clickCopy(mallory, `${verb} ${absent}`, 'command:0')).toBe(unknown);
    }
    for (const verb of ['cancel', 'terminate', 'done']) {
      expect(await clickCopy(bob, `${verb} ${id}`, 'command:0')).toBe(
        'Only the person who made this request may do that, so nothing was changed.',
      );
    }
    await expectUntouched(id);
  });

  it("P2: the owner's button to give back works for nobody else", async () => {
    const nora = house.newcomer();
    const { id } = await house.granted(nora, 'quiet because I need to look');
    const release = house.valueOf(await house.sees(nora, id, "[I'm done]"), "I'm done");
    expect(await clickCopy(mallory, release)).toBe(
      'Only the person who made this request may do that, so nothing was changed.',
    );
    expect(await house.stateOf(id)).toMatchObject({ phase: 'active' });
    expect(house.sandbox.has(nora.email, 'quiet')).toBe(true);
  });

  it('a button of an unknown kind is answered and does nothing', async () => {
    const { id, approve } = await open();
    for (const actionId of ['offer', 'offer:x', 'delete:0', 'OFFER:0']) {
      expect(await clickCopy(bob, approve, actionId)).toBe(
        'This button is not in use any more. Type /elevate list to see where things stand.',
      );
    }
    await expectUntouched(id);
  });
});

describe('a form that was tampered with', () => {
  async function submitted(alter: (payload: Record<string, unknown>) => Record<string, unknown>) {
    const { id, card } = await open();
    await house.slack.click({ user: bob.user, channel: approvals, ts: card.ts, label: 'Deny' });
    const isForm = () => house.slack.modal(bob.user)?.view['callback_id'] === 'reason';
    await house.slack.until(isForm, 'the form');
    const outcome = await house.slack.submit({ user: bob.user, alter });
    expect(outcome).toMatchObject({ status: 200, problems: [] });
    return { id, shown: read(house.slack.modal(bob.user)?.view) };
  }
  type View = { private_metadata: string; state: { values: unknown } } & Record<string, unknown>;
  const inView = (payload: Record<string, unknown>, change: (view: View) => Partial<View>) => {
    const view = payload['view'] as View;
    return { ...payload, view: { ...view, ...change(view) } };
  };

  it('T21: with another token it says that the button does not work', async () => {
    const kept = JSON.stringify({ token: 'another', channel: approvals });
    const { id, shown } = await submitted((payload) => inView(payload, () => ({ private_metadata: kept })));
    expect(shown).toBe(dead);
    await expectUntouched(id);
  });

  it('with nothing that is ours in it, it says so', async () => {
    const { id, shown } = await submitted((payload) => inView(payload, () => ({ private_metadata: 'x' })));
    expect(shown).toBe('This form is not in use any more. Click the button again.');
    await expectUntouched(id);
  });

  it('with a reason longer than it takes, nothing is recorded, and it says so', async () => {
    const values = { reason: { reason: { type: 'plain_text_input', value: 'x'.repeat(501) } } };
    const { id, shown } = await submitted((payload) => inView(payload, () => ({ state: { values } })));
    expect(shown).toContain('Nothing was recorded. /reason: A reason has at most 500 characters.');
    await expectUntouched(id);
  });

  it('T2: sent by somebody from another company, it does not count', async () => {
    const { id, shown } = await submitted((payload) => ({
      ...payload,
      user: { ...(payload['user'] as object), team_id: 'T09OTHER' },
    }));
    expect(shown).toContain('Only people of the workspace that runs Elevate can use this.');
    await expectUntouched(id);
  });

  it('P1: sent by an approver for another person, it is that person who does not count', async () => {
    const { id, shown } = await submitted((payload) => ({
      ...payload,
      user: { ...(payload['user'] as object), id: mallory.user },
    }));
    expect(shown).toContain('You are not one of the approvers');
    await expectUntouched(id);
  });
});

function withValue(payload: Record<string, unknown>, value: string): Record<string, unknown> {
  const [action, ...others] = payload['actions'] as Record<string, unknown>[];
  return { ...payload, actions: [{ ...action, value }, ...others] };
}
