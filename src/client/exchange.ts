/** One HTTP call with bounds: a time-out, a size limit, no redirects followed. */
import { failureOf, bodyWithin } from '../core/calls.ts';
import { ClientError, exit } from './client-error.ts';
import { versionOf } from './version.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Call {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

const timeoutMs = 10_000;
const maxBytes = 5 * 1024 * 1024;
const userAgent = `elevate/${versionOf()}`;

/** @throws {ClientError} `unavailable` where nothing, or not enough in time, comes back; `refused` for an endless answer */
export async function exchange({ method, url, headers, body }: Call, send: Fetch): Promise<Answer> {
  const init: RequestInit = {
    method,
    headers: { accept: 'application/json', 'user-agent': userAgent, ...headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { body }),
  };
  const round = async () => {
    const response = await send(url, init);
    return { status: response.status, headers: response.headers, body: await bodyWithin(maxBytes, response.body) };
  };
  const answer = await round().catch((cause: unknown) => {
    throw new ClientError(exit.unavailable, `${hostOf(url)} ${failureOf(cause, timeoutMs)}.`, { cause });
  });
  if (answer.body === undefined) {
    throw new ClientError(exit.refused, `${hostOf(url)} answered more than ${maxBytes / 1024 / 1024} MiB.`);
  }
  return { ...answer, body: answer.body.toString() };
}

/** Of a URL that was checked. Never its path or query, which may hold a token. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'The server';
}
