/** One HTTP call with bounds: a time-out, a size limit, no redirects followed. */
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
    return { status: response.status, headers: response.headers, body: await readBody(response) };
  };
  const answer = await round().catch((cause: unknown) => {
    throw new ClientError(exit.unavailable, `${hostOf(url)} ${failureOf(cause)}.`, { cause });
  });
  if (answer.body === undefined) {
    throw new ClientError(exit.refused, `${hostOf(url)} answered more than ${maxBytes / 1024 / 1024} MiB.`);
  }
  return { ...answer, body: answer.body };
}

/** `undefined` if it is too long; the rest is then left unread. */
async function readBody({ body }: Response): Promise<string | undefined> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, which closes the connection.
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Of a URL that was checked. Never its path or query, which may hold a token. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'The server';
}

function failureOf(cause: unknown): string {
  if (cause instanceof Error && cause.name === 'TimeoutError') return `did not answer within ${timeoutMs / 1000} s`;
  const code = codeOf(cause);
  return code === undefined ? 'could not be reached' : `could not be reached (${code})`;
}

/** Node's word for a failed connection, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  return cause instanceof Error ? codeOf(cause) : undefined;
}
