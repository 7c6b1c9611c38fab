/** Draws cards, replies and texts as Slack's blocks. Pure but for `mint`, which makes the tokens of buttons. */
import type { types } from '@slack/bolt';
import type { Action, Card, Reply, Text } from '../core/card.ts';
import { isDecision, type Mint, tokenFor } from '../core/offers.ts';
import { plain } from '../core/words.ts';
import { bodyOf, type Room } from './card-body.ts';
import { paragraphBlocks } from './paragraphs.ts';
import { label, limits, messageText, section, textBlocks } from './elements.ts';

type Block = types.KnownBlock;

export interface Drawn {
  /** What notifications and screen readers say; escaped. */
  text: string;
  blocks: Block[];
}

const cardRoom: Room = { text: limits.text, parts: 1 };
const replyRoom: Room = { text: 12_000, parts: 10 };

/** Draws a message that can be edited. What does not fit can't be decided there: `approvable` is false (T29). */
export async function drawCard(card: Card, mint: Mint): Promise<Drawn & { approvable: boolean }> {
  const { text, blocks, whole } = await draw(card, mint, cardRoom, 0);
  return { text, blocks, approvable: whole };
}

/** Draws an answer for one person. */
export async function drawReply(reply: Reply, mint: Mint): Promise<Drawn> {
  const most = limits.blocks - 1;
  const paragraphs = paragraphBlocks(reply.paragraphs);
  let blocks = paragraphs.slice(0, most);
  let left = paragraphs.length > most ? 'The rest does not fit here.' : undefined;
  let buttons = 0;
  for (const [index, card] of reply.cards.entries()) {
    const drawn = await draw(card, mint, replyRoom, buttons);
    const apart: Block[] = blocks.length === 0 ? [] : [{ type: 'divider' }];
    if (blocks.length + apart.length + drawn.blocks.length > most) {
      left = `${reply.cards.length - index} more do not fit here. See one with /elevate show and its id.`;
      break;
    }
    blocks = [...blocks, ...apart, ...drawn.blocks];
    buttons += card.actions.length;
  }
  const said = [...reply.paragraphs.map(plain), ...reply.cards.map((card) => card.summary), left ?? ''].join(' ');
  const { text } = messageText(said, replyRoom.text);
  return { text, blocks: left === undefined && blocks.length > 0 ? blocks : [...blocks, section(left ?? 'Done.')] };
}

/** Draws a notice. */
export function drawText(text: Text): Drawn {
  return { text: messageText(plain(text), limits.text).text, blocks: textBlocks(text, 3).blocks };
}

async function draw(card: Card, mint: Mint, room: Room, firstButton: number): Promise<Drawn & { whole: boolean }> {
  const body = bodyOf(card, room);
  const text = messageText(card.summary, room.text, ` … ${reviewLine(card)}`);
  const fits = body.whole && text.whole;
  const { elements, whole } = await buttonsOf(card.actions, fits, mint, firstButton);
  return {
    text: text.text,
    whole,
    blocks: [
      ...body.blocks,
      ...(whole ? [] : [section(reviewLine(card))]),
      ...(elements.length === 0 ? [] : [{ type: 'actions' as const, elements }]),
    ],
  };
}

/** Where anything does not fit, no decision is offered: half a choice is none (T29). */
async function buttonsOf(
  actions: readonly Action[],
  fits: boolean,
  mint: Mint,
  first: number,
): Promise<{ elements: types.Button[]; whole: boolean }> {
  const buttons = await Promise.all(actions.map((action, index) => button(action, mint, first + index)));
  const whole = fits && !buttons.includes(undefined);
  const elements = buttons.flatMap((drawn, index) => {
    const isOffered = whole || !isDecision(actions[index]);
    return drawn !== undefined && isOffered ? [drawn] : [];
  });
  return { elements, whole };
}

/** `undefined` if the button can't hold it. */
async function button(action: Action, mint: Mint, index: number): Promise<types.Button | undefined> {
  const value = action.kind === 'command' ? action.command : await tokenFor(action.offer, mint);
  if (value === undefined || value.length > limits.value) return undefined;
  const kind = action.kind === 'offer' && action.asksReason ? 'reason' : action.kind;
  return {
    type: 'button',
    text: { type: 'plain_text', text: label(action.label), emoji: false },
    accessibility_label: label(action.spoken),
    action_id: `${kind}:${index}`,
    value,
    ...(action.style === 'default' ? {} : { style: action.style }),
  };
}

function reviewLine(card: Card): string {
  const offer = card.actions.find((action) => action.kind === 'offer')?.offer;
  const command = offer === undefined ? '/elevate show' : `/elevate show ${offer.execution}`;
  if (card.actions.some(isDecision)) {
    return `This does not fit here in full, so it can't be decided here. Open to review: ${command}`;
  }
  return `Shortened here. Open to review: ${command}`;
}
