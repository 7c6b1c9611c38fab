import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { bundleWorkflows } from '../../src/worker/worker.ts';
import { historyKeys } from '../histories/key.ts';

const folder = join(import.meta.dirname, '../histories');
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const dataConverter = createDataConverter(historyKeys, 'default');
const log = { debug() {}, info() {}, warn() {}, error() {} };

interface Recorded {
  workflowId: string;
  history: { events: Record<string, unknown>[] };
}

function read(file: string): Recorded {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recorded;
}

describe('recorded histories', () => {
  let workflowBundle: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    workflowBundle = await bundleWorkflows(dataConverter, log);
  });

  const replay = ({ workflowId, history }: Recorded) =>
    Worker.runReplayHistory(
      { workflowBundle, dataConverter, replayName: workflowId },
      historyFromJSON(history),
      workflowId,
    );

  it('cover an execution, its lease, and an end by force', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'done-wf.json',
        'done-lease.json',
        'denied-wf.json',
        'withdrawn-wf.json',
        'terminated-wf.json',
        'terminated-end.json',
      ]),
    );
  });

  it.each(files)('%s: today’s workflows take the same steps', async (file) => {
    await expect(replay(read(file))).resolves.toBeUndefined();
  });

  it('a workflow that took other steps is found out', async () => {
    const recorded = read('done-wf.json');
    const changed = JSON.stringify(recorded.history).replaceAll('"name":"show"', '"name":"shout"');
    const history = JSON.parse(changed) as Recorded['history'];
    await expect(replay({ ...recorded, history })).rejects.toThrow(/TMPRL1100/);
  });
});
