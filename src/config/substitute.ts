/**
 * `${NAME}`, `${NAME:-default}` and `${file:PATH}` in a value. What is put in is never read again: neither as YAML, nor as
 * another variable. `$${` stands for a plain `${`.
 */
import type { FileText } from './files.ts';
import { quoted } from './mistakes.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a configuration may take in from outside of itself. */
export interface Outside {
  env: Environment;
  readFile(path: string): FileText;
}

export type Substituted = { text: string; fromOutside: boolean } | { problem: string; hint: string };

// A variable may be called `file` as well: ${file:-default}.
const reference =
  /\$\$\{|\$\{(?:(?:file:(?!-)(?<path>[^}]+)|(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<fallback>[^}]*))?)\})?/g;
const longestPath = 300;

/** `fromOutside`: some of the text came from a variable or a file, not from the default of one. */
export function substitute(text: string, { env, readFile }: Outside): Substituted {
  let fromOutside = false;
  const missing: string[] = [];
  const unread: string[] = [];
  let malformed = false;

  const take = (value: string): string => {
    if (value !== '') fromOutside = true;
    return value;
  };
  const fromFile = (path: string): string => {
    const read = readFile(path);
    if ('text' in read) return take(read.text.replace(/\r?\n$/, ''));
    unread.push(`the file ${quoted(path, longestPath)} ${read.problem}`);
    return '';
  };
  const fromVariable = (name: string, fallback: string | undefined): string => {
    const value = valueOf(name, env);
    // As in a shell: a variable that is set to nothing counts as set, except where there is a default.
    if (value === undefined && fallback === undefined) missing.push(name);
    return take(value ?? '') || (fallback ?? '');
  };

  const result = text.replace(reference, (whole: string, path?: string, name?: string, fallback?: string) => {
    if (whole === '$${') return '${';
    if (path !== undefined) return fromFile(path);
    if (name !== undefined) return fromVariable(name, fallback);
    malformed = true;
    return '';
  });

  if (malformed) {
    return {
      problem: 'has a ${ that is no variable',
      hint: 'write ${NAME}, ${NAME:-default} or ${file:PATH}, or $${ for a plain ${',
    };
  }
  const [first] = missing;
  if (first !== undefined) {
    return {
      problem: `the environment variable ${missing.join(', ')} is not set`,
      hint: `set it, or give a default: \${${first}:-default}`,
    };
  }
  if (unread.length > 0) return { problem: unread.join('; '), hint: 'paths begin at the folder of the configuration' };
  return { text: result, fromOutside };
}

function valueOf(name: string, env: Environment): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}
