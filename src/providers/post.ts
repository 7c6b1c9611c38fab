/** One POST with bounds: a time-out, a size limit, no redirects (T27). */

/** Bytes of an answer that are read at most. */
const ANSWER_LIMIT = 64 * 1024;

export interface Answer {
  status: number;
  /** Empty unless the status is 2xx or 409: nobody reads another one. */
  body: string;
}

/**
 * @throws a plain Error that names the provider and what went wrong, fit for operators and for the requester.
 *   Never the URL or what was answered: either may hold a secret.
 */
export async function post(
  provider: string,
  url: string,
  request: { headers: Record<string, string>; body: string; timeoutMs: number },
): Promise<Answer> {
  const { headers, body, timeoutMs } = request;
  const exchange = async () => {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    return { status: response.status, body: await readBody(response) };
  };
  const answer = await exchange().catch((cause: unknown) => {
    throw new Error(`${provider} ${failureOf(cause, timeoutMs)}`, { cause });
  });
  if (answer.body === undefined) throw new Error(`${provider} answered more than ${ANSWER_LIMIT / 1024} KiB`);
  return { status: answer.status, body: answer.body };
}

/** `undefined` if it is too long; the rest is then left unread. */
async function readBody(response: Response): Promise<string | undefined> {
  if (response.body === null) return '';
  if (!response.ok && response.status !== 409) {
    await response.body.cancel().catch(() => undefined);
    return '';
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, which closes the connection.
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > ANSWER_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function failureOf(cause: unknown, timeoutMs: number): string {
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
