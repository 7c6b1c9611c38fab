/** Ids made from what they name, so that the same delivery gives the same execution on any replica (T22). */
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { ElevateError } from '../core/errors.ts';
import type { Ids } from '../core/ports.ts';

/** Crockford's base 32 in lower case: no i, l, o or u, so an id survives being read aloud. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const idLength = 26;

/**
 * @param key at least 32 bytes, derived for ids alone
 * @throws `invalid_input` for a shorter key
 */
export function createIds(key: Uint8Array): Ids {
  if (key.length < 32) throw new ElevateError('invalid_input', 'The key of execution ids has at least 32 bytes.');
  const secret = createSecretKey(key);
  return {
    execution: (parts) => `wf_${crockford(feed(createHmac('sha256', secret), parts).digest())}`,
    hash: (parts) => feed(createHash('sha256'), parts).digest('base64url'),
  };
}

/**
 * Each part goes in behind its length, so that no two lists of parts are the same bytes. UTF-16, because UTF-8 makes
 * one character of all unpaired surrogates.
 */
function feed<H extends { update(data: Uint8Array): unknown }>(hash: H, parts: readonly string[]): H {
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf16le');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length);
    hash.update(bytes);
  }
  return hash;
}

/** The first 130 bits, five to a character. */
function crockford(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return Array.from({ length: idLength }, (_, i) => alphabet[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)]).join(
    '',
  );
}
