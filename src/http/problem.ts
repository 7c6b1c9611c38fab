/** What a caller is told of an error: number, code and sentence. Holds nothing but what the error says to callers (P7). */
import type { FastifyError } from 'fastify';
import { ElevateError } from '../core/errors.ts';
import { kinds, type ProblemCode } from './problem/codes.ts';
import { mistakesIn } from './problem/mistakes.ts';
import type { Mistake } from './openapi/schemas/problem.ts';
import { detailOf } from './problem/sentences.ts';

export interface Problem {
  code: ProblemCode;
  status: number;
  title: string;
  detail: string;
  reason?: string;
  errors?: Mistake[];
  /** The execution that is meant or in the way. */
  execution?: string;
  retryAfterMs?: number;
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ElevateError) return problemOfCore(error);
  return problemOfServer(error as Partial<FastifyError>);
}

/** The bare problem of a code, without anything of the case. */
export function plainProblem(code: ProblemCode, detail = detailOf(code)): Problem {
  return { code, ...kinds[code], detail };
}

/** One and the same for all that is not there, whatever the error knows: it may be there for somebody else (P4). */
const unknownExecution = plainProblem('unknown_execution');

function problemOfCore({ code, message, details }: ElevateError): Problem {
  if (code === 'unknown_execution' || details.hidden === true) return unknownExecution;
  const { reason, problems, execution, retryAfterMs } = details;
  return {
    ...plainProblem(code, detailOf(code, reason, message)),
    // RFC 6750, 3.1: a malformed request is no failed login.
    ...(code === 'unauthenticated' && reason === 'invalid_request' ? { status: 400 } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(problems === undefined ? {} : { errors: problems }),
    ...(execution === undefined ? {} : { execution }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Only Fastify's own errors say what they are; anything else that is thrown is a defect here. */
function problemOfServer({
  code = '',
  statusCode = 500,
  validation,
  validationContext,
}: Partial<FastifyError>): Problem {
  if (!code.startsWith('FST_')) return plainProblem('internal');
  if (validationContext === 'params') return unknownExecution;
  if (validation !== undefined) {
    return { ...plainProblem('invalid_input'), errors: mistakesIn(validation, validationContext) };
  }
  if (statusCode === 413) return plainProblem('too_large');
  if (statusCode === 415) return plainProblem('unsupported_media_type');
  if (statusCode >= 500) return plainProblem('internal');
  return plainProblem('invalid_input', unreadable[code] ?? 'The request cannot be read. Nothing was done.');
}

const unreadable: Record<string, string> = {
  FST_ERR_BAD_URL: 'The address is not well formed. Nothing was done.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty. Send a JSON object.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON in UTF-8, or names a field twice. Nothing was done.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says. Nothing was done.',
};
