import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { ElevateInput } from '../../workflows/contract.ts';
import { connectLazily } from '../../src/temporal/connect.ts';
import { createGateway } from '../../src/temporal/gateway.ts';
import { alice } from '../samples.ts';
import { type Bench, dataConverter, startBench } from './fixtures/worker.ts';
import { approval, newExecutionId, newInput } from './samples.ts';

const namespace = 'default';
let bench: Bench;

beforeAll(async () => {
  bench = await startBench('gateway');
});
afterAll(async () => bench.close());

async function started(): Promise<{ id: string; run: string; input: ElevateInput }> {
  const { input, memo } = newInput();
  const { run } = await bench.gateway.start(input, memo);
  return { id: input.request.id, run, input };
}

async function finish(id: string): Promise<void> {
  await bench.client.workflow.getHandle(id).signal('finish');
  await bench.client.workflow.getHandle(id).result();
}

/** What the workflow heard. Signals enter the history when no workflow task is under way; after this they have. */
async function heard(id: string): Promise<unknown[]> {
  return bench.client.workflow.getHandle(id).query<unknown[]>('heard');
}

async function signals(id: string) {
  const { events } = await bench.client.workflow.getHandle(id).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal ?? []);
}

async function rawDescription(workflowId: string) {
  return bench.connection.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
}

const refusedWith = (code: string, more: object = {}) =>
  expect.objectContaining({ name: 'ElevateError', code, ...more });

describe('start', () => {
  it('T22: the same delivery again is the same execution', async () => {
    const { input, memo } = newInput();
    const first = await bench.gateway.start(input, memo);
    const second = await bench.gateway.start(input, memo);
    expect([first.repeated, second]).toEqual([false, { run: first.run, repeated: true }]);
  });

  it.each([
    ['another owner', { owner: 'mallory@example.com' }],
    ['another request', { fingerprint: 'different' }],
  ])('T22: the same id for %s is a conflict', async (_, difference) => {
    const { input, memo } = newInput();
    await bench.gateway.start(input, memo);
    const details = { execution: input.request.id };
    await expect(bench.gateway.start(input, { ...memo, ...difference })).rejects.toEqual(
      refusedWith('conflict', { details }),
    );
  });

  it('T22: a closed execution is not started again', async () => {
    const { input, memo } = newInput();
    const { run } = await bench.gateway.start(input, memo);
    await finish(input.request.id);

    expect(await bench.gateway.start(input, memo)).toEqual({ run, repeated: true });
    expect(await bench.gateway.describe(input.request.id)).toMatchObject({ run, open: false });
  });

  it('T22: an id that somebody took in Temporal itself is a conflict', async () => {
    const { input, memo } = newInput();
    const taken = { taskQueue: bench.taskQueue, workflowId: input.request.id, args: [input], memo: { elevate: memo } };
    await bench.plain.workflow.start('ElevateWorkflow', taken);
    await expect(bench.gateway.start(input, memo)).rejects.toEqual(refusedWith('conflict'));
  });

  it('P2: executions have no time-outs of Temporal, which would close them without taking back', async () => {
    const { id } = await started();
    const { raw } = await bench.client.workflow.getHandle(id).describe();
    const { workflowExecutionTimeout, workflowRunTimeout } = raw.executionConfig ?? {};
    expect([workflowExecutionTimeout, workflowRunTimeout].map((time) => Number(time?.seconds ?? 0))).toEqual([0, 0]);
  });
});

describe('describing', () => {
  it('tells whose it is and how it stands, open and closed', async () => {
    const { id, run, input } = await started();
    const open = await bench.gateway.describe(id);
    expect(open).toMatchObject({ run, firstRun: run, open: true, status: 'running', memo: { owner: alice.id, input } });

    await finish(id);
    const closed = await bench.gateway.describe(id);
    expect(closed).toMatchObject({ open: false, status: 'completed', closedAt: expect.any(Number) });
  });

  it('T23: knows nothing of a workflow of another type under an id of ours', async () => {
    const workflowId = newExecutionId();
    const memo = { elevate: newInput().memo };
    await bench.client.workflow.start('Foreign', { taskQueue: bench.taskQueue, workflowId, memo });
    expect(await bench.gateway.describe(workflowId)).toBeUndefined();
    expect(await bench.gateway.state(workflowId)).toBeUndefined();
  });

  it('T23: knows nothing of an execution whose memo we did not seal, or sealed for another', async () => {
    const victim = await started();
    const theirs = await rawDescription(victim.id);
    const workflowId = newExecutionId();
    await bench.connection.workflowService.startWorkflowExecution({
      namespace,
      workflowId,
      workflowType: { name: 'ElevateWorkflow' },
      taskQueue: { name: bench.taskQueue },
      requestId: randomUUID(),
      memo: theirs.workflowExecutionInfo?.memo ?? null,
    });
    expect(await bench.gateway.describe(workflowId)).toBeUndefined();
  });

  it.each(['', 'wf_1', 'lease_1', `wf_${'A'.repeat(26)}`, `wf_${'a'.repeat(26)}\n`, `x wf_${'a'.repeat(26)}`])(
    'an id that cannot be ours (%j) is never sent',
    async (id) => {
      const describing = vi.spyOn(bench.connection.workflowService, 'describeWorkflowExecution');
      expect(await bench.gateway.describe(id)).toBeUndefined();
      await expect(bench.gateway.signal(approval(id, 'run'))).rejects.toEqual(refusedWith('unknown_execution'));
      await expect(bench.gateway.cancel(id, 'run')).rejects.toEqual(refusedWith('unknown_execution'));
      expect(describing).not.toHaveBeenCalled();
      describing.mockRestore();
    },
  );

  it('an unknown execution is not there', async () => {
    expect(await bench.gateway.describe(newExecutionId())).toBeUndefined();
    expect(await bench.gateway.state(newExecutionId())).toBeUndefined();
  });
});

