/**
 * Kills Elevate where it hurts, again and again, on one Temporal whose database is kept, and counts what was lost,
 * left behind or granted twice. `node bench/chaos.ts [times] [lanes] [scenario,…]`; exits 1 unless all three are 0.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { findTemporal, startTemporal } from '../src/dev/temporal.ts';
import { connectLazily } from '../src/temporal/connect.ts';
import { type Lane, openLane } from './chaos/lane.ts';
import { type Life, live, scenarios, what } from './chaos/scenarios.ts';

const times = Number(process.argv[2] ?? 3);
const width = Number(process.argv[3] ?? 2);
const chosen = scenarios.filter((scenario) => process.argv[4]?.split(',').includes(scenario) ?? true);
const log = { debug() {}, info() {}, warn: console.warn, error: console.error };

// So that what was started is taken along by whoever stops this early.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const folder = mkdtempSync(join(tmpdir(), 'elevate-chaos-'));
const started = Date.now();
const path = await findTemporal({ env: process.env, log, onProgress: (text) => console.info(text) });
const temporal = await startTemporal({ path, dbFile: join(folder, 'temporal.db'), log });
const connection = connectLazily({ connectionOptions: { address: temporal.address }, namespace: 'default' });
const client = new Client({ connection });
const lives: Life[] = [];
const lanes: Lane[] = [];
const failures: unknown[] = [];
try {
  const work = chosen.flatMap((scenario) => Array.from({ length: times }, () => scenario));
  for (let lane = 0; lane < width; lane += 1)
    lanes.push(await openLane(`lane-${lane}`, { folder, temporal: temporal.address }));
  await Promise.all(
    lanes.map(async (lane) => {
      for (let scenario = work.shift(); scenario !== undefined; scenario = work.shift()) {
        lives.push(await live(scenario, lane, client));
        console.info(`${lives.length} of ${times * chosen.length}: ${what[scenario]}`);
      }
    }),
  ).catch((error: unknown) => failures.push(error));
  report();
} finally {
  for (const lane of lanes) await lane.stop();
  await connection.close();
  await temporal.stop();
  if (failures.length === 0) rmSync(folder, { recursive: true, force: true });
  else console.error(failures, `\nLogs are in ${folder}`);
}

function report(): void {
  const doubles = lanes.reduce((sum, { system }) => sum + system.doubleGrants(), 0);
  console.table(
    chosen.map((scenario) => {
      const those = lives.filter((life) => life.scenario === scenario);
      return {
        'what happens': what[scenario],
        lives: those.length,
        lost: those.filter(({ lost }) => lost).length,
        'left behind': those.filter(({ leftBehind }) => leftBehind).length,
        'granted twice': those.filter(({ grants }) => grants !== 1).length,
      };
    }),
  );
  console.info(`Grants on top of a grant: ${doubles}. ${Math.round((Date.now() - started) / 1000)} s.`);
  const wrong = lives.filter(({ lost, leftBehind, grants }) => lost || leftBehind || grants !== 1);
  const complete = lives.length === times * chosen.length;
  if (wrong.length > 0 || doubles > 0 || !complete) process.exitCode = 1;
}
