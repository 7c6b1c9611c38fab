/** The header `Authorization` (RFC 6750, 2.1). Tokens are taken from nowhere else. */
import { refused } from './refusal.ts';

const SIZE_LIMIT = 8 * 1024;
/** `b64token`. Two headers that were joined into one have a comma in between, and do not fit. */
const credentials = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/** @throws `unauthenticated` (`missing`, `invalid_request`) */
export function tokenIn(authorization: string | undefined): string {
  if (authorization === undefined || !/^bearer(?: |$)/i.test(authorization)) throw refused('missing', 'there is none');
  if (authorization.length > SIZE_LIMIT) throw refused('invalid_request', 'too long');
  const token = credentials.exec(authorization)?.[1];
  if (token === undefined) throw refused('invalid_request', 'malformed');
  return token;
}
