/** A request to the bot, read before anybody has vouched for it: size, time, and whether it is JSON of a sane depth. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type BodyLimits, readBody } from '../doors/read-body.ts';
import { isObject, type Json } from './json.ts';

export interface RequestLimits extends BodyLimits {
  /** How deeply lists and objects may lie in each other. */
  depth: number;
}

/** Teams' own limit for a message is 100 KB. */
export const requestLimits: RequestLimits = { bodyBytes: 256 * 1024, bodyMs: 5_000, depth: 64 };

/** `reason` is one of our own words, so that it can be logged. */
export type Refused = { ok: false; status: 400 | 401 | 403 | 408 | 413 | 415 | 503; reason: string };

export function refused(status: Refused['status'], reason: string): Refused {
  return { ok: false, status, reason };
}

/** JSON, never compressed; a `charset` parameter makes no difference. */
export function isJson(headers: IncomingHttpHeaders): boolean {
  const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return mediaType === 'application/json' && (headers['content-encoding'] ?? 'identity') === 'identity';
}

/** Never throws. */
export async function readJson(
  request: IncomingMessage,
  limits: RequestLimits,
): Promise<{ ok: true; json: Json } | Refused> {
  if (Number(request.headers['content-length']) > limits.bodyBytes) return refused(413, 'body too large');
  const raw = await readBody(request, limits);
  if (raw === 'too large') return refused(413, 'body too large');
  if (raw === 'too slow') return refused(408, 'body too slow');
  if (raw === 'aborted') return refused(400, 'body aborted');
  const json = parse(raw, limits.depth);
  return json === undefined ? refused(400, 'malformed body') : { ok: true, json };
}

function parse(raw: Buffer, depth: number): Json | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw);
    const body: unknown = isDeeper(text, depth) ? undefined : JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined; // The parser's message quotes the body, so it is dropped (P7).
  }
}

/** Asked before parsing, since what walks through JSON after it may do so by calling itself. */
function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') isString = !isString;
    else if (isString && sign === '\\') at += 1;
    else if (isString) continue;
    else if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}
