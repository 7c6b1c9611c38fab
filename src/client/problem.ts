/** An answer that is no success, in words: `application/problem+json` (RFC 9457) as far as the server speaks it. */
import { ClientError, exit, type ExitCode } from './client-error.ts';
import { type Answer, hostOf } from './exchange.ts';
import { items, text } from './reading.ts';

const signIn = 'Sign in with elevate login, or set ELEVATE_TOKEN.';

export function refusalOf(answer: Answer, url: string): ClientError {
  const { status, headers } = answer;
  const host = hostOf(url);
  if (status >= 300 && status < 400) {
    return new ClientError(exit.refused, `${host} points to another address, which is not followed (${status}).`);
  }
  const body = jsonOf(answer.body);
  const retryAfterMs = retryAfterOf(headers);
  const lines = [
    text(body, 'title') || `${host} answered ${status}.`,
    text(body, 'detail'),
    ...items(body, 'errors').map((error) => `  ${text(error, 'pointer')} ${text(error, 'message')}`.trimEnd()),
    retryAfterMs === undefined ? '' : `Try again in ${retryAfterMs / 1000} s.`,
    status === 401 ? signIn : '',
    requestIdLine(text(body, 'request_id')),
  ];
  return new ClientError(exitCodeOf(status), lines.filter((line) => line !== '').join('\n'), { retryAfterMs });
}

export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401) return exit.signedOut;
  return [502, 503, 504].includes(status) ? exit.unavailable : exit.refused;
}

/** Whole seconds; the date form is not read. */
function retryAfterOf(headers: Headers): number | undefined {
  const said = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(said) ? Number(said) * 1000 : undefined;
}

function requestIdLine(id: string): string {
  return id === '' ? '' : `Request id: ${id}`;
}
