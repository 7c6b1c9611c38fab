/** A card without its buttons. */
import type { types } from '@slack/bolt';
import type { Card, Fact, Text } from '../core/card.ts';
import { isShowable, plain } from '../core/words.ts';
import { escape, isTime, limits, localTime, localTimes, plainObject, split, textBlocks } from './elements.ts';

type Block = types.KnownBlock;

/** How much may be shown: a card stays small and editable, a reply shows in full what a card could not (T29). */
export interface Room {
  /** Characters of the message's own text. */
  text: number;
  /** Into how many blocks or elements a long text may be split. */
  parts: number;
}

/** `whole` is false if anything did not fit. */
export function bodyOf(card: Card, room: Room): { blocks: Block[]; whole: boolean } {
  const quote =
    card.quote === undefined ? undefined : `${card.quote.label}: “${card.quote.text.replace(/[“”]/gu, '"')}”`;
  const parts = [
    titleOf(card.title),
    textBlocks(card.status, room.parts),
    factBlocks(card.facts, room),
    quote === undefined ? { blocks: [], whole: true } : textBlocks([quote], room.parts),
    ...card.notes.map((note) => noteBlock(note, room)),
  ];
  const blocks = parts.flatMap((part) => part.blocks);
  // Room is left for the line that says so and for the buttons.
  const most = limits.blocks - 2;
  return { blocks: blocks.slice(0, most), whole: parts.every((part) => part.whole) && blocks.length <= most };
}

/** A title too long for a header is a section: nothing is lost. */
function titleOf(title: string): { blocks: Block[]; whole: boolean } {
  const text = plainObject(title);
  if (text.text.length <= limits.header) return { blocks: [{ type: 'header', text }], whole: true };
  return textBlocks([title], 1);
}

/** Short facts side by side; a long one is a paragraph of its own, so all that follows it stays in order. */
function factBlocks(facts: readonly Fact[], room: Room): { blocks: Block[]; whole: boolean } {
  const blocks: Block[] = [];
  let whole = true;
  let row: types.TextObject[] = [];
  const endRow = () => {
    if (row.length > 0) blocks.push({ type: 'section', fields: row });
    row = [];
  };
  for (const fact of facts) {
    const field = fieldOf(fact);
    if (field.text.length <= limits.field) {
      row.push(field);
      if (row.length === limits.fields) endRow();
      continue;
    }
    endRow();
    const long = textBlocks([`${fact.label}: `, ...fact.value], room.parts);
    blocks.push(...long.blocks);
    whole &&= long.whole;
  }
  endRow();
  return { blocks, whole };
}

/** Nothing but a time may stand in markup, so that it is shown in the viewer's zone. */
function fieldOf({ label: name, value }: Fact): types.TextObject {
  const [only, ...others] = value;
  if (only !== undefined && others.length === 0 && isTime(only) && isShowable(only.time)) {
    const words = `${escape(plain([name]))}\n${localTime(only.time)} (${plain(value)})`;
    return { type: 'mrkdwn', text: words, verbatim: true };
  }
  return { type: 'plain_text', text: `${plain([name])}:\n${plain(value) || '-'}`, emoji: false };
}

function noteBlock(note: Text, room: Room): { blocks: Block[]; whole: boolean } {
  const times = localTimes(note);
  const most = limits.contextElements - (times === undefined ? 0 : 1);
  const words = split(plain(note), limits.section, Math.min(room.parts, most));
  const elements = [...words.parts.map(plainObject), ...(times === undefined ? [] : [times])];
  return { blocks: [{ type: 'context', elements }], whole: words.whole };
}
