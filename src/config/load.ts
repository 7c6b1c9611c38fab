/** Reads a configuration: all of it or nothing, with every mistake at once. */
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { check } from './check.ts';
import type { Config } from './config.ts';
import { cannotBeRead, codeOf, readAtMost, readTextFile } from './files.ts';
import { type ConfigFile, gatherFiles } from './includes.ts';
import { mergeFiles, type Whole } from './merge.ts';
import { ConfigError, type Finding, type Mistake, pathText } from './mistakes.ts';
import type { ConfigDocument } from './schema.ts';
import { settle } from './settle.ts';
import { maxBytes } from './source.ts';
import type { Environment } from './substitute.ts';
import { validate } from './validate.ts';
import { warningsOf } from './warnings.ts';

export type ConfigSource = { path: string } | { text: string; file?: string };

export interface Loaded {
  /** Frozen through and through. */
  config: Config;
  /** What is allowed, and worth a second look. */
  warnings: Mistake[];
  /** What was read: the configuration itself, and each file after the one that includes it. */
  files: string[];
}

/** Of a file that is put into a value. */
const maxValueBytes = 64 * 1024;

/**
 * Loads elevate.yaml from a file or from its text, and the files that it includes.
 *
 * @param env what `${NAME}` in a file stands for
 * @throws {ConfigError} with every mistake of every file, in their order; nothing else
 */
export function loadConfig(from: ConfigSource, env: Environment = process.env): Loaded {
  const main = 'path' in from ? readMain(from.path) : { name: from.file ?? 'elevate.yaml', text: from.text };
  const folder = dirname(main.name);
  const readFile = (path: string) => readTextFile(resolve(folder, path), maxValueBytes);
  const { files, mistakes, complete } = gatherFiles(main, { env, readFile });
  const whole = mergeFiles(files as [ConfigFile, ...ConfigFile[]]);
  const names = files.map(({ name }) => name);
  const judged = judge(whole, complete).map((finding) => mistakeOf(whole, finding));
  const all = [...mistakes, ...whole.mistakes, ...judged];
  if (all.length > 0) throw new ConfigError(main.name, inOrder(all, names));

  const document = whole.value as ConfigDocument;
  const warnings = warningsOf(document, whole.origin).map((finding) => mistakeOf(whole, finding));
  return {
    config: deepFreeze(settle(document, digestOf(files))),
    warnings: inOrder(warnings, names),
    files: names,
  };
}

function readMain(path: string): { name: string; text: string } {
  try {
    return { name: path, text: readAtMost(path, maxBytes + 1).toString('utf8') };
  } catch (cause) {
    const message = cannotBeRead(codeOf(cause));
    const mistake = { file: path, line: 1, column: 1, path: '', message, hint: undefined };
    throw new ConfigError(path, [mistake], { cause });
  }
}

function judge({ value, origin }: Whole, complete: boolean): Finding[] {
  if (value === undefined) return [];
  const { findings, sound } = validate(value, (path) => origin(path) !== 'unset');
  // What seems to be missing may stand in a file that could not be read.
  if (!complete) return findings.filter(({ path }) => path.length > 1);
  return sound === undefined ? findings : [...findings, ...check(sound)];
}

function mistakeOf(whole: Whole, { path, message, hint }: Finding): Mistake {
  return { ...whole.place(path), path: pathText(path), message, hint };
}

function inOrder(mistakes: readonly Mistake[], names: readonly string[]): Mistake[] {
  const rank = ({ file }: Mistake): number => names.indexOf(file);
  return mistakes.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}

/** Over every file and its length, so that no text can move from one file to the next unnoticed. */
function digestOf(files: readonly ConfigFile[]): string {
  const hash = createHash('sha256');
  for (const { text } of files) hash.update(`${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex');
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
