/** Whether the time of an answer tells that there is an execution which the caller may not see (P4). */
import { randomBytes } from 'node:crypto';
import type { Measurement } from '../measure/budgets.ts';
import { percentile, round } from '../measure/figures.ts';
import type { Deps } from './calls.ts';
import { idOf, mallory } from './sample.ts';

const COUNT = 500;
const WARM = 50;

/** One caller, foreign and absent ids by turns. @param executions how many there are */
export async function benchForeign({ world, caller }: Deps, executions: number): Promise<Measurement[]> {
  const token = await world.tokenOf(mallory.id);
  const took: Record<'foreign' | 'absent', number[]> = { foreign: [], absent: [] };
  const idFor = {
    foreign: (index: number) => idOf(index % executions),
    absent: () => `wf_${randomBytes(13).toString('hex')}`,
  };
  for (let index = 0; index < WARM + COUNT; index += 1) {
    // Which comes first changes, too.
    for (const kind of index % 2 === 0 ? (['foreign', 'absent'] as const) : (['absent', 'foreign'] as const)) {
      const begun = performance.now();
      await caller.call({ path: `/execution/${idFor[kind](index)}`, token, expect: 404 });
      if (index >= WARM) took[kind].push(performance.now() - begun);
    }
  }
  const medians = { foreign: percentile(took.foreign, 0.5), absent: percentile(took.absent, 0.5) };
  const ratio = medians.foreign / medians.absent;
  console.table([
    {
      'calls each': COUNT,
      'foreign, median ms': round(medians.foreign, 2),
      'absent, median ms': round(medians.absent, 2),
      'foreign / absent': round(ratio, 3),
    },
  ]);
  return [{ budget: 'foreign id', where: `${executions} executions, 1 caller`, value: ratio }];
}
