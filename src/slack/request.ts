/** A request from Slack, read and checked before anything looks at what it says: size, time, signature, shape. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Clock } from '../core/ports.ts';
import { type BodyLimits, readBody } from '../doors/read-body.ts';

export interface RequestLimits extends BodyLimits {
  /** Seconds by which a signature's time may differ from ours, either way. */
  clockSkewSeconds: number;
}

export const requestLimits: RequestLimits = { bodyBytes: 256 * 1024, bodyMs: 5_000, clockSkewSeconds: 300 };

/** `reason` is one of our own words, so that it can be logged. */
export type ReadRequest =
  | { ok: true; body: Record<string, unknown> }
  | { ok: false; status: 400 | 401 | 408 | 413 | 415; reason: string };

/** Reads, verifies and parses one request. Never throws. Cheap checks come first, and nothing unsigned is parsed. */
export async function readRequest(
  request: IncomingMessage,
  options: { signingSecret: string; now: Clock; limits: RequestLimits },
): Promise<ReadRequest> {
  const parse = parserOf(request.headers);
  if (parse === undefined) return refused(415, 'content type');
  const signature = readSignature(request.headers);
  if (signature === undefined) return refused(401, 'signature missing or malformed');
  const ageSeconds = options.now() / 1000 - Number(signature.timestamp);
  if (Math.abs(ageSeconds) > options.limits.clockSkewSeconds) return refused(401, 'signature too old or too new');
  if (Number(request.headers['content-length']) > options.limits.bodyBytes) return refused(413, 'body too large');

  const raw = await readBody(request, options.limits);
  if (raw === 'too large') return refused(413, 'body too large');
  if (raw === 'too slow') return refused(408, 'body too slow');
  if (raw === 'aborted') return refused(400, 'body aborted');
  if (!isSignedBy(options.signingSecret, signature, raw)) return refused(401, 'signature mismatch');

  const body = parseObject(raw, parse);
  return body === undefined ? refused(400, 'malformed body') : { ok: true, body };
}

function refused(status: 400 | 401 | 408 | 413 | 415, reason: string): ReadRequest {
  return { ok: false, status, reason };
}

type Parse = (text: string) => unknown;

/** Slack sends forms and JSON, never compressed; a `charset` parameter makes no difference. */
function parserOf(headers: IncomingHttpHeaders): Parse | undefined {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return undefined;
  const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/json') return (text) => JSON.parse(text);
  if (mediaType === 'application/x-www-form-urlencoded') return parseForm;
  return undefined;
}

/** Clicks and views arrive as JSON in the field `payload`; a slash command is the form itself. */
function parseForm(text: string): unknown {
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : JSON.parse(payload);
}

function parseObject(raw: Buffer, parse: Parse): Record<string, unknown> | undefined {
  try {
    const body = parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    return isObject ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // The parser's message quotes the body, so it is dropped (P7).
  }
}

interface Signature {
  timestamp: string;
  digest: Buffer;
}

function readSignature(headers: IncomingHttpHeaders): Signature | undefined {
  const timestamp = headers['x-slack-request-timestamp'];
  const signature = headers['x-slack-signature'];
  if (typeof timestamp !== 'string' || !/^\d{1,11}$/.test(timestamp)) return undefined;
  if (typeof signature !== 'string' || !/^v0=[0-9a-f]{64}$/.test(signature)) return undefined;
  return { timestamp, digest: Buffer.from(signature.slice(3), 'hex') };
}

function isSignedBy(secret: string, signature: Signature, raw: Buffer): boolean {
  const expected = createHmac('sha256', secret).update(`v0:${signature.timestamp}:`).update(raw).digest();
  return timingSafeEqual(expected, signature.digest);
}
