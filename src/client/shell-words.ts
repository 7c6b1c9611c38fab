/** Commands of the chat grammar as they are typed in a shell, ready to copy. */
import { clean } from '../core/clean.ts';
import { isIdPart } from './ids.ts';

const verbs = /^(?:show|done|cancel|terminate|approvals|whoami|roles)\b/;

/** `/elevate admin for 1h` as `elevate ask "admin for 1h"`; `/elevate list all` as `elevate list --all`. */
export function shellCommand(suggestion: string): string {
  const text = wordsAfter(suggestion);
  if (text === 'help' || text === '') return 'elevate --help';
  if (text === 'list all') return 'elevate list --all';
  if (text === 'list' || verbs.test(text)) return `elevate ${text.split(' ').map(shellWord).join(' ')}`;
  return askCommand(suggestion);
}

/** Any command of the grammar, as `elevate ask` takes it. */
export function askCommand(typed: string): string {
  return `elevate ask ${quoted(wordsAfter(typed))}`;
}

/** A decision, for which the chats have buttons and a shell has commands; `undefined` for other words. */
export function decisionCommand(typed: string): string | undefined {
  const [verb = '', id = '', ...reason] = wordsAfter(clean(typed)).split(' ');
  if (!/^(?:approve|deny)$/i.test(verb)) return undefined;
  if (!isIdPart(id)) return 'elevate approvals';
  return ['elevate', verb.toLowerCase(), id, ...reason.map(shellWord)].join(' ');
}

function wordsAfter(typed: string): string {
  return typed.replace(/^\/elevate\s*/, '');
}

function shellWord(word: string): string {
  return /^[\w@.-]+$/.test(word) ? word : quoted(word);
}

/** In double quotes where nothing in it means anything to a shell, else in single ones. */
export function quoted(text: string): string {
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}
