import { describe, expect, it } from 'vitest';
import type { Entry, Outcome, State, Unreached } from '../../workflows/contract.ts';
import { noticesFor, unreachedNotice } from '../../src/core/notices.ts';
import { plain } from '../../src/core/words.ts';
import {
  alice,
  bob,
  carol,
  hour,
  minute,
  sampleActor,
  sampleEntries,
  sampleId,
  sampleInput,
  sampleItem,
  sampleStage,
  sampleState,
  sampleTime,
  sampleVote,
} from '../samples.ts';

const at = sampleTime + 2 * minute;
const until = at + hour;
const input = sampleInput();

function told(entries: Entry[], state: State = sampleState({ phase: 'active' }), about = input) {
  return noticesFor(about, state, entries).map(({ to, slot, text, stage }) => ({
    to,
    slot,
    text: plain(text),
    ...(stage === undefined ? {} : { stage }),
  }));
}

describe('notices', () => {
  it('says nothing in a message of its own that a card says by its edit', () => {
    const quiet: Entry[] = [
      ...sampleEntries(),
      { seq: 3, at, kind: 'approved' },
      { seq: 4, at, kind: 'released', by: alice },
      { seq: 5, at, kind: 'revoked', item: 0 },
      { seq: 6, at, kind: 'ignored', why: 'unsealed' },
      { seq: 7, at, kind: 'ending', outcome: 'completed' },
    ];
    expect(told(quiet)).toEqual([]);
  });

  it('P6: tells the requester until when, how to use it and how to end it; and the thread', () => {
    expect(told([{ seq: 5, at, kind: 'granted', item: 0, until }])).toEqual([
      {
        to: 'requester',
        slot: 'note:5',
        text: `You have admin on aws-prod until 2026-11-25 04:02 UTC. When you're done before that: /elevate done ${sampleId()}. How to use it: aws sso login --profile aws-prod-admin`,
      },
      {
        to: 'channel-thread',
        slot: 'note:5',
        text: 'Granted: admin on aws-prod for Alice Archer (alice@example.com) until 2026-11-25 04:02 UTC.',
      },
    ]);
  });

  it('replies to an approval in the thread of its stage, with how many there are', () => {
    const twoVotes = sampleInput({ plan: { stages: [sampleStage({ quorum: 2 })] } });
    const vote = sampleVote({ reason: 'looks right', joinedLater: true });
    expect(told([{ seq: 3, at, kind: 'voted', vote }], sampleState({ votes: [vote] }), twoVotes)).toEqual([
      {
        to: 'channel-thread',
        slot: 'note:3',
        stage: 0,
        text: 'Bob Baker (bob@example.com), who joined the approvers later, approved at 2026-11-25 03:01 UTC: “looks right”. 1 of 2 votes.',
      },
    ]);
  });

  it('tells a denial once: the outcome says who and why', () => {
    const vote = sampleVote({ choice: 'deny', reason: 'use the runbook' });
    const state = sampleState({
      phase: 'closed',
      outcome: 'denied',
      votes: [vote],
      access: [{ item: 0, state: 'none' }],
    });
    const entries: Entry[] = [
      { seq: 3, at, kind: 'voted', vote },
      { seq: 4, at, kind: 'closed', outcome: 'denied' },
    ];
    expect(told(entries, state)).toEqual([
      {
        to: 'requester',
        slot: 'note:4',
        text: 'Your request for admin on aws-prod: Denied by Bob Baker (bob@example.com): “use the runbook”. If it is still needed, talk to them before you ask again.',
      },
      {
        to: 'approvers',
        slot: 'note:4',
        text: 'admin on aws-prod for Alice Archer (alice@example.com): Denied by Bob Baker (bob@example.com): “use the runbook”.',
      },
    ]);
  });

  it.each<[Outcome, string]>([
    ['completed', 'The access has ended.'],
    ['expired', 'Nobody decided in time, so the request has expired'],
    ['changed', 'What was approved is not the same access any more'],
    ['unratified', 'was not confirmed in time'],
    ['revoked', 'The access was ended early'],
    ['failed', 'The access could not be granted'],
    ['withdrawn', 'The request was withdrawn'],
    ['terminated', 'The execution was ended by force'],
  ])('P6: tells the requester and the approvers of the outcome %s', (outcome, words) => {
    const state = sampleState({ phase: 'closed', outcome });
    const notices = told([{ seq: 9, at, kind: 'closed', outcome }], state);
    expect(notices.map(({ to }) => to)).toEqual(['requester', 'approvers']);
    for (const { text } of notices) expect(text).toContain(words);
  });

  it('says how to ask again where that may help', () => {
    const [toRequester] = told([{ seq: 9, at, kind: 'closed', outcome: 'expired' }]);
    expect(toRequester?.text).toContain('ask again: /elevate admin on aws-prod for 1h because INC-42');
  });

  it('T25: says once that access is kept, and not again at the end', () => {
    const state = sampleState({ phase: 'closed', access: [{ item: 0, state: 'kept' }] });
    const notices = told(
      [
        { seq: 5, at, kind: 'kept', item: 0 },
        { seq: 6, at, kind: 'closed', outcome: 'completed' },
      ],
      state,
    );
    expect(notices.map(({ to, slot }) => [to, slot])).toEqual([
      ['requester', 'note:5'],
      ['channel-thread', 'note:5'],
    ]);
    expect(notices[0]?.text).toContain('You already had, and keep, this access: admin on aws-prod.');
  });

  it('gives delays of the same access one slot, so that they are told once', () => {
    const entries: Entry[] = [5, 6].flatMap((seq) => [
      { seq, at, kind: 'grant_delayed' as const, item: 0, why: 'no answer' },
      { seq: seq + 10, at, kind: 'revoke_delayed' as const, item: 0, why: 'no answer' },
    ]);
    expect(new Set(told(entries).map(({ to, slot }) => `${JSON.stringify(to)} ${slot}`))).toEqual(
      new Set([
        '"requester" note:grant_delayed:0',
        '"requester" note:revoke_delayed:0',
        '"approvers" note:revoke_delayed:0',
      ]),
    );
  });

  it('warns the requester before the end, with what to do', () => {
    expect(told([{ seq: 6, at, kind: 'ending_soon', until }])).toEqual([
      {
        to: 'requester',
        slot: 'note:6',
        text: 'Your access to admin on aws-prod ends at 2026-11-25 04:02 UTC. To go on after that, ask again: /elevate admin on aws-prod for 1h because INC-42: the deploy is stuck',
      },
    ]);
  });

  it('P6: tells a refused clicker alone, why and who was asked when', () => {
    const refused: Entry = {
      seq: 3,
      at,
      kind: 'refused',
      event: 'e',
      what: 'decision',
      by: alice,
      actor: sampleActor(),
      reason: 'self_approval',
    };
    expect(told([refused], sampleState())).toEqual([
      {
        to: { person: sampleActor() },
        slot: 'note:3',
        text: "You asked for this access, so you can't approve it. Asked at 2026-11-25 03:00 UTC: sre, bob@example.com.",
      },
    ]);
  });

  it('does not tell the same person the same refusal twice', () => {
    const click = { at, kind: 'refused', what: 'decision', reason: 'not_approver' } as const;
    const entries: Entry[] = [
      { ...click, seq: 3, event: 'a', by: carol, actor: sampleActor(carol) },
      { ...click, seq: 4, event: 'b', by: carol, actor: sampleActor(carol) },
      { ...click, seq: 5, event: 'c', by: bob, actor: sampleActor(bob) },
    ];
    expect(told(entries, sampleState()).map(({ slot }) => slot)).toEqual(['note:3', 'note:5']);
  });

  it('tells approvers that a vote fell', () => {
    const [notice] = told(
      [{ seq: 6, at, kind: 'vote_dropped', stage: 0, by: bob, why: 'no longer in sre' }],
      sampleState(),
    );
    expect(notice).toMatchObject({ to: 'approvers', stage: 0 });
    expect(notice?.text).toBe(
      'The vote of Bob Baker (bob@example.com) does not count any more: no longer in sre. Another vote is needed.',
    );
  });

  it('tells of a refused item only where the outcome does not say the same', () => {
    const refused: Entry = { seq: 6, at, kind: 'grant_refused', item: 1, why: 'no such group' };
    const two = sampleInput({ request: { items: [sampleItem(), sampleItem({ role: 'reader' })] } });
    expect(told([refused])).toEqual([]);
    expect(told([refused], undefined, two).map(({ text }) => text)).toEqual([
      'reader on aws-prod could not be granted: no such group.',
    ]);
  });

  it('T30: tells why a channel was not used, and what to do if nobody was asked', () => {
    const toldOf = (what: Unreached['what'], recipient: string, othersAsked: boolean) =>
      plain(unreachedNotice({ stage: 0, platform: 'teams', recipient, what, othersAsked }).text);
    expect(toldOf('shared', 'C02APPR', true)).toBe(
      'The channel C02APPR in Teams is, or may be, shared with another company, so your request is not shown there. Approvers were asked directly.',
    );
    expect(toldOf('channel', 'C02APPR', false)).toBe(
      'The channel C02APPR could not be reached in Teams. Tell your approvers: they find your request with /elevate approvals.',
    );
    expect(toldOf('approver', bob.id, true)).toBe('bob@example.com could not be reached in Teams. Others were asked.');
    expect(toldOf('approver', 'slack:T1/U1', false)).toContain('One of your approvers could not be reached in Teams.');
  });

  it('P6: tells the requester, wherever they are, what a chat could not reach', () => {
    const found = { stage: 0, platform: 'teams', recipient: bob.id, what: 'approver', othersAsked: true } as const;
    const entry: Entry = { seq: 3, at, kind: 'unreached', ...found };
    expect(noticesFor(sampleInput(), sampleState(), [entry])).toEqual([unreachedNotice(found)]);
    expect(unreachedNotice(found)).toMatchObject({ to: 'requester', slot: `unreached:teams:${bob.id}` });
    expect(unreachedNotice({ ...found, platform: 'slack' }).slot).not.toBe(unreachedNotice(found).slot);
  });
});
