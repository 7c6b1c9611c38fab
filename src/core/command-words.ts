/** The words of a command: where each stands in the text, what it matches, and what is wrong with it. */
import { quoted } from './clean.ts';

/** The verbs of this version, as typed. */
export const verbs = ['list', 'show', 'done', 'cancel', 'terminate', 'approvals', 'roles', 'whoami', 'help'] as const;

/** What may be named in a command. */
export interface Vocabulary {
  roles: readonly string[];
  /** By role: where it is given. */
  providers: Readonly<Record<string, readonly string[]>>;
  workflows: readonly string[];
}

export interface Problem {
  kind:
    | 'too_long'
    | 'unknown_word'
    | 'unknown_role'
    | 'unknown_provider'
    | 'missing_role'
    | 'several_roles'
    | 'bad_duration'
    | 'bad_id'
    | 'extra_words'
    | 'unclear'
    | 'not_available';
  /** What happened, for whoever typed it. Plain text, cleaned (T28). */
  sentence: string;
}

/** A command that does not hold together, and what may have been meant, which may be wrong in its turn. */
export interface Fault {
  problem: Problem;
  instead: string;
}

export function fault(kind: Problem['kind'], sentence: string, instead: string): Fault {
  return { problem: { kind, sentence }, instead };
}

export interface Word {
  /** Without quotation marks around it. */
  text: string;
  lower: string;
  /** Where it stands in the text, quotation marks included. */
  start: number;
  end: number;
}

const quotesAround = /^["'`\u2018-\u201f\u00ab\u00bb]+|["'`\u2018-\u201f\u00ab\u00bb]+$/gu;

/** Words between any white space, non-breaking spaces included. */
export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(/\S+/gu), ({ 0: typed, index }) => {
    const bare = typed.replace(quotesAround, '');
    return { text: bare, lower: bare.toLowerCase(), start: index, end: index + typed.length };
  });
}

/** The name that a word is, whatever its case. Never a guess. */
export function match(word: Word | undefined, names: readonly string[]): string | undefined {
  if (word === undefined) return undefined;
  return names.find((name) => name === word.text) ?? names.find((name) => name.toLowerCase() === word.lower);
}

/** The text with the words `from` up to and without `to` replaced. */
export function replaceWords(text: string, words: readonly Word[], from: number, to: number, by: string): string {
  const start = words[from]?.start ?? text.length;
  const end = words[to - 1]?.end ?? text.length;
  return `${text.slice(0, start)} ${by} ${text.slice(end)}`;
}

/** A word in quotation marks, for a sentence. */
export function said(word: Word): string {
  return quoted(word.text.slice(0, 40)) || 'an empty word';
}

/** Where a role is given. */
export function providersOf(role: string, { providers }: Vocabulary): readonly string[] {
  return Object.hasOwn(providers, role) ? (providers[role] ?? []) : [];
}
