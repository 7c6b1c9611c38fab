/** Judges the shape of a document: findings for people, and what is left of it for further checks. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { parseDuration } from '../core/duration.ts';
import type { Finding, Path } from './mistakes.ts';
import { quoted } from './mistakes.ts';
import { didYouMean } from './names.ts';
import { type ConfigDocument, documentSchema, durationFormat } from './schema.ts';

/** A document in which whatever did not fit its schema is `undefined`. */
export type Sound<T> = T extends readonly (infer E)[]
  ? readonly (Sound<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Sound<T[K]> | undefined }
    : T;

/** As `Array.isArray`, which does not tell lists that may not be changed from sections. */
export const isList: <E>(value: readonly E[] | object | undefined) => value is readonly E[] = Array.isArray;

/** Keys and values, as YAML gives them. */
export type Section = Record<string, unknown>;

export function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Beyond these, a file is not misspelt but something else altogether. */
const maxErrors = 500;

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  verbose: true,
  formats: { [durationFormat]: (text: string) => parseDuration(text) !== undefined },
});
const fits = ajv.compile<ConfigDocument>(documentSchema);

/**
 * `sound` shares nothing with `value`, and is `undefined` if that is no document at all. Values for which `knowable` is false are left out of both answers:
 * what is wrong with them has been said already.
 */
export function validate(
  value: unknown,
  knowable: (path: Path) => boolean,
): { findings: Finding[]; sound: Sound<ConfigDocument> | undefined } {
  fits(value);
  const errors = withoutOtherBranches(fits.errors ?? []).slice(0, maxErrors);
  const findings = errors.map(findingOf).filter(({ path }) => knowable(path));
  const broken = new Set(errors.filter(({ keyword }) => keyword !== 'required').map((error) => keyOf(pathOf(error))));
  const isSound = (path: Path): boolean => !broken.has(keyOf(path)) && knowable(path);
  return { findings, sound: soundPart(value, [], isSound) as Sound<ConfigDocument> | undefined };
}

function soundPart(value: unknown, path: Path, isSound: (path: Path) => boolean): unknown {
  if (!isSound(path)) return undefined;
  if (Array.isArray(value)) return value.map((entry, index) => soundPart(entry, [...path, index], isSound));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => [key, soundPart(entry, [...path, key], isSound)]);
  // Names of the file are keys here; without a prototype, none of them means something already.
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

const keyOf = (path: Path): string => JSON.stringify(path.map(String));

/**
 * Where a value may have one of several shapes, Ajv reports what is wrong with it as each of them. Only the
 * shape that was meant is of interest: the one whose kind (object, list, `type: webhook`) is right.
 */
function withoutOtherBranches(all: readonly ErrorObject[]): ErrorObject[] {
  const unions = all.filter(({ keyword }) => keyword === 'anyOf');
  const innermostFirst = unions.toSorted((a, b) => b.schemaPath.length - a.schemaPath.length);
  return innermostFirst.reduce<ErrorObject[]>(
    (errors, union) => {
      const branch = (error: ErrorObject): string | undefined => branchOf(error, union);
      const present = new Set(errors.map(branch).filter((name) => name !== undefined));
      const wrong = new Set(errors.filter((error) => isOtherKind(error, union)).map(branch));
      const meant = [...present].filter((name) => !wrong.has(name));
      if (meant.length !== 1) return errors.filter((error) => branch(error) === undefined);
      return errors.filter((error) => error !== union && [undefined, meant[0]].includes(branch(error)));
    },
    [...all],
  );
}

function branchOf(error: ErrorObject, union: ErrorObject): string | undefined {
  const within = error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`);
  const prefix = `${union.schemaPath}/`;
  return within && error.schemaPath.startsWith(prefix)
    ? error.schemaPath.slice(prefix.length).split('/')[0]
    : undefined;
}

function isOtherKind({ keyword, instancePath }: ErrorObject, union: ErrorObject): boolean {
  return (keyword === 'type' && instancePath === union.instancePath) || keyword === 'const';
}

/** The path of what is wrong: for an unknown key, the key itself. */
function pathOf({ instancePath, keyword, params }: ErrorObject): Path {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment));
  return keyword === 'additionalProperties' ? [...path, String(params['additionalProperty'])] : path;
}

function findingOf(error: ErrorObject): Finding {
  return { path: pathOf(error), ...sentenceOf(error) };
}

function sentenceOf({ keyword, params, parentSchema, data }: ErrorObject): {
  message: string;
  hint?: string | undefined;
} {
  const expected = String(parentSchema?.['description'] ?? '');
  switch (keyword) {
    case 'additionalProperties': {
      const known = Object.keys(parentSchema?.['properties'] ?? {});
      if (known.length === 0) return { message: `must be ${expected}` };
      const key = String(params['additionalProperty']);
      return {
        message: `unknown key ${quoted(key)}`,
        hint: didYouMean(key, known) ?? `known here: ${known.join(', ')}`,
      };
    }
    case 'required':
      return { message: `${String(params['missingProperty'])} is missing`, hint: expected || undefined };
    case 'type':
      return { message: `must be ${expected || kinds[String(params['type'])]}`, hint: typeHint(params['type'], data) };
    case 'minProperties':
    case 'minItems':
      return { message: `must list at least ${String(params['limit'])}` };
    case 'maxItems':
      return { message: `must list at most ${String(params['limit'])}` };
    case 'uniqueItems':
      return { message: 'lists the same twice' };
    default:
      return { message: `must be ${expected}` };
  }
}

const kinds: Record<string, string> = { object: 'a section with keys', array: 'a list', boolean: 'true or false' };

function typeHint(type: unknown, data: unknown): string | undefined {
  if (data === null) return 'there is nothing here';
  return type === 'string' && typeof data !== 'object' ? 'put it in quotes' : undefined;
}
