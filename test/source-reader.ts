/** Reads TypeScript source as far as the architecture test needs it: what is code, and what it imports. */

export interface Import {
  specifier: string;
  /**
   * `type` is erased before anything runs. A braced list of types alone (`import { type A }`) is not: it still loads
   * the module.
   */
  kind: 'value' | 'type' | 'dynamic';
}

/** What {@link Import.specifier} says of a dynamic import whose address is computed. */
export const computed = '(computed)';

interface Masked {
  /** The source with comments blanked, at the same offsets. */
  code: string;
  /** The same with the contents of strings, templates and patterns blanked too. */
  bare: string;
}

/** The source without its comments. */
export function withoutComments(source: string): string {
  return masked(source).code;
}

/** Every import and re-export, in whatever way it is written. */
export function importsOf(source: string): Import[] {
  const { code, bare } = masked(source);
  const statements = [
    ...bare.matchAll(/\bimport(?<type>\s+type\b(?!\s*(?:from\b|,)))?(?:[\s\w$*,{}]*?\bfrom)?\s*(?<quote>['"])/dg),
    ...bare.matchAll(/\bexport(?<type>\s+type\b)?\s*(?:\*(?:\s*as\s+[\w$]+)?|\{[^}]*\})\s*from\s*(?<quote>['"])/dg),
  ].map(({ groups, indices }): Import => {
    const start = indices?.groups?.['quote']?.[1] ?? 0;
    const kind = groups?.['type'] === undefined ? 'value' : 'type';
    return { kind, specifier: code.slice(start, bare.indexOf(groups?.['quote'] ?? "'", start)) };
  });
  const calls = [...bare.matchAll(/\b(?:import|require)\s*\(\s*/g)].map(({ index, 0: call }): Import => {
    const literal = /^(['"`])([^'"`$]*)\1\s*[,)]/.exec(code.slice(index + call.length));
    return { kind: 'dynamic', specifier: literal?.[2] ?? computed };
  });
  return [...statements, ...calls];
}

const blank = (text: string) => text.replaceAll(/[^\n]/g, ' ');

/** What can be told from its first characters. Sticky: each is tried at one place only. */
const tokens = {
  comment: /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y,
  string: /'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"/y,
  pattern: /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y,
  templateText: /(?:\\[^]|\$(?!\{)|[^`\\$])*/y,
  space: /\s+/y,
  other: /[\w$]+|[^]/y,
};

/** What a pattern may follow; after anything else, a slash divides. */
const beforePattern = /^(?:[-(,=:[!&|?{};+*%~^<>]|return|typeof|case|of|in|await|yield|void|throw)?$/;

/** One pass over the source, token by token. */
function masked(source: string): Masked {
  let at = 0;
  let code = '';
  let bare = '';
  /** The last token that is neither space nor comment. */
  let last = '';
  /** How many braces are open in each template expression around us. */
  const templates: number[] = [];

  const read = (token: RegExp): string => {
    token.lastIndex = at;
    return token.exec(source)?.[0] ?? '';
  };
  const take = (text: string, hide: 'nothing' | 'contents' | 'all' = 'nothing') => {
    at += text.length;
    code += hide === 'all' ? blank(text) : text;
    bare += hide === 'nothing' ? text : blank(text);
  };
  /** The text of a template up to its end, or up to its next expression. */
  const takeTemplate = () => {
    take(source.slice(at, at + 1));
    take(read(tokens.templateText), 'contents');
    const isExpression = source.startsWith('${', at);
    if (isExpression) templates.push(0);
    take(source.slice(at, at + (isExpression ? 2 : 1)));
    last = isExpression ? '{' : '`';
  };

  while (at < source.length) {
    const unseen = read(tokens.comment) || read(tokens.space);
    if (unseen !== '') {
      take(unseen, 'all');
      continue;
    }
    const string = read(tokens.string);
    const pattern = beforePattern.test(last) ? read(tokens.pattern) : '';
    if (string !== '') {
      take(string.slice(0, 1));
      take(string.slice(1, -1), 'contents');
      take(string.slice(-1));
      last = string;
    } else if (pattern !== '') {
      take(pattern, 'contents');
      last = pattern;
    } else if (source[at] === '`') {
      takeTemplate();
    } else if (source[at] === '}' && templates.at(-1) === 0) {
      templates.pop();
      takeTemplate();
    } else {
      last = read(tokens.other);
      const depth = templates.pop();
      if (depth !== undefined) templates.push(depth + (last === '{' ? 1 : last === '}' ? -1 : 0));
      take(last);
    }
  }
  return { code, bare };
}
