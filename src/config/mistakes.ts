/** What is wrong with a configuration, and how it is said. */
import { clean } from '../core/clean.ts';

/** Where in the document: names of keys and numbers of list entries, from the top. */
export type Path = readonly (string | number)[];

/** Counted from 1. */
export interface Position {
  line: number;
  column: number;
}

/** In one of the files that a configuration is read from. */
export interface Place extends Position {
  file: string;
}

/** Something found wrong, before its place in the file is looked up. Never quotes a value: it may be a secret (P7). */
export interface Finding {
  path: Path;
  message: string;
  hint?: string | undefined;
  /** Set where the place is not that of `path`, as for syntax. */
  position?: Position;
}

export interface Mistake extends Place {
  /** As people write it: `roles.admin.approval[0].quorum`. */
  path: string;
  message: string;
  hint: string | undefined;
}

/**
 * Every mistake of a configuration at once, in all of its files. `message` has one line for each:
 * `file:line:column path: message (hint)`. `file` is the configuration itself, which includes the others.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly file: string;
  readonly mistakes: readonly Mistake[];

  constructor(file: string, mistakes: readonly Mistake[], options: { cause?: unknown } = {}) {
    super(mistakes.map(printMistake).join('\n'), options);
    this.file = file;
    this.mistakes = mistakes;
  }
}

/** One mistake or warning as a line for a terminal. */
export function printMistake({ file, line, column, path, message, hint }: Mistake): string {
  const where = path === '' ? '' : ` ${path}:`;
  return `${clean(file)}:${line}:${column}${where} ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

export function pathText(path: Path): string {
  return path.map(segmentText).join('').replace(/^\./, '');
}

/** An account in Teams, whole. */
const longestName = 80;

function segmentText(segment: string | number): string {
  if (typeof segment === 'number') return `[${segment}]`;
  return /^[A-Za-z0-9_-]+$/.test(segment) ? `.${segment}` : `[${quoted(segment, longestName)}]`;
}

/** A name from the file in quotes: short, and without anything that could disturb or deceive a terminal. */
export function quoted(name: string, longest = 60): string {
  const short = name.length > longest ? `${name.slice(0, longest)}...` : name;
  return `"${printable(short).replace(/["\\]/g, '?')}"`;
}

/** ASCII that is seen; anything else as a question mark. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
