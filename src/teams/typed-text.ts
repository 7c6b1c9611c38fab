/** What a person typed, out of what Teams makes of it: mentions as tags, some characters as HTML, stray line breaks. */
import { verbs } from '../core/command-words.ts';
import { type Json, listIn, objectIn, textIn } from './json.ts';

/** Teams writes a mention as `<at>name</at>`, and says beside the text whom it means. */
const mention = /<at\b[^<>]*>([^<>]*)<\/at>/gi;
const typedPrefix = /^\s*\/?elevate(?=\s|$)/iu;
const slashedVerb = new RegExp(String.raw`^\s*/(?=(?:${verbs.join('|')})(?:\s|$))`, 'iu');

const entities: Readonly<Record<string, string>> = {
  nbsp: ' ',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
  '#39': "'",
  '#160': ' ',
};

/** The words after `/elevate`, wherever and however it was said. @param us the bot's own id */
export function commandText(message: Json, us: string): string {
  const said = unescapeHtml(withoutMentions(message, us)).replaceAll('\u00A0', ' ');
  return said.replace(typedPrefix, '').replace(slashedVerb, '').trim();
}

/**
 * Mentions of the bot go. Another person's name stays as text: it may be part of a reason. Two accounts can have one
 * name, so each mention is held against what Teams says of it, in their order.
 */
function withoutMentions(message: Json, us: string): string {
  const said = listIn(message, 'entities').filter(({ type }) => type === 'mention');
  return (textIn(message, 'text') ?? '').replace(mention, (tag: string, name: string) => {
    const at = said.findIndex(({ text }) => text === tag);
    const [meant] = at === -1 ? [] : said.splice(at, 1);
    return meant !== undefined && objectIn(meant, 'mentioned')['id'] === us ? ' ' : name;
  });
}

/** Once: what a person typed as `&lt;` arrives as `&amp;lt;`. */
function unescapeHtml(text: string): string {
  return text.replace(/&(#?\w{2,5});/g, (entity: string, name: string) => entities[name.toLowerCase()] ?? entity);
}
