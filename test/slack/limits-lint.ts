/** What Slack would refuse about a message, and what must never be in one of ours: foreign markup and hidden characters. */
import { remarksOnMessage } from '../../src/dev/slack-double/limits.ts';

/** Slack takes longer texts when posting, but not when editing. */
const editableText = 4_000;
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
/** The only markup that we use. */
const date = /<!date\^\d+\^\{date_short_pretty\} \{time\}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>/gu;
/** Everything else in a mrkdwn object: words of ours, and times. */
const ourWords = /^[A-Za-z ,:.()\n0-9-]*$/u;

/** An empty list means that the message is fine. */
export function lintMessage(message: { text: string; blocks: unknown }, options: { textMost?: number } = {}): string[] {
  const texts = textObjects(message.blocks);
  return [
    ...remarksOnMessage(message.blocks),
    ...(message.text === '' ? ['text is empty'] : []),
    ...(message.text.length > (options.textMost ?? editableText) ? ['text is too long'] : []),
    ...(/[<>]/u.test(message.text) ? ['markup in text'] : []),
    ...(/&(?!amp;|lt;|gt;)/u.test(message.text) ? ['a bare & in text'] : []),
    ...texts
      .filter(({ type, text }) => type === 'mrkdwn' && !ourWords.test(text.replace(date, '')))
      .map(({ text }) => `foreign words in markup: ${text}`),
    ...texts
      .filter(({ type, emoji }) => type === 'plain_text' && emoji !== false)
      .map(({ text }) => `emoji codes are drawn: ${text}`),
    // Between a label and its value, and between the lines of a list, there is a line break of ours.
    ...[message.text, ...texts.map(({ text }) => text.replaceAll('\n', ''))]
      .filter((text) => hidden.test(text))
      .map((text) => `hidden characters: ${JSON.stringify(text)}`),
    ...uniqueActions(message.blocks),
  ];
}

interface TextObject {
  type: string;
  text: string;
  emoji?: boolean;
}

/** Every text object anywhere inside. */
export function textObjects(value: unknown): TextObject[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = value as { type?: unknown; text?: unknown };
  const own = typeof text === 'string' && typeof type === 'string' ? [value as TextObject] : [];
  return [...own, ...Object.values(value).flatMap(textObjects)];
}

interface Button {
  type: 'button';
  text: { text: string };
  action_id: string;
  value: string;
  style?: string;
  accessibility_label?: string;
}

export function buttonsOf(blocks: unknown): Button[] {
  if (typeof blocks !== 'object' || blocks === null) return [];
  const own = (blocks as { type?: unknown }).type === 'button' ? [blocks as Button] : [];
  return [...own, ...Object.values(blocks).flatMap(buttonsOf)];
}

/** All that a person reads, line by line. */
export function wordsOf(blocks: unknown): string {
  return textObjects(blocks)
    .map(({ text }) => text)
    .join('\n');
}

function uniqueActions(blocks: unknown): string[] {
  const ids = buttonsOf(blocks).map((button) => button.action_id);
  return new Set(ids).size < ids.length ? ['two buttons share an action id'] : [];
}
