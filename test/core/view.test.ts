import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { State } from '../../workflows/contract.ts';
import type { Action } from '../../src/core/card.ts';
import { clean, cleanName, quoted } from '../../src/core/clean.ts';
import { commandOf } from '../../src/core/request-words.ts';
import { outcomes, phases, standingOf } from '../../src/core/states.ts';
import { cardFor, listLine } from '../../src/core/view.ts';
import { durationWords, listed, personWords, plain, say } from '../../src/core/words.ts';
import {
  alice,
  carol,
  hour,
  minute,
  sampleId,
  sampleInput,
  sampleItem,
  sampleStage,
  sampleState,
  sampleTime,
  sampleVote,
} from '../samples.ts';

const ids = { hash: (parts: readonly string[]) => parts.join('|') };
const approver = { kind: 'approver', stage: 0 } as const;
const requester = { kind: 'requester' } as const;

const labels = (actions: Action[]) => actions.map((action) => action.label);
const factsOf = (card: ReturnType<typeof cardFor>) => card.facts.map(({ label, value }) => `${label}: ${plain(value)}`);
const notesOf = (card: ReturnType<typeof cardFor>) => card.notes.map(plain);

describe('the card of an approver', () => {
  const card = cardFor(sampleInput(), sampleState(), approver, ids);

  it('says in its first 120 characters who asks for what, where, how long and why', () => {
    expect(card.summary.slice(0, 120)).toContain(
      'alice@example.com asks for admin on aws-prod for 1 hour: “INC-42: the deploy is stuck”.',
    );
  });

  it('keeps a lock screen truthful however long the name is', () => {
    const long = { id: alice.id, name: 'A'.repeat(300) };
    const { summary } = cardFor(sampleInput({ request: { requester: long } }), sampleState(), approver, ids);
    expect(summary.slice(0, 120)).toContain('alice@example.com asks for admin on aws-prod for 1 hour: “INC-42');
  });

  it('says in its summary all that the decision needs, for screen readers', () => {
    for (const words of [...factsOf(card), ...notesOf(card).slice(0, -1)]) expect(card.summary).toContain(words);
    expect(card.summary).toContain('INC-42: the deploy is stuck');
  });

  it('T28: names people with their e-mail, and the access with what it resolves to', () => {
    expect(factsOf(card)).toEqual([
      'Requested by: Alice Archer (alice@example.com)',
      'Access: Production administrator (admin on aws-prod), which is admin at aws-prod (log)',
      'Duration: 1 hour',
      'Stage: on-call lead; 0 of 1 vote; needs 1 of: sre, bob@example.com',
      'Expires: 2026-11-25 07:00 UTC',
      `Id: ${sampleId()}`,
    ]);
  });

  it('says why they are asked, what the risk is, and how to ask for the same by command', () => {
    expect(notesOf(card)).toEqual([
      'You are asked because sre or bob@example.com may decide this.',
      'Risk: normal.',
      'Copy as command: /elevate admin on aws-prod for 1h because INC-42: the deploy is stuck',
    ]);
  });

  it('names the beneficiary where that is somebody else', () => {
    const forCarol = cardFor(sampleInput({ request: { beneficiary: carol } }), sampleState(), approver, ids);
    expect(factsOf(forCarol)).toContain('For: Carol Cole (carol@example.com)');
    expect(forCarol.summary.slice(0, 120)).toContain('for carol@example.com');
  });

  it('T10, T31: says that self-approval is allowed, and that this was refused lately', () => {
    const warned = cardFor(sampleInput({ plan: { selfApproval: true, refusals: 2 } }), sampleState(), approver, ids);
    expect(notesOf(warned)).toContain('Self-approval is allowed: the requester may approve this too.');
    expect(notesOf(warned)).toContain('This was refused to alice@example.com 2 times in the last 24 hours.');
  });

  it('T11: marks the vote of somebody who joined later', () => {
    const votes = [sampleVote({ joinedLater: true, reason: 'looks right' })];
    const marked = cardFor(sampleInput(), sampleState({ votes }), approver, ids);
    expect(notesOf(marked)).toContain(
      'Bob Baker (bob@example.com) approved at 2026-11-25 03:01 UTC, joined later: “looks right”.',
    );
  });

  it('offers Approve and Deny, spoken in full, and asks a reason for a denial', () => {
    expect(card.actions).toMatchObject([
      { label: 'Approve', style: 'primary', asksReason: false, offer: { data: { choice: 'approve', stage: 0 } } },
      { label: 'Deny', style: 'danger', asksReason: true, offer: { data: { choice: 'deny', stage: 0 } } },
    ]);
    expect(card.actions[0]?.spoken).toBe('Approve admin on aws-prod for alice@example.com, 1 hour');
  });

  it('T19: names offers by execution, stage, its opening, digest and choice, and takes all their times from the state', () => {
    const digest = 'd'.repeat(43);
    expect(card.actions[0]).toMatchObject({
      offer: {
        what: 'decision',
        id: `${sampleId()}|0|${sampleTime}|${digest}|approve`,
        execution: sampleId(),
        at: sampleTime,
        expiresAt: sampleTime + 4 * hour,
        data: { digest, owner: alice.id },
      },
    });
    expect(cardFor(sampleInput(), sampleState(), approver, ids)).toEqual(card);
  });

  it.each<{ what: string; state: State; stage: number }>([
    { what: 'a later stage is open', state: sampleState({ stage: 1 }), stage: 0 },
    { what: 'their own stage is not open yet', state: sampleState(), stage: 1 },
    { what: 'it is approved', state: sampleState({ phase: 'starting' }), stage: 0 },
    { what: 'it is active', state: sampleState({ phase: 'active' }), stage: 0 },
    { what: 'it is closed', state: sampleState({ phase: 'closed', outcome: 'denied' }), stage: 0 },
  ])('P6: has no buttons when $what, and the same facts', ({ state, stage }) => {
    const input = sampleInput({ plan: { stages: [sampleStage(), sampleStage({ name: 'owner' })] } });
    const drawn = cardFor(input, state, { kind: 'approver', stage }, ids);
    expect(drawn.actions).toEqual([]);
    expect(factsOf(drawn)[0]).toBe('Requested by: Alice Archer (alice@example.com)');
    expect(drawn.quote?.text).toBe('INC-42: the deploy is stuck');
  });

  it('counts the votes of its own stage only', () => {
    const stages = [sampleStage({ quorum: 2 }), sampleStage({ name: 'owner' })];
    const votes = [sampleVote(), sampleVote({ by: carol, stage: 1 }), sampleVote({ by: carol, choice: 'deny' })];
    const drawn = cardFor(sampleInput({ plan: { stages } }), sampleState({ votes }), approver, ids);
    expect(factsOf(drawn)).toContain('Stage 1 of 2: on-call lead; 1 of 2 votes; needs 2 of: sre, bob@example.com');
    expect(plain(drawn.status)).toBe('Waiting for approval, stage 1 of 2: 1 more vote needed by 2026-11-25 07:00 UTC.');
  });
});

