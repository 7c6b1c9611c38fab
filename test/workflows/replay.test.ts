/** Executions that are open while a new version starts go on in it: today's workflows take the recorded steps. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { bundleWorkflows, installRuntime } from '../../src/worker/worker.ts';
import { historyKey } from '../histories/key.ts';

const folder = join(import.meta.dirname, '../histories');
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const dataConverter = createDataConverter([historyKey], 'default');
const log = { debug() {}, info() {}, warn() {}, error() {} };

interface Recorded {
  workflowId: string;
  history: { events: { eventType?: string }[] };
}

function read(file: string): Recorded {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recorded;
}

describe('recorded histories', () => {
  let today: WorkflowBundleWithSourceMap;
  let changed: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    installRuntime(log);
    today = await bundleWorkflows(dataConverter, log);
    changed = await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, 'fixtures/changed.ts'),
      failureConverterPath: dataConverter.failureConverterPath,
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    });
  });

  const replay = ({ workflowId, history }: Recorded, workflowBundle = today, converter = dataConverter) =>
    Worker.runReplayHistory(
      { workflowBundle, dataConverter: converter, replayName: workflowId },
      historyFromJSON(history),
      workflowId,
    );

  it('cover every way through an execution, its lease, and its end by force', () => {
    const both = [
      'natural',
      'done',
      'withdrawn',
      'terminated',
      'dropped',
      'refused',
      'unanswered',
      'restarted',
      'kept',
    ];
    const expected = [
      ...both.flatMap((name) => [`${name}-lease`, `${name}-wf`]),
      'denied-wf',
      'expired-wf',
      'terminated-end',
    ];
    expect(files.toSorted()).toEqual(expected.map((name) => `${name}.json`).toSorted());
    const unfinished = files.filter((file) => !/_(COMPLETED|FAILED|CANCELED|TERMINATED)$/.test(lastOf(read(file))));
    expect(unfinished).toEqual([]);
  });

  it.each(files)('%s: today’s workflows take the same steps', async (file) => {
    await expect(replay(read(file))).resolves.toBeUndefined();
  });

  it.each(['done-wf.json', 'done-lease.json', 'terminated-end.json'])(
    '%s: a workflow that takes other steps is found out',
    async (file) => {
      await expect(replay(read(file), changed)).rejects.toThrow(/TMPRL1100/);
    },
  );

  it('T23: with another key nothing in them opens, so nothing is replayed', async () => {
    const foreign = createDataConverter([{ ...historyKey, key: new Uint8Array(32).fill(9) }], 'default');
    await expect(replay(read('done-wf.json'), today, foreign)).rejects.toThrow(/TMPRL1100/);
  });
});

function lastOf({ history }: Recorded): string {
  return history.events.at(-1)?.eventType ?? '';
}
