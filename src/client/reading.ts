/**
 * Reads what a server says, which may be anything: of the wrong shape, or text made to move the cursor. What is not
 * there or of another type is empty; every text is one clean line (T28).
 */
import { clean } from '../core/clean.ts';
import { parseDuration } from '../core/duration.ts';
import { durationWords } from '../core/words.ts';

/** The value at a path of own fields. */
export function at(json: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }, json);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(json: unknown, ...path: string[]): string {
  const value = at(json, ...path);
  return typeof value === 'string' ? clean(value) : '';
}

export function items(json: unknown, ...path: string[]): unknown[] {
  const value = at(json, ...path);
  return Array.isArray(value) ? value : [];
}

export function texts(json: unknown, ...path: string[]): string[] {
  return items(json, ...path).flatMap((value) => (typeof value === 'string' ? [clean(value)] : []));
}

export function amount(json: unknown, ...path: string[]): number | undefined {
  const value = at(json, ...path);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** An RFC 3339 time as milliseconds since 1970. */
export function time(json: unknown, ...path: string[]): number | undefined {
  const ms = Date.parse(text(json, ...path));
  return Number.isNaN(ms) ? undefined : ms;
}

/** `PT1H30M` as `1 hour 30 minutes`; what is no duration stays as it is. */
export function duration(json: unknown, ...path: string[]): string {
  const said = text(json, ...path);
  const ms = parseDuration(said);
  return ms === undefined ? said : durationWords(ms);
}

/** Something that is sent back as it came, such as a token: visible ASCII, or nothing. */
export function opaque(json: unknown, ...path: string[]): string | undefined {
  const value = at(json, ...path);
  return typeof value === 'string' && /^[!-~]+$/.test(value) ? value : undefined;
}
