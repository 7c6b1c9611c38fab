/** Every code that a refusal can have, with its number. Codes are never renamed. */
import type { ErrorCode } from '../../core/errors.ts';

/** Codes of the server itself, beside those of the core. */
type ServerCode = 'not_found' | 'method_not_allowed' | 'too_large' | 'unsupported_media_type' | 'internal';
export type ProblemCode = ErrorCode | ServerCode;

export const kinds: Record<ProblemCode, { status: number; title: string }> = {
  invalid_input: { status: 400, title: 'The request does not fit.' },
  token_invalid: { status: 400, title: 'This signal token does not hold here.' },
  unauthenticated: { status: 401, title: 'Who calls is not known.' },
  unknown_identity: { status: 403, title: 'This person is not known here.' },
  not_allowed: { status: 403, title: 'This is not allowed.' },
  workflow_disabled: { status: 403, title: 'This workflow is switched off.' },
  unknown_workflow: { status: 404, title: 'There is no such workflow.' },
  unknown_execution: { status: 404, title: 'There is no such execution.' },
  not_found: { status: 404, title: 'There is nothing here.' },
  method_not_allowed: { status: 405, title: 'This method is not taken here.' },
  execution_closed: { status: 409, title: 'This execution is over.' },
  conflict: { status: 409, title: 'This key was used for something else.' },
  token_expired: { status: 410, title: 'The time for this signal token is over.' },
  too_large: { status: 413, title: 'The request is too large.' },
  unsupported_media_type: { status: 415, title: 'This kind of content is not taken here.' },
  rate_limited: { status: 429, title: 'Too much at once.' },
  internal: { status: 500, title: 'Something went wrong here.' },
  unavailable: { status: 503, title: 'Not available now.' },
};

export const problemCodes = Object.keys(kinds) as ProblemCode[];
