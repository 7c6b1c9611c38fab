/** The keys that Teams signs with: kept, read again when they may have changed, and good for a while if they cannot be. */
import { ElevateError } from '../core/errors.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { SigningKey } from './read-signing-keys.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Microsoft asks bots to read the keys at least once a day. */
const FRESH_MS = DAY;
/** As long as they cannot be read, the last ones are good. */
const LIFE_MS = 5 * DAY;
/** Tokens that name unknown keys cannot make us ask more often. */
const SEARCH_PAUSE_MS = 5 * MINUTE;
const PAUSE_AFTER_FAILURE_MS = 5 * SECOND;

export interface SigningKeys {
  /**
   * The key of this id; `undefined` if Teams has no such key.
   * @throws `unavailable` if that cannot be known just now
   */
  find(kid: string): Promise<SigningKey | undefined>;
  /** Reads them if that is due. Never rejects. */
  freshen(): Promise<void>;
}

/** @param deps.read keys by id; may fail with a message that is fit for the log */
export function createSigningKeys(deps: {
  read: () => Promise<ReadonlyMap<string, SigningKey>>;
  now: Clock;
  log: Log;
}): SigningKeys {
  const { now, log } = deps;
  let held: { keys: ReadonlyMap<string, SigningKey>; readAt: number } | undefined;
  let reading: Promise<void> | undefined;
  let failedAt: number | undefined;
  let searchedAt = -Infinity;

  return {
    async find(kid) {
      await freshen();
      const found = look(kid);
      if (found !== undefined) return found;
      await search();
      const foundNow = look(kid);
      if (foundNow === undefined && failedAt !== undefined) throw unavailable();
      return foundNow;
    },
    freshen,
  };

  async function freshen(): Promise<void> {
    if (age() < FRESH_MS) return;
    const answer = read();
    // While the last keys are good, nobody waits for new ones.
    if (age() >= LIFE_MS) await answer;
  }

  /** For a key that was not there: it may be a new one. */
  async function search(): Promise<void> {
    if (reading === undefined && now() - searchedAt < SEARCH_PAUSE_MS) return;
    searchedAt = now();
    await read();
  }

  function look(kid: string): SigningKey | undefined {
    if (held === undefined || age() >= LIFE_MS) throw unavailable();
    return held.keys.get(kid);
  }

  function age(): number {
    return held === undefined ? Infinity : now() - held.readAt;
  }

  /** Once for all who want it at the same time, and not at once after a failure. Never rejects. */
  async function read(): Promise<void> {
    const isEarly = failedAt !== undefined && now() - failedAt < PAUSE_AFTER_FAILURE_MS;
    if (reading === undefined && isEarly) return;
    reading ??= readNow().finally(() => (reading = undefined));
    await reading;
  }

  async function readNow(): Promise<void> {
    try {
      const keys = await deps.read();
      held = { keys, readAt: now() };
      failedAt = undefined;
      log.info({ keys: keys.size }, 'the keys that Teams signs with were read');
    } catch (error) {
      failedAt = now();
      // What was looked for may be there, so it is looked for again.
      searchedAt = -Infinity;
      log.warn({ why: error instanceof Error ? error.message : 'unknown' }, 'the keys of Teams cannot be read');
    }
  }
}

function unavailable(): ElevateError {
  return new ElevateError('unavailable', 'The keys of Teams cannot be had just now.', {
    details: { retryAfterMs: PAUSE_AFTER_FAILURE_MS },
  });
}
