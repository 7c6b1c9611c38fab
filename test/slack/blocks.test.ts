import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer, State } from '../../workflows/contract.ts';
import type { Card, Text } from '../../src/core/card.ts';
import { ElevateError } from '../../src/core/errors.ts';
import { cardFor } from '../../src/core/view.ts';
import { say } from '../../src/core/words.ts';
import { drawCard, drawReply, drawText } from '../../src/slack/blocks.ts';
import {
  alice,
  sampleId,
  sampleInput,
  sampleItem,
  sampleStage,
  sampleState,
  sampleTime,
  sampleVote,
} from '../samples.ts';
import { buttonsOf, lintMessage, textObjects, wordsOf } from './limits-lint.ts';

const ids = { hash: (parts: readonly string[]) => parts.join('|') };
const approver = { kind: 'approver', stage: 0 } as const;
const mint = async (offer: Offer) => `token-of-${offer.id}`;

function cardOf(overrides: Parameters<typeof sampleInput>[0] = {}, state: State = sampleState()): Card {
  return cardFor(sampleInput(overrides), state, approver, ids);
}
const labels = (blocks: unknown) => buttonsOf(blocks).map((button) => button.text.text);

/** What people try: markup, mentions, look-alikes, hidden characters, half characters. */
const hostile = fc.string({
  maxLength: 200,
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(
      '<!channel>',
      '<@U1BOB>',
      '<!subteam^S1>',
      '<https://evil.example|Approve>',
      '<!date^1^{date}|now>',
      'https://evil.example',
      '*bold*',
      '&amp;',
      ':white_check_mark:',
      '\u202E',
      '\u2066',
      '\u200B',
      '\u{E0041}',
      '\n',
      '“',
      '\uD800',
      '😀',
    ),
  ),
});

