/** Who calls the API: bearer tokens of one pinned issuer, by the letter of RFC 6750 and RFC 9068. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ApiConfig } from '../config/config.ts';
import { ElevateError } from '../core/errors.ts';
import type { Clock, Log, SignIn } from '../core/ports.ts';
import { isOfPerson, scopesIn, signInOf } from './auth/claims.ts';
import { tokenIn } from './auth/credentials.ts';
import { readKeys } from './auth/issuer.ts';
import { createKeys } from './auth/keys.ts';
import { refused } from './auth/refusal.ts';
import { isOver, verifyToken } from './auth/token.ts';

export interface Bearer {
  signIn: SignIn;
  /** A person's own token, not a program's (T18). */
  isPerson: boolean;
  scopes: readonly string[];
}

export interface Auth {
  /**
   * @param authorization the header of that name
   * @throws `unauthenticated` (`missing`, `invalid_request`, `invalid_token`, `expired_token`); `unavailable` while
   *   the issuer's keys cannot be had
   */
  authenticate(authorization: string | undefined): Promise<Bearer>;
}

/** How long a verified token need not be verified again. Its end is looked at every time. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_MOST = 10_000;

interface Remembered {
  bearer: Bearer;
  exp: number;
  at: number;
  /** Of the keys that it was verified with: with other keys, it counts for nothing. */
  version: number;
}

export function createAuth(deps: { config: ApiConfig; now: Clock; log: Log; fetch?: typeof globalThis.fetch }): Auth & {
  /** Reads the issuer's keys, so that the first caller need not wait. Never rejects. */
  ready(): Promise<void>;
} {
  const { config, now, log, fetch = globalThis.fetch } = deps;
  const keys = createKeys({ read: () => readKeys(config.issuer, fetch), now, log });
  const remembered = new LRUCache<string, Remembered>({ max: REMEMBERED_MOST });

  return {
    async authenticate(authorization) {
      const token = tokenIn(authorization);
      try {
        return await bearerOf(token);
      } catch (error) {
        if (error instanceof ElevateError) log.info({ why: error.message }, 'a caller was not let in');
        throw error;
      }
    },
    ready: keys.freshen,
  };

  async function bearerOf(token: string): Promise<Bearer> {
    // A digest, since what could be used should not lie about in memory.
    const digest = createHash('sha256').update(token).digest('base64');
    const known = remembered.get(digest);
    if (known !== undefined && isGood(known)) return known.bearer;
    const { claims, version } = await verifyToken(token, { config, keys, now });
    const signIn = signInOf(claims, config);
    const bearer = { signIn, isPerson: isOfPerson(claims, signIn), scopes: scopesIn(claims) };
    remembered.set(digest, { bearer, exp: claims.exp, at: now(), version });
    return bearer;
  }

  function isGood({ exp, at, version }: Remembered): boolean {
    if (isOver(exp, now())) throw refused('expired_token', 'exp');
    return version === keys.version() && Math.abs(now() - at) < REMEMBERED_MS;
  }
}
