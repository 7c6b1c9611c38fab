/**
 * Signal tokens: encrypted CloudEvents that a button carries (T19, T21). A token says which event may be sent to
 * which execution, never who sends it. JWE compact, `dir` + `A256GCM`: one party mints and opens.
 */
import { CompactEncrypt, compactDecrypt } from 'jose';
import type { CompactJWEHeaderParameters, CryptoKey } from 'jose';
import type { Offer } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { Clock, Tokens } from '../core/ports.ts';
import { readOffer, writeOffer } from './offer-schema.ts';

/** Fits the value of a button in every chat, the smallest of which takes 2,000 characters. */
const maxLength = 1_900;

/** The whole protected header beside `kid`: these names with these values, and no others. */
const fixedHeader = { alg: 'dir', enc: 'A256GCM', typ: 'elevate-offer+jwe', cty: 'cloudevents+json' } as const;
const headerNames = [...Object.keys(fixedHeader), 'kid'];

const decryptOptions = {
  keyManagementAlgorithms: [fixedHeader.alg],
  contentEncryptionAlgorithms: [fixedHeader.enc],
  maxDecompressedLength: 0,
};

export interface TokenKey {
  /** Names the key in a token's header; not secret. */
  kid: string;
  /** 32 bytes, derived for this purpose alone. */
  key: Uint8Array;
}

/**
 * @param keys newest first: the first mints, all open
 * @param deployment `<namespace>/<task queue>`: tokens of another one are refused
 * @throws `invalid_input` for keys that cannot serve
 */
export async function createTokens({
  keys,
  deployment,
  now,
}: {
  keys: readonly TokenKey[];
  deployment: string;
  now: Clock;
}): Promise<Tokens> {
  const [newest] = keys;
  if (newest === undefined) throw new ElevateError('invalid_input', 'Signal tokens need at least one key.');
  const source = `urn:elevate:${deployment.split('/').map(encodeURIComponent).join('/')}`;
  const opening = await importKeys(keys, 'decrypt');
  const minting = await importKey(newest, 'encrypt');

  return {
    async mint(offer) {
      const plaintext = plaintextOf(offer, source);
      const token = await new CompactEncrypt(new TextEncoder().encode(plaintext))
        .setProtectedHeader({ ...fixedHeader, kid: newest.kid })
        .encrypt(minting);
      if (token.length > maxLength) throw new ElevateError('invalid_input', 'This offer is too long for a button.');
      return token;
    },

    async open(token) {
      const offer = await read(token, opening, source).catch((cause: unknown) => {
        throw new ElevateError('token_invalid', 'This button or token is not valid here.', { cause });
      });
      // Told last, so that only the holder of a real token learns that it was one.
      if (now() >= offer.expiresAt) throw new ElevateError('token_expired', 'This button or token is too old.');
      return offer;
    },
  };
}

/** Length cap, header allow-list, decryption, strict schema, source. Throws whatever goes wrong first. */
async function read(token: string, keys: ReadonlyMap<string, CryptoKey>, source: string): Promise<Offer> {
  if (token.length > maxLength) throw new TypeError('Too long');
  if (!isCanonical(token)) throw new TypeError('Not written as we write tokens');
  const { plaintext } = await compactDecrypt(
    token,
    (header: CompactJWEHeaderParameters) => keyFor(header, keys),
    decryptOptions,
  );
  return readOffer(new TextDecoder('utf-8', { fatal: true }).decode(plaintext), source);
}

/** Base64url has several spellings of the same bytes; a token has one, so that any change to it is a refusal. */
function isCanonical(token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}

/** The header allow-list. jose calls this before it decrypts anything. */
function keyFor(header: CompactJWEHeaderParameters, keys: ReadonlyMap<string, CryptoKey>): CryptoKey {
  const names = Object.keys(header);
  const known = names.length === headerNames.length && names.every((name) => headerNames.includes(name));
  const pinned = Object.entries(fixedHeader).every(([name, value]) => header[name] === value);
  const key = keys.get(header.kid ?? '');
  if (!known || !pinned || key === undefined) throw new TypeError('Not a header of ours');
  return key;
}

function plaintextOf(offer: Offer, source: string): string {
  try {
    return writeOffer(offer, source);
  } catch (cause) {
    throw new ElevateError('invalid_input', 'This offer cannot be put on a button.', { cause });
  }
}

async function importKeys(
  keys: readonly TokenKey[],
  usage: 'encrypt' | 'decrypt',
): Promise<ReadonlyMap<string, CryptoKey>> {
  const imported = new Map<string, CryptoKey>();
  for (const key of keys) {
    if (imported.has(key.kid)) throw new ElevateError('invalid_input', 'Two keys of signal tokens have the same name.');
    imported.set(key.kid, await importKey(key, usage));
  }
  return imported;
}

/** Not extractable: it can neither be read back nor logged. */
function importKey({ key }: TokenKey, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  if (key.length !== 32) throw new ElevateError('invalid_input', 'A key of signal tokens has 32 bytes.');
  return crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, [usage]);
}
