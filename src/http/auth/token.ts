/** Checks of an access token, in the order of RFC 9068, 4. */
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, type ProtectedHeaderParameters } from 'jose';
import type { ApiConfig } from '../../config/config.ts';
import { ElevateError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { Keys } from './keys.ts';
import { refused } from './refusal.ts';

/** Signatures that only the issuer can make. None with a shared secret, and never none. */
const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');
/** How far clocks may be apart, in seconds. */
const SKEW = 30;

export interface Verified {
  claims: JWTPayload & { iss: string; sub: string; iat: number; exp: number };
  /** Of the keys that it was verified with. */
  version: number;
}

export interface VerifyDeps {
  config: Pick<ApiConfig, 'issuer' | 'audience' | 'tokenTypes'>;
  keys: Pick<Keys, 'find'>;
  now: Clock;
}

/** @throws `unauthenticated` (`invalid_token`, `expired_token`), `unavailable` */
export async function verifyToken(token: string, { config, keys, now }: VerifyDeps): Promise<Verified> {
  const type = typeOf(token, config.tokenTypes);
  let version = 0;
  const { payload } = await jwtVerify(
    token,
    async (header) => {
      const found = await keys.find(header);
      if (found === undefined) throw refused('invalid_token', 'kid');
      version = found.version;
      return found.key;
    },
    {
      algorithms,
      issuer: config.issuer,
      audience: config.audience,
      clockTolerance: SKEW,
      currentDate: new Date(now()),
    },
  ).catch(translate);
  const mistake = mistakeIn(payload, type, seconds(now()));
  if (mistake !== undefined) throw refused('invalid_token', mistake);
  return { claims: payload as Verified['claims'], version };
}

/** @param exp the claim; `now` is in milliseconds */
export function isOver(exp: number, now: number): boolean {
  return exp <= seconds(now) - SKEW;
}

/** The `typ` of the header, as in the configuration. Extensions that must be understood are not (RFC 7515, 4.1.11). */
function typeOf(token: string, accepted: readonly string[]): string {
  const { typ, crit } = headerOf(token);
  if (crit !== undefined) throw refused('invalid_token', 'crit');
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
  if (!accepted.includes(type)) throw refused('invalid_token', 'typ');
  return type;
}

function headerOf(token: string): ProtectedHeaderParameters {
  // Five parts are an encrypted token.
  if (token.split('.').length !== 3) throw refused('invalid_token', 'not a signed JWT');
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw refused('invalid_token', 'header');
  }
}

function mistakeIn({ sub, iat, exp, client_id, jti }: JWTPayload, type: string, now: number): string | undefined {
  if (typeof sub !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(sub)) return 'sub';
  if (!Number.isSafeInteger(Math.floor(exp ?? Infinity))) return 'exp';
  if (!Number.isSafeInteger(Math.floor(iat ?? Infinity)) || (iat ?? 0) > now + SKEW) return 'iat';
  if (type !== 'at+jwt') return undefined;
  if (typeof client_id !== 'string' || client_id === '') return 'client_id';
  if (typeof jti !== 'string' || jti === '') return 'jti';
  return undefined;
}

function translate(error: unknown): never {
  if (error instanceof ElevateError) throw error;
  if (error instanceof errors.JWTExpired) throw refused('expired_token', 'exp');
  if (error instanceof errors.JWTClaimValidationFailed) throw refused('invalid_token', error.claim);
  if (error instanceof errors.JOSEError) throw refused('invalid_token', error.code);
  throw refused('invalid_token', 'unreadable');
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
