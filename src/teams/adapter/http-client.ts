/** The one way in which the SDK reaches Teams: once, without redirects, within a time, and reading only so much. */
import { bodyWithin } from '../../core/calls.ts';
import { ElevateError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { ConnectorRefusal } from '../connector.ts';
import { isObject, type Json, objectIn, textIn } from '../json.ts';

/** As the SDK describes a request. */
export interface SdkRequest {
  url: string;
  method: string;
  body?: unknown;
  headers: { rawHeaders(): Record<string, string> };
}

export interface SdkResponse {
  request: SdkRequest;
  status: number;
  bodyAsText: string;
  headers: { toJson(): Record<string, string> };
}

const SIZE_LIMIT = 256 * 1024;
/** Longer waits are asked for again. */
const LONGEST_WAIT_MS = 60 * 60_000;

/**
 * Refusals are thrown here, so that the SDK has nothing to repeat.
 *
 * @throws {@link ConnectorRefusal} for what Teams refuses; `unavailable` for answers that make no sense; what `fetch` throws
 */
export function createHttpClient(deps: {
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
  now: Clock;
  /** Bytes of an answer. */
  sizeLimit?: number | undefined;
}) {
  const { fetch, signal, now, sizeLimit = SIZE_LIMIT } = deps;
  return {
    async sendRequest(request: SdkRequest): Promise<SdkResponse> {
      const { url, method, body } = request;
      const response = await fetch(url, {
        method,
        headers: request.headers.rawHeaders(),
        redirect: 'manual',
        signal,
        ...(typeof body === 'string' ? { body } : {}),
      });
      const read = await bodyWithin(sizeLimit, response.body);
      if (response.status >= 400) throw refusalIn(response, read?.toString() ?? '', now);
      if (!response.ok) throw senseless(`answers ${response.status}`);
      if (read === undefined) throw senseless(`answers more than ${sizeLimit / 1024} KiB`);
      const bodyAsText = read.toString();
      if (bodyAsText !== '' && parsed(bodyAsText) === undefined) throw senseless('does not answer in JSON');
      const headers = { toJson: () => ({ 'content-type': 'application/json' }) };
      return { request, status: response.status, bodyAsText, headers };
    },
  };
}

function senseless(what: string): ElevateError {
  return new ElevateError('unavailable', `Teams ${what}.`);
}

function refusalIn({ status, headers }: Response, body: string, now: Clock): ConnectorRefusal {
  const json = parsed(body);
  const word = json === undefined ? '' : wordIn(json);
  return new ConnectorRefusal({ status, word, retryAfterMs: waitIn(headers.get('retry-after'), now) });
}

/** The narrowest word that Teams says, in any of the places where it says it. Others than words are not ours to repeat. */
function wordIn(json: Json): string {
  const error = isObject(json['error']) ? json['error'] : json;
  const inner = objectIn(objectIn(error, 'innerHttpError'), 'body');
  const innerError = isObject(inner['error']) ? inner['error'] : inner;
  const words = [innerError, error].flatMap((each) => [textIn(each, 'subCode'), textIn(each, 'subcode')]);
  const all = [...words, textIn(innerError, 'code'), textIn(error, 'code'), textIn(error, 'errorCode')];
  return all.find((word) => word !== undefined && /^[A-Za-z][\w.]{0,79}$/.test(word)) ?? '';
}

/** Seconds or a date (RFC 9110). */
function waitIn(header: string | null, now: Clock): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d{1,9}\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_WAIT_MS);
}

function parsed(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
