import { describe, expect, it } from 'vitest';
import { closingLine, countTests } from './closing-line.ts';

type Modules = Parameters<typeof countTests>[0];

/** Files of a run, as far as counting looks at them. */
function files(...made: { state?: string; tests: string[] }[]): Modules {
  return made.map(({ state = 'passed', tests }) => ({
    state: () => state,
    children: { allTests: () => tests.map((result) => ({ result: () => ({ state: result }) })) },
  })) as unknown as Modules;
}

describe('the closing line', () => {
  it.each<[string, Modules, unknown[], string]>([
    ['nothing', files(), [], '0 passed, 0 failed'],
    ['what passed', files({ tests: ['passed', 'passed'] }, { tests: ['passed'] }), [], '3 passed, 0 failed'],
    ['what failed', files({ state: 'failed', tests: ['failed', 'passed'] }), [], '1 passed, 1 failed'],
    ['what was skipped', files({ tests: ['passed', 'skipped'] }), [], '1 passed, 0 failed, 1 skipped'],
    ['a test that never ended as failed', files({ tests: ['pending'] }), [], '0 passed, 1 failed'],
    ['a file that could not be read as failed', files({ state: 'failed', tests: [] }), [], '0 passed, 1 failed'],
    ['a failing hook', files({ state: 'failed', tests: ['passed', 'skipped'] }), [], '1 passed, 1 failed, 1 skipped'],
    ['an error that nobody awaited', files({ tests: ['passed'] }), [new Error('stray')], '1 passed, 1 failed'],
  ])('counts %s', (_, modules, strayErrors, line) => {
    expect(closingLine(countTests(modules, strayErrors))).toBe(line);
  });
});