describe('the card of the requester', () => {
  it('P6: says who was asked and when it expires while it waits, and offers to cancel', () => {
    const card = cardFor(sampleInput(), sampleState(), requester, ids);
    expect(notesOf(card)[0]).toBe(
      'Asked at 2026-11-25 03:00 UTC: sre, bob@example.com. It expires at 2026-11-25 07:00 UTC if nobody decides.',
    );
    expect(card.actions).toMatchObject([{ kind: 'command', label: 'Cancel', command: `cancel ${sampleId()}` }]);
  });

  it('can still be cancelled while the access is set up', () => {
    expect(labels(cardFor(sampleInput(), sampleState({ phase: 'starting' }), requester, ids).actions)).toEqual([
      'Cancel',
    ]);
  });

  it('says until when and how to use it while it is active, and offers to give it back', () => {
    const state = sampleState({ phase: 'active' });
    const card = cardFor(sampleInput(), state, requester, ids);
    expect(plain(card.status)).toBe('Active until 2026-11-25 04:02 UTC.');
    expect(notesOf(card)).toContain('How to use admin on aws-prod: aws sso login --profile aws-prod-admin');
    expect(card.actions).toMatchObject([
      {
        label: "I'm done",
        offer: { what: 'release', at: sampleTime + 2 * minute, expiresAt: sampleTime + 62 * minute },
      },
    ]);
  });

  it('T25: says that access which was there before is kept', () => {
    const state = sampleState({ phase: 'closed', access: [{ item: 0, state: 'kept' }] });
    const card = cardFor(sampleInput(), state, requester, ids);
    expect(notesOf(card)).toContain(
      'Alice Archer (alice@example.com) already had, and keeps, this access: admin on aws-prod.',
    );
    expect(plain(card.status)).toContain('The access was there before and stays.');
  });
});

describe('an observer', () => {
  it('P4: sees no buttons in any phase', () => {
    for (const phase of ['awaiting_approval', 'starting', 'active', 'ending', 'closed'] as const) {
      expect(cardFor(sampleInput(), sampleState({ phase }), { kind: 'observer' }, ids).actions).toEqual([]);
    }
  });
});

