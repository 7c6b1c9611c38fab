import { CompactEncrypt, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { sampleTime } from '../samples.ts';
import { assembled, claims, newKey, openAuth, signed, startIssuer } from './issuer.ts';

const now = sampleTime / 1_000;
const issuer = await startIssuer();
const key = await newKey('key-1');
const rsa = await newKey('rsa-1', 'RS256');
const unlisted = await newKey('key-9');
issuer.publish([key, rsa]);

const good = await signed(claims(issuer), key);
const invalid = { code: 'unauthenticated', details: { reason: 'invalid_token' } };

describe('the header Authorization (RFC 6750, 2.1)', () => {
  const { authenticate } = openAuth(issuer.url);

  it.each([['Bearer'], ['bearer'], ['BEARER'], ['bEaReR']])('T1: lets a good token in as %s', async (scheme) => {
    expect(await authenticate(`${scheme} ${good}`)).toMatchObject({ signIn: { email: 'alice@example.com' } });
  });

  it('may have more than one space in it', async () => {
    expect(await authenticate(`Bearer   ${good}`)).toMatchObject({ isPerson: true });
  });

  it.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['is of another scheme', `Basic ${good}`],
    ['only begins like Bearer', `BearerToken ${good}`],
    ['is a token alone', good],
  ])('is missing if it %s', async (_, header) => {
    await expect(authenticate(header)).rejects.toMatchObject({
      code: 'unauthenticated',
      details: { reason: 'missing' },
    });
  });

  it.each([
    ['has no token', 'Bearer'],
    ['has an empty token', 'Bearer '],
    ['has two tokens', `Bearer ${good} ${good}`],
    ['was joined from two', `Bearer ${good}, Bearer ${good}`],
    ['has a tab in it', `Bearer \t${good}`],
    ['has something behind the token', `Bearer ${good} `],
    ['has padding in the middle', 'Bearer a=b'],
    ['has a parameter', `Bearer token="${good}"`],
    ['has a character of no token', `Bearer ${good}\u00e9`],
    ['has a line break', `Bearer ${good}\n`],
    ['is longer than 8 KiB', `Bearer ${'a'.repeat(8 * 1024)}`],
  ])('is malformed if it %s', async (_, header) => {
    await expect(authenticate(header)).rejects.toMatchObject({
      code: 'unauthenticated',
      details: { reason: 'invalid_request' },
    });
  });

  it('may be 8 KiB long', async () => {
    const groups = ['x'.repeat(5_400)];
    const long = await signed(claims(issuer, { groups }), key);
    expect(`Bearer ${long}`.length).toBeGreaterThan(7_000);
    expect(await authenticate(`Bearer ${long}`)).toMatchObject({ isPerson: true });
  });
});

