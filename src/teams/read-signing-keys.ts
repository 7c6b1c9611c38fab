/** Reads the public keys that Teams signs with, by way of the metadata of its issuer (OpenID Connect Discovery). */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { documentAt, type Json } from '../core/calls.ts';
import { urlProblem } from '../core/urls.ts';

export interface SigningKey {
  key: KeyObject;
  /** The channels that the key may speak for; undefined: it says nothing of them. */
  endorsements: readonly string[] | undefined;
}

/** For metadata and keys together. */
const TIMEOUT_MS = 3_000;
const SIZE_LIMIT = 256 * 1024;

/** By key id. @throws a plain Error whose message is fit for the log */
export async function readSigningKeys(
  metadataUrl: string,
  fetch: typeof globalThis.fetch,
): Promise<ReadonlyMap<string, SigningKey>> {
  const within = { signal: AbortSignal.timeout(TIMEOUT_MS), ms: TIMEOUT_MS, bytes: SIZE_LIMIT };
  const get = async (url: string) => (await documentAt(url, fetch, within)) ?? nothingThere();
  const { jwks_uri: url } = await get(metadataUrl);
  const problem = typeof url === 'string' ? urlProblem(url) : 'is missing';
  if (problem !== undefined) throw new Error(`the jwks_uri of the metadata ${problem}`);
  const { keys } = await get(url as string);
  const read = new Map(Array.isArray(keys) ? keys.flatMap(keyIn) : []);
  if (read.size === 0) throw new Error('there are no keys at the jwks_uri of the metadata');
  return read;
}

/** What is no RSA key is passed over: nothing of Teams is signed with it. */
function keyIn(jwk: Json | null): [string, SigningKey][] {
  if (jwk === null || jwk['kty'] !== 'RSA' || typeof jwk['kid'] !== 'string') return [];
  const { endorsements } = jwk;
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return [[jwk['kid'], { key, endorsements: endorsements === undefined ? undefined : words(endorsements) }]];
  } catch {
    return [];
  }
}

function words(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((word) => typeof word === 'string') : [];
}

function nothingThere(): never {
  throw new Error('it answers 404');
}
