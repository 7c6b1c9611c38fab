/** The issuer's public keys: kept, read again when they may have changed, and good for a while if they cannot be. */
import {
  createLocalJWKSet,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTHeaderParameters,
  type LocalJWKSet,
} from 'jose';
import { ElevateError } from '../../core/errors.ts';
import type { Clock, Log } from '../../core/ports.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Keys that are older are read again before they are used. */
const FRESH_MS = 10 * MINUTE;
/** As long as the issuer does not answer, its last keys are good. */
const LIFE_MS = 24 * 60 * MINUTE;
/** Tokens with unknown keys cannot make us ask more often. */
const PAUSE_MS = 30 * SECOND;
const PAUSE_AFTER_FAILURE_MS = 5 * SECOND;

export interface Keys {
  /**
   * The key that a token says it is signed with; `undefined` if the issuer has no such key.
   * @throws `unavailable` if that cannot be known just now
   */
  find(header: JWTHeaderParameters): Promise<FoundKey | undefined>;
  /** Changes whenever the keys do. */
  version(): number;
  /** Reads them if that is due. */
  freshen(): Promise<void>;
}

export interface FoundKey {
  key: CryptoKey;
  version: number;
}

interface Held {
  find: LocalJWKSet;
  text: string;
  version: number;
  readAt: number;
}

/** @param deps.read the issuer's key set; may fail with a message that is fit for the log */
export function createKeys(deps: { read: () => Promise<JSONWebKeySet>; now: Clock; log: Log }): Keys {
  const { now, log } = deps;
  let held: Held | undefined;
  let reading: Promise<void> | undefined;
  let askedAt = -Infinity;
  let hasFailed = false;

  return {
    async find(header) {
      await freshen();
      const found = await look(header);
      if (found !== undefined) return found;
      await readAgain();
      const foundNow = await look(header);
      if (foundNow === undefined && hasFailed) throw unavailable();
      return foundNow;
    },
    version: () => held?.version ?? 0,
    freshen,
  };

  async function freshen(): Promise<void> {
    if (age() < FRESH_MS) return;
    const isDown = hasFailed && age() < LIFE_MS;
    const answer = readAgain();
    // Nobody waits for an issuer that is known not to answer, while its last keys are good.
    if (!isDown) await answer;
  }

  function age(): number {
    return held === undefined ? Infinity : now() - held.readAt;
  }

  async function look(header: JWTHeaderParameters): Promise<FoundKey | undefined> {
    if (held === undefined || age() >= LIFE_MS) throw unavailable();
    const { find, version } = held;
    // No key fits, several do, or the one that does is none to verify with.
    const key = await find(header).catch(() => undefined);
    return key && { key, version };
  }

  /** Once for all who want it at the same time, and not too often. Never rejects. */
  async function readAgain(): Promise<void> {
    const isEarly = now() - askedAt < (hasFailed ? PAUSE_AFTER_FAILURE_MS : PAUSE_MS);
    if (reading === undefined && isEarly) return;
    reading ??= read().finally(() => (reading = undefined));
    await reading;
  }

  async function read(): Promise<void> {
    askedAt = now();
    try {
      const jwks = await deps.read();
      const find = createLocalJWKSet(jwks);
      const text = JSON.stringify(jwks);
      hasFailed = false;
      if (text === held?.text) {
        held.readAt = now();
        return;
      }
      held = { find, text, version: (held?.version ?? 0) + 1, readAt: now() };
      log.info({ keys: jwks.keys.length }, 'the keys of the issuer were read, and are new');
    } catch (error) {
      hasFailed = true;
      log.warn({ why: error instanceof Error ? error.message : 'unknown' }, 'the keys of the issuer cannot be read');
    }
  }
}

function unavailable(): ElevateError {
  return new ElevateError('unavailable', 'The keys of the identity provider cannot be had just now.', {
    details: { retryAfterMs: PAUSE_AFTER_FAILURE_MS },
  });
}
