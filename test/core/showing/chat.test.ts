import { beforeEach, describe, expect, it } from 'vitest';
import type { ElevateInput, Entry, State } from '../../../workflows/contract.ts';
import { ElevateError } from '../../../src/core/errors.ts';
import { type Chat, ChatBusy } from '../../../src/core/ports.ts';
import { PostingRefusal } from '../../../src/core/showing/posting.ts';
import {
  alice,
  bob,
  carol,
  minute,
  sampleActor,
  sampleEntries,
  sampleId,
  sampleInput,
  sampleStage,
  sampleState,
  sampleTime,
  sampleVote,
} from '../../samples.ts';
import { createFakeChat } from './fake-chat.ts';

const channel = 'C02APPR';
const toAlice = 'T01ACME/U_alice';
const toBob = 'T01ACME/U_bob';
const toCarol = 'T01ACME/U_carol';

let fake: ReturnType<typeof createFakeChat>;
let chat: Chat;

beforeEach(() => {
  fake = createFakeChat();
  for (const { id } of [alice, bob, carol]) fake.addUser(id);
  chat = fake.open();
});

/** The stage asks in one channel unless said otherwise. */
function request(stage: Parameters<typeof sampleStage>[0] = {}): ElevateInput {
  const asked = sampleStage({ ask: { channels: { chat: [channel] }, dm: 'none' }, ...stage });
  return sampleInput({ plan: { stages: [asked] } });
}

const show = (input: ElevateInput, state: State, events: Entry[] = sampleEntries()) =>
  chat.show({ input, state, events, run: 'run-1' });
const buttonsAt = (to: string) => fake.at(to).map(({ buttons }) => buttons);
const textsAt = (to: string) => fake.at(to).map(({ text }) => text);
const direct = { ask: { channels: {}, dm: 'all' as const } };
const waiting = sampleState();
const voted = sampleState({ votes: [sampleVote()] });
const denied = sampleState({ phase: 'closed', outcome: 'denied', access: [{ item: 0, state: 'none' }] });
const deniedEntries: Entry[] = [{ seq: 4, at: sampleTime + minute, kind: 'closed', outcome: 'denied' }];

describe('asking', () => {
  it('P3: shows each thing once to each, and edits it when it changes', async () => {
    await show(request(), waiting);
    const calls = fake.calls();
    chat = fake.open();
    await show(request(), waiting);
    expect(fake.calls()).toBe(calls);
    await show(request(), denied, deniedEntries);
    expect(fake.at(channel)[0]).toMatchObject({ buttons: [], edits: 1 });
    expect(fake.at(channel)[1]).toMatchObject({ below: '0', text: expect.stringContaining('was denied') });
    expect(buttonsAt(toAlice)[0]).toEqual([]);
  });

  it('T2: writes to people of every tenant that is ours, each under their own, and to no other', async () => {
    fake.addUser('dan@example.com', { tenant: 'T02BETA' });
    fake.addUser('eve@example.com', { tenant: 'T09OTHER' });
    const users = ['dan@example.com', 'eve@example.com', 'chat:T01ACME/U_carol', 'chat:T09OTHER/U_eve'];
    const input = request({ ...direct, approvers: { users, groups: [] } });
    await show(input, waiting);
    await show(input, denied, deniedEntries);
    for (const asked of ['T02BETA/U_dan', toCarol]) {
      expect(fake.at(asked)[0]).toMatchObject({ buttons: [], edits: 1 });
      expect(textsAt(asked)[1]).toContain('was denied');
    }
    expect(new Set(fake.sent.map(({ to }) => to))).toEqual(new Set(['T02BETA/U_dan', toCarol, toAlice]));
  });

  it('finds where a person was written to before tenants were kept', async () => {
    const input = request(direct);
    await show(input, waiting);
    for (const card of fake.kept.values()) delete card.address['tenant'];
    await show(input, denied, deniedEntries);
    expect(fake.at(toBob)[0]).toMatchObject({ buttons: [], edits: 1 });
  });

  const elsewhere = { platform: 'elsewhere', tenant: 'x', user: 'y' };

  it.each([
    ['by their e-mail', {}, alice.id],
    ['by their account', {}, 'chat:T01ACME/U_alice'],
    ['by their account, when they asked elsewhere', { actor: elsewhere }, 'chat:T01ACME/U_alice'],
    ['by another address of their account', {}, 'archer@example.com'],
    ['as the one who gets the access', { beneficiary: carol }, 'chat:T01ACME/U_carol'],
  ])('T10: never asks whose request it is, if they are an approver %s', async (_, asked, named) => {
    if (named === 'archer@example.com') fake.addUser(named, { actor: sampleActor(alice) });
    const input = request({ ...direct, approvers: { users: [named, bob.id], groups: [] } });
    await show({ ...input, request: { ...input.request, ...asked } }, waiting);
    expect([...buttonsAt(toAlice), ...buttonsAt(toCarol)].flat()).not.toContain('Approve');
    expect(buttonsAt(toBob)).toEqual([['Approve', 'Deny']]);
  });

  it('P4: tells a refused clicker of this chat alone', async () => {
    const click = { at: sampleTime, kind: 'refused', event: 'e', what: 'decision', by: carol } as const;
    const refused: Entry[] = [
      { ...click, seq: 3, reason: 'not_approver', actor: sampleActor(carol) },
      { ...click, seq: 4, reason: 'not_approver', actor: { ...sampleActor(bob), platform: 'elsewhere' } },
      { ...click, seq: 5, reason: 'not_approver', actor: { ...sampleActor(bob), tenant: 'T09OTHER' } },
    ];
    await show(request(), waiting, refused);
    expect(textsAt(toCarol)).toEqual([expect.stringContaining('You are not one of the approvers')]);
    expect(fake.at(toBob)).toEqual([]);
  });
});

