/**
 * Sends Elevate what Schemathesis makes of its OpenAPI document. `npm run fuzz -- [--seeds 1,2,3] [--examples 40]`; exits 1
 * if a check failed, if something broke in Elevate, or if an operation never succeeded and so was not tested.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installSchemathesis, runSchemathesis } from './fuzz/schemathesis.ts';
import { openScene, type Scene } from './fuzz/scene.ts';
import { operationsOf, tally } from './fuzz/tally.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1,2,3' }, examples: { type: 'string', default: '40' } },
});
const seeds = values.seeds.split(',').map(Number);
const examples = Number(values.examples);

// So that what was started is taken along by whoever stops this early.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const folder = mkdtempSync(join(tmpdir(), 'elevate-fuzz-'));
const seen = join(folder, 'seen.jsonl');
const program = await installSchemathesis(process.env);
const scene = await openScene(folder);
const failed: number[] = [];
try {
  for (const seed of seeds) {
    console.info(`\nSeed ${seed}`);
    if (!(await fuzz(scene, seed))) failed.push(seed);
  }
  await report(scene);
} finally {
  await scene.stop();
}
if (process.exitCode === undefined) rmSync(folder, { recursive: true, force: true });
else console.error(`Logs are in ${folder}`);

async function fuzz({ url, token, supply, keepSupplied }: Scene, seed: number): Promise<boolean> {
  const done = new AbortController();
  const supplying = keepSupplied(done.signal);
  try {
    return await runSchemathesis(program, { url, token, seed, examples, supply, seen, folder });
  } finally {
    done.abort();
    await supplying;
  }
}

async function report({ url, log }: Scene): Promise<void> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Parameters<typeof operationsOf>[0];
  const untested = tally(seen, operationsOf(document));
  const broken = defectsIn(log);
  if (untested.length > 0) console.error(`Not tested: ${untested.join(', ')}`);
  if (broken.length > 0) console.error(`Elevate logged ${broken.length} errors:\n${broken.slice(0, 5).join('\n')}`);
  if (failed.length > 0) console.error(`Checks failed with seed ${failed.join(', ')}.`);
  if (untested.length + broken.length + failed.length > 0) process.exitCode = 1;
  else console.info(`No check failed with seeds ${seeds.join(', ')}.`);
}

/** Lines of the log at pino's level `error` (50) or above. */
function defectsIn(log: string): string[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => /^\{"level":[56]0/.test(line));
}
