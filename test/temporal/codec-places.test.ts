import { randomUUID } from 'node:crypto';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, startBench } from './fixtures/worker.ts';

const word = 'INC-42: the deploy is stuck';
let bench: Bench;

beforeAll(async () => {
  bench = await startBench('codec-places');
});
afterAll(async () => bench.close());

describe('T23: the places that payloads are sealed for', () => {
  it('both sides agree on every way into, out of and between workflows and activities', async () => {
    const workflowId = `places-${randomUUID()}`;
    const handle = await bench.client.workflow.start('Places', {
      taskQueue: bench.taskQueue,
      workflowId,
      args: [word],
      memo: { word },
      staticSummary: word,
    });
    expect(await handle.query('ask', word)).toEqual({ argument: word, result: word });
    await handle.signal('said', word);

    expect(await handle.result()).toEqual({
      'start argument': word,
      'start memo': word,
      'activity argument and result': word,
      'local activity argument and result': word,
      'heartbeat details': word,
      'activity failure': [word, 'Refused', word],
      'child argument and result': { argument: word, memo: word },
      'child failure': [word, 'Refused', word],
      'signals to a child and to an external workflow': [word, word],
      'signal from a client': word,
      'continue-as-new argument': word,
      'continued memo': word,
    });
    const described = await handle.describe();
    expect(described.memo).toEqual({ word });

    for (const id of [workflowId, `${workflowId}_child`, `${workflowId}_failing`, `${workflowId}_listener`]) {
      const runs = id === workflowId ? [handle.firstExecutionRunId, described.runId] : [undefined];
      for (const run of runs) {
        const history = JSON.stringify(historyToJSON(await bench.plain.workflow.getHandle(id, run).fetchHistory()));
        expect(decodedOf(history)).toContain('binary/encrypted');
        expect(decodedOf(history)).not.toContain('deploy is stuck');
      }
    }
  });
});

/** The text with everything that may be base64 also decoded. */
function decodedOf(history: string): string {
  const decoded = [...history.matchAll(/[\w+/]{16,}={0,2}/g)].map(([text]) =>
    Buffer.from(text, 'base64').toString('latin1'),
  );
  return [history, ...decoded].join('\n');
}
