import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanFreeText } from '../../src/core/free-text.ts';

const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

/** Text that is rich in what must go: a third of it is taken from the characters that hide or turn others. */
const tricky = fc.constantFrom(
  ...Array.from(
    '\0\t\n\r\v\f\u0085\u00a0\u00ad\u034f\u061c\u115f\u180e\u200b\u200d\u200e\u200f\u2028\u2029\u202e\u2060',
  ),
  ...Array.from('\u2066\u2069\u3000\u2001\u3164\ufe0f\ufeff\ufff9\u{e0041}\u{1d173}\u0301e'),
  '\ud800',
  '\udc00',
);
const anyText = fc
  .array(fc.oneof(tricky, fc.string({ unit: 'binary', maxLength: 3 }), fc.string({ maxLength: 3 })), { maxLength: 20 })
  .map((parts) => parts.join(''));

describe('T28: free text', () => {
  it.each([
    ['deploy is stuck', 'deploy is stuck'],
    ['  deploy\u00a0 is\tstuck ', 'deploy is stuck'],
    ['first line\r\nApproved by: bob', 'first line Approved by: bob'],
    ['a\u2028b\u2029c\u0085d\ve', 'a b c d e'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['\u2066inner\u2069 \u200foverride\u200e', 'inner override'],
    ['pay\u200bpal\u200d\ufeff', 'paypal'],
    ['nul\0byte \u001b[31mred', 'nul byte [31mred'],
    ['tag\u{e0041}\u{e0042}ged', 'tagged'],
    ['filler\u3164 \u115f\u1160here', 'filler here'],
    ['cafe\u0301', 'caf\u00e9'],
    ['e\u200b\u0301', '\u00e9'],
    ['half a \ud83d pair', 'half a \ufffd pair'],
    ['🔥 down, 日本語, O’Neil & <b>', '🔥 down, 日本語, O’Neil & <b>'],
    ['\u200b \n', ''],
    ['', ''],
  ])('%j becomes %j', (typed, cleaned) => {
    expect(cleanFreeText(typed)).toBe(cleaned);
  });

  it('never holds a control, bidi or zero-width character or a line break, whatever was typed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(cleanFreeText(text)).not.toMatch(hidden);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has single spaces inside, none around, and one spelling of each letter', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const cleaned = cleanFreeText(text);
        expect(cleaned).toBe(cleaned.normalize('NFC').trim().replaceAll(/\s+/gu, ' '));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the same when cleaned twice', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(cleanFreeText(cleanFreeText(text))).toBe(cleanFreeText(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is right for every single character of Unicode, between two letters', () => {
    const wrong: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      const cleaned = cleanFreeText(`a${String.fromCodePoint(code)}b`);
      if (hidden.test(cleaned) || cleanFreeText(cleaned) !== cleaned) wrong.push(`U+${code.toString(16)}`);
    }
    expect(wrong).toEqual([]);
  });
});