describe('signal', () => {
  it('P3: the same event twice is in the history once', async () => {
    const { id, run } = await started();
    const event = approval(id, run);
    await bench.gateway.signal(event);
    await bench.gateway.signal(event);
    await bench.gateway.signal(approval(id, run));

    expect((await heard(id))[0]).toEqual(event);
    expect(await signals(id)).toHaveLength(2);
  });

  it('a closed execution says so, and so does one that never was', async () => {
    const { id, run } = await started();
    await finish(id);
    await expect(bench.gateway.signal(approval(id, run))).rejects.toEqual(refusedWith('execution_closed'));
    const unknown = newExecutionId();
    await expect(bench.gateway.signal(approval(unknown, run))).rejects.toEqual(refusedWith('execution_closed'));
  });

  it('T23: who holds the namespace but no key sees ciphertext only', async () => {
    const { input, memo } = newInput('INC-77: a very particular reason');
    const { run } = await bench.gateway.start(input, memo);
    await bench.gateway.signal(approval(input.request.id, run));

    await heard(input.request.id);

    const history = await bench.plain.workflow.getHandle(input.request.id).fetchHistory();
    const seen = decoded(historyToJSON(history) + JSON.stringify(await rawDescription(input.request.id)));
    expect(seen).toContain('binary/encrypted');
    for (const secret of ['particular reason', alice.id, 'stuck indeed']) expect(seen).not.toContain(secret);
  });

  it('T23: an unsealed signal, and one sealed for another execution, arrive as the marker and wedge nothing', async () => {
    const [victim, other] = [await started(), await started()];
    await bench.plain.workflow.getHandle(victim.id).signal('event', approval(victim.id, victim.run));

    await bench.gateway.signal(approval(other.id, other.run));
    await heard(other.id);
    const [stolen] = await signals(other.id);
    await bench.connection.workflowService.signalWorkflowExecution({
      namespace,
      workflowExecution: { workflowId: victim.id },
      signalName: 'event',
      input: stolen?.input ?? null,
    });
    const genuine = approval(victim.id, victim.run);
    await bench.gateway.signal(genuine);

    expect(await heard(victim.id)).toEqual([{ unsealed: true }, { unsealed: true }, genuine]);
    await finish(victim.id);
  });
});

describe('the end', () => {
  it('cancel asks once, only this life, and a closed execution says so', async () => {
    const { id, run } = await started();
    await expect(bench.gateway.cancel(id, randomUUID())).rejects.toEqual(refusedWith('execution_closed'));
    await bench.gateway.cancel(id, run);
    await bench.client.workflow
      .getHandle(id)
      .result()
      .catch(() => {});

    const { events } = await bench.client.workflow.getHandle(id).fetchHistory();
    expect(events?.filter((one) => one.workflowExecutionCancelRequestedEventAttributes)).toHaveLength(1);
    expect(await bench.gateway.describe(id)).toMatchObject({ open: false, status: 'canceled' });
    await expect(bench.gateway.cancel(id, run)).rejects.toEqual(refusedWith('execution_closed'));
  });

  it('closeOut starts once and is success again, also when it is over', async () => {
    const { id } = await started();
    const input = { execution: id, by: alice, at: 1 };
    await bench.gateway.closeOut(input);
    expect(await bench.client.workflow.getHandle(`end_${id}`).result()).toEqual(input);
    const { runId } = await bench.client.workflow.getHandle(`end_${id}`).describe();

    await bench.gateway.closeOut(input);
    expect(await bench.client.workflow.getHandle(`end_${id}`).describe()).toMatchObject({ runId, type: 'CloseOut' });
  });

  it('terminate ends at once; closed or unknown is success', async () => {
    const { id } = await started();
    const input = { execution: id, by: alice, at: 1 };
    await bench.gateway.terminate(input);
    await bench.gateway.terminate(input);
    await bench.gateway.terminate({ ...input, execution: newExecutionId() });
    expect(await bench.gateway.describe(id)).toMatchObject({ open: false, status: 'terminated' });
  });
});

