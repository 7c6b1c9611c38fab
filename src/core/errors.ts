/** Stable codes of everything that can go wrong. `http/` maps them to numbers, `core/view.ts` to sentences. */
export type ErrorCode =
  | 'invalid_input'
  | 'token_invalid'
  | 'unauthenticated'
  | 'unknown_identity'
  | 'not_allowed'
  | 'workflow_disabled'
  | 'unknown_workflow'
  | 'unknown_execution'
  | 'execution_closed'
  | 'conflict'
  | 'token_expired'
  | 'rate_limited'
  | 'unavailable';

/** One mistake: where, as a JSON pointer, and what is wrong there, without a full stop. */
export interface Problem {
  pointer: string;
  message: string;
}

export interface ErrorDetails {
  /** Narrows a code: `self_approval`, `not_approver`, `not_requester`, `link_required`, … */
  reason?: string;
  /** For `invalid_input`: what is wrong where. */
  problems?: Problem[];
  /** A valid command to try instead, ready to copy. */
  suggestion?: string;
  /** For `rate_limited` and `unavailable`. */
  retryAfterMs?: number;
  /** What the person is told instead of the usual sentence of this code, where that depends on the case. */
  sentence?: string;
  /** The execution that is meant or in the way. */
  execution?: string;
  /**
   * Whoever is refused may not see the execution. Where they know its id from elsewhere (a card in their channel) they
   * are told why; where they do not, the answer must be that of an execution that is not there (P4).
   */
  hidden?: true;
}

/**
 * The one base class of errors that people may see. `message` is safe to show to whoever made the call;
 * what is not goes into `cause`, which only the log sees.
 */
export class ElevateError extends Error {
  override readonly name = 'ElevateError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}
