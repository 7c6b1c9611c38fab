/**
 * CloseOut: ends an execution by force, then draws, tells and indexes its end in its place, since a terminated
 * workflow can do nothing any more. That this workflow has started is what "recorded" means for a termination.
 */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { apply, type Happen, isOver, type Life, type Step } from './approval.ts';
import type { Activities, CloseOutInput, Unsealed } from './contract.ts';
import { createInTurn } from './in-turn.ts';
import { publishEverywhere } from './publisher.ts';
import { isSealed, isSnapshotOf } from './sealed.ts';

const { terminate, lastState } = proxyActivities<Activities>({
  startToCloseTimeout: 20_000,
  retry: { initialInterval: 500, maximumInterval: 30_000 },
});
const { awaitLeases } = proxyActivities<Activities>({
  startToCloseTimeout: 20_000,
  retry: { initialInterval: 500, backoffCoefficient: 1.5, maximumInterval: 60_000 },
});

export async function CloseOut(input: CloseOutInput | Unsealed): Promise<void> {
  if (!isSealed(input) || workflowInfo().workflowId !== `end_${input.execution}`) return;
  await terminate(input);
  const last = await lastState(input);
  if (!isSnapshotOf(input.execution, last)) return;

  const life: Life = { input: last.input, run: last.run };
  let now: Step = { state: last.state, entries: last.entries };
  const happen: Happen = (change) => {
    const { state, entries } = apply(life, now.state, change, Date.now());
    now = { state, entries: [...now.entries, ...entries] };
  };
  happen({ kind: 'terminated', by: input.by });
  const publishing = publishEverywhere(life, () => now, happen, createInTurn());
  if (!isOver(now.state)) {
    await awaitLeases(life.input);
    happen({ kind: 'leases_closed' });
  }
  await publishing;
}