describe('who can not be reached', () => {
  const closed = () => new PostingRefusal('closed', 'blocked');
  const unreachable = () => textsAt(toAlice).filter((text) => text.includes('could not be reached'));

  it('P6: asks approvers directly where a channel is closed, and tells the requester once', async () => {
    fake.fail('post', closed(), channel);
    await show(request(), waiting);
    await show(request(), waiting);
    expect(buttonsAt(toBob)).toEqual([['Approve', 'Deny']]);
    expect(unreachable()).toEqual([
      `The channel ${channel} could not be reached in Chat. Approvers were asked directly.`,
    ]);
    expect(fake.lines.join()).toContain('blocked');
  });

  it('T30: posts nothing to a channel that another company reads', async () => {
    fake.problem(channel, { why: 'shared', word: 'outsiders' });
    await show(request(), waiting);
    expect(fake.at(channel)).toEqual([]);
    expect(buttonsAt(toBob)).toEqual([['Approve', 'Deny']]);
    expect(textsAt(toAlice)[1]).toContain('shared with another company');
  });

  it('T30: replies no more in a channel that another company has come to read', async () => {
    await show(request(), waiting);
    fake.problem(channel, { why: 'shared', word: 'outsiders' });
    await show(request(), voted, [{ seq: 3, at: sampleTime, kind: 'voted', vote: sampleVote() }]);
    expect(fake.at(channel)).toHaveLength(1);
  });

  it.each([
    ['others were asked', [bob.id, carol.id], 'bob@example.com could not be reached in Chat. Others were asked.'],
    ['nobody else was', [bob.id], 'bob@example.com could not be reached in Chat. Tell your approvers'],
    ['by account', ['chat:T01ACME/U_bob'], 'One of your approvers could not be reached in Chat. Tell'],
  ])('P6: tells the requester once of an approver who can not be reached, when %s', async (_, users, words) => {
    fake.fail('post', closed(), toBob);
    const input = request({ ...direct, approvers: { users, groups: [] } });
    await show(input, waiting);
    await show(input, waiting);
    expect(unreachable()).toEqual([expect.stringContaining(words)]);
    expect(fake.at(toBob)).toEqual([]);
  });

  it('P6: says what it could not reach, for as long as the stage is open, so that other chats may tell it', async () => {
    fake.fail('post', closed(), channel);
    const found = { stage: 0, platform: 'chat', recipient: channel, what: 'channel', othersAsked: true };
    expect(await show(request(), waiting)).toEqual([found]);
    expect(await show(request(), waiting)).toEqual([found]);
    expect(await show(request(), denied, deniedEntries)).toEqual([]);
  });

  it('P6: tells what another chat could not reach, and what it knows itself not twice', async () => {
    fake.fail('post', closed(), channel);
    await show(request(), waiting);
    const own = { stage: 0, platform: 'chat', recipient: channel, what: 'channel', othersAsked: true } as const;
    const others = { stage: 0, platform: 'other', recipient: bob.id, what: 'approver', othersAsked: false } as const;
    const at = sampleTime;
    await show(request(), waiting, [
      { seq: 3, at, kind: 'unreached', ...own },
      { seq: 4, at, kind: 'unreached', ...others },
    ]);
    expect(unreachable()).toEqual([
      expect.stringContaining('could not be reached in Chat.'),
      expect.stringContaining('bob@example.com could not be reached in Other. Tell your approvers'),
    ]);
  });

  it('P6: where there is no other chat, tells once that nobody who may approve is here', async () => {
    const users = ['nobody@example.com', 'noone@example.com'];
    const input = request({ ...direct, name: 'on-call', approvers: { users, groups: [] } });
    const found = { stage: 0, platform: 'chat', recipient: 'on-call', what: 'everybody', othersAsked: false };
    expect(await show(input, waiting)).toEqual([found]);
    await show(input, waiting);
    const told = textsAt(toAlice).filter((text) => text.includes('has an account'));
    expect(told).toEqual([
      expect.stringContaining('Nobody who may approve (on-call) has an account in Chat. Tell your'),
    ]);

    const inTwo = { ...input, plan: { ...input.plan, chats: ['chat', 'other'] } };
    expect(await show(inTwo, waiting)).toEqual([]);
  });

  it('says nothing of approvers who have no account here: another chat may ask them', async () => {
    const users = ['nobody@example.com', bob.id];
    await show(request({ ...direct, approvers: { users, groups: [] } }), waiting);
    expect(unreachable()).toEqual([]);
    expect(buttonsAt(toBob)).toEqual([['Approve', 'Deny']]);
  });
});