describe('what is asked', () => {
  it('state is answered by the workflow, open and closed', async () => {
    const { id, run, input } = await started();
    expect(await bench.gateway.state(id)).toMatchObject({ input, run, state: { phase: 'starting' } });
    await finish(id);
    expect(await bench.gateway.state(id)).toMatchObject({ input, run });
  });

  it('a lease is open while it runs and only for the execution that started it', async () => {
    const [execution, lease] = [newExecutionId(), `lease_${randomUUID()}`];
    const options = { taskQueue: bench.taskQueue, workflowId: execution, args: [lease] };
    const parent = await bench.client.workflow.start('Parent', options);
    await vi.waitFor(async () => expect(await bench.gateway.leaseOpen(lease, execution)).toBe(true), 10_000);
    expect(await bench.gateway.leaseOpen(lease, newExecutionId())).toBe(false);
    expect(await bench.gateway.leaseOpen('lease_unknown', execution)).toBe(false);

    await parent.terminate();
    await bench.client.workflow
      .getHandle(lease)
      .result()
      .catch(() => {});
    expect(await bench.gateway.leaseOpen(lease, execution)).toBe(false);
  });

  it('a lease without a parent is not a lease of an execution', async () => {
    const workflowId = `lease_${randomUUID()}`;
    await bench.client.workflow.start('AccessLease', { taskQueue: bench.taskQueue, workflowId });
    expect(await bench.gateway.leaseOpen(workflowId, newExecutionId())).toBe(false);
  });

  it('knows whether a worker polls', async () => {
    const { connection } = bench;
    const lonely = createGateway({ connection, namespace, taskQueue: 'nobody', dataConverter, now: Date.now });
    await vi.waitFor(async () => expect(await bench.gateway.hasWorker()).toBe(true), 10_000);
    expect(await lonely.hasWorker()).toBe(false);
    const inTwoMinutes = () => Date.now() + 2 * 60_000;
    const later = createGateway({
      connection,
      namespace,
      taskQueue: bench.taskQueue,
      dataConverter,
      now: inTwoMinutes,
    });
    expect(await later.hasWorker()).toBe(false);
  });

  it('K1: histories survive JSON and replay under their own id', async () => {
    const { id, run } = await started();
    await bench.gateway.signal(approval(id, run));
    await finish(id);
    const history = historyToJSON(await bench.client.workflow.getHandle(id).fetchHistory());
    const restored = historyFromJSON(JSON.parse(history));
    const workflowsPath = join(import.meta.dirname, 'fixtures/workflows.ts');
    await expect(Worker.runReplayHistory({ workflowsPath, dataConverter }, restored, id)).resolves.toBeUndefined();
  });
});

describe('Temporal in trouble', () => {
  const unavailable = refusedWith('unavailable', { details: { retryAfterMs: expect.any(Number) } });

  async function eachCall(address: string, space = namespace): Promise<unknown[]> {
    const connection = connectLazily({ connectionOptions: { address }, namespace: space });
    const gateway = createGateway({ connection, namespace: space, taskQueue: 'none', dataConverter, now: Date.now });
    const { input, memo } = newInput();
    const id = input.request.id;
    const results = await Promise.allSettled([
      gateway.start(input, memo),
      gateway.describe(id),
      gateway.signal(approval(id, 'run')),
      gateway.cancel(id, 'run'),
      gateway.closeOut({ execution: id, by: alice, at: 1 }),
      gateway.terminate({ execution: id, by: alice, at: 1 }),
      gateway.state(id),
      gateway.leaseOpen('lease_1', id),
      gateway.hasWorker(),
      gateway.history(id, randomUUID()),
      gateway.closingOut(id),
      gateway.listed()[Symbol.asyncIterator]().next(),
    ]);
    await gateway.settled();
    await connection.close();
    return results.map((result) => (result.status === 'rejected' ? result.reason : result.value));
  }

  it('K3: a dead port is unavailable, in every call', async () => {
    expect(await eachCall('127.0.0.1:1')).toEqual(Array.from({ length: 12 }, () => unavailable));
  });

  it('K3: a server that takes connections and says nothing is unavailable, in every call', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    expect(await eachCall(`127.0.0.1:${port}`)).toEqual(Array.from({ length: 12 }, () => unavailable));
    silent.close();
  });

  it('a namespace that is not there is unavailable, not an unknown execution', async () => {
    expect(await eachCall(inject('temporalAddress'), 'nowhere')).toEqual(Array.from({ length: 12 }, () => unavailable));
  });

  it('ping is answered, or unavailable', async () => {
    await bench.gateway.ping();
    const connection = connectLazily({ connectionOptions: { address: '127.0.0.1:1' }, namespace });
    const gateway = createGateway({ connection, namespace, taskQueue: 'none', dataConverter, now: Date.now });
    await expect(gateway.ping()).rejects.toEqual(unavailable);
    await gateway.settled();
    await connection.close();
  });
});

/** The text with everything that may be base64 also decoded. */
function decoded(text: string): string {
  const parts = [...text.matchAll(/[\w+/]{16,}={0,2}/g)].map(([part]) =>
    Buffer.from(part, 'base64').toString('latin1'),
  );
  return [text, ...parts].join('\n');
}
