import { describe, expect, it } from 'vitest';
import { patternProblem } from '../../src/config/patterns.ts';

describe('patterns for reasons', () => {
  it.each([
    'INC-[0-9]+',
    '^(INC|CHG)-[0-9]{3,8}$',
    '^[A-Z]+-[0-9]+',
    '[A-Z]{2,10}-[0-9]{1,6}',
    '^INC-[0-9]+( .*)?$',
    '(abc)+',
    '[(+*]+',
    '\\(a+\\)[+]',
    '\\p{L}{3}',
    '(?:INC|CHG)',
  ])('%s is allowed', (pattern) => expect(patternProblem(pattern)).toBeUndefined());

  it.each([
    '(a+)+$',
    '(a*)*$',
    '(?:a?){30}$',
    '(a|a)*$',
    '(a|ab|b)+$',
    '((a+))+$',
    '(?<name>a+)+$',
    '(?:(?:a|b)c)+$',
    '(x(a{1,9}))*$',
    '(a+)\\1',
    '(?<n>a)\\k<n>',
    '(a|a)'.repeat(30),
    'a?'.repeat(30),
    '^.*.*.*x',
    '.*.*x',
    '^a|.*.*x',
    'a{1,999}a{1,999}a{1,999}',
  ])('%s is refused, since it can take for ever', (pattern) => {
    expect(() => new RegExp(pattern, 'u')).not.toThrow();
    expect(patternProblem(pattern)).toMatch(/can take for ever/);
  });

  it.each(['(', '[', 'a**', '\\', '\\-', '(?<n>a)(?<n>b)'])(
    '%s is refused, since it is no regular expression',
    (pattern) => {
      expect(patternProblem(pattern)).toBe('is not a valid regular expression');
    },
  );

  it('a long one is refused', () => {
    expect(patternProblem('a'.repeat(200))).toBeUndefined();
    expect(patternProblem('a'.repeat(201))).toBe('is longer than 200 characters');
  });
});
