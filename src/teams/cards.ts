/** Draws cards, replies and texts as messages of Teams. Pure but for `mint`, which makes the tokens of buttons. */
import type { Card, Reply, Text } from '../core/card.ts';
import { plain, say } from '../core/words.ts';
import type { Mint } from '../core/offers.ts';
import { bytesOf, line, shortened } from './fitting.ts';
import { fittedCard, reviewInChat } from './fitted-card.ts';
import type { AdaptiveCard, TeamsMessage } from './message.ts';
import { replyBody } from './reply-body.ts';
import { type Element, paragraph } from './text-runs.ts';

/** Bytes of a card as JSON. Teams takes several times as much; what people read on a phone is less. */
const CARD_BYTES = 20 * 1024;
const BODY_BYTES = CARD_BYTES - bytesOf(cardWith([]));
/** Characters of a notice that does not fit as it is; fewer if need be. */
const NOTICE_MOST = 8_000;
/** Characters of what a notification says. */
const SUMMARY_MOST = 1_000;

/** Draws a message that can be edited. What does not fit can't be decided there (T29). */
export async function drawCard(card: Card, mint: Mint): Promise<TeamsMessage> {
  return message(card.summary, await fittedCard(card, mint, BODY_BYTES, reviewInChat(card)));
}

/** Draws an answer for one person. */
export async function drawReply(reply: Reply, mint: Mint): Promise<TeamsMessage> {
  const summary = [...reply.paragraphs.map(plain), ...reply.cards.map((card) => card.summary)].join(' ');
  const body = await replyBody(reply, mint, BODY_BYTES);
  return message(summary, body.length > 0 ? body : paragraph(say`Done.`));
}

/** Draws a notice. */
export function drawText(text: Text): TeamsMessage {
  let drawn = paragraph(text);
  for (let most = NOTICE_MOST; bytesOf(drawn) > BODY_BYTES && most >= 1; most /= 2)
    drawn = paragraph(shortened(text, most));
  return message(plain(text), drawn.length > 0 ? drawn : paragraph(say`-`));
}

function message(summary: string, body: Element[]): TeamsMessage {
  return { summary: line(summary, SUMMARY_MOST) || '-', card: cardWith(body) };
}

function cardWith(body: Element[]): AdaptiveCard {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    // Clients may read Markdown in it, so it holds no words but ours (T28).
    fallbackText: "Your Teams can't show this. Say /elevate list or /elevate approvals to see where things stand.",
    msteams: { width: 'Full' },
    body,
  };
}
