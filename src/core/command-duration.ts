/** How long, within a command: `for 2 hours`, or `2h` by itself. */
import type { Fault, Word } from './command-words.ts';
import { fault, replaceWords, said } from './command-words.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { nearest } from './nearest.ts';

/** `1 day 2 hours 30 minutes` has six. */
const maxWords = 6;
const units = ['seconds', 'minutes', 'hours', 'days', 'weeks'];

/** The longest duration that begins at this word, in short form. */
export function durationAt(words: readonly Word[], at: number): { duration: string; next: number } | undefined {
  if (!/^[\dp]/iu.test(words[at]?.text ?? '')) return undefined;
  for (let next = Math.min(at + maxWords, words.length); next > at; next--) {
    const typed = words.slice(at, next).map(({ text }) => text);
    const ms = parseDuration(typed.join(' '));
    if (ms === undefined) continue;
    const duration = formatDuration(ms);
    // What its short form does not say again is too long to be meant.
    if (parseDuration(duration) === ms) return { duration, next };
  }
  return undefined;
}

export function readDuration(text: string, words: readonly Word[], at: number) {
  const named = words[at]?.lower === 'for';
  const from = named ? at + 1 : at;
  const found = durationAt(words, from);
  if (found !== undefined) return { found: { duration: found.duration }, next: found.next };
  return named ? notUnderstood(text, words, from) : undefined;
}

function notUnderstood(text: string, words: readonly Word[], at: number): Fault {
  const word = words[at];
  const typed = word?.text ?? '';
  const sentence = word === undefined ? 'Something is missing after “for”.' : `${said(word)} is not a length of time.`;
  const hint = `${sentence} Write it as 30m, 1h or 2 days.`;
  if (!/^\d{1,6}$/u.test(typed)) return fault('bad_duration', hint, replaceWords(text, words, at, at + 1, '1h'));
  const unit = nearest(words[at + 1]?.lower ?? '', units);
  const end = unit === undefined ? at + 1 : at + 2;
  return fault('bad_duration', hint, replaceWords(text, words, at, end, `${typed} ${unit ?? 'minutes'}`));
}
