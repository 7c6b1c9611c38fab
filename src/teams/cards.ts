/** Draws cards, replies and texts as messages of Teams. Pure but for `mint`, which makes the tokens of buttons. */
import type { Card, Reply, Text } from '../core/card.ts';
import { clean } from '../core/clean.ts';
import { plain, say } from '../core/words.ts';
import { buttonsOf, isDecision, type Mint } from './buttons.ts';
import type { AdaptiveCard, TeamsMessage } from './message.ts';
import { type Element, labelled, looks, paragraph } from './text-runs.ts';

export type { Mint } from './buttons.ts';

/** Bytes of a card. Teams takes several times as much; what people read on a phone is less. */
const CARD_BYTES = 20 * 1024;
/** Room for the line that says what does not fit. */
const REMARK_BYTES = 600;
/** Characters of what a notification says. */
const SUMMARY_MOST = 1_000;

/** Draws a message that can be edited. What does not fit can't be decided there (T29). */
export async function drawCard(card: Card, mint: Mint): Promise<TeamsMessage> {
  return message(card.summary, await fitted(card, mint, CARD_BYTES));
}

/** Draws an answer for one person. */
export async function drawReply(reply: Reply, mint: Mint): Promise<TeamsMessage> {
  const summary = [...reply.paragraphs.map(plain), ...reply.cards.map((card) => card.summary)].join(' ');
  const paragraphs = reply.paragraphs.map((text) => paragraph(text));
  const body = whatFits(paragraphs, CARD_BYTES);
  if (body.left > 0) return message(summary, [...body.elements, ...paragraph(say`The rest does not fit here.`)]);

  let { elements } = body;
  for (const [index, card] of reply.cards.entries()) {
    const room = CARD_BYTES - bytesOf(elements);
    const drawn = reply.cards.length === 1 ? await fitted(card, mint, room) : await whole(card, mint, `${index}`);
    if (drawn === undefined || bytesOf(drawn) > room - REMARK_BYTES) {
      const left = say`${reply.cards.length - index} more do not fit here. See one with ${{ code: '/elevate show' }} and its id.`;
      return message(summary, [...elements, ...paragraph(left)]);
    }
    elements = [...elements, { type: 'Container', items: drawn, separator: elements.length > 0 }];
  }
  return message(summary, elements.length > 0 ? elements : paragraph(say`Done.`));
}

/** Draws a notice. */
export function drawText(text: Text): TeamsMessage {
  const elements = paragraph(text);
  const fits = elements.length > 0 && bytesOf(elements) < CARD_BYTES - REMARK_BYTES;
  const cut = say`${plain(text).slice(0, SUMMARY_MOST) || '-'}${elements.length > 0 ? '… (shortened)' : ''}`;
  return message(plain(text), fits ? elements : paragraph(cut));
}

/** The whole card, else as much of it as fits, without its decisions and with where to look. */
async function fitted(card: Card, mint: Mint, room: number): Promise<Element[]> {
  const drawn = await whole(card, mint, undefined);
  if (drawn !== undefined && bytesOf(drawn) <= room - REMARK_BYTES) return drawn;
  const others = await buttonsOf(
    card.actions.filter((action) => !isDecision(action)),
    mint,
    undefined,
  );
  const { elements } = whatFits(bodyOf(card), room - bytesOf(others ?? []));
  return [...elements, ...paragraph(reviewText(card)), ...(others ?? [])];
}

/** `undefined` if its buttons can't be carried. */
async function whole(card: Card, mint: Mint, key: string | undefined): Promise<Element[] | undefined> {
  const buttons = await buttonsOf(card.actions, mint, key);
  return buttons && [...bodyOf(card).flat(), ...buttons];
}

/** A card without its buttons, part by part, the most important first. */
function bodyOf({ title, status, facts, quote, notes }: Card): Element[][] {
  return [
    paragraph([title], looks.title),
    paragraph(status),
    ...facts.map(({ label, value }) => labelled(label, value)),
    ...(quote === undefined ? [] : [[quoteOf(quote)]]),
    ...notes.map((note) => paragraph(note, looks.subtle)),
  ];
}

/** Other people's words, set apart from ours. */
function quoteOf({ label, text }: { label: string; text: string }): Element {
  const words = `“${clean(text).replace(/[“”]/gu, '"')}”`;
  return { type: 'Container', style: 'emphasis', items: labelled(label, [words]), spacing: 'Small' };
}

/** The first parts that fit, each of them whole. */
function whatFits(parts: readonly Element[][], room: number): { elements: Element[]; left: number } {
  let elements: Element[] = [];
  for (const [index, part] of parts.entries()) {
    const longer = [...elements, ...part];
    if (bytesOf(longer) > room - REMARK_BYTES) return { elements, left: parts.length - index };
    elements = longer;
  }
  return { elements, left: 0 };
}

function reviewText(card: Card): Text {
  const offer = card.actions.find((action) => action.kind === 'offer')?.offer;
  const command = { code: offer === undefined ? '/elevate show' : `/elevate show ${offer.execution}` };
  if (!card.actions.some(isDecision)) return say`Shortened here. Open to review: ${command}`;
  return say`This does not fit here in full, so it can't be decided here. Open to review: ${command}`;
}

function message(summary: string, body: Element[]): TeamsMessage {
  const said = clean(summary).slice(0, SUMMARY_MOST) || '-';
  const card: AdaptiveCard = {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    msteams: { width: 'Full' },
    body: [...body],
  };
  return { summary: said, card };
}

function bytesOf(elements: readonly Element[]): number {
  return Buffer.byteLength(JSON.stringify(elements));
}