describe('trouble', () => {
  it('P6: an outage of one recipient does not keep the others from being told', async () => {
    fake.fail('post', new ElevateError('unavailable', 'no answer'), channel);
    await expect(show(request(), waiting)).rejects.toMatchObject({ code: 'unavailable' });
    expect(buttonsAt(toAlice)).toEqual([['Cancel']]);
    await show(request(), waiting);
    expect(buttonsAt(channel)).toEqual([['Approve', 'Deny']]);
    expect(fake.at(toAlice)).toHaveLength(1);
  });

  it('waits as long as the chat asks for, the longest of all, before anything else that went wrong', async () => {
    fake.fail('post', new ElevateError('unavailable', 'no answer'), channel);
    fake.fail('post', new ChatBusy('wait', { retryAfterMs: 3_000 }), toAlice);
    fake.fail('post', new ChatBusy('wait', { retryAfterMs: 7_000 }), toBob);
    const input = request({ ask: { channels: { chat: [channel] }, dm: 'all' } });
    await expect(show(input, waiting)).rejects.toMatchObject({ name: 'ChatBusy', retryAfterMs: 7_000 });
  });

  it('P6: posts anew what is gone', async () => {
    await show(request(), waiting);
    fake.fail('edit', new PostingRefusal('gone', 'deleted'), channel);
    await show(request(), voted, []);
    expect(fake.at(channel)).toHaveLength(2);
    await show(request(), denied, deniedEntries);
    expect(fake.at(channel)[1]).toMatchObject({ buttons: [], edits: 1 });
  });

  it.each(['post', 'edit'] as const)('P6: says where to look if a drawing is not taken (%s)', async (call) => {
    if (call === 'edit') await show(request(), waiting);
    fake.fail(call, new PostingRefusal('undrawable', 'too_big'), channel);
    await show(request(), voted, []);
    expect(fake.at(channel)).toEqual([
      expect.objectContaining({ text: expect.stringContaining('Open to review: /elevate show wf_'), buttons: [] }),
    ]);
  });

  it('tries again later what the chat takes in no form', async () => {
    fake.fail('post', new PostingRefusal('undrawable', 'too_big'), channel);
    fake.fail('post', new PostingRefusal('undrawable', 'too_big'), channel);
    await expect(show(request(), waiting)).rejects.toMatchObject({ code: 'unavailable' });
    await show(request(), waiting);
    expect(buttonsAt(channel)).toEqual([['Approve', 'Deny']]);
  });

  it('shows a person the same in each of their chats, whatever another chat keeps of them', async () => {
    const elsewhere = {
      execution: sampleId(),
      platform: 'elsewhere',
      recipient: alice.id,
      slot: 'requester',
      address: { to: 'U_alice' },
      drawing: 'there',
    };
    fake.kept.set('elsewhere', elsewhere);
    await show(request(), waiting);
    expect(buttonsAt(toAlice)).toEqual([['Cancel']]);
    expect(fake.kept.get('elsewhere')).toEqual(elsewhere);
  });
});
