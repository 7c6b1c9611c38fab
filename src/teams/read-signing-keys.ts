/** Reads the public keys that Teams signs with, by way of the metadata of its issuer (OpenID Connect Discovery). */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { bodyWithin } from '../core/calls.ts';
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
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { jwks_uri: url } = await getJson(metadataUrl, fetch, signal);
  const problem = typeof url === 'string' ? urlProblem(url) : 'is missing';
  if (problem !== undefined) throw new Error(`the jwks_uri of the metadata ${problem}`);
  const { keys } = await getJson(url as string, fetch, signal);
  const read = new Map(Array.isArray(keys) ? keys.flatMap(keyIn) : []);
  if (read.size === 0) throw new Error('there are no keys at the jwks_uri of the metadata');
  return read;
}

type Json = Record<string, unknown>;

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

async function getJson(url: string, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<Json> {
  const headers = { accept: 'application/json' };
  const response = await fetch(url, { headers, redirect: 'manual', signal }).catch((cause: unknown) => {
    throw new Error(signal.aborted ? tooSlow : 'it cannot be reached', { cause });
  });
  if (response.status !== 200) {
    await response.body?.cancel().catch(() => undefined);
    throw new Error(`it answers ${response.status}`);
  }
  const json = parsed(await readBody(response, signal));
  if (typeof json !== 'object' || json === null) throw new Error('it does not answer in JSON');
  return json as Json;
}

async function readBody({ body }: Response, signal: AbortSignal): Promise<string> {
  const read = await bodyWithin(SIZE_LIMIT, body).catch((cause: unknown) => {
    throw new Error(signal.aborted ? tooSlow : 'its answer broke off', { cause });
  });
  if (read === undefined) throw new Error(`it answers more than ${SIZE_LIMIT / 1024} KiB`);
  return read.toString();
}

const tooSlow = `it does not answer within ${TIMEOUT_MS / 1000} s`;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
