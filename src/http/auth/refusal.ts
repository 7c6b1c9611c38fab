/** What is wrong with credentials, in the words of RFC 6750. */
import { ElevateError } from '../../core/errors.ts';

export type Reason = 'missing' | 'invalid_request' | 'invalid_token' | 'expired_token';

/**
 * @param why for the log: a word or the name of a header or claim, never a value of it (P7). There is no cause, since
 *   that would hold the claims
 */
export function refused(reason: Reason, why: string): ElevateError {
  return new ElevateError('unauthenticated', `The bearer token does not hold: ${why}.`, { details: { reason } });
}
