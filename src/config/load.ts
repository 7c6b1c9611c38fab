/** Reads a configuration: all of it or nothing, with every mistake at once. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { check } from './check.ts';
import type { Config } from './config.ts';
import { ConfigError, type Finding, type Mistake, pathText } from './mistakes.ts';
import type { ConfigDocument } from './schema.ts';
import { settle } from './settle.ts';
import { maxBytes, readSource, type Source } from './source.ts';
import type { Environment } from './substitute.ts';
import { validate } from './validate.ts';
import { warningsOf } from './warnings.ts';

export type ConfigSource = { path: string } | { text: string; file?: string };

export interface Loaded {
  /** Frozen through and through. */
  config: Config;
  /** What is allowed, and worth a second look. */
  warnings: Mistake[];
}

/**
 * Loads elevate.yaml from a file or from its text.
 *
 * @param env what `${NAME}` in the file stands for
 * @throws {ConfigError} with every mistake, in the order of the file; nothing else
 */
export function loadConfig(from: ConfigSource, env: Environment = process.env): Loaded {
  const { file, text } = 'path' in from ? readText(from.path) : { file: from.file ?? 'elevate.yaml', text: from.text };
  const source = readSource(text, env);
  const findings = [...source.findings, ...judge(source)];
  if (findings.length > 0) throw new ConfigError(file, inOrder(source, findings));

  const digest = createHash('sha256').update(text).digest('hex');
  const document = source.value as ConfigDocument;
  return { config: deepFreeze(settle(document, digest)), warnings: inOrder(source, warningsOf(document, source)) };
}

function readText(path: string): { file: string; text: string } {
  try {
    return { file: path, text: readAtMost(path, maxBytes + 1).toString('utf8') };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    const mistake = { line: 1, column: 1, path: '', message: `cannot be read (${code})`, hint: undefined };
    throw new ConfigError(path, [mistake], { cause });
  }
}

/** The path may be a pipe or a device, whose size is not known before it is read. */
function readAtMost(path: string, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    let read: number;
    do {
      read = readSync(file, buffer, length, bytes - length, null);
      length += read;
    } while (read > 0 && length < bytes);
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function judge(source: Source): Finding[] {
  if (source.value === undefined) return [];
  const { findings, sound } = validate(source.value, (path) => source.origin(path) !== 'unset');
  return sound === undefined ? findings : [...findings, ...check(sound)];
}

function inOrder(source: Source, findings: readonly Finding[]): Mistake[] {
  return findings
    .map(({ path, message, hint, position }) => ({
      ...(position ?? source.position(path)),
      path: pathText(path),
      message,
      hint,
    }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
