/**
 * Shows every new state: one loop per sink, so that one call is in flight per sink, the last state wins,
 * bursts coalesce, and a slow chat delays nobody.
 */
import { condition, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import { type Happen, isOver, type Life, type Read, type Step } from './approval.ts';
import type { Activities, State, Unreached } from './contract.ts';
import type { InTurn } from './in-turn.ts';
import { unreachedIn } from './sealed.ts';

/** The longest pause between two rounds of tries; a newer state ends a pause. */
const LONGEST_PAUSE = 5 * 60_000;

/** How long the end of an execution waits for its chats. */
const CHATS_WAIT = 10 * 60_000;

/** One round of tries lasts at most this long, then the newest state is taken instead. */
const ROUND = 60_000;

const SETTLES_WITHIN = 1_500;

const chat = proxyActivities<Activities>({
  startToCloseTimeout: 45_000,
  scheduleToCloseTimeout: ROUND,
  // So that a worker that died is noticed long before the time of a call is over.
  heartbeatTimeout: 5_000,
  retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 15_000 },
});

/**
 * The index is the worker's own store, so a local activity serves it: one event of history each time instead of
 * six. Short, because what arrives meanwhile has to wait for it.
 */
const index = proxyLocalActivities<Activities>({
  startToCloseTimeout: 2_000,
  scheduleToCloseTimeout: 3_000,
  retry: { initialInterval: 100, maximumAttempts: 3 },
});

/**
 * Shows states to one sink until the execution is over and its last state is shown. Never fails; a chat that
 * cannot be shown the end in ten minutes is given up, and its cards are mended by drawing again.
 */
async function publish(sink: string, life: Life, now: Read, happen: Happen, show: Activities['show']): Promise<void> {
  let shown = 0;
  let pause = 1_000;
  for (;;) {
    await condition(() => now().state.version > shown || isOver(now().state));
    if (sink !== 'index') await settled(now);
    const { state, entries } = now();
    if (state.version === shown) return;
    try {
      const events = entries.filter(({ seq }) => seq > shown);
      const unreached = unreachedIn(await show({ sink, input: life.input, run: life.run, state, events }));
      shown = state.version;
      for (const found of unreached) if (isNews(found, now())) happen({ kind: 'unreached', found });
      pause = 1_000;
    } catch {
      if (sink !== 'index' && isGivenUp(state)) return;
      await condition(() => now().state.version > state.version, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }
}

/** Everybody is told of it then, in every chat and in the audit. */
function isNews({ platform, recipient, stage }: Unreached, { entries }: Step): boolean {
  return !entries.some(
    (entry) =>
      entry.kind === 'unreached' &&
      entry.platform === platform &&
      entry.recipient === recipient &&
      entry.stage === stage,
  );
}

function isGivenUp(state: State): boolean {
  return state.phase === 'closed' && Date.now() - state.closedAt > CHATS_WAIT;
}

/** An ending mostly lasts a moment; people are spared a card that is redrawn twice within it. */
async function settled(now: Read): Promise<void> {
  if (now().state.phase === 'ending') await condition(() => now().state.phase !== 'ending', SETTLES_WITHIN);
}

/** Starts a loop per sink, side by side. Resolves when every sink was shown the end, or was given up. */
export async function publishEverywhere(life: Life, now: Read, happen: Happen, inTurn: InTurn): Promise<void> {
  const toIndex: Activities['show'] = (input) => inTurn(() => index.show(input));
  await Promise.all([
    publish('index', life, now, happen, toIndex),
    ...life.input.plan.chats.map((sink) => publish(sink, life, now, happen, chat.show)),
  ]);
}
