/**
 * `<role> [on <provider>] [for <duration>] [because <reason>]`, and its short form without the small words. What
 * could be meant in two ways is a mistake: a guess would be access that nobody asked for.
 */
import { clean } from './clean.ts';
import type { Fault, Vocabulary, Word } from './command-words.ts';
import { fault, match, providersOf, replaceWords, said, wordsOf } from './command-words.ts';
import { durationAt, readDuration } from './command-duration.ts';
import { noRole, secondRole } from './command-role.ts';
import { isMisspelt, nearest } from './nearest.ts';
import { listed } from './words.ts';

/** Input of the default workflow, as far as it was typed. `duration` in short form, such as `1h30m`. */
export interface AskInput {
  role?: string;
  provider?: string;
  duration?: string;
  reason?: string;
}

interface Asking {
  text: string;
  words: readonly Word[];
  vocabulary: Vocabulary;
  role: string;
  /** Where the role is given. */
  providers: readonly string[];
}

/** The command that asks for this. Reading it gives the same input. */
export function formatAsk({ role, provider, duration, reason }: AskInput): string {
  return [
    '/elevate',
    ...(role === undefined ? [] : [role]),
    ...(provider === undefined ? [] : ['on', provider]),
    ...(duration === undefined ? [] : ['for', duration]),
    ...(reason === undefined ? [] : ['because', reason]),
  ].join(' ');
}

export function readAsk(text: string, vocabulary: Vocabulary): AskInput | Fault {
  const words = wordsOf(text);
  if (words.length === 0) return {};
  const role = match(words[0], vocabulary.roles);
  if (role === undefined) return noRole(text, words, vocabulary);
  const asking = { text, words, vocabulary, role, providers: providersOf(role, vocabulary) };
  return secondRole(text, words, vocabulary, asking.providers) ?? readRest(asking);
}

function readRest(asking: Asking): AskInput | Fault {
  const { text, words } = asking;
  let ask: AskInput = { role: asking.role };
  for (let at = 1; at < words.length;) {
    if (words[at]?.lower === 'because') return { ...ask, ...reasonFrom(text.slice(words[at]?.end)) };
    const part =
      notYet(words, at) ??
      (ask.provider === undefined ? readProvider(asking, at) : undefined) ??
      (ask.duration === undefined ? readDuration(text, words, at) : undefined);
    if (part === undefined) return readBareReason(asking, ask, at);
    if ('problem' in part) return part;
    ask = { ...ask, ...part.found };
    at = part.next;
  }
  return ask;
}

function readProvider({ text, words, providers, role }: Asking, at: number) {
  const named = words[at]?.lower === 'on';
  const from = named ? at + 1 : at;
  const word = words[from];
  const provider = match(word, providers);
  if (provider !== undefined) return { found: { provider }, next: from + 1 };
  if (!named) return undefined;
  const meant = word && nearest(word.lower, providers);
  const instead = meant === undefined ? `roles ${role}` : replaceWords(text, words, from, from + 1, meant);
  return fault('unknown_provider', whereGiven(role, providers, word), instead);
}

/** The rest as the reason, if none of it can be meant as anything else that is still open. */
function readBareReason(asking: Asking, ask: AskInput, at: number): AskInput | Fault {
  const { text, words, vocabulary, role, providers } = asking;
  const [word, ...later] = words.slice(at);
  const spelledOut = { ...ask, ...reasonFrom(text.slice(word?.start)) };
  if (word === undefined || (ask.provider !== undefined && ask.duration !== undefined)) return spelledOut;

  if (ask.provider === undefined) {
    const misspelt = providers.find((provider) => isMisspelt(word.lower, provider));
    const elsewhere = match(word, Object.values(vocabulary.providers).flat());
    const alone = at === 1 && later.length === 0;
    if (misspelt !== undefined || elsewhere !== undefined || alone) {
      const instead = elsewhere === undefined ? formatAsk(spelledOut) : `roles ${role}`;
      const corrected = misspelt && replaceWords(text, words, at, at + 1, misspelt);
      return fault('unknown_provider', whereGiven(role, providers, word), corrected ?? instead);
    }
  }
  const couldBeElse = later.some(
    (next, index) =>
      next.lower === 'because' ||
      (ask.provider === undefined && match(next, providers) !== undefined) ||
      (ask.duration === undefined && durationAt(later, index) !== undefined),
  );
  const sentence = `It is not clear what ${said(word)} means here. Put “because” before the reason.`;
  return couldBeElse ? fault('unclear', sentence, formatAsk(spelledOut)) : spelledOut;
}

function reasonFrom(text: string): AskInput {
  const reason = text.trim();
  return reason === '' ? {} : { reason };
}

/** `for @person` and `at <time>` belong to the grammar but not to this version, and must not become a reason. */
function notYet(words: readonly Word[], at: number): Fault | undefined {
  const next = words[at + 1]?.lower ?? '';
  if (words[at]?.lower === 'for' && /^<?@/u.test(next)) {
    return fault('not_available', 'Asking for somebody else is not available in this version.', 'help');
  }
  if (words[at]?.lower === 'at' && /^(?:\d|noon|midnight|today|tonight|tomorrow)/u.test(next)) {
    return fault('not_available', 'Asking for a later time is not available in this version.', 'help');
  }
  return undefined;
}

function whereGiven(role: string, providers: readonly string[], word: Word | undefined): string {
  const places = providers.length === 0 ? 'nowhere' : `on ${listed(providers.slice(0, 5).map(clean), 'or')}`;
  const missing = word === undefined ? 'Something is missing after “on”' : `There is no ${said(word)} for it`;
  return `The role ${clean(role)} is given ${places}. ${missing}.`;
}
