import { CompactEncrypt, CompactSign, EncryptJWT, SignJWT } from 'jose';
import { inspect } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokens } from '../../src/tokens/signal-token.ts';
import { at, decisionEvent, deployment, header, newest, offerOf, older, seal } from './offers.ts';

const tokens = await createTokens({ keys: [newest, older], deployment, now: () => at });
const genuine = await tokens.mint(offerOf('decision'));
const plaintext = JSON.stringify(decisionEvent);

/** The one outward error: whoever sends something else than a token learns nothing about why it is refused. */
const refused = {
  name: 'ElevateError',
  code: 'token_invalid',
  message: 'This button or token is not valid here.',
  details: {},
};

async function expectRefused(token: string): Promise<void> {
  await expect(tokens.open(token)).rejects.toMatchObject(refused);
}

describe('T21: what is not exactly a token of ours gives one and the same error', () => {
  it('the sealing of these tests is right: its token opens', async () => {
    expect(await tokens.open(seal(plaintext))).toEqual(offerOf('decision'));
    expect(await tokens.open(seal(plaintext, { ...header, kid: older.kid }, older.key))).toEqual(offerOf('decision'));
  });

  it('every single changed bit', async () => {
    for (let position = 0; position < genuine.length; position++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = String.fromCharCode(genuine.charCodeAt(position) ^ (1 << bit));
        await expectRefused(genuine.slice(0, position) + changed + genuine.slice(position + 1));
      }
    }
  });

  it('every truncation, at either end', async () => {
    for (let length = 0; length < genuine.length; length++) {
      await expectRefused(genuine.slice(0, length));
      await expectRefused(genuine.slice(genuine.length - length));
    }
  });

  it('every other spelling of the same bytes', async () => {
    const [head, , iv, ciphertext, tag = ''] = genuine.split('.');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(tag.at(-1) ?? '');
    const respelled = tag.slice(0, -1) + alphabet[last + 1];
    expect(Buffer.from(respelled, 'base64url')).toEqual(Buffer.from(tag, 'base64url'));
    await expectRefused([head, '', iv, ciphertext, respelled].join('.'));
    await expectRefused([head, '', iv, ciphertext, `${tag}==`].join('.'));
    for (const blank of [' ', '\n', '\t']) {
      await expectRefused(genuine + blank);
      await expectRefused(blank + genuine);
      await expectRefused(genuine.slice(0, 200) + blank + genuine.slice(200));
    }
  });

  it.each<[string, object]>([
    ['an unknown kid', { ...header, kid: 'nobody' }],
    ['the kid of another key', { ...header, kid: older.kid }],
    ['a kid out of the prototype', { ...header, kid: 'constructor' }],
    ['a kid that is no text', { ...header, kid: { toString: 'new-kid1' } }],
    ['no kid', { ...header, kid: undefined }],
    ['alg none', { ...header, alg: 'none' }],
    ['alg A256KW', { ...header, alg: 'A256KW' }],
    ['alg PBES2 with a great count', { ...header, alg: 'PBES2-HS512+A256KW', p2c: 10_000_000, p2s: 'c2FsdA' }],
    ['no alg', { ...header, alg: undefined }],
    ['enc A128GCM', { ...header, enc: 'A128GCM' }],
    ['enc A256CBC-HS512', { ...header, enc: 'A256CBC-HS512' }],
    ['typ JWE', { ...header, typ: 'JWE' }],
    ['typ in capitals', { ...header, typ: header.typ.toUpperCase() }],
    ['no typ', { ...header, typ: undefined }],
    ['cty json', { ...header, cty: 'json' }],
    ['no cty', { ...header, cty: undefined }],
    ['zip DEF', { ...header, zip: 'DEF' }],
    ['zip of another kind', { ...header, zip: 'GZ' }],
    ['an extra name', { ...header, jku: 'https://evil.example/keys' }],
    ['a key of its own', { ...header, jwk: { kty: 'oct', k: 'AAAA' } }],
    ['crit', { ...header, crit: ['exp'], exp: 1 }],
    ['crit of nothing', { ...header, crit: [] }],
    ['a name more in place of one', { ...header, typ: undefined, exp: 1 }],
    ['an array for a header', []],
  ])('a header with %s', (_, spoiled) => expectRefused(seal(plaintext, spoiled)));

  it('a header with __proto__', () =>
    expectRefused(seal(plaintext, JSON.parse(`{"__proto__":{},${JSON.stringify(header).slice(1)}`))));

  it('compressed plaintext, however small', () =>
    expectRefused(seal(deflateRawSync(plaintext), { ...header, zip: 'DEF' })));

  it('a token under a key that is not ours', () => expectRefused(seal(plaintext, header, new Uint8Array(32).fill(9))));

  it('a JWS in place, signed with the same key', async () => {
    const signed = new CompactSign(Buffer.from(plaintext)).setProtectedHeader({ ...header, alg: 'HS256' });
    await expectRefused(await signed.sign(newest.key));
    await expectRefused(await new SignJWT({ ...decisionEvent }).setProtectedHeader({ alg: 'HS256' }).sign(newest.key));
  });

  it('a JWE of another purpose under the same key', async () => {
    const session = new EncryptJWT({ sub: 'alice@example.com' }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' });
    await expectRefused(await session.encrypt(newest.key));
    const keyed = new CompactEncrypt(Buffer.from(plaintext)).setProtectedHeader({ ...header, alg: 'A256KW' });
    await expectRefused(await keyed.encrypt(newest.key));
  });

  it('a token inside a token', () => expectRefused(seal(genuine)));

  it('a token with an encrypted key part', () => expectRefused(genuine.replace('..', '.AAAA.')));

  it('more than 1,900 characters, even if everything else is right', async () => {
    const padded = `${plaintext}${' '.repeat(1_000)}`;
    expect(seal(padded).length).toBeGreaterThan(1_900);
    await expectRefused(seal(padded));
    await expectRefused('.'.repeat(1_000_000));
  });

  it.each([undefined, null, 7, {}, [genuine]])('something that is no text: %s', (value) =>
    expectRefused(value as string),
  );

  it.each<[string, object]>([
    ['no id', { id: undefined }],
    ['an empty id', { id: '' }],
    ['no time', { time: undefined }],
    ['no specversion', { specversion: undefined }],
    ['specversion 0.3', { specversion: '0.3' }],
    ['no source', { source: undefined }],
    ['the source of another deployment', { source: 'urn:elevate:default/other' }],
    ['a source that only begins like ours', { source: 'urn:elevate:default/elevate2' }],
    ['an unknown type', { type: 'io.elevate.grant.v1' }],
    ['a type of another version', { type: 'io.elevate.decision.v2' }],
    ['a type that its data do not fit', { type: 'io.elevate.extend.v1' }],
    ['no subject', { subject: undefined }],
    ['a subject that is no execution', { subject: 'wf_short' }],
    ['a time without zone', { time: '2026-11-23T17:40:00' }],
    ['a time in another zone', { time: '2026-11-23T18:40:00+01:00' }],
    ['a time in words', { time: 'yesterday' }],
    ['a number for a time', { time: at }],
    ['a day that does not exist', { time: '2026-02-30T17:40:00.000Z' }],
    ['no expirytime', { expirytime: undefined }],
    ['an expirytime without zone', { expirytime: '2026-11-23T18:40:00' }],
    ['an expirytime that no calendar has', { expirytime: '2027-02-30T18:40:00.000Z' }],
    ['an expirytime that never comes', { expirytime: '+275760-09-13T00:00:00.000Z' }],
    ['another content type', { datacontenttype: 'text/plain' }],
    ['no content type', { datacontenttype: undefined }],
    ['an extra key', { principal: 'mallory@example.com' }],
    ['an extra key in data', { data: { ...decisionEvent.data, by: 'mallory@example.com' } }],
    ['no data', { data: undefined }],
    ['data in base64', { data_base64: 'e30=' }],
    ['an unknown choice', { data: { ...decisionEvent.data, choice: 'approved' } }],
    ['a stage below the first', { data: { ...decisionEvent.data, stage: -1 } }],
    ['a stage in words', { data: { ...decisionEvent.data, stage: '0' } }],
    ['no digest', { data: { ...decisionEvent.data, digest: undefined } }],
  ])('an event with %s', (_, spoiled) => expectRefused(seal(JSON.stringify({ ...decisionEvent, ...spoiled }))));

  it.each([
    ['__proto__ beside its attributes', plaintext.replace('{', '{"__proto__":{"x":1},')],
    ['__proto__ in its data', plaintext.replace('"data":{', '"data":{"__proto__":{"x":1},')],
    ['its attributes in __proto__', `{"__proto__":${plaintext}}`],
  ])('an event with %s', (_, text) => expectRefused(seal(text)));

  it.each([
    ['an array', `[${plaintext}]`],
    ['null', 'null'],
    ['a text', JSON.stringify(plaintext)],
    ['no JSON', 'approve'],
    ['nothing', ''],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['a byte order mark before it', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(plaintext)])],
  ])('a plaintext that is %s', (_, text) => expectRefused(seal(text)));

  it('P7: the cause, which is logged, quotes nothing that was sealed', async () => {
    for (const text of [
      'secret-reason',
      '{"secret-reason"',
      JSON.stringify({ ...decisionEvent, id: 'secret-reason!' }),
    ]) {
      const error: unknown = await tokens.open(seal(text)).catch((refusal: unknown) => refusal);
      expect(inspect(error, { depth: 9 })).not.toContain('secret');
    }
  });

  it('any text', async () => {
    const parts = fc
      .array(fc.stringMatching(/^[\w-]{0,40}$/), { minLength: 4, maxLength: 6 })
      .map((part) => part.join('.'));
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 2_000 }), parts);
    await fc.assert(fc.asyncProperty(text, expectRefused), { numRuns: 1_000 });
  });

  it('any JSON as header and plaintext, sealed with our own key', async () => {
    const sealed = fc.tuple(fc.json(), fc.object()).map(([text, extra]) => seal(text, { ...header, ...extra }));
    await fc.assert(fc.asyncProperty(sealed, expectRefused), { numRuns: 500 });
    await fc.assert(
      fc.asyncProperty(
        fc.json().map((text) => seal(text)),
        expectRefused,
      ),
      { numRuns: 500 },
    );
  });
});