describe('the header of a token (RFC 9068, 2.1 and 4)', () => {
  it.each([['at+jwt'], ['AT+JWT'], ['application/at+jwt'], ['Application/AT+jwt']])(
    'may have the type %s',
    async (typ) => {
      const { bearer } = openAuth(issuer.url);
      expect(await bearer(await signed(claims(issuer), key, { typ }))).toMatchObject({ isPerson: true });
    },
  );

  it.each([['JWT'], ['jwt'], ['application/jwt'], ['at+jwt2'], ['logout+jwt'], [''], [7], [undefined], [['at+jwt']]])(
    'must not have the type %j where at+jwt is asked for',
    async (typ) => {
      const { bearer } = openAuth(issuer.url);
      await expect(bearer(await signed(claims(issuer), key, { typ }))).rejects.toMatchObject(invalid);
    },
  );

  it('may have the type JWT where the configuration takes it, and needs no client_id or jti then', async () => {
    const { bearer } = openAuth(issuer.url, { tokenTypes: ['at+jwt', 'jwt'] });
    const payload = claims(issuer, { client_id: undefined, jti: undefined });
    expect(await bearer(await signed(payload, key, { typ: 'JWT' }))).toMatchObject({ isPerson: true });
    await expect(bearer(await signed(claims(issuer), key, { typ: undefined }))).rejects.toMatchObject(invalid);
  });

  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'may be signed with %s',
    async (alg) => {
      const own = await newKey(`own-${alg}`, alg);
      const theirs = await startIssuer();
      theirs.publish([own]);
      const token = await signed(claims(theirs), own);
      expect(await openAuth(theirs.url).bearer(token)).toMatchObject({ isPerson: true });
    },
  );

  it.each([['none'], ['NONE'], ['nOnE'], ['HS256'], ['XX256'], [''], [undefined]])(
    'must not name the algorithm %j',
    async (alg) => {
      const header = { alg, kid: 'key-1', typ: 'at+jwt' };
      const signature = good.split('.')[2] ?? '';
      for (const made of [assembled(header, claims(issuer), ''), assembled(header, claims(issuer), signature)])
        await expect(openAuth(issuer.url).bearer(made)).rejects.toMatchObject(invalid);
    },
  );

  it('must not be signed with the public key as a shared secret', async () => {
    const { bearer } = openAuth(issuer.url);
    const { subtle } = globalThis.crypto;
    const { n = '', e = '', kty = '' } = rsa.jwk;
    const publicKey = await subtle.importKey(
      'jwk',
      { n, e, kty },
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      true,
      ['verify'],
    );
    const der = Buffer.from(await subtle.exportKey('spki', publicKey));
    const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
    const pem = ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
    for (const secret of [der, Buffer.from(pem), Buffer.from(pem.trim()), Buffer.from(JSON.stringify(rsa.jwk))]) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const header = { alg, kid: 'rsa-1', typ: 'at+jwt' };
        const token = await new SignJWT(claims(issuer)).setProtectedHeader(header).sign(new Uint8Array(secret));
        await expect(bearer(token)).rejects.toMatchObject(invalid);
      }
    }
  });

  it('must not be signed with an algorithm that is not pinned, though the issuer has a key for it', async () => {
    const own = await newKey('own', 'ML-DSA-44');
    const theirs = await startIssuer();
    theirs.publish([own]);
    await expect(openAuth(theirs.url).bearer(await signed(claims(theirs), own))).rejects.toMatchObject(invalid);
  });

  it('must not name an extension, since none is understood', async () => {
    const { bearer } = openAuth(issuer.url);
    const header = { alg: 'ES256', kid: 'key-1', typ: 'at+jwt' };
    const withB64 = new SignJWT(claims(issuer)).setProtectedHeader({ ...header, crit: ['b64'], b64: true });
    await expect(bearer(await withB64.sign(key.privateKey))).rejects.toMatchObject(invalid);
    const withExp = new SignJWT(claims(issuer)).setProtectedHeader({ ...header, crit: ['exp'], exp: now + 60 });
    await expect(bearer(await withExp.sign(key.privateKey, { crit: { exp: true } }))).rejects.toMatchObject(invalid);
  });

  it('must not name the key of somebody else, nor leave it to guessing', async () => {
    const { bearer } = openAuth(issuer.url);
    await expect(bearer(await signed(claims(issuer), unlisted))).rejects.toMatchObject(invalid);
    await expect(bearer(await signed(claims(issuer), unlisted, { kid: 'key-1' }))).rejects.toMatchObject(invalid);
    await expect(bearer(await signed(claims(issuer), rsa, { kid: 'key-1' }))).rejects.toMatchObject(invalid);
    await expect(bearer(await signed(claims(issuer), key, { kid: ['key-1'] }))).rejects.toMatchObject(invalid);
  });

  it('may leave out the key where only one can be meant', async () => {
    const { bearer } = openAuth(issuer.url);
    expect(await bearer(await signed(claims(issuer), key, { kid: undefined }))).toMatchObject({ isPerson: true });
  });

  it.each(['jwk', 'jku', 'x5u', 'x5c'])('cannot bring its own key in %s', async (member) => {
    const { bearer } = openAuth(issuer.url);
    const before = issuer.asked.length;
    const value = { jwk: unlisted.jwk, jku: `${issuer.url}/mine`, x5u: `${issuer.url}/mine`, x5c: ['MIIB'] }[member];
    const header = { [member]: value };
    await expect(bearer(await signed(claims(issuer), unlisted, header))).rejects.toMatchObject(invalid);
    await expect(bearer(await signed(claims(issuer), unlisted, { ...header, kid: 'key-1' }))).rejects.toMatchObject(
      invalid,
    );
    expect(issuer.asked.slice(before)).not.toContain('/mine');
  });
});

describe('what is no token', () => {
  const { bearer } = openAuth(issuer.url);
  const [header = '', payload = '', signature = ''] = good.split('.');

  it.each([
    ['one word', 'token'],
    ['two parts', `${header}.${payload}`],
    ['no signature', `${header}.${payload}.`],
    ['four parts', `${good}.${signature}`],
    ['a header that is no JSON', `aaaa.${payload}.${signature}`],
    ['another payload', `${header}.${Buffer.from('{}').toString('base64url')}.${signature}`],
    ['half a signature', `${header}.${payload}.${signature.slice(0, 43)}`],
    ['a header that is a list', `${Buffer.from('[]').toString('base64url')}.${payload}.${signature}`],
  ])('is refused: %s', async (_, token) => {
    await expect(bearer(token)).rejects.toMatchObject(invalid);
  });

  it('is refused: an encrypted one', async () => {
    const secret = new Uint8Array(32);
    const jwe = await new CompactEncrypt(Buffer.from(good))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', kid: 'key-1' })
      .encrypt(secret);
    await expect(bearer(jwe)).rejects.toMatchObject(invalid);
  });

  it.each(['"text"', '[]', 'null', '{'])('is refused: one that says %s', async (text) => {
    const data = `${header}.${Buffer.from(text).toString('base64url')}`;
    const made = await globalThis.crypto.subtle.sign(
      { name: 'ECDSA', hash: 'SHA-256' },
      key.privateKey,
      Buffer.from(data),
    );
    await expect(bearer(`${data}.${Buffer.from(made).toString('base64url')}`)).rejects.toMatchObject(invalid);
  });
});

