import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('parseDuration', () => {
  it.each([
    ['45m', 45 * minute],
    ['30s', 30 * second],
    ['1h', hour],
    ['1h30m', 90 * minute],
    ['1h 30m', 90 * minute],
    ['1 h 30 min', 90 * minute],
    ['90 min', 90 * minute],
    ['90 mins', 90 * minute],
    ['1 minute', minute],
    ['2 hours', 2 * hour],
    ['2 hrs', 2 * hour],
    ['1 Hour', hour],
    ['1 day', day],
    ['1d4h', 28 * hour],
    ['2 weeks', 14 * day],
    ['10 seconds', 10 * second],
    ['01h', hour],
    ['0h5m', 5 * minute],
    ['PT1H30M', 90 * minute],
    ['PT90M', 90 * minute],
    ['P1D', day],
    ['P1DT2H', 26 * hour],
    ['P2W', 14 * day],
    ['PT45S', 45 * second],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    '',
    ' ',
    '0m',
    'PT0S',
    '90',
    'h',
    'one hour',
    '1h30',
    '30m1h',
    '1h1h',
    '-1h',
    '+1h',
    '1.5h',
    '1,5h',
    '1e3s',
    ' 1h',
    '1h ',
    '1  h',
    '1h\n',
    '1h, 30m',
    '1h because',
    'for 1h',
    '1 month',
    '1 year',
    '1M30',
    '1234567s',
    'P',
    'PT',
    'P1Y',
    'P1M',
    'P1W1D',
    '-P1D',
    'P-1D',
    'PT-1H',
    'PT1.5H',
    'P1H',
    'PT1D',
    'P1DT',
    'pt1h',
    'xPT1Hx',
    'PT1H30',
    '\u0661h',
    '1 \u017F',
    `${' '.repeat(1)}${'1'.repeat(100)}h`,
  ])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined());

  it('gives a positive whole number or nothing, for any text', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc
        .array(fc.constantFrom('1', '0', '9', ' ', 'h', 'm', 'min', 's', 'd', 'P', 'T', 'H', 'M', '.', '-'), {
          maxLength: 12,
        })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (any) => {
        const ms = parseDuration(any);
        expect(ms === undefined || (Number.isSafeInteger(ms) && ms > 0)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [90 * minute, '1h30m'],
    [hour, '1h'],
    [45 * second, '45s'],
    [28 * hour, '1d4h'],
    [14 * day, '14d'],
    [hour + second, '1h1s'],
    [59_600, '1m'],
    [0, '0s'],
    [-5 * minute, '0s'],
  ])('%i ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('is read back as the same, and ISO 8601 agrees', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 365 * 24 * 3600 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * second))).toBe(seconds * second);
        const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
        expect(parseDuration(`PT${h}H${m}M${s}S`)).toBe(seconds * second);
        expect(parseDuration(`${h} hours ${m} min ${s} seconds`)).toBe(seconds * second);
      }),
      { numRuns: 1000 },
    );
  });
});