describe('a card', () => {
  it('has a text that says it all, escaped, and blocks that Slack takes', async () => {
    const drawn = await drawCard(cardOf(), mint);
    expect(lintMessage(drawn)).toEqual([]);
    expect(drawn.approvable).toBe(true);
    expect(drawn.text).toContain(
      'alice@example.com asks for admin on aws-prod for 1 hour: “INC-42: the deploy is stuck”.',
    );
    expect(wordsOf(drawn.blocks)).toContain('Reason: “INC-42: the deploy is stuck”');
    expect(wordsOf(drawn.blocks)).toContain('Requested by:\nAlice Archer (alice@example.com)');
  });

  it('has the buttons that the listeners know, each with its token and what it is about', async () => {
    const { blocks } = await drawCard(cardOf(), mint);
    const digest = 'd'.repeat(43);
    expect(buttonsOf(blocks)).toEqual([
      {
        type: 'button',
        text: { type: 'plain_text', text: 'Approve', emoji: false },
        accessibility_label: 'Approve admin on aws-prod for alice@example.com, 1 hour',
        action_id: 'offer:0',
        value: `token-of-${sampleId()}|0|${sampleTime}|${digest}|approve`,
        style: 'primary',
      },
      {
        type: 'button',
        text: { type: 'plain_text', text: 'Deny', emoji: false },
        accessibility_label: 'Deny admin on aws-prod for alice@example.com, 1 hour',
        action_id: 'reason:1',
        value: `token-of-${sampleId()}|0|${sampleTime}|${digest}|deny`,
        style: 'danger',
      },
    ]);
  });

  it('carries a command in its button as it is typed, without the slash', async () => {
    const card = cardFor(sampleInput(), sampleState(), { kind: 'requester' }, ids);
    const { blocks } = await drawCard(card, mint);
    expect(buttonsOf(blocks)).toMatchObject([{ action_id: 'command:0', value: `cancel ${sampleId()}` }]);
    expect(buttonsOf(blocks)[0]).not.toHaveProperty('style');
  });

  it('shows times in the zone of the viewer with UTC beside it, also to who sees no dates', async () => {
    const { blocks } = await drawCard(cardOf(), mint);
    const expires = textObjects(blocks).find(({ text }) => text.startsWith('Expires'));
    expect(expires).toMatchObject({
      type: 'mrkdwn',
      text: 'Expires\n<!date^1795590000^{date_short_pretty} {time}|2026-11-25 07:00 UTC> (2026-11-25 07:00 UTC)',
    });
  });

  it('shortens a long spoken label at a word, and stays within 75 characters', async () => {
    const item = sampleItem({ role: 'administrator-of-everything', provider: 'a-provider-with-quite-a-long-name' });
    const { blocks } = await drawCard(cardOf({ request: { items: [item] } }), mint);
    const [approve] = buttonsOf(blocks);
    expect(approve?.accessibility_label).toBe(
      'Approve administrator-of-everything on a-provider-with-quite-a-long-name…',
    );
  });

  it('T28: has foreign words only in plain text, whatever they are, and nothing hidden anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, hostile, async (reason, name, title, voteReason) => {
        const request = { reason, requester: { id: alice.id, name }, items: [sampleItem({ title, howTo: reason })] };
        const votes = [sampleVote({ reason: voteReason, by: { id: 'bob@example.com', name } })];
        for (const state of [
          sampleState({ votes }),
          sampleState({ phase: 'active', votes }),
          sampleState({ phase: 'closed', outcome: 'failed', why: reason }),
        ]) {
          for (const viewer of [approver, { kind: 'requester' } as const]) {
            const drawn = await drawCard(cardFor(sampleInput({ request }), state, viewer, ids), mint);
            expect(lintMessage(drawn)).toEqual([]);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('T29: offers no decision whenever its words are not all there', async () => {
    const lengths = fc.integer({ min: 1, max: 6_000 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.constantFrom('x', '&', '😀'), async (length, character) => {
        const reason = character.repeat(length);
        const drawn = await drawCard(cardOf({ request: { reason } }), mint);
        expect(lintMessage(drawn)).toEqual([]);
        const isThere = wordsOf(drawn.blocks).includes(`“${reason}”`);
        expect(labels(drawn.blocks)).toEqual(drawn.approvable ? ['Approve', 'Deny'] : []);
        expect(isThere || !drawn.approvable).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['a long reason', { request: { reason: 'r'.repeat(3_000) } }],
    ['a reason that is long once it is escaped', { request: { reason: '&'.repeat(1_000) } }],
    [
      'a long list of approvers',
      {
        plan: {
          stages: [
            sampleStage({
              approvers: { users: Array.from({ length: 300 }, (_, i) => `person-${i}@example.com`), groups: [] },
            }),
          ],
        },
      },
    ],
    [
      'more items than there are blocks',
      {
        request: {
          items: Array.from({ length: 60 }, (_, i) => sampleItem({ role: `role-${i}`, title: 't'.repeat(2_100) })),
        },
      },
    ],
  ])('T29: %s makes it undecidable there, and it says so', async (_, overrides) => {
    const drawn = await drawCard(cardOf(overrides), mint);
    expect(drawn.approvable).toBe(false);
    expect(labels(drawn.blocks)).toEqual([]);
    expect(wordsOf(drawn.blocks)).toContain(`can't be decided here. Open to review: /elevate show ${sampleId()}`);
    expect(wordsOf(drawn.blocks) + drawn.text).toContain('…');
    expect(lintMessage(drawn)).toEqual([]);
  });

  it('T29: a token that does not fit a button takes both decisions away', async () => {
    const refuse = async (offer: Offer) => {
      if (offer.what === 'decision' && offer.data.choice === 'deny')
        throw new ElevateError('invalid_input', 'Too long.');
      return 'token';
    };
    for (const mintOne of [refuse, async () => 'x'.repeat(2_001)]) {
      const drawn = await drawCard(cardOf(), mintOne);
      expect([drawn.approvable, labels(drawn.blocks)]).toEqual([false, []]);
    }
  });

  it('lets other failures of minting through', async () => {
    const broken = async () => {
      throw new ElevateError('unavailable', 'No key.');
    };
    await expect(drawCard(cardOf(), broken)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('keeps what is not a decision when it is shortened', async () => {
    const input = sampleInput({ request: { reason: 'r'.repeat(5_000) } });
    const drawn = await drawCard(cardFor(input, sampleState({ phase: 'active' }), { kind: 'requester' }, ids), mint);
    expect(labels(drawn.blocks)).toEqual(["I'm done"]);
    expect(wordsOf(drawn.blocks)).toContain(`Shortened here. Open to review: /elevate show ${sampleId()}`);
  });

  it('has no buttons once it is decided, and the same body', async () => {
    const { blocks } = await drawCard(cardOf({}, sampleState({ phase: 'starting' })), mint);
    expect(buttonsOf(blocks)).toEqual([]);
    expect(wordsOf(blocks)).toContain('Reason: “INC-42: the deploy is stuck”');
  });
});

describe('a reply', () => {
  it('T29: shows in full what a card could not, and lets it be decided there', async () => {
    const reason = 'r'.repeat(9_000);
    const drawn = await drawReply({ paragraphs: [], cards: [cardOf({ request: { reason } })] }, mint);
    expect(lintMessage(drawn, { textMost: 12_000 })).toEqual([]);
    expect(wordsOf(drawn.blocks).replaceAll('\n', '')).toContain(reason);
    expect(labels(drawn.blocks)).toEqual(['Approve', 'Deny']);
  });

  it('numbers the buttons of several cards through', async () => {
    const drawn = await drawReply({ paragraphs: [say`These wait for you.`], cards: [cardOf(), cardOf()] }, mint);
    expect(buttonsOf(drawn.blocks).map((button) => button.action_id)).toEqual([
      'offer:0',
      'reason:1',
      'offer:2',
      'reason:3',
    ]);
    expect(lintMessage(drawn, { textMost: 12_000 })).toEqual([]);
  });

  it('says openly how many cards did not fit', async () => {
    const drawn = await drawReply({ paragraphs: [], cards: Array.from({ length: 30 }, () => cardOf()) }, mint);
    const shown = labels(drawn.blocks).filter((one) => one === 'Approve').length;
    expect(lintMessage(drawn, { textMost: 12_000 })).toEqual([]);
    expect(wordsOf(drawn.blocks)).toContain(`${30 - shown} more do not fit here.`);
  });

  it('packs many lines into few blocks, with local times beside those that have one', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => say`line ${i}`);
    const timeline = Array.from({ length: 60 }, (_, i) => say`${{ time: sampleTime }} event ${i}.`);
    const drawn = await drawReply({ paragraphs: [...lines, ...timeline], cards: [] }, mint);
    expect(lintMessage(drawn, { textMost: 12_000 })).toEqual([]);
    expect(wordsOf(drawn.blocks)).toContain('line 59');
    expect(wordsOf(drawn.blocks)).toContain('event 59.');
    expect(textObjects(drawn.blocks).filter(({ type }) => type === 'mrkdwn')).toHaveLength(60);
  });

  it('T28: draws arbitrary paragraphs without letting anything through', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 8 }), async (strings) => {
        const paragraphs: Text[] = strings.map((text) => [
          text,
          { code: text },
          { person: { id: text, name: text } },
          { time: sampleTime },
        ]);
        const drawn = await drawReply({ paragraphs, cards: [] }, mint);
        expect(lintMessage(drawn, { textMost: 12_000 })).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('is never empty', async () => {
    expect(lintMessage(await drawReply({ paragraphs: [], cards: [] }, mint))).toEqual([]);
    expect(lintMessage(await drawReply({ paragraphs: [['\u200B']], cards: [] }, mint))).toEqual([]);
  });
});

describe('a notice', () => {
  it('has its times in UTC in the sentence and in the zone of the viewer below', () => {
    const drawn = drawText(say`You have admin until ${{ time: sampleTime }}.`);
    expect(drawn.text).toBe('You have admin until 2026-11-25 03:00 UTC.');
    expect(drawn.blocks).toEqual([
      {
        type: 'section',
        text: { type: 'plain_text', text: 'You have admin until 2026-11-25 03:00 UTC.', emoji: false },
      },
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: 'In your time zone: <!date^1795575600^{date_short_pretty} {time}|2026-11-25 03:00 UTC>',
            verbatim: true,
          },
        ],
      },
    ]);
  });

  it('takes any text of any length, and says where it cut', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 200 }), fc.double(), (text, times, time) => {
        expect(lintMessage(drawText([text.repeat(times), { time }]))).toEqual([]);
      }),
    );
    expect(drawText(['x'.repeat(10_000)]).text).toMatch(/… \(shortened\)$/u);
  });
});
