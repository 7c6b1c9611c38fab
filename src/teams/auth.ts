/** Whether Teams vouches for an activity: a token of its issuer, for this bot, about this service address. */
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { TeamsConfig } from '../config/config.ts';
import { ElevateError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { SigningKeys } from './signing-keys.ts';

/**
 * `serviceUrl` is the one that the token was issued for: with another, it would send our answers, with our credentials,
 * elsewhere. `reason` is one of our own words, so that it can be logged.
 */
export type Verdict = { ok: true; serviceUrl: unknown } | { ok: false; status: 401 | 503; reason: string };

/** Never rejects. @param token from {@link tokenIn} */
export type Verify = (token: string) => Promise<Verdict>;

const algorithm = 'RS256';
/** The channel that the signing key must be endorsed for. */
const channel = 'msteams';
/** Seconds by which clocks may differ: what the Bot Framework allows. */
const CLOCK_TOLERANCE = 300;
/** Teams' tokens have about 1,300 characters. */
const TOKEN_LIMIT = 8 * 1024;

/** The token of an `Authorization` header, if it looks like one. */
export function tokenIn(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > TOKEN_LIMIT) return undefined;
  return /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization)?.[1];
}

export function createVerify(deps: {
  config: Pick<TeamsConfig, 'appId' | 'endpoints'>;
  keys: SigningKeys;
  now: Clock;
}): Verify {
  const { config, keys, now } = deps;
  const { appId, endpoints } = config;

  /** What a token says of itself decides only whether it is worth looking for its key. */
  function keyIdIn(token: string): string {
    const { alg, kid } = decodeProtectedHeader(token);
    const { iss, aud } = decodeJwt(token);
    if (alg !== algorithm) throw refused('algorithm');
    if (iss !== endpoints.tokenIssuer) throw refused('issuer');
    if (aud !== appId) throw refused('audience');
    if (kid === undefined) throw refused('no key id');
    return kid;
  }

  async function serviceUrlIn(token: string): Promise<unknown> {
    const found = await keys.find(keyIdIn(token));
    if (found === undefined) throw refused('unknown key');
    const { payload } = await jwtVerify(token, found.key, {
      algorithms: [algorithm],
      issuer: endpoints.tokenIssuer,
      audience: appId,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE,
      currentDate: new Date(now()),
    });
    if (found.endorsements !== undefined && !found.endorsements.includes(channel)) throw refused('key not endorsed');
    return payload['serviceurl'];
  }

  return async (token) => {
    try {
      return { ok: true, serviceUrl: await serviceUrlIn(token) };
    } catch (error) {
      if (error instanceof ElevateError) return { ok: false, status: 503, reason: 'keys cannot be had' };
      return { ok: false, status: 401, reason: reasonOf(error) };
    }
  };
}

const refusal = 'TokenRefused';

function refused(reason: string): Error {
  return Object.assign(new Error(reason), { name: refusal });
}

/** The words of other errors may quote the token. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === refusal) return error.message;
  return error instanceof errors.JOSEError ? error.code : 'malformed token';
}
