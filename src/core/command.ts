/** The grammar of `/elevate`: one for every chat and the shell. Pure, and never throws. */
import type { AskInput } from './command-ask.ts';
import { formatAsk, readAsk } from './command-ask.ts';
import type { Fault, Problem, Vocabulary, Word } from './command-words.ts';
import { fault, said, wordsOf } from './command-words.ts';
import { cleanFreeText } from './free-text.ts';

export { formatAsk };
export type { AskInput, Problem, Vocabulary };

export type Command =
  /** Without a role: the form of the default workflow. */
  | { verb: 'ask'; workflow: 'default'; input: AskInput }
  | { verb: 'list'; all: boolean }
  /** `id`: `wf_` and the first 6 to 26 characters. Without one, the only fitting execution is meant. */
  | { verb: 'show' | 'done' | 'cancel' | 'terminate'; id?: string }
  | { verb: 'roles'; word?: string }
  | { verb: 'approvals' | 'whoami' | 'help' }
  /** `suggestion`: the nearest valid command, ready to copy. */
  | { verb: 'mistake'; problem: Problem; suggestion: string };

/** What `/elevate help` lists. `terminate` is understood and not listed: cancel before and done after are enough. */
export const HELP: readonly { typed: string; does: string }[] = [
  {
    typed: '/elevate <role> [on <provider>] [for <duration>] [because <reason>]',
    does: 'asks for access, as in: /elevate admin on aws-prod for 1h because deploy is stuck',
  },
  { typed: '/elevate roles [word]', does: 'lists what you may ask for, for how long, and who decides' },
  { typed: '/elevate list [all]', does: 'lists your open requests, or all of them' },
  { typed: '/elevate show [id]', does: 'shows one request with what happened to it' },
  { typed: '/elevate cancel [id]', does: 'withdraws a request' },
  { typed: '/elevate done [id]', does: 'gives access back before its time is over' },
  { typed: '/elevate approvals', does: 'lists what waits for your decision' },
  { typed: '/elevate whoami', does: 'says who Elevate takes you for' },
  { typed: '/elevate help', does: 'shows this table' },
];

const maxLength = 4_000;
const prefix = /^\s*\/elevate(?=\s|$)/iu;

/** Verbs of the grammar that this version has not, and what comes nearest. */
const notYet = new Map([
  ...['approve', 'deny', 'question', 'answer', 'offer'].map((verb) => [verb, 'approvals'] as const),
  ...['again', 'nudge'].map((verb) => [verb, 'list'] as const),
  ...['link', 'unlink'].map((verb) => [verb, 'whoami'] as const),
  ...['run', 'extend', 'emergency'].map((verb) => [verb, 'help'] as const),
  ['explain', 'roles'] as const,
]);

/**
 * What was typed after `/elevate` (or with it), read strictly. A reason after `because` is taken as it stands, but
 * for white space around it.
 */
export function parseCommand(text: string, vocabulary: Vocabulary): Command {
  const read = readCommand(text, vocabulary);
  if ('verb' in read) return read;
  return { verb: 'mistake', problem: read.problem, suggestion: suggestionFor(read.instead, vocabulary) };
}

/** Follows what may have been meant until it is a command, a few mistakes deep. */
function suggestionFor(instead: string, vocabulary: Vocabulary, depth = 4): string {
  const text = cleanFreeText(instead).replace(prefix, '').trim();
  const read = readCommand(text, vocabulary);
  if ('problem' in read) return depth === 0 ? '/elevate help' : suggestionFor(read.instead, vocabulary, depth - 1);
  const suggestion = read.verb === 'ask' ? formatAsk(read.input) : `/elevate ${text}`;
  return suggestion.length > maxLength ? '/elevate help' : suggestion;
}

function readCommand(text: string, vocabulary: Vocabulary): Exclude<Command, { verb: 'mistake' }> | Fault {
  if (text.length > maxLength) return fault('too_long', 'A command has at most 4,000 characters.', 'help');
  const typed = text.replace(prefix, '');
  const [first, ...rest] = wordsOf(typed);
  switch (first?.lower) {
    case 'help':
      return { verb: 'help' };
    case 'approvals':
    case 'whoami':
      return extra(first, rest) ?? { verb: first.lower };
    case 'list':
      if (rest[0]?.lower === 'all') return extra(first, rest.slice(1), 'list all') ?? { verb: 'list', all: true };
      return extra(first, rest) ?? { verb: 'list', all: false };
    case 'roles': {
      const [word, ...more] = rest;
      if (word === undefined) return { verb: 'roles' };
      return extra(first, more, `roles ${word.text}`) ?? { verb: 'roles', word: word.text };
    }
    case 'show':
    case 'done':
    case 'cancel':
    case 'terminate':
      return readId(first.lower, first, rest);
    default: {
      const nearest = notYet.get(first?.lower ?? '');
      if (first !== undefined && nearest !== undefined) {
        return fault('not_available', `${said(first)} is not available in this version.`, nearest);
      }
      const input = readAsk(typed, vocabulary);
      return 'problem' in input ? input : { verb: 'ask', workflow: 'default', input };
    }
  }
}

function readId(verb: 'show' | 'done' | 'cancel' | 'terminate', first: Word, [word, ...more]: Word[]) {
  if (word === undefined) return { verb };
  const characters = /^(?:wf_)?([0-9a-z]{6,26})$/u.exec(word.lower)?.[1];
  if (characters === undefined) {
    return fault('bad_id', `${said(word)} is not an id. At least six characters of one are needed.`, verb);
  }
  return extra(first, more, `${verb} ${word.text}`) ?? { verb, id: `wf_${characters}` };
}

function extra(first: Word, [word]: Word[], instead = first.lower): Fault | undefined {
  if (word === undefined) return undefined;
  return fault('extra_words', `${said(word)} does not belong to ${said(first)}.`, instead);
}
