/** The files that make up a configuration: the one that was named, and whatever `include:` brings in. */
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileId, readTextFile } from './files.ts';
import type { Finding, Mistake, Path } from './mistakes.ts';
import { pathText } from './mistakes.ts';
import { maxIncludes } from './schema.ts';
import { maxBytes, readSource, type Source } from './source.ts';
import type { Outside } from './substitute.ts';
import { isSection } from './validate.ts';

const maxDepth = 5;

export interface ConfigFile {
  /** As it is shown to people. */
  name: string;
  text: string;
  source: Source;
}

export interface Gathered {
  /** The configuration itself, and each file after the one that includes it. */
  files: ConfigFile[];
  mistakes: Mistake[];
  /** Every file could be read, so what is not there is missing. */
  complete: boolean;
}

/**
 * Follows `include:`. Paths begin at the folder of the file that they stand in; only whole paths lead out of the folder
 * of the configuration. Never throws: what is wrong is among the mistakes.
 */
export function gatherFiles(main: { name: string; text: string }, outside: Outside): Gathered {
  const gathered: Gathered = { files: [], mistakes: [], complete: true };
  const seen = new Set([fileId(main.name)]);
  add(main, 0);
  return gathered;

  function add({ name, text }: { name: string; text: string }, depth: number): void {
    const file = { name, text, source: readSource(text, outside) };
    gathered.files.push(file);
    const { findings, value } = file.source;
    if (value === undefined) gathered.complete = false;
    gathered.mistakes.push(...findings.map((finding) => mistakeIn(file, finding)));
    for (const problem of follow(file, depth)) {
      gathered.complete = false;
      gathered.mistakes.push(mistakeIn(file, problem));
    }
  }

  /** What is wrong with the includes of a file. */
  function follow(file: ConfigFile, depth: number): Finding[] {
    const written = includesOf(file.source);
    if (!Array.isArray(written)) return [written];
    return written.flatMap(({ path, to }) => {
      if (to === undefined) {
        gathered.complete = false;
        return [];
      }
      const next = open(file, to, depth + 1);
      if ('problem' in next) return [{ path, message: next.problem, hint: next.hint }];
      add(next, depth + 1);
      return [];
    });
  }

  function open(
    from: ConfigFile,
    to: string,
    depth: number,
  ): { name: string; text: string } | { problem: string; hint?: string } {
    const name = isAbsolute(to) ? to : join(dirname(from.name), to);
    if (!isAbsolute(to) && !isWithin(dirname(main.name), name))
      return { problem: 'is outside the folder of the configuration', hint: 'write the whole path, from / on' };
    if (depth > maxDepth) return { problem: `is more than ${maxDepth} includes deep` };
    if (gathered.files.length > maxIncludes) return { problem: `is one include too many; ${maxIncludes} at most` };
    const read = readTextFile(name, maxBytes);
    if ('problem' in read) return { ...read, hint: 'paths begin at the folder of the file that they stand in' };
    if (seen.size === seen.add(fileId(name)).size)
      return { problem: 'is a file that is read already', hint: 'include each file once' };
    return { name, text: read.text };
  }
}

interface Include {
  path: Path;
  /** `undefined`: a variable is missing, which was said already. */
  to: string | undefined;
}

function includesOf({ value, origin }: Source): Include[] | Finding {
  if (!isSection(value) || !Object.hasOwn(value, 'include')) return [];
  const path = ['include'];
  const list = value['include'];
  if (!Array.isArray(list)) return { path, message: 'must be a list', hint: 'a list of paths' };
  if (list.length > maxIncludes) return { path, message: `must list at most ${maxIncludes}` };
  const includes = list.map((to: unknown, index): Include | undefined => {
    const here = [...path, index];
    if (origin(here) === 'unset') return { path: here, to: undefined };
    return typeof to === 'string' && to !== '' ? { path: here, to } : undefined;
  });
  const wrong = includes.indexOf(undefined);
  return wrong === -1
    ? includes.filter((include) => include !== undefined)
    : { path: [...path, wrong], message: 'must be a path' };
}

function isWithin(folder: string, name: string): boolean {
  const [first] = relative(resolve(folder), resolve(name)).split(sep);
  return first !== '..';
}

export function mistakeIn({ name, source }: ConfigFile, { path, message, hint, position }: Finding): Mistake {
  return { file: name, ...(position ?? source.position(path)), path: pathText(path), message, hint };
}
