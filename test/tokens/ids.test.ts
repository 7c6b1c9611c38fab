import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIds } from '../../src/tokens/ids.ts';

const key = new Uint8Array(32).fill(3);
const ids = createIds(key);
const delivery = ['chat', 'T01', 'U02', 'C03', '1763912400.000100'];
const lists = fc.array(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 5 });

describe('T22: the id of an execution', () => {
  it('is wf_ and 26 characters of lower-case Crockford base 32', () => {
    fc.assert(
      fc.property(lists, (parts) => {
        expect(ids.execution(parts)).toMatch(/^wf_[0-9a-hjkmnp-tv-z]{26}$/);
      }),
    );
  });

  it('is the same for the same delivery, on every replica', () => {
    expect(createIds(Uint8Array.from(key)).execution([...delivery])).toBe(ids.execution(delivery));
  });

  it('is another one under another key, so nobody can work out ids in advance', () => {
    expect(createIds(new Uint8Array(32).fill(4)).execution(delivery)).not.toBe(ids.execution(delivery));
  });

  it('is the HMAC of the parts, each behind its length', () => {
    const framed = Buffer.from([0, 0, 0, 2, 0x61, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x62, 0]);
    const bits = BigInt(`0x${createHmac('sha256', key).update(framed).digest('hex')}`) >> 126n;
    const first = '0123456789abcdefghjkmnpqrstvwxyz'[Number(bits >> 125n)];
    const last = '0123456789abcdefghjkmnpqrstvwxyz'[Number(bits & 31n)];
    expect(ids.execution(['a', '', 'b'])).toMatch(new RegExp(`^wf_${first}.{24}${last}$`));
  });

  it('changes when any part changes', () => {
    const changed = delivery.map((_, i) => ids.execution(delivery.with(i, 'x')));
    expect(new Set([ids.execution(delivery), ...changed]).size).toBe(delivery.length + 1);
  });
});

describe('hash', () => {
  it('is SHA-256 in 43 base64url characters, without a key', () => {
    const framed = Buffer.from([0, 0, 0, 2, 0x61, 0]);
    expect(ids.hash(['a'])).toBe(createHash('sha256').update(framed).digest('base64url'));
    expect(ids.hash(['a'])).toHaveLength(43);
    expect(createIds(new Uint8Array(32).fill(4)).hash(['a'])).toBe(ids.hash(['a']));
  });

  it.each([
    [
      ['a', 'b'],
      ['ab', ''],
    ],
    [['a', 'b'], ['ab']],
    [[], ['']],
    [['a', ''], ['a']],
    [['\ud800'], ['\ufffd']],
    [['é'], ['e\u0301']],
  ])('P3: %j and %j are two things', (one, other) => {
    expect(ids.hash(one)).not.toBe(ids.hash(other));
    expect(ids.execution(one)).not.toBe(ids.execution(other));
  });

  it('P3: is equal exactly for equal lists', () => {
    // Cut at any two places, one text gives lists that only their lengths tell apart.
    const cut = fc
      .tuple(fc.string({ unit: 'binary', maxLength: 12 }), fc.nat(12), fc.nat(12))
      .map(([text, i, j]) => [
        text.slice(0, Math.min(i, j)),
        text.slice(Math.min(i, j), Math.max(i, j)),
        text.slice(Math.max(i, j)),
      ]);
    const any = fc.oneof(lists, cut);
    fc.assert(
      fc.property(any, any, (one, other) => {
        expect(ids.hash(one) === ids.hash(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 12 }), fc.nat(12), fc.nat(12), (text, i, j) => {
        const halves = (at: number) => [text.slice(0, at), text.slice(at)];
        fc.pre(Math.min(i, text.length) !== Math.min(j, text.length));
        expect(ids.hash(halves(i))).not.toBe(ids.hash(halves(j)));
      }),
    );
  });
});

it('a key of less than 32 bytes is refused', () => {
  expect(() => createIds(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'invalid_input' }));
});
