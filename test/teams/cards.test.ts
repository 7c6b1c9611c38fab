import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer, Outcome, State } from '../../workflows/contract.ts';
import type { Action, Card, Text, Viewer } from '../../src/core/card.ts';
import { clean } from '../../src/core/clean.ts';
import { ElevateError } from '../../src/core/errors.ts';
import { outcomes } from '../../src/core/states.ts';
import { cardFor, listLine } from '../../src/core/view.ts';
import { plain, say } from '../../src/core/words.ts';
import { drawCard, drawReply, drawText } from '../../src/teams/cards.ts';
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
import { buttonsOf, inputsOf, labelsOf, linesOf, lintMessage, localLinesOf, runsOf } from './card-lint.ts';

const ids = { hash: (parts: readonly string[]) => parts.join('|') };
const approver = { kind: 'approver', stage: 0 } as const;
const requester = { kind: 'requester' } as const;
const mint = async (offer: Offer) => `token-of-${offer.id}`;
/** As long as tokens are. */
const mintReal = async (offer: Offer) => offer.id.padEnd(720, 'x').slice(0, 720);
/** As long as tokens can be. */
const mintLongest = async () => 'x'.repeat(1_900);

type Overrides = Parameters<typeof sampleInput>[0];
function cardOf(overrides: Overrides = {}, state: State = sampleState(), viewer: Viewer = approver): Card {
  return cardFor(sampleInput(overrides), state, viewer, ids);
}
const withId = (number: number) => cardOf({ request: { id: sampleId(number) } });
const idOf = (card: Card) => plain(card.facts.find(({ label }) => label === 'Id')?.value ?? []);
const bytesOf = (card: unknown) => Buffer.byteLength(JSON.stringify(card));

/** What people try: Markdown, mentions, times of their own, look-alikes, hidden characters, half characters. */
const hostile = fc.string({
  maxLength: 200,
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(
      '**bold** _x_ ~~y~~ `z` # 1. - ',
      '[Approve](https://evil.example)',
      '![](https://evil.example/x.png)',
      '<at>Bob</at>',
      '<b>x</b>&lt;&amp;',
      '{{DATE(2026-01-01T00:00:00Z, SHORT)}}',
      '{{{TIME(2026-01-01T00:00:00Z)}}}',
      '{{date(',
      '{',
      '${title}',
      '\u202E',
      '\u2066',
      '\u200B',
      '\u{E0041}',
      '\n',
      '"\\',
      '“',
      '\uD800',
      '😀',
    ),
  ),
});

const states: [string, State][] = [
  ['waiting', sampleState()],
  ['waiting with votes', sampleState({ votes: [sampleVote({ joinedLater: true, reason: 'looks right' })] })],
  ['starting', sampleState({ phase: 'starting' })],
  ['active', sampleState({ phase: 'active' })],
  ['ending', sampleState({ phase: 'ending' })],
  ...(Object.keys(outcomes) as Outcome[]).map((outcome): [string, State] => [
    outcome,
    sampleState({ phase: 'closed', outcome, why: 'because' }),
  ]),
];
const viewers: Viewer[] = [approver, requester, { kind: 'observer' }];

