/** One POST with bounds: a time-out, a size limit, no redirects (T27). */
import { failureOf, bodyWithin } from '../core/calls.ts';

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

/** `undefined` if it is too long. */
async function readBody(response: Response): Promise<string | undefined> {
  if (response.ok || response.status === 409) return (await bodyWithin(ANSWER_LIMIT, response.body))?.toString();
  await response.body?.cancel().catch(() => undefined);
  return '';
}
