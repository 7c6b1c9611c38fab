/**
 * The Execution API beside the raw gRPC calls that it needs, with few and many executions and callers; its lists with a
 * million rows; and whether its answers' times tell what they should not.
 */
import { type Deps, creating, getting, listing, type Pair, signalling } from './api/calls.ts';
import { createCaller } from './api/caller.ts';
import { fillRows, fillTemporal, type Range } from './api/fill.ts';
import { benchForeign } from './api/foreign.ts';
import { benchLists, listsPerSecond } from './api/lists.ts';
import { alice, OF_ALICE } from './api/sample.ts';
import { openWorld, type World } from './api/world.ts';
import type { Measurement } from './measure/budgets.ts';
import { percentile, round, type Side, sideBySide } from './measure/figures.ts';

const callers = [1, 20] as const;
const ROUNDS = 4;
/** How many of each are done on each side, by 1 and by 20 callers. */
const counts = {
  list: { 1: 40, 20: 80 },
  get: { 1: 200, 20: 400 },
  create: { 1: 100, 20: 200 },
  signal: { 1: 100, 20: 200 },
} as const;
/**
 * So many of each are done before that is measured, and nobody counts them: filling has run the raw client thousands of
 * times, and a server that has just been started runs what is not compiled yet.
 */
const WARM = 600;
/** Executions that are signalled again and again for it, on each side. */
const WARMING_SIGNALS = 60;
/** The budget of lists beside raw ones is for this many. */
const BUDGETED_SIZE = 50_000;

/** @param options.sizes how many executions there are, 1,000 at least */
export async function benchApi({ sizes }: { sizes: readonly number[] }): Promise<Measurement[]> {
  const wrong = sizes.filter((size) => !Number.isInteger(size) || size < 1_000);
  if (wrong.length > 0) throw new Error(`--sizes takes whole numbers from 1000 on, not ${wrong.join(', ')}.`);
  const world = await openWorld();
  try {
    return [...(await benchCalls(world, sizes)), ...(await benchLists(world))];
  } finally {
    await world.stop();
  }
}

async function benchCalls(world: World, sizes: readonly number[]): Promise<Measurement[]> {
  const api = await world.startApi('api');
  const deps: Deps = { world, api, caller: createCaller(api.url) };
  const measured: Measurement[] = [];
  let filled = 0;
  for (const size of sizes.toSorted((a, b) => a - b)) {
    await fill(deps, { from: filled, to: size });
    measured.push(...(await benchSize(deps, { from: Math.max(filled, OF_ALICE), to: size })));
    filled = size;
  }
  measured.push(...(await benchForeign(deps, filled)));
  deps.caller.close();
  await api.stop();
  return measured;
}

async function fill({ world, api }: Deps, range: Range): Promise<void> {
  const begun = performance.now();
  await fillTemporal(world.client, range);
  await fillRows(api.database, range);
  console.info(`Filled ${range.from} to ${range.to} in ${Math.round((performance.now() - begun) / 1000)} s.`);
}

/** @param fresh executions that nothing was sent to yet; the last of all */
async function benchSize(deps: Deps, fresh: Range): Promise<Measurement[]> {
  const size = fresh.to;
  const measured: Measurement[] = [];
  const rows = [];
  let { from } = fresh;
  // Before there are creations, which the worker goes on with for a while.
  const rate = await listsPerSecond(deps.api.url, await deps.world.tokenOf(alice.id));
  for (const atOnce of callers) {
    const warming = { from, to: from + (atOnce === 1 ? 2 * WARMING_SIGNALS : 0) };
    const signals = { from: warming.to, to: warming.to + 2 * counts.signal[atOnce] };
    from = signals.to;
    for (const pair of [
      await listing(deps, counts.list[atOnce]),
      await getting(deps, counts.get[atOnce]),
      await signalling(deps, signals),
      await creating(deps, counts.create[atOnce]),
    ]) {
      if (atOnce === 1) await warm(deps, pair, warming);
      const { raw, ours } = await sideBySide(
        { count: pair.count, atOnce, rounds: ROUNDS },
        { raw: pair.raw, ours: pair.ours },
      );
      rows.push(row(pair, { size, atOnce }, raw, ours));
      for (const failure of new Set([...raw.failures, ...ours.failures].slice(0, 3))) console.warn(failure);
      measured.push(...measurementsOf(pair, { size, atOnce }, raw, ours));
    }
  }
  console.table(rows);
  console.info(`${Math.round(rate)} lists of 100 rows a second, 20 at once, with ${size} executions.`);
  return [...measured, { budget: 'lists a second', where: `${size} executions`, value: rate }];
}

/** Reads may be done again; creations have askers of their own, and signals executions of their own. */
async function warm(deps: Deps, pair: Pair, among: Range): Promise<void> {
  const { raw, ours, count } = await warmingUp(deps, pair, among);
  for (let index = 0; index < WARM; index += 1) {
    await raw(index % count);
    await ours(index % count);
  }
}

async function warmingUp(deps: Deps, pair: Pair, among: Range): Promise<Pair> {
  if (pair.name === 'create') return creating(deps, WARM);
  return pair.name === 'signal' ? signalling(deps, among) : pair;
}

interface Where {
  size: number;
  atOnce: number;
}

function row({ name }: Pair, { size, atOnce }: Where, raw: Side, ours: Side) {
  const [rawP50, oursP50] = [percentile(raw.took, 0.5), percentile(ours.took, 0.5)];
  return {
    call: name,
    executions: size,
    callers: atOnce,
    'raw p50 ms': round(rawP50, 2),
    'raw p99 ms': round(percentile(raw.took, 0.99), 2),
    'raw a second': Math.round(raw.rate),
    'p50 ms': round(oursP50, 2),
    'p99 ms': round(percentile(ours.took, 0.99), 2),
    'a second': Math.round(ours.rate),
    'p50 / raw': round(oursP50 / rawP50, 2),
    failed: `${ours.failures.length} (raw ${raw.failures.length})`,
  };
}

function measurementsOf({ name }: Pair, { size, atOnce }: Where, raw: Side, ours: Side): Measurement[] {
  const ratio = percentile(ours.took, 0.5) / percentile(raw.took, 0.5);
  const where = `${size} executions, ${atOnce} ${atOnce === 1 ? 'caller' : 'callers'}`;
  if (name !== 'list') return [{ budget: name, where, value: ratio }];
  return size === BUDGETED_SIZE ? [{ budget: 'list beside raw', where, value: 1 / ratio }] : [];
}