describe('a card', () => {
  it.each(states.flatMap(([name, state]) => viewers.map((viewer) => ({ name, who: viewer.kind, state, viewer }))))(
    'P6: shows the $who all there is to say, and no more: $name',
    async ({ state, viewer }) => {
      const card = cardOf({ plan: { refusals: 2, selfApproval: true } }, state, viewer);
      const drawn = await drawCard(card, mintReal);
      expect(lintMessage(drawn)).toEqual([]);
      expect(linesOf(drawn.card)).toEqual([
        card.title,
        plain(card.status),
        ...card.facts.map(({ label, value }) => `${label}: ${plain(value)}`),
        'Reason: “INC-42: the deploy is stuck”',
        ...card.notes.map(plain),
      ]);
      expect(labelsOf(drawn.card)).toEqual(card.actions.map(({ label }) => label));
    },
  );

  it('says it all in its summary, and who, what, how long and why in its first 120 characters', async () => {
    const { summary } = await drawCard(cardOf(), mint);
    expect(summary).toBe(cardOf().summary);
    expect(summary.slice(0, 120)).toContain(
      'alice@example.com asks for admin on aws-prod for 1 hour: “INC-42: the deploy is stuck”.',
    );
  });

  it('has a summary of whole characters, however much there is to say', async () => {
    for (const reason of ['😀'.repeat(900), `x${'😀'.repeat(900)}`]) {
      const { summary } = await drawCard(cardOf({ request: { reason } }), mint);
      expect(summary.length).toBeGreaterThan(990);
      expect(summary).toMatch(/😀…$/u);
    }
  });

  it('approves by a button that carries its token and nothing else, with the same for older clients', async () => {
    const { card } = await drawCard(cardOf(), mint);
    const token = `token-of-${sampleId()}|0|${sampleTime}|${'d'.repeat(43)}|approve`;
    expect(card.body.at(-1)).toMatchObject({ type: 'ActionSet' });
    expect(buttonsOf(card)[0]).toEqual({
      type: 'Action.Execute',
      title: 'Approve',
      tooltip: 'Approve admin on aws-prod for alice@example.com, 1 hour',
      style: 'positive',
      verb: 'offer',
      data: { token },
      fallback: { type: 'Action.Submit', title: 'Approve', data: { verb: 'offer', token } },
    });
  });

  it('keeps what a screen reader says of a button short', async () => {
    const items = Array.from({ length: 20 }, (_, i) => sampleItem({ role: `role-number-${i}` }));
    const { card } = await drawCard(cardOf({ request: { items } }), mint);
    expect(buttonsOf(card)[0]?.tooltip).toMatch(/^Approve role-number-0 on aws-prod.{150,170}…$/u);
  });

  it('asks for a reason before it denies', async () => {
    const { card } = await drawCard(cardOf(), mint);
    const token = `token-of-${sampleId()}|0|${sampleTime}|${'d'.repeat(43)}|deny`;
    const shown = {
      title: 'Deny',
      tooltip: 'Deny admin on aws-prod for alice@example.com, 1 hour',
      style: 'destructive',
    };
    const fallback = { type: 'Action.Submit', title: 'Deny', data: { verb: 'offer', token } };
    const deny = { type: 'Action.Execute', ...shown, verb: 'offer', data: { token }, fallback };
    const reason = {
      type: 'Input.Text',
      id: 'reason',
      label: 'Reason (optional). The requester and the other approvers read it.',
      isMultiline: true,
      maxLength: 500,
    };
    expect((card.body.at(-1) as { actions: object[] }).actions[1]).toEqual({
      type: 'Action.ShowCard',
      ...shown,
      card: { type: 'AdaptiveCard', version: '1.5', body: [reason, { type: 'ActionSet', actions: [deny] }] },
    });
  });

  it('carries a command in its button as it is typed, without the slash', async () => {
    const { card } = await drawCard(cardOf({}, sampleState(), requester), mint);
    expect(buttonsOf(card)).toMatchObject([{ verb: 'command', data: { command: `cancel ${sampleId()}` } }]);
    expect(buttonsOf(card)[0]).not.toHaveProperty('style');
  });

  it('tells each time in UTC wherever it stands, and in the zone of the viewer below where it stands first', async () => {
    const { card } = await drawCard(cardOf(), mint);
    expect(linesOf(card).filter((line) => line.includes('2026-11-25 07:00 UTC'))).toEqual([
      'Waiting for approval: 1 more vote needed by 2026-11-25 07:00 UTC.',
      'Expires: 2026-11-25 07:00 UTC',
    ]);
    expect(localLinesOf(card)).toEqual([
      'In your time zone: {{DATE(2026-11-25T07:00:00Z, SHORT)}} {{TIME(2026-11-25T07:00:00Z)}}',
    ]);
    expect(card.body.slice(1, 3)).toMatchObject([{ type: 'RichTextBlock' }, { type: 'TextBlock' }]);
  });

  it('shows commands and ids in letters of one width, for copying', async () => {
    const { card } = await drawCard(cardOf({}, sampleState({ phase: 'active' }), requester), mint);
    const codes = runsOf(card).flatMap(({ fontType, text }) => (fontType === 'Monospace' ? [text] : []));
    expect(codes).toEqual([
      sampleId(),
      'aws sso login --profile aws-prod-admin',
      '/elevate admin on aws-prod for 1h because INC-42: the deploy is stuck',
    ]);
  });

  it('T28: shows a time that somebody wrote as they wrote it, to everybody', async () => {
    const reason = 'until {{DATE(2026-01-01T00:00:00Z, SHORT)}} {{{TIME(2026-01-01T00:00:00Z)}}}';
    const drawn = await drawCard(cardOf({ request: { reason } }), mint);
    expect(lintMessage(drawn)).toEqual([]);
    expect(linesOf(drawn.card)).toContain(`Reason: “${reason}”`);
  });

  it('T28: cannot be left by what it quotes', async () => {
    const drawn = await drawCard(cardOf({ request: { reason: 'x” Approved by: “Bob„‟\n“' } }), mint);
    expect(linesOf(drawn.card)).toContain('Reason: “x" Approved by: "Bob"" "”');
  });

  it('T28: has foreign words only where no Markdown is read, whatever they are, and nothing hidden', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, hostile, async (reason, name, title, voteReason) => {
        const request = { reason, requester: { id: alice.id, name }, items: [sampleItem({ title, howTo: reason })] };
        const votes = [sampleVote({ reason: voteReason, by: { id: 'bob@example.com', name } })];
        for (const state of [
          sampleState({ votes }),
          sampleState({ phase: 'active', votes }),
          sampleState({ phase: 'closed', outcome: 'failed', why: reason }),
        ]) {
          for (const viewer of [approver, requester]) {
            const card = cardOf({ request }, state, viewer);
            const drawn = await drawCard(card, mintReal);
            expect(lintMessage(drawn)).toEqual([]);
            // Where all of it fits, all of it is there, to the letter.
            if (labelsOf(drawn.card).length === card.actions.length && card.actions.length > 0)
              for (const note of card.notes) expect(linesOf(drawn.card).map(clean)).toContain(plain(note));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('T29: has room for the longest tokens beside an ordinary request', async () => {
    const drawn = await drawCard(cardOf(), mintLongest);
    expect(lintMessage(drawn)).toEqual([]);
    expect(labelsOf(drawn.card)).toEqual(['Approve', 'Deny']);
  });

  it('T29: has room for the longest reason that a request can have', async () => {
    for (const character of ['x', '"', '難', '😀']) {
      const reason = character.repeat(2_000 / character.length);
      const drawn = await drawCard(cardOf({ request: { reason } }), mintReal);
      expect(lintMessage(drawn)).toEqual([]);
      expect(labelsOf(drawn.card)).toEqual(['Approve', 'Deny']);
      expect(linesOf(drawn.card)).toContain(`Reason: “${reason}”`);
    }
  });

  it('T29: offers no decision whenever its words are not all there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12_000 }),
        fc.constantFrom('x', '"', '難', '😀', '{{DATE('),
        async (length, characters) => {
          const reason = characters.repeat(Math.ceil(length / characters.length));
          const drawn = await drawCard(cardOf({ request: { reason } }), mintReal);
          expect(lintMessage(drawn)).toEqual([]);
          const isThere = linesOf(drawn.card).includes(`Reason: “${reason.replaceAll('“', '"')}”`);
          expect(labelsOf(drawn.card)).toEqual(isThere ? ['Approve', 'Deny'] : []);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each<[string, Overrides]>([
    ['a long reason', { request: { reason: 'r'.repeat(9_000) } }],
    [
      'a long list of approvers',
      { plan: { stages: [sampleStage({ approvers: { users: manyPeople(900), groups: [] } })] } },
    ],
    [
      'many items',
      {
        request: {
          items: Array.from({ length: 60 }, (_, i) => sampleItem({ role: `role-${i}`, title: 't'.repeat(2_100) })),
        },
      },
    ],
  ])('T29: %s makes it undecidable there, and it says so', async (_, overrides) => {
    const drawn = await drawCard(cardOf(overrides), mintReal);
    expect(lintMessage(drawn)).toEqual([]);
    expect(labelsOf(drawn.card)).toEqual([]);
    expect(linesOf(drawn.card).at(-1)).toBe(
      `This does not fit here in full, so it can't be decided here. Open to review: /elevate show ${sampleId()}`,
    );
    expect(linesOf(drawn.card).join('\n')).toContain('… (shortened)');
  });

  it('T29: says of each text that is cut, within it, that it is', async () => {
    const drawn = await drawCard(cardOf({ request: { reason: 'r'.repeat(9_000) } }), mintReal);
    expect(linesOf(drawn.card)).toContain(`Reason: “${'r'.repeat(500)}”… (shortened)`);
    expect(linesOf(drawn.card).find((line) => line.startsWith('Copy as command: '))).toMatch(/r… \(shortened\)$/u);
  });

  it('T29: a token that cannot be made takes both decisions away', async () => {
    const refuse = async (offer: Offer) => {
      if (offer.what === 'decision' && offer.data.choice === 'deny')
        throw new ElevateError('invalid_input', 'Too long.');
      return 'token';
    };
    const drawn = await drawCard(cardOf(), refuse);
    expect(lintMessage(drawn)).toEqual([]);
    expect(labelsOf(drawn.card)).toEqual([]);
    expect(linesOf(drawn.card)).toContain('Reason: “INC-42: the deploy is stuck”');
    expect(linesOf(drawn.card).at(-1)).toContain(`Open to review: /elevate show ${sampleId()}`);
  });

  it('T29: what is shortened keeps within its size, however closely it fills it', async () => {
    for (let length = 1; length <= 60; length += 1) {
      const items = Array.from({ length: 120 }, (_, i) =>
        sampleItem({ lease: `lease-${i}`, title: 't'.repeat(length) }),
      );
      const drawn = await drawCard(
        cardOf({ request: { items } }, sampleState({ phase: 'active' }), requester),
        mintReal,
      );
      expect(lintMessage(drawn)).toEqual([]);
      expect(labelsOf(drawn.card)).toEqual(["I'm done"]);
      expect(bytesOf(drawn.card)).toBeGreaterThan(19_500);
    }
  });

  it('T29: more buttons than Teams shows are not shown in part', async () => {
    const [approve] = cardOf().actions as [Action];
    for (const [count, shown] of [
      [6, 6],
      [7, 0],
    ] as const) {
      const drawn = await drawCard({ ...cardOf(), actions: Array.from({ length: count }, () => approve) }, mint);
      expect(lintMessage(drawn)).toEqual([]);
      expect(labelsOf(drawn.card)).toHaveLength(shown);
    }
  });

  it('T29: buttons that do not fit are not shown, and it says where to look', async () => {
    const command = `cancel ${sampleId()}${' '.repeat(30_000)}`;
    const actions: Action[] = [{ kind: 'command', label: 'Cancel', spoken: 'Cancel', style: 'default', command }];
    const drawn = await drawCard({ ...cardOf(), actions }, mint);
    expect(lintMessage(drawn)).toEqual([]);
    expect(linesOf(drawn.card)).toEqual([`Shortened here. Open to review: /elevate show ${sampleId()}`]);
  });

  it('T28: cleans and bounds what repeats it: the summary, and what is on a button', async () => {
    const dirty = `\u202Eapproved\u200B\n${'x'.repeat(2_000)}`;
    const [approve] = cardOf().actions as [Action];
    const action: Action = { ...approve, label: dirty, spoken: dirty };
    const drawn = await drawCard({ ...cardOf(), summary: dirty, actions: [action] }, mint);
    expect(lintMessage(drawn)).toEqual([]);
    expect(drawn.summary).toMatch(/^approved x{990}…$/u);
    expect(buttonsOf(drawn.card)).toMatchObject([
      { title: `approved ${'x'.repeat(65)}…`, tooltip: `approved ${'x'.repeat(190)}…` },
    ]);
  });

  it('lets other failures of minting through', async () => {
    const broken = async () => {
      throw new ElevateError('unavailable', 'No key.');
    };
    await expect(drawCard(cardOf(), broken)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('keeps what is not a decision when it is shortened', async () => {
    const overrides = { request: { reason: 'r'.repeat(12_000) } };
    for (const [state, label] of [
      [sampleState({ phase: 'active' }), "I'm done"],
      [sampleState(), 'Cancel'],
    ] as const) {
      const drawn = await drawCard(cardOf(overrides, state, requester), mintReal);
      expect(lintMessage(drawn)).toEqual([]);
      expect(labelsOf(drawn.card)).toEqual([label]);
      expect(linesOf(drawn.card)).toContain(`Shortened here. Open to review: /elevate show ${sampleId()}`);
    }
  });
});

describe('a reply', () => {
  it('T29: has room for its card before it has room for its words', async () => {
    const story = Array.from({ length: 200 }, (_, i) => say`${{ time: sampleTime + i }} event ${i}.`);
    const card = cardOf({ request: { reason: 'r'.repeat(2_000) } });
    const drawn = await drawReply({ paragraphs: story, cards: [card] }, mintReal);
    expect(lintMessage(drawn)).toEqual([]);
    expect(labelsOf(drawn.card)).toEqual(['Approve', 'Deny']);
    const lines = linesOf(drawn.card);
    expect(lines).toContain(`Reason: “${'r'.repeat(2_000)}”`);
    expect(lines[0]).toBe('2026-11-25 03:00 UTC event 0.');
    expect(lines.filter((line) => line === 'The rest does not fit here.')).toHaveLength(1);
  });

  it('T29: keeps the words above its card and its size, however large the card', async () => {
    const words = say`Recorded. You are told of every change.`;
    for (let length = 5_000; length <= 9_000; length += 40) {
      const card = cardOf({ request: { reason: 'r'.repeat(length) } });
      const drawn = await drawReply({ paragraphs: [words], cards: [card] }, mintReal);
      expect(lintMessage(drawn)).toEqual([]);
      expect(linesOf(drawn.card)[0]).toBe(plain(words));
    }
  });

  it('T29: leads on, and not to itself, where even its only card does not fit', async () => {
    const card = cardOf({ request: { reason: 'r'.repeat(12_000) } });
    const drawn = await drawReply({ paragraphs: [say`Words.`], cards: [card] }, mintReal);
    expect(lintMessage(drawn)).toEqual([]);
    expect(labelsOf(drawn.card)).toEqual([]);
    expect(linesOf(drawn.card).at(-1)).toMatch(
      /can't be decided here\. Open to review in a terminal: elevate show wf_0+1$/u,
    );
  });

  it('has one card in the sense of Teams, with its own set apart, and inputs that are told apart', async () => {
    const drawn = await drawReply({ paragraphs: [say`These wait for you.`], cards: [withId(1), withId(2)] }, mint);
    expect(lintMessage(drawn)).toEqual([]);
    expect(drawn.card.body).toMatchObject([
      { type: 'RichTextBlock' },
      { type: 'Container', separator: true },
      { type: 'Container', separator: true },
    ]);
    expect(inputsOf(drawn.card).map(({ id }) => id)).toEqual(['reason_0', 'reason_1']);
    expect(labelsOf(drawn.card)).toEqual(['Approve', 'Deny', 'Approve', 'Deny']);
  });

  it('begins without a line above its first card where there are no words', async () => {
    const drawn = await drawReply({ paragraphs: [], cards: [withId(1), withId(2)] }, mint);
    expect(drawn.card.body).toMatchObject([{ separator: false }, { separator: true }]);
  });

  it('names the cards that do not fit, each with the command that shows it', async () => {
    const drawn = await drawReply({ paragraphs: [], cards: [1, 2, 3, 4, 5].map(withId) }, mintReal);
    expect(lintMessage(drawn)).toEqual([]);
    expect(labelsOf(drawn.card)).toEqual(['Approve', 'Deny', 'Approve', 'Deny', 'Approve', 'Deny']);
    expect(linesOf(drawn.card).slice(-3)).toEqual([
      '2 more do not fit here. Open to review:',
      `Waiting for approval: admin on aws-prod: /elevate show ${sampleId(4)}`,
      `Waiting for approval: admin on aws-prod: /elevate show ${sampleId(5)}`,
    ]);
  });

  it('T29: keeps within its size and loses no card, however closely they fill it', async () => {
    for (let length = 0; length <= 9_000; length += 15) {
      const cards = [1, 2].map((id) => cardOf({ request: { id: sampleId(id), reason: 'r'.repeat(length) } }));
      const two = await drawReply({ paragraphs: [], cards }, mintReal);
      const one = await drawReply({ paragraphs: [], cards: cards.slice(1) }, mintReal);
      expect([...lintMessage(two), ...lintMessage(one)]).toEqual([]);
      for (const card of cards) expect(JSON.stringify(two.card)).toContain(idOf(card));
    }
  });

  it('T29: accounts for every card, whatever their number and size', async () => {
    const reasons = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 2, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(reasons, fc.integer({ min: 1, max: 1_900 }), hostile, async (lengths, token, words) => {
        const cards = lengths.map((length, i) => cardOf({ request: { id: sampleId(i), reason: '難'.repeat(length) } }));
        const drawn = await drawReply({ paragraphs: [[words]], cards }, async () => 'x'.repeat(token));
        expect(lintMessage(drawn)).toEqual([]);
        const shown = labelsOf(drawn.card).filter((label) => label === 'Approve').length;
        const left = linesOf(drawn.card).find((line) => /^\d+ more do(?:es)? not fit here\. /u.test(line));
        expect(shown + Number.parseInt(left ?? '0', 10)).toBe(cards.length);
      }),
      { numRuns: 100 },
    );
  });

  it('fits a list of fifteen, with room between its lines and each time in the zone of the viewer', async () => {
    const rows = Array.from({ length: 15 }, (_, i) => ({
      input: sampleInput({ request: { id: sampleId(i) } }),
      state: sampleState({ phase: 'active' }),
    }));
    const drawn = await drawReply({ paragraphs: rows.map(listLine), cards: [] }, mint);
    expect(lintMessage(drawn)).toEqual([]);
    expect(linesOf(drawn.card)).toEqual(rows.map((row) => plain(listLine(row))));
    expect(localLinesOf(drawn.card)).toHaveLength(15);
    expect(drawn.card.body[2]).toMatchObject({ type: 'RichTextBlock', spacing: 'Medium' });
  });

  it('says openly that not all its words fit, and cuts none of them silently', async () => {
    const paragraphs = Array.from({ length: 300 }, (_, i) => say`line ${i} ${'x'.repeat(i === 1 ? 5_000 : 100)}`);
    const drawn = await drawReply({ paragraphs, cards: [] }, mint);
    const lines = linesOf(drawn.card);
    expect(lintMessage(drawn)).toEqual([]);
    expect(bytesOf(drawn.card)).toBeGreaterThan(19_000);
    expect(lines[1]).toMatch(/^line 1 x{493}… \(shortened\)$/u);
    expect(lines.at(-1)).toBe('The rest does not fit here.');
  });

  it('T28: draws arbitrary paragraphs without letting anything through, and within its size', async () => {
    const size = fc.integer({ min: 1, max: 300 });
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 8 }), size, async (strings, times) => {
        const paragraphs: Text[] = strings.map((text) => [
          text.repeat(times),
          { code: text },
          { person: { id: text, name: text } },
          { time: sampleTime },
        ]);
        for (const cards of [[], [cardOf()]])
          expect(lintMessage(await drawReply({ paragraphs, cards }, mintReal))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('is never empty', async () => {
    for (const paragraphs of [[], [['\u200B']]]) {
      const drawn = await drawReply({ paragraphs, cards: [] }, mint);
      expect(lintMessage(drawn)).toEqual([]);
      expect(linesOf(drawn.card)).toEqual(['Done.']);
    }
  });
});

describe('a notice', () => {
  it('has its times in UTC in the sentence and in the zone of the viewer below', () => {
    const drawn = drawText(say`You have admin until ${{ time: sampleTime }}.`);
    expect(drawn.summary).toBe('You have admin until 2026-11-25 03:00 UTC.');
    expect(linesOf(drawn.card)).toEqual(['You have admin until 2026-11-25 03:00 UTC.']);
    expect(localLinesOf(drawn.card)).toEqual([
      'In your time zone: {{DATE(2026-11-25T03:00:00Z, SHORT)}} {{TIME(2026-11-25T03:00:00Z)}}',
    ]);
  });

  it('has as many of them in the zone of the viewer as one line holds, and all of them in UTC', () => {
    const times = Array.from({ length: 12 }, (_, i) => ({ time: sampleTime + i * 60_000 }));
    const drawn = drawText(times.flatMap((time) => [time, ' ']));
    expect(localLinesOf(drawn.card).map((line) => line.match(/\{\{TIME/gu)?.length)).toEqual([10]);
    expect(linesOf(drawn.card)[0]?.match(/UTC/gu)).toHaveLength(12);
  });

  it('is one sentence where that is all there is', () => {
    const drawn = drawText(['Nothing waits for you.']);
    expect(drawn.card.body).toEqual([
      { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'Nothing waits for you.' }], spacing: 'Small' },
    ]);
  });

  it('T28: takes any text of any length, and says where it cut', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 1_000 }), fc.double(), (text, times, time) => {
        expect(lintMessage(drawText([text.repeat(times), { time }]))).toEqual([]);
      }),
    );
    expect(linesOf(drawText(['x'.repeat(30_000)]).card)).toEqual([`${'x'.repeat(8_000)}… (shortened)`]);
  });
});

function manyPeople(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `person-${i}@example.com`);
}
