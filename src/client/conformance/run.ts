/** Runs the documented contract of the Execution API against a server, whoever wrote it. */
import { opaque } from '../reading.ts';
import { creatingRows, listingRows } from './creating.ts';
import { endingRows } from './ending.ts';
import { readingRows } from './reading.ts';
import { type Finding, isSuccess, judge, type Row } from './rows.ts';
import { createScene, type Deps, type Options } from './scene.ts';
import { signallingRows, signalOf } from './signalling.ts';

export type { Finding } from './rows.ts';
export type { Options } from './scene.ts';

const noExecution = 'an execution, and none could be created';

/**
 * Three executions, one after the other, for one may be open at a time: one is cancelled, one terminated, one signalled.
 * @returns a finding per row; `left`: executions of this run that could not be ended
 */
export async function runConformance(options: Options, deps: Deps): Promise<{ findings: Finding[]; left: string[] }> {
  const scene = createScene(options, deps);
  const findings: Finding[] = [];
  const judgeAll = async (rows: readonly Row[]) => {
    for (const row of rows) findings.push(await judge(row, scene.secrets));
  };
  const open = async () => {
    const came = await scene.create(options.wish, options.token);
    const id = isSuccess(came) ? opaque(came.json, 'workflow_id') : undefined;
    return { came, id, needs: id === undefined ? noExecution : undefined };
  };

  let left: string[] = [];
  try {
    const first = await open();
    await judgeAll(creatingRows(scene, first.came));
    await judgeAll(listingRows(scene, first.id, first.needs));
    await judgeAll(readingRows(scene, first.id, first.needs));
    await judgeAll(endingRows(scene, 'cancel', first.id, first.needs));
    const second = await open();
    await judgeAll(endingRows(scene, 'terminate', second.id, second.needs));
    const third = await open();
    const signal = await signalOf(scene, third.id);
    await judgeAll(signallingRows(scene, third.id, third.needs, signal));
  } finally {
    left = await scene.clear();
  }
  return { findings, left };
}
