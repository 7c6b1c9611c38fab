import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { hour, minute } from '../samples.ts';
import { claims, type Issuer, json, metadataPath, newKey, openAuth, signed, startIssuer } from './issuer.ts';

const first = await newKey('key-1');
const second = await newKey('key-2');
const forged = await newKey('key-9');

const unavailable = { code: 'unavailable' };
const invalid = { code: 'unauthenticated', details: { reason: 'invalid_token' } };

/** An issuer with one key, somebody who asks it, and a token of that key. */
async function scene() {
  const issuer = await startIssuer();
  issuer.publish([first]);
  let made = 0;
  const token = (key = first) => {
    made += 1;
    return signed(claims(issuer, { jti: `token-${made}`, exp: Number(claims(issuer).exp) + 100 * 3_600 }), key);
  };
  return { issuer, token, ...openAuth(issuer.url) };
}

function* endless(): Generator<string> {
  for (;;) yield ' '.repeat(16 * 1024);
}

/** How often the keys were asked for. */
function reads({ asked }: Issuer): number {
  return asked.filter((path) => path === metadataPath).length;
}

describe('the metadata of the issuer', () => {
  it.each([
    ['without a path', ''],
    ['with a path', '/tenant'],
  ])('is where OpenID Connect says, for an issuer %s', async (_, path) => {
    const issuer = await startIssuer(path);
    issuer.publish([first]);
    expect(await openAuth(issuer.url).bearer(await signed(claims(issuer), first))).toMatchObject({ isPerson: true });
    expect(issuer.asked).toEqual([`${path}${metadataPath}`, '/jwks']);
  });

  it('is else where RFC 8414 says', async () => {
    const issuer = await startIssuer('/tenant');
    issuer.publish([first]);
    issuer.answer(`/tenant${metadataPath}`, (response) => response.writeHead(404).end());
    issuer.answer(
      '/.well-known/oauth-authorization-server/tenant',
      json({ issuer: issuer.url, jwks_uri: `${issuer.origin}/jwks` }),
    );
    expect(await openAuth(issuer.url).bearer(await signed(claims(issuer), first))).toMatchObject({ isPerson: true });
  });

  it.each<[string, (issuer: Issuer) => Record<string, unknown>]>([
    ['is that of another issuer', () => ({ issuer: 'https://id.example.com' })],
    ['names the issuer with a slash behind it', ({ url }) => ({ issuer: `${url}/` })],
    ['names no issuer', () => ({ issuer: undefined })],
    ['names no keys', () => ({ jwks_uri: undefined })],
    ['names keys that are no text', ({ url }) => ({ jwks_uri: [`${url}/jwks`] })],
    ['names keys on another machine without https', () => ({ jwks_uri: 'http://id.example.com/jwks' })],
    ['names keys in a file', () => ({ jwks_uri: 'file:///etc/jwks.json' })],
    ['names keys by a data URL', () => ({ jwks_uri: `data:application/json,{"keys":[]}` })],
    ['names keys behind a password', ({ url }) => ({ jwks_uri: url.replace('//', '//user:password@') })],
  ])('T27: is not believed if it %s', async (_, more) => {
    const issuer = await startIssuer();
    issuer.publish([first], more(issuer));
    const { bearer } = openAuth(issuer.url);
    await expect(bearer(await signed(claims(issuer), first))).rejects.toMatchObject(unavailable);
    expect(issuer.asked).toEqual([metadataPath]);
  });

  it.each<[string, string]>([
    ['metadata', metadataPath],
    ['keys', '/jwks'],
  ])('T27: a redirect of the %s is not followed', async (_, path) => {
    const { issuer, bearer, token } = await scene();
    const elsewhere = await startIssuer();
    elsewhere.publish([first], { issuer: issuer.url });
    const location = `${elsewhere.url}${path}`;
    issuer.answer(path, (response) => response.writeHead(302, { location }).end());
    await expect(bearer(await token())).rejects.toMatchObject(unavailable);
    expect(elsewhere.asked).toEqual([]);
  });

  it.each<[string, string]>([
    ['metadata', metadataPath],
    ['keys', '/jwks'],
  ])('T27: %s of more than 256 KiB are not read', async (_, path) => {
    const { issuer, bearer, token, lines } = await scene();
    const whole = path === '/jwks' ? { keys: [first.jwk] } : { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` };
    issuer.answer(path, json({ ...whole, padding: 'x'.repeat(256 * 1024) }));
    await expect(bearer(await token())).rejects.toMatchObject(unavailable);
    expect(lines.join('\n')).toContain('256 KiB');
    issuer.answer(path, json({ ...whole, padding: 'x'.repeat(255 * 1024) }));
    expect(await openAuth(issuer.url).bearer(await token())).toMatchObject({ isPerson: true });
  });

  it('T27: an answer without end is not read to its end', async () => {
    const { issuer, bearer, token, lines } = await scene();
    issuer.answer('/jwks', (response) => void pipeline(endless(), response).catch(() => undefined));
    await expect(bearer(await token())).rejects.toMatchObject(unavailable);
    expect(lines.join('\n')).toContain('256 KiB');
  });

  it.each<[string, unknown]>([
    ['are a list', [first.jwk]],
    ['are none', {}],
    ['are no list', { keys: first.jwk }],
    ['hold something that is none', { keys: ['key-1'] }],
    ['are null', null],
  ])('keys that %s are no keys', async (_, keys) => {
    const { issuer, bearer, token } = await scene();
    issuer.answer('/jwks', json(keys));
    await expect(bearer(await token())).rejects.toMatchObject(unavailable);
  });

  it.each<[string, object]>([
    ['for encrypting', { use: 'enc' }],
    ['for another algorithm', { alg: 'ES384' }],
    ['for other operations', { key_ops: ['sign'] }],
    ['broken', { x: 'AA' }],
    ['private', { d: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
  ])('a key that is %s verifies nothing, and keeps no other from it', async (_, change) => {
    const { issuer, bearer, token } = await scene();
    issuer.answer('/jwks', json({ keys: [{ ...first.jwk, ...change }, second.jwk] }));
    await expect(bearer(await token(first))).rejects.toMatchObject(invalid);
    expect(await bearer(await token(second))).toMatchObject({ isPerson: true });
  });
});

describe('the keys of the issuer', () => {
  it('are read once, however many ask at the same time', async () => {
    const { issuer, bearer, token } = await scene();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => token()));
    await Promise.all(tokens.map(bearer));
    expect(reads(issuer)).toBe(1);
  });

  it('are read ahead when asked to, and nothing is thrown if they cannot be', async () => {
    const { issuer, ready, bearer, token } = await scene();
    await ready();
    expect(reads(issuer)).toBe(1);
    await bearer(await token());
    expect(reads(issuer)).toBe(1);
    const down = await startIssuer();
    await expect(openAuth(down.url).ready()).resolves.toBeUndefined();
  });

  it('are read again every ten minutes, and not before', async () => {
    const { issuer, bearer, token, goOn, lines } = await scene();
    await bearer(await token());
    goOn(10 * minute - 1);
    await bearer(await token());
    expect(reads(issuer)).toBe(1);
    goOn(1);
    await bearer(await token());
    expect(reads(issuer)).toBe(2);
    expect(lines.filter((line) => line.includes('are new'))).toHaveLength(1);
  });

  it('are read again for a token with a new one, so that a rotation needs no restart', async () => {
    const { issuer, bearer, token, goOn } = await scene();
    await bearer(await token());
    issuer.publish([first, second]);
    goOn(30_000);
    expect(await bearer(await token(second))).toMatchObject({ isPerson: true });
    expect(await bearer(await token(first))).toMatchObject({ isPerson: true });
    expect(reads(issuer)).toBe(2);
  });

  it('are not read more than every 30 seconds for tokens with forged ones', async () => {
    const { issuer, bearer, token, goOn } = await scene();
    await bearer(await token());
    goOn(30_000);
    for (let tries = 0; tries < 60; tries += 1) {
      await expect(bearer(await token(forged))).rejects.toMatchObject(invalid);
      goOn(1_000);
    }
    expect(reads(issuer)).toBe(3);
  });

  it('that were taken back open nothing any more, not even for a token that was verified a moment ago', async () => {
    const { issuer, bearer, token, goOn } = await scene();
    const old = await token(first);
    await bearer(old);
    issuer.publish([second]);
    goOn(30_000);
    await bearer(await token(second));
    await expect(bearer(old)).rejects.toMatchObject(invalid);
  });

  it('that were taken back open nothing after ten minutes, even if nobody has called since', async () => {
    const { issuer, bearer, token, goOn } = await scene();
    const old = await token(first);
    await bearer(old);
    issuer.publish([second]);
    goOn(10 * minute);
    await expect(bearer(old)).rejects.toMatchObject(invalid);
  });

  it('are still good for a day when the issuer is down, and for no longer', async () => {
    const { issuer, bearer, token, goOn, lines } = await scene();
    const old = await token();
    await bearer(old);
    issuer.breakDown();
    for (let hours = 1; hours < 24; hours += 1) {
      goOn(hour);
      expect(await bearer(old)).toMatchObject({ isPerson: true });
    }
    expect(lines.join('\n')).toContain('cannot be read');
    goOn(hour);
    await expect(bearer(old)).rejects.toMatchObject(unavailable);
  });

  it('that are unknown while the issuer is down may be good, so they are no refusal', async () => {
    const { issuer, bearer, token, goOn } = await scene();
    await bearer(await token());
    issuer.breakDown();
    goOn(30_000);
    await expect(bearer(await token(second))).rejects.toMatchObject(unavailable);
    issuer.publish([first, second]);
    goOn(5_000);
    expect(await bearer(await token(second))).toMatchObject({ isPerson: true });
  });

  it('that were never had make nobody a liar: the issuer is asked again after five seconds', async () => {
    const { issuer, bearer, token, goOn } = await scene();
    issuer.breakDown();
    await expect(bearer(await token())).rejects.toMatchObject({ ...unavailable, details: { retryAfterMs: 5_000 } });
    await expect(bearer(await token())).rejects.toMatchObject(unavailable);
    expect(reads(issuer)).toBe(1);
    issuer.publish([first]);
    goOn(5_000);
    expect(await bearer(await token())).toMatchObject({ isPerson: true });
  });

  it('are waited for three seconds, and by nobody while an issuer that is silent has keys that are good', async () => {
    const { issuer, bearer, token, goOn, lines } = await scene();
    issuer.answer('/jwks', () => undefined);
    await expect(bearer(await token())).rejects.toMatchObject(unavailable);
    expect(lines.join('\n')).toContain('within 3 s');
    issuer.publish([first]);
    goOn(5_000);
    await bearer(await token());
    issuer.breakDown();
    goOn(10 * minute);
    await bearer(await token());
    issuer.answer(metadataPath, () => undefined);
    goOn(5_000);
    expect(await bearer(await token())).toMatchObject({ isPerson: true });
    // Answered before the issuer was given up.
    expect(lines.filter((line) => line.includes('within 3 s'))).toHaveLength(1);
  });

  it('cannot be had from an address where nobody listens', async () => {
    const { issuer, bearer, token } = await scene();
    await issuer.stop().then(() => undefined);
    await expect(bearer(await token())).rejects.toMatchObject(unavailable);
  });
});
