import { expect, it, beforeAll, afterAll } from 'vitest';
import { type Bench, startBench } from './fixtures/worker.ts';
import { approval, newInput } from './samples.ts';
let bench: Bench;
beforeAll(async () => { bench = await startBench('zz'); });
afterAll(async () => bench.close());
it('x', async () => {
  const { input, memo } = newInput();
  const { run } = await bench.gateway.start(input, memo);
  await bench.gateway.signal(approval(input.request.id, run));
  const h = await bench.client.workflow.getHandle(input.request.id).fetchHistory();
  console.log(h.events?.map(e => [e.eventType, Object.keys(e)]));
  console.log(h.events?.map(e => [e.eventType, e.workflowExecutionSignaledEventAttributes]));
});
