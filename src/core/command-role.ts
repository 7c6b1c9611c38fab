/** Commands that name no role, several, or one that does not exist. */
import { durationAt } from './command-duration.ts';
import type { Fault, Vocabulary, Word } from './command-words.ts';
import { fault, match, providersOf, replaceWords, said, verbs, wordsOf } from './command-words.ts';
import { nearest } from './nearest.ts';

const oneRoleOnly = 'One request asks for one role in this version.';
const roleFirst = 'A request begins with a role.';

/** Where the second word is a role too, and no provider of the first. */
export function secondRole(
  text: string,
  words: readonly Word[],
  vocabulary: Vocabulary,
  providers: readonly string[],
): Fault | undefined {
  const at = ['and', '&', '+', ','].includes(words[1]?.lower ?? '') ? 2 : 1;
  const second = match(words[at], vocabulary.roles);
  if (second === undefined || match(words[at], providers) !== undefined) return undefined;
  return fault('several_roles', oneRoleOnly, replaceWords(text, words, 1, at + 1, ''));
}

/** What to say where the first word is no role. */
export function noRole(text: string, words: readonly Word[], vocabulary: Vocabulary): Fault {
  const [first] = words;
  if (first === undefined) return fault('missing_role', roleFirst, 'roles');
  const pieces = wordsOf(first.lower.replaceAll(',', ' '));
  const listedRole = pieces.map((piece) => match(piece, vocabulary.roles)).find((role) => role !== undefined);
  if (listedRole !== undefined) return fault('several_roles', oneRoleOnly, replaceWords(text, words, 0, 1, listedRole));

  if (lacksRole(words, vocabulary)) {
    const role = onlyRole(words, vocabulary);
    return fault('missing_role', roleFirst, role === undefined ? 'roles' : `${role} ${text}`);
  }
  if (match(words[0], vocabulary.workflows) !== undefined) {
    return fault('not_available', `Running ${said(first)} by command is not available in this version.`, 'help');
  }
  const meant = nearest(first.lower, [...verbs, ...vocabulary.roles]);
  const instead = meant === undefined ? 'help' : replaceWords(text, words, 0, 1, meant);
  const asks = words.some(({ lower }) => ['on', 'for', 'because'].includes(lower));
  return asks || (meant !== undefined && vocabulary.roles.includes(meant))
    ? fault('unknown_role', `There is no role ${said(first)} here.`, instead)
    : fault('unknown_word', `${said(first)} is neither a command nor a role.`, instead);
}

function lacksRole(words: readonly Word[], vocabulary: Vocabulary): boolean {
  const provider = match(words[0], Object.values(vocabulary.providers).flat());
  const keyword = ['on', 'for', 'because', 'at'].includes(words[0]?.lower ?? '');
  return keyword || provider !== undefined || durationAt(words, 0) !== undefined;
}

/** The one role that can be meant, if there is only one. */
function onlyRole(words: readonly Word[], vocabulary: Vocabulary): string | undefined {
  const named = words[0]?.lower === 'on' ? words[1] : words[0];
  const given = vocabulary.roles.filter((role) => match(named, providersOf(role, vocabulary)) !== undefined);
  const possible = given.length > 0 ? given : vocabulary.roles;
  return possible.length === 1 ? possible[0] : undefined;
}
