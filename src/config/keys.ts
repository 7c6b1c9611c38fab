/**
 * The keys of `ELEVATE_KEYS`, newest first, and what is derived from them: one key per purpose, so that
 * what was made for one can never be taken for another (T21). No message here quotes a key.
 */
import { createHash, hkdfSync, randomBytes } from 'node:crypto';

export type Purpose = 'tokens' | 'payloads' | 'cursors' | 'links' | 'ids';

export interface PurposeKey {
  /** Names the listed key that this one comes from: the first 8 characters of its SHA-256 in base64url. */
  kid: string;
  /** 32 bytes. */
  key: Uint8Array;
}

export interface Keys {
  /** Newest first: the first makes, all read. */
  tokens: PurposeKey[];
  payloads: PurposeKey[];
  /** Of list cursors: the first seals, all open. */
  cursors: PurposeKey[];
  /** From the oldest listed key, so that an id stays the same while newer keys are put before it. */
  ids: Uint8Array;
}

const keyBytes = 32;

/** The entries of `ELEVATE_KEYS`, unchecked. */
export function splitKeys(text: string): string[] {
  return text.split(',').map((key) => key.trim());
}

/** What is wrong with a list of keys, as the ends of sentences. */
export function keyProblems(keys: readonly string[]): string[] {
  const problems = keys.flatMap((key, index) => problemOf(key, `key ${index + 1} of ${keys.length}`));
  if (keys.length === 0) problems.push('has no key');
  const kids = keys.map((key) => kidOf(decode(key)));
  if (new Set(kids).size < kids.length) problems.push('lists the same key twice');
  return problems;
}

function problemOf(key: string, which: string): string[] {
  const bytes = decode(key);
  // Written in another way than we would, the same key could be listed twice without being noticed.
  if (bytes.length !== keyBytes || bytes.toString('base64url') !== key)
    return [`${which} is not 32 bytes in base64url`];
  return new Set(bytes).size === 1 ? [`${which} is the same byte 32 times`] : [];
}

/** @throws {RangeError} for keys with a problem */
export function deriveKeys(keys: readonly string[]): Keys {
  const [problem] = keyProblems(keys);
  const oldest = keys.at(-1);
  if (problem !== undefined || oldest === undefined) throw new RangeError(`The list of keys ${problem}`);
  const all = (purpose: Purpose): PurposeKey[] => keys.map((key) => derive(decode(key), purpose));
  return {
    tokens: all('tokens'),
    payloads: all('payloads'),
    cursors: all('cursors'),
    ids: derive(decode(oldest), 'ids').key,
  };
}

function derive(key: Buffer, purpose: Purpose): PurposeKey {
  // The listed keys are random already, so no salt is needed (RFC 5869, 3.1).
  const derived = hkdfSync('sha256', key, '', `elevate/v1/${purpose}`, keyBytes);
  return { kid: kidOf(key), key: new Uint8Array(derived) };
}

function decode(key: string): Buffer {
  return Buffer.from(key, 'base64url');
}

function kidOf(key: Buffer): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 8);
}

/** A new entry for the front of `ELEVATE_KEYS`. */
export function newKey(random: (size: number) => Uint8Array = randomBytes): string {
  return Buffer.from(random(keyBytes)).toString('base64url');
}
