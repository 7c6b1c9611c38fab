import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/core/duration.ts';
import { isoDuration, isoTime } from '../../src/http/api/times.ts';
import { hour, minute, sampleTime } from '../samples.ts';

describe('durations in ISO 8601', () => {
  it.each([
    [5 * minute, 'PT5M'],
    [90 * minute, 'PT1H30M'],
    [26 * hour, 'P1DT2H'],
    [7 * 24 * hour, 'P7D'],
    [hour + 1_000, 'PT1H1S'],
    [59_999, 'PT59S'],
    [999, 'PT0S'],
    [0, 'PT0S'],
    // Clocks that differ can make a start lie in the future.
    [-5_000, 'PT0S'],
  ])('%i ms are %s', (ms, text) => {
    expect(isoDuration(ms)).toBe(text);
  });

  it('are what we read in them, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 10 ** 12 }), (ms) => {
        expect(parseDuration(isoDuration(ms))).toBe(Math.floor(ms / 1_000) * 1_000);
      }),
    );
  });
});

it('times are RFC 3339 in UTC', () => {
  expect(isoTime(sampleTime)).toBe('2026-11-25T03:00:00.000Z');
});
