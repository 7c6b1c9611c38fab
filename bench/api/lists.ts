/** Lists: how many a second, and whether they take longer where there is more of what is not listed. */
import autocannon from 'autocannon';
import type { Measurement } from '../measure/budgets.ts';
import { percentile, round, sideBySide, timed } from '../measure/figures.ts';
import { LIST_PATH } from './calls.ts';
import { createCaller } from './caller.ts';
import { fillRows } from './fill.ts';
import { alice } from './sample.ts';
import type { World } from './world.ts';

const FEW = 1_000;
const MANY = 1_000_000;
/** Nine in ten are over, as they are once time has passed. */
const CLOSED_SHARE = 0.9;
const COUNT = 400;
const ROUNDS = 8;
const SECONDS = 8;

/** Two with rows of the read model alone, since lists ask Temporal nothing; by turns. */
export async function benchLists(world: World): Promise<Measurement[]> {
  const few = await openLists(world, FEW);
  const many = await openLists(world, MANY);
  const sizes = [few, many];
  for (const { list } of sizes) await timed(COUNT, 1, list);
  const took = await sideBySide({ count: COUNT, atOnce: 1, rounds: ROUNDS }, { few: few.list, many: many.list });
  const rows = [
    { ...few, p50: percentile(took.few.took, 0.5), p99: percentile(took.few.took, 0.99), rate: await few.rate() },
    { ...many, p50: percentile(took.many.took, 0.5), p99: percentile(took.many.took, 0.99), rate: await many.rate() },
  ];
  for (const { stop } of sizes) await stop();
  console.table(
    rows.map(({ size, page, p50, p99, rate }) => ({
      'rows of the read model': size,
      'rows a page': page,
      'p50 ms': round(p50, 2),
      'p99 ms': round(p99, 2),
      'lists a second, 20 at once': Math.round(rate),
    })),
  );
  const flat = percentile(took.many.took, 0.5) / percentile(took.few.took, 0.5);
  return [
    { budget: 'list, flat', where: `${FEW} and ${MANY} rows, 1 caller`, value: flat },
    ...rows.map(({ size, rate }) => ({ budget: 'lists a second' as const, where: `${size} rows`, value: rate })),
  ];
}

async function openLists(world: World, size: number) {
  const api = await world.startApi(`lists-${size}`);
  await fillRows(api.database, { from: 0, to: size }, CLOSED_SHARE);
  const token = await world.tokenOf(alice.id);
  const caller = createCaller(api.url);
  const list = () => caller.call({ path: LIST_PATH, token, expect: 200 });
  const { executions } = JSON.parse((await list()).text) as { executions: unknown[] };
  return {
    size,
    page: executions.length,
    list,
    rate: () => listsPerSecond(api.url, token),
    async stop() {
      caller.close();
      await api.stop();
    },
  };
}

/** Sent from a thread of its own. */
export async function listsPerSecond(url: string, token: string): Promise<number> {
  const { requests, errors, timeouts, non2xx } = await autocannon({
    url: `${url}/api/v1${LIST_PATH}`,
    connections: 20,
    duration: SECONDS,
    workers: 1,
    headers: { authorization: `Bearer ${token}` },
  });
  if (errors + timeouts + non2xx > 0)
    throw new Error(`Lists failed: ${errors} errors, ${timeouts} late, ${non2xx} refused.`);
  return requests.total / SECONDS;
}
