import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveKeys, keyProblems, newKey, splitKeys } from '../../src/config/keys.ts';

const [newest, middle, oldest] = ['n', 'm', 'o'].map((letter) => Buffer.from(`${letter}123456789abcdef`.repeat(2)));
const written = [newest, middle, oldest].map((key) => key?.toString('base64url') ?? '');
const hex = (key: Uint8Array | undefined) => Buffer.from(key ?? []).toString('hex');

describe('derived keys', () => {
  it('T21: are HKDF-SHA256 of a listed key, labelled with the purpose', () => {
    const { tokens } = deriveKeys(written);
    const expected = hkdfSync('sha256', newest ?? '', '', 'elevate/v1/tokens', 32);
    expect(hex(tokens[0]?.key)).toBe(Buffer.from(expected).toString('hex'));
  });

  it('T21: differ by purpose and by listed key, and none is a listed key', () => {
    const { tokens, payloads, ids } = deriveKeys(written);
    const all = [...tokens.map(({ key }) => key), ...payloads.map(({ key }) => key), ids].map(hex);
    expect(new Set([...all, ...[newest, middle, oldest].map(hex)]).size).toBe(10);
    expect(all.map((key) => key.length)).toEqual(Array(7).fill(64));
  });

  it('T21: the newest comes first, so that it mints, and keeps its name for every purpose', () => {
    const { tokens, payloads } = deriveKeys(written);
    const kids = tokens.map(({ kid }) => kid);
    expect(kids).toEqual(payloads.map(({ kid }) => kid));
    expect(new Set(kids).size).toBe(3);
    for (const kid of kids) expect(kid).toMatch(/^[A-Za-z0-9_-]{8}$/);
  });

  it('P5: a key put in front changes what mints, and nothing that was made before', () => {
    const before = deriveKeys(written.slice(1));
    const after = deriveKeys(written);
    expect(after.tokens.slice(1)).toEqual(before.tokens);
    expect(after.payloads.slice(1)).toEqual(before.payloads);
    expect(after.tokens[0]?.kid).not.toBe(before.tokens[0]?.kid);
  });

  it('T22: ids come from the oldest key, so they stay through a rotation', () => {
    expect(hex(deriveKeys(written).ids)).toBe(hex(deriveKeys(written.slice(2)).ids));
    expect(hex(deriveKeys(written.slice(0, 2)).ids)).not.toBe(hex(deriveKeys(written).ids));
  });

  it.each([[[]], [['short']], [[written[0] ?? '', written[0] ?? '']]])(
    'P7: %j throws without quoting a key',
    (keys) => {
      expect(() => deriveKeys(keys)).toThrow(RangeError);
      expect(() => deriveKeys(keys)).toThrow(/^The list of keys (?:has no key|key 1 of 1|lists the same key twice)/);
    },
  );
});

describe('listed keys', () => {
  const one = written[0] ?? '';
  it.each([
    ['31 bytes', Buffer.alloc(31, 'ab').toString('base64url')],
    ['33 bytes', Buffer.alloc(33, 'ab').toString('base64url')],
    ['with padding', `${one}=`],
    ['in hexadecimal', Buffer.alloc(32, 'ab').toString('hex')],
    ['in plain base64', Buffer.alloc(32, 0xfb).fill(0xff, 3).toString('base64').slice(0, 43)],
    ['with a space inside', `${one.slice(0, 20)} ${one.slice(20)}`],
    ['empty', ''],
  ])('a key %s is refused', (_what, key) => {
    expect(keyProblems([key])).toEqual(['key 1 of 1 is not 32 bytes in base64url']);
  });

  it('a key in another spelling is refused, so that it cannot be listed twice unnoticed', () => {
    // The last character of 43 carries two bits too many; Node ignores them.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const spelling = one.slice(0, 42) + alphabet[alphabet.indexOf(one.at(-1) ?? '') + 1];
    expect(Buffer.from(spelling, 'base64url')).toEqual(newest);
    expect(keyProblems([spelling])).toHaveLength(1);
  });

  it('a key listed twice is refused', () => {
    expect(keyProblems([one, written[1] ?? '', one])).toEqual(['lists the same key twice']);
  });

  it('a key of one repeated byte is refused', () => {
    expect(keyProblems([Buffer.alloc(32, 7).toString('base64url')])).toEqual(['key 1 of 1 is the same byte 32 times']);
  });

  it('are split at commas, with space around them', () => {
    expect(splitKeys(` ${written.join(' , ')}\n`)).toEqual(written);
  });

  it('new ones are fit for use, and each is another', () => {
    expect(keyProblems(Array.from({ length: 50 }, () => newKey()))).toEqual([]);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect(keyProblems([newKey(() => bytes)])).toHaveLength(new Set(bytes).size === 1 ? 1 : 0);
      }),
      { numRuns: 100 },
    );
  });
});
