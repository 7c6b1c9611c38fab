/** What a click on `Action.Execute` is answered: within two seconds, for the clicker alone. */
import type { Reply } from '../core/card.ts';
import { plain } from '../core/words.ts';
import type { TeamsMessage } from './message.ts';

/**
 * What a person is told: as a message, and as a line where there is room for no more. `line` is undefined for what does
 * not fit on one.
 */
export interface Said {
  message: TeamsMessage;
  line: string | undefined;
}

/** `body` is as Teams' Universal Actions want it; its own status is always 200, since Teams shows no other. */
export interface InvokeAnswer {
  status: 200;
  body: { statusCode: 200; type: string; value: unknown };
}

/** Words as a bar below the card, cards in the place of the one that was clicked, for the clicker alone. */
export function invokeAnswer({ message, line }: Said): InvokeAnswer {
  if (line === undefined) return answered('application/vnd.microsoft.card.adaptive', message.card);
  return answered('application/vnd.microsoft.activity.message', escapeMarkdown(line));
}

function answered(type: string, value: unknown): InvokeAnswer {
  return { status: 200, body: { statusCode: 200, type, value } };
}

/** A reply of words alone, as one line. */
export function lineOf({ paragraphs, cards }: Reply): string | undefined {
  return cards.length > 0 || paragraphs.length > 1 ? undefined : paragraphs.map(plain).join(' ');
}

/** What Markdown would read as more than text (T28); `_` within a word is nothing to it. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*[\]~<>#|]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\$&`);
}
