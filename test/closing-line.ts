/** Says last, alone on a line, how many tests passed, failed and were skipped, for machines that read along. */
import type { Reporter, TestModule } from 'vitest/node';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** `N passed, N failed`, and `, N skipped` where there are any. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/**
 * What went wrong outside of a test counts as failed too: a file that could not be read, a hook, an error that nobody
 * awaited. So does a test that never came to its end.
 */
export function countTests(
  modules: readonly Pick<TestModule, 'children' | 'state'>[],
  strayErrors: readonly unknown[],
): Counts {
  const counts: Counts = { passed: 0, failed: strayErrors.length, skipped: 0 };
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') counts.passed += 1;
      else if (state === 'skipped') counts.skipped += 1;
      else failedHere += 1;
    }
    counts.failed += failedHere === 0 && module.state() === 'failed' ? 1 : failedHere;
  }
  return counts;
}

/** Speaks when the process ends, after every other reporter and the teardown. */
export default class ClosingLine implements Reporter {
  #line: string | undefined;

  onInit(): void {
    process.once('exit', () => {
      if (this.#line !== undefined) process.stdout.write(`${this.#line}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], strayErrors: readonly unknown[]): void {
    this.#line = closingLine(countTests(modules, strayErrors));
  }
}
