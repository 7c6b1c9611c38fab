/** What happened in trouble is replayed as it was, or an execution that a worker takes up again would be stuck for good. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Row } from '../../src/core/ports.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { bundleWorkflows } from '../../src/worker/worker.ts';
import { openScene } from './scene.ts';
import { namespace, openStage, silent, type Stage } from './stage.ts';

const key = { kid: 'stage001', key: randomBytes(32) };
const dataConverter = createDataConverter([key], namespace);

let stage: Stage;
let workflowBundle: WorkflowBundleWithSourceMap;
let put: Stage['store']['executions']['put'];
beforeAll(async () => {
  stage = await openStage('trouble', { temporalAddress: inject('temporalAddress'), key });
  workflowBundle = await bundleWorkflows(dataConverter, silent);
  put = stage.store.executions.put;
});
afterAll(() => stage.close());

describe('P5: an approval while the read model', () => {
  /** The versions that an approval makes. */
  const isApproval = ({ state }: Row) => state.version === 3 || state.version === 4;
  const refuses = async () => Promise.reject(new Error('the disk is full'));
  /** Longer than the read model is waited for at a time. */
  const isSlow = () => pause(2_500);

  it.each([
    ['refuses', refuses],
    ['is slow', isSlow],
  ])('%s is replayed as it was', async (_, trouble) => {
    const troubled: Stage['store']['executions'] = stage.store.executions;
    troubled.put = async (row) => {
      if (isApproval(row)) await trouble();
      return put(row);
    };
    const scene = await openScene(stage);
    const asked = await scene.ask({ durationMs: 5_000 });
    await scene.approve(asked);
    expect((await scene.ended(asked)).state.outcome).toBe('completed');
    for (const id of [asked.id, asked.lease]) {
      const history = await stage.client.workflow.getHandle(id).fetchHistory();
      const options = { workflowBundle, dataConverter, replayName: id };
      await expect(Worker.runReplayHistory(options, history, id)).resolves.toBeUndefined();
    }
  });
});
