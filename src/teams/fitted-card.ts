/** A card as a list of elements: all of it where that fits, else what fits of it and where the rest is (T29). */
import type { Card, Text } from '../core/card.ts';
import { say } from '../core/words.ts';
import { isDecision, type Mint } from '../core/offers.ts';
import { buttonsOf } from './buttons.ts';
import { bodyOf } from './card-body.ts';
import { bytesOf, firstThatFit } from './fitting.ts';
import { type Element, paragraph } from './text-runs.ts';

/** Characters of each text of a card that does not fit. */
const PART_MOST = 500;

/**
 * In at most `room` bytes. Where anything does not fit, no decision is offered: half a choice is none (T29).
 *
 * @param review says so, and where to look
 */
export async function fittedCard(card: Card, mint: Mint, room: number, review: Text): Promise<Element[]> {
  const all = await wholeCard(card, mint, undefined);
  if (all !== undefined && bytesOf(all) <= room) return all;
  const others = card.actions.filter((action) => !isDecision(action));
  const buttons = (await buttonsOf(others, mint, undefined)) ?? [];
  const end = [...paragraph(review), ...buttons];
  if (bytesOf(end) > room) return paragraph(review);
  const { elements } = firstThatFit(bodyOf(card, PART_MOST), room - bytesOf(end));
  return [...elements, ...end];
}

/**
 * @param key tells the inputs of several cards in one message apart
 * @returns `undefined` if its buttons can't be carried
 */
export async function wholeCard(card: Card, mint: Mint, key: string | undefined): Promise<Element[] | undefined> {
  const buttons = await buttonsOf(card.actions, mint, key);
  return buttons && [...bodyOf(card).flat(), ...buttons];
}

export function reviewInChat(card: Card): Text {
  return say`${lacking(card)} Open to review: ${{ code: `/elevate ${showCommand(card)}` }}`;
}

/** For where the command in the chat leads to: it must not lead there again. */
export function reviewInShell(card: Card): Text {
  return say`${lacking(card)} Open to review in a terminal: ${{ code: `elevate ${showCommand(card)}` }}`;
}

/** What shows all of a card: the words after `/elevate`. */
export function showCommand({ actions: [action] }: Card): string {
  const id = action?.kind === 'offer' ? action.offer.execution : action?.command.split(' ')[1];
  return id === undefined ? 'show' : `show ${id}`;
}

function lacking(card: Card): string {
  if (!card.actions.some(isDecision)) return 'Shortened here.';
  return "This does not fit here in full, so it can't be decided here.";
}
