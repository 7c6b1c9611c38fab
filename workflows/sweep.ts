/**
 * What is done for the whole deployment: Sweep, which a Schedule starts again and again, and RebuildIndex, which an
 * operator starts. Neither takes anything, so that it does not matter who started it (T23).
 */
import { proxyActivities } from '@temporalio/workflow';
import type { Activities, Swept } from './contract.ts';

/** So that a worker that died is noticed long before the time of an activity is over. */
const BEAT = 10_000;

/** The next sweep begins soon enough. */
const { sweep } = proxyActivities<Activities>({
  startToCloseTimeout: 5 * 60_000,
  heartbeatTimeout: BEAT,
  retry: { initialInterval: 1_000, maximumAttempts: 3 },
});

/** A worker that takes over starts from the beginning, and finds most of it done. */
const { rebuildIndex } = proxyActivities<Activities>({
  startToCloseTimeout: 24 * 3_600_000,
  heartbeatTimeout: BEAT,
  retry: { initialInterval: 1_000, maximumInterval: 60_000 },
});

export function Sweep(): Promise<Swept> {
  return sweep();
}

export function RebuildIndex(): Promise<Swept> {
  return rebuildIndex();
}