describe('the claims of a token (RFC 9068, 2.2 and 4)', () => {
  const changed = async (overrides: Record<string, unknown>) =>
    openAuth(issuer.url).bearer(await signed(claims(issuer, overrides), key));

  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { iss: 'https://id.example.com' }],
    ['the issuer with a slash behind it', { iss: `${issuer.url}/` }],
    ['the issuer in capitals', { iss: issuer.url.toUpperCase() }],
    ['a list of issuers', { iss: [issuer.url] }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'elevate2' }],
    ['an audience in capitals', { aud: 'Elevate' }],
    ['other audiences', { aud: ['other', 'elevate-2'] }],
    ['no audience', { aud: undefined }],
    ['an empty list of audiences', { aud: [] }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is a number', { sub: 7 }],
    ['a subject outside of ASCII', { sub: 'alice\u0131' }],
    ['a subject with a line break', { sub: 'alice\n' }],
    ['a subject of 256 characters', { sub: 'a'.repeat(256) }],
    ['no end', { exp: undefined }],
    ['an end that is a text', { exp: String(now + 60) }],
    ['an end beyond all time', { exp: 1e300 }],
    ['no time of issue', { iat: undefined }],
    ['a time of issue that is a text', { iat: String(now) }],
    ['a time of issue more than 30 seconds ahead', { iat: now + 31 }],
    ['a beginning more than 30 seconds ahead', { nbf: now + 31 }],
    ['a beginning that is a text', { nbf: 'now' }],
    ['no client_id', { client_id: undefined }],
    ['an empty client_id', { client_id: '' }],
    ['a client_id that is a list', { client_id: ['elevate-cli'] }],
    ['no jti', { jti: undefined }],
    ['a jti that is a number', { jti: 1 }],
  ])('are refused with %s', async (_, overrides) => {
    await expect(changed(overrides)).rejects.toMatchObject(invalid);
  });

  it.each<[string, Record<string, unknown>]>([
    ['our audience among others', { aud: ['other', 'elevate'] }],
    ['a subject of 255 characters', { sub: 'a'.repeat(255) }],
    ['a time of issue 30 seconds ahead', { iat: now + 30 }],
    ['a beginning 30 seconds ahead', { nbf: now + 30 }],
    ['an end 29 seconds ago', { exp: now - 29 }],
    ['a fraction of a second', { iat: now + 0.5, exp: now + 60.25 }],
  ])('are taken with %s', async (_, overrides) => {
    expect(await changed(overrides)).toMatchObject({ isPerson: true });
  });

  it('are expired 30 seconds after the end, which is said only of tokens that are the issuer’s', async () => {
    const expired = { code: 'unauthenticated', details: { reason: 'expired_token' } };
    await expect(changed({ exp: now - 30 })).rejects.toMatchObject(expired);
    const forged = await signed(claims(issuer, { exp: now - 30 }), unlisted, { kid: 'key-1' });
    await expect(openAuth(issuer.url).bearer(forged)).rejects.toMatchObject(invalid);
  });
});

describe('a token that was verified', () => {
  it('ends when it ends, however lately it was verified', async () => {
    const { bearer, goOn } = openAuth(issuer.url);
    const token = await signed(claims(issuer, { exp: now + 10 }), key);
    await bearer(token);
    goOn(39_000);
    await bearer(token);
    goOn(1_000);
    await expect(bearer(token)).rejects.toMatchObject({ details: { reason: 'expired_token' } });
  });

  it('does not vouch for one that differs in a single character', async () => {
    const { bearer } = openAuth(issuer.url);
    await bearer(good);
    await expect(bearer(`${good}A`)).rejects.toMatchObject(invalid);
    await expect(bearer(`${good}=`)).rejects.toMatchObject(invalid);
  });

  it('P7: is in no line of the log, nor are its claims, whether it is good or not', async () => {
    const { bearer, lines } = openAuth(issuer.url);
    await bearer(good);
    const bad = await signed(claims(issuer, { aud: 'other' }), key);
    await expect(bearer(bad)).rejects.toMatchObject(invalid);
    expect(lines.join('\n')).toContain('aud');
    expect(lines.join('\n')).not.toMatch(/alice|eyJ/);
  });
});
