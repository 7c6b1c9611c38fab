/** What is wrong with a configuration, and how it is said. */

/** Where in the document: names of keys and numbers of list entries, from the top. */
export type Path = readonly (string | number)[];

/** Counted from 1. */
export interface Position {
  line: number;
  column: number;
}

/** Something found wrong, before its place in the file is looked up. Never quotes a value: it may be a secret (P7). */
export interface Finding {
  path: Path;
  message: string;
  hint?: string | undefined;
  /** Set where the place is not that of `path`, as for syntax. */
  position?: Position;
}

export interface Mistake extends Position {
  /** As people write it: `roles.admin.approval[0].quorum`. */
  path: string;
  message: string;
  hint: string | undefined;
}

/** Every mistake of a configuration at once. `message` has one line for each: `file:line:column path: message (hint)`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly file: string;
  readonly mistakes: readonly Mistake[];

  constructor(file: string, mistakes: readonly Mistake[], options: { cause?: unknown } = {}) {
    super(mistakes.map((mistake) => printMistake(file, mistake)).join('\n'), options);
    this.file = file;
    this.mistakes = mistakes;
  }
}

/** One mistake or warning as a line for a terminal. */
export function printMistake(file: string, { line, column, path, message, hint }: Mistake): string {
  const where = path === '' ? '' : ` ${path}:`;
  return `${file}:${line}:${column}${where} ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

export function pathText(path: Path): string {
  return path.map(segmentText).join('').replace(/^\./, '');
}

function segmentText(segment: string | number): string {
  if (typeof segment === 'number') return `[${segment}]`;
  return /^[A-Za-z0-9_-]+$/.test(segment) ? `.${segment}` : `[${quoted(segment)}]`;
}

/** A key of the file in quotes: short, and without anything that could disturb or deceive a terminal. */
export function quoted(name: string): string {
  const short = name.length > 60 ? `${name.slice(0, 60)}...` : name;
  return `"${short.replace(/[^\x20-\x7e]|["\\]/g, '?')}"`;
}
