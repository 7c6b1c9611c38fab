/** Reads the public keys of the issuer, by way of its metadata (OpenID Connect Discovery, RFC 8414). */
import type { JSONWebKeySet } from 'jose';
import { documentAt, type Json } from '../../core/calls.ts';
import { urlProblem } from '../../core/urls.ts';

type Fetch = typeof globalThis.fetch;

/** For all that is read together. */
const TIMEOUT_MS = 3_000;
const SIZE_LIMIT = 256 * 1024;

/** @throws a plain Error whose message is fit for the log */
export async function readKeys(issuer: string, fetch: Fetch): Promise<JSONWebKeySet> {
  const within = { signal: AbortSignal.timeout(TIMEOUT_MS), ms: TIMEOUT_MS, bytes: SIZE_LIMIT };
  const get = (url: string) => documentAt(url, fetch, within);
  const metadata = await readMetadata(issuer, get);
  // Exactly: otherwise one issuer could speak for another (RFC 8414, 3.3).
  if (metadata['issuer'] !== issuer) throw new Error('the metadata is that of another issuer');
  const url = metadata['jwks_uri'];
  const problem = typeof url === 'string' ? urlProblem(url) : 'is missing';
  if (problem !== undefined) throw new Error(`the jwks_uri of the metadata ${problem}`);
  const keys = await get(url as string);
  if (keys === undefined) throw new Error('there are no keys at the jwks_uri of the metadata');
  return keys as unknown as JSONWebKeySet;
}

async function readMetadata(issuer: string, get: (url: string) => Promise<Json | undefined>): Promise<Json> {
  for (const url of metadataUrls(issuer)) {
    const metadata = await get(url);
    if (metadata !== undefined) return metadata;
  }
  throw new Error('there is no metadata at the well-known addresses of the issuer');
}

/** Of OpenID Connect, which puts its path at the end, and of RFC 8414, which puts it before the path. */
function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}