describe('the status', () => {
  const statusIn = (state: State) => plain(cardFor(sampleInput(), state, approver, ids).status);

  it('names who denied and why', () => {
    const votes = [sampleVote({ choice: 'deny', reason: 'not in\nthe freeze' })];
    expect(statusIn(sampleState({ phase: 'closed', outcome: 'denied', votes }))).toContain(
      'Denied by Bob Baker (bob@example.com): “not in the freeze”.',
    );
  });

  it('gives the reason of a failure', () => {
    expect(statusIn(sampleState({ phase: 'closed', outcome: 'failed', why: 'no such account.' }))).toContain(
      'The access could not be granted: no such account.',
    );
  });

  it('does not say that access was ended which was never given', () => {
    const access = [{ item: 0, state: 'none' as const }];
    expect(statusIn(sampleState({ phase: 'closed', outcome: 'revoked', access, why: 'she left' }))).toContain(
      'The request was ended before anything was granted: she left.',
    );
  });

  it('says that access is being taken back for as long as it is held', () => {
    expect(statusIn(sampleState({ phase: 'ending', outcome: 'withdrawn' }))).toBe(
      'The access is being taken back. The request was withdrawn.',
    );
  });

  it.each([
    ['completed', 'completed'],
    ['denied', 'completed'],
    ['expired', 'completed'],
    ['changed', 'completed'],
    ['unratified', 'completed'],
    ['revoked', 'completed'],
    ['failed', 'failed'],
    ['withdrawn', 'canceled'],
    ['terminated', 'terminated'],
  ] as const)('maps the outcome %s to the API status %s once closed, and to running before', (outcome, status) => {
    expect(standingOf(sampleState({ phase: 'closed', outcome })).status).toBe(status);
    expect(standingOf(sampleState({ phase: 'ending', outcome })).status).toBe('running');
    expect(standingOf(sampleState({ phase: 'ending', outcome, access: [] })).status).toBe('running');
  });

  it('has words for every phase and outcome, in sentences without exclamation marks', () => {
    for (const { label, sentence } of [...Object.values(phases), ...Object.values(outcomes)]) {
      expect(label).toMatch(/^[A-Z]/u);
      expect(sentence).toMatch(/^[A-Z][^!]*\.$/u);
    }
  });
});

describe('free text', () => {
  const anything = fc.string({
    unit: fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('\u202E', '\u200B', '\n', '\u2066', '\u{E0041}', '\uD800', '“', '”', '<', '&'),
    ),
  });

  it('T28: has no control, bidi, zero-width or broken characters left, and cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const cleaned = clean(text);
        expect(cleaned).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|\s\s|^\s|\s$/u);
        expect(clean(cleaned)).toBe(cleaned);
      }),
    );
  });

  it('T28: can not close its own quotation marks', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const inside = quoted(text).slice(1, -1);
        expect(inside).not.toMatch(/[“”]/u);
      }),
    );
  });

  it.each([
    ['a name with an address in it', 'Dana (dana@example.com)', 'Dana dana example.com'],
    ['a name with full-width look-alikes', 'Dana （dana＠example.com）', 'Dana dana example.com'],
    ['a name that reads backwards', 'Bob\u202Egro.elpmaxe', 'Bobgro.elpmaxe'],
  ])('T28: %s can not look like somebody else', (_, name, shown) => {
    expect(cleanName(name)).toBe(shown);
    expect(personWords({ id: 'eve@example.com', name })).toBe(`${shown} (eve@example.com)`);
  });

  it('T28: a request with arbitrary words gives a card without hidden characters anywhere', () => {
    fc.assert(
      fc.property(anything, anything, anything, (reason, name, title) => {
        const input = sampleInput({
          request: { reason, requester: { id: alice.id, name }, items: [sampleItem({ title })] },
        });
        const card = cardFor(input, sampleState(), approver, ids);
        const words = [card.summary, card.title, card.quote?.text ?? '', ...factsOf(card), ...notesOf(card)];
        for (const line of words) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
      }),
    );
  });

  it('T29: is never cut here', () => {
    const reason = 'x'.repeat(10_000);
    const card = cardFor(sampleInput({ request: { reason } }), sampleState(), approver, ids);
    expect(card.quote?.text).toBe(reason);
    expect(card.summary).toContain(reason);
  });
});

describe('words', () => {
  it.each([
    [hour, '1 hour'],
    [90 * minute, '1 hour 30 minutes'],
    [26 * hour, '1 day 2 hours'],
    [1_500, '2 seconds'],
    [0, '0 seconds'],
  ])('%d ms are %s', (ms, words) => expect(durationWords(ms)).toBe(words));

  it('lists with the last one set apart', () => {
    expect([listed([]), listed(['a']), listed(['a', 'b'], 'or'), listed(['a', 'b', 'c'])]).toEqual([
      '',
      'a',
      'a or b',
      'a, b and c',
    ]);
  });

  it('shows a time that no calendar has as unknown', () => {
    expect(plain(say`at ${{ time: Number.NaN }}`)).toBe('at an unknown time');
  });

  it('gives the command that asks for the same', () => {
    const request = sampleInput({ request: { durationMs: 90 * minute, reason: '' } }).request;
    expect(commandOf(request)).toBe('/elevate admin on aws-prod for 1h30m');
  });

  it('sums up an execution in one line for lists', () => {
    expect(plain(listLine({ input: sampleInput(), state: sampleState({ phase: 'active' }) }))).toBe(
      `admin on aws-prod for 1 hour, Alice Archer (alice@example.com): Active until 2026-11-25 04:02 UTC. ${sampleId()}`,
    );
  });
});
