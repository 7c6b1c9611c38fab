/** The small pieces of Slack's messages, within its limits. Foreign words only ever go into `plain_text` (T28). */
import type { types } from '@slack/bolt';
import type { Piece, Text } from '../core/card.ts';
import { clean } from '../core/clean.ts';
import { isShowable, plain, utc } from '../core/words.ts';

type Block = types.KnownBlock;

/** As documented for blocks and their elements; `text` is what `chat.update` takes, with room for a remark. */
export const limits = {
  blocks: 50,
  text: 3_900,
  section: 3_000,
  header: 150,
  field: 2_000,
  fields: 10,
  contextElements: 10,
  value: 2_000,
  label: 75,
};

export function plainObject(text: string): types.PlainTextElement {
  return { type: 'plain_text', text: clean(text) || '-', emoji: false };
}

export function section(text: string): Block {
  return { type: 'section', text: plainObject(text) };
}

/** Splits between characters. `whole` is false if there was more than `parts` hold; the last part says so. */
export function split(text: string, size: number, parts: number): { parts: string[]; whole: boolean } {
  const cleaned = clean(text);
  if (cleaned.length <= size) return { parts: [cleaned], whole: true };
  const found: string[] = [];
  let rest = cleaned;
  while (rest !== '' && found.length < parts) {
    const part = rest.length <= size ? rest : head(rest, size);
    rest = rest.slice(part.length);
    found.push(part);
  }
  if (rest === '') return { parts: found, whole: true };
  const last = found.pop() ?? '';
  return { parts: [...found, `${head(last, size - shortened.length)}${shortened}`], whole: false };
}

const shortened = '… (shortened)';

/** The first characters, never half of one. */
function head(text: string, size: number): string {
  const cut = text.slice(0, size);
  return /[\uD800-\uDBFF]$/u.test(cut) ? cut.slice(0, -1) : cut;
}

/** At most `size` characters, ended at a word where there is one. For labels that repeat what stands elsewhere. */
export function label(text: string, size = limits.label): string {
  const cleaned = clean(text);
  if (cleaned.length <= size) return cleaned;
  const cut = head(cleaned, size - 1);
  const space = cut.lastIndexOf(' ');
  return `${space > size / 2 ? cut.slice(0, space) : cut}…`;
}

/** For the message's own text, which Slack reads as mrkdwn. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** An escaped text of at most `size` characters. */
export function messageText(text: string, size: number, remark = shortened): { text: string; whole: boolean } {
  const escaped = escape(clean(text));
  if (escaped.length <= size) return { text: escaped || '-', whole: true };
  const room = size - escape(remark).length;
  let cut = '';
  for (const character of clean(text)) {
    const next = escape(character);
    if (cut.length + next.length > room) break;
    cut += next;
  }
  return { text: `${cut}${escape(remark)}`, whole: false };
}

/** A time in the viewer's zone, in Slack's own markup. */
export function localTime(time: number): string {
  return `<!date^${Math.floor(time / 1000)}^{date_short_pretty} {time}|${utc(time)}>`;
}

/** The viewer's own times for a text that shows UTC. */
export function localTimes(text: Text): types.MrkdwnElement | undefined {
  const times = text.filter(isTime).filter(({ time }) => isShowable(time));
  if (times.length === 0) return undefined;
  const shown = times.slice(0, 10).map(({ time }) => localTime(time));
  return { type: 'mrkdwn', text: `In your time zone: ${shown.join(', ')}`, verbatim: true };
}

export function isTime(piece: Piece): piece is { time: number } {
  return typeof piece === 'object' && 'time' in piece;
}

/** A text as sections, with the viewer's own times below. */
export function textBlocks(text: Text, parts: number): { blocks: Block[]; whole: boolean } {
  const words = split(plain(text), limits.section, parts);
  const times = localTimes(text);
  const below: Block[] = times === undefined ? [] : [{ type: 'context', elements: [times] }];
  return { blocks: [...words.parts.map(section), ...below], whole: words.whole };
}
