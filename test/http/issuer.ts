/** An issuer whose every answer a test decides: its metadata, its keys, how it fails; and tokens signed by anybody. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll } from 'vitest';
import type { ApiConfig } from '../../src/config/config.ts';
import { createAuth } from '../../src/http/auth.ts';
import { apiConfig, sampleTime } from '../samples.ts';

export interface SigningKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

export async function newKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const metadataPath = '/.well-known/openid-configuration';

type Answer = (response: ServerResponse) => void;

export async function startIssuer(path = '') {
  const asked: string[] = [];
  const answers = new Map<string, Answer>();
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const answer = answers.get(url);
    if (answer !== undefined) return answer(response);
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}${path}`;
  const issuer = {
    url,
    origin,
    /** Paths, as they were asked for. */
    asked,
    /** Says something else at that path. */
    answer: (at: string, answer: Answer) => void answers.set(at, answer),
    /** Publishes these keys, and no others. */
    publish(keys: readonly SigningKey[], more: Record<string, unknown> = {}) {
      answers.set(`${path}${metadataPath}`, json({ issuer: url, jwks_uri: `${origin}/jwks`, ...more }));
      answers.set('/jwks', json({ keys: keys.map(({ jwk }) => jwk) }));
    },
    /** Answers nothing but errors. */
    breakDown: () => [...answers.keys()].forEach((at) => answers.set(at, (response) => response.writeHead(500).end())),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  afterAll(issuer.stop);
  return issuer;
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

export function json(value: unknown): Answer {
  return (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Claims of a good token of Alice's, at {@link sampleTime}. `undefined` leaves one out. */
export function claims(issuer: Pick<Issuer, 'url'>, overrides: Record<string, unknown> = {}): JWTPayload {
  const now = sampleTime / 1_000;
  return {
    iss: issuer.url,
    aud: 'elevate',
    sub: 'alice-1',
    iat: now,
    exp: now + 3_600,
    jti: 'token-1',
    client_id: 'elevate-cli',
    email: 'alice@example.com',
    email_verified: true,
    name: 'Alice Archer',
    ...overrides,
  };
}

/** Signs whatever it is told to. */
export async function signed(payload: JWTPayload, key: SigningKey, header: Record<string, unknown> = {}) {
  const { alg, kid, privateKey } = key;
  return new SignJWT(payload).setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header }).sign(privateKey);
}

/** The three parts of a token as they are given. */
export function assembled(header: object, payload: object, signature: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.${signature}`;
}

/** Our side, with a clock that a test moves and a log that it reads. */
export function openAuth(issuer: string, overrides: Partial<ApiConfig> = {}) {
  let time = sampleTime;
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(`${JSON.stringify(fields)} ${message}`);
  const log = { debug: write, info: write, warn: write, error: write };
  const auth = createAuth({ config: apiConfig(issuer, overrides), now: () => time, log });
  return {
    ...auth,
    lines,
    goOn: (ms: number) => void (time += ms),
    bearer: (token: string) => auth.authenticate(`Bearer ${token}`),
  };
}
