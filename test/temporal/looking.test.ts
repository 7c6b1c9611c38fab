/** What the gateway sees of many executions, of what happened in one, and of Temporal itself. */
import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createAnswering } from '../../src/temporal/answering.ts';
import { connectLazily } from '../../src/temporal/connect.ts';
import { createGateway } from '../../src/temporal/gateway.ts';
import { type Bench, dataConverter, startBench } from './fixtures/worker.ts';
import { approval, newExecutionId, newInput } from './samples.ts';

const namespace = 'default';
const unknownRun = '00000000-0000-4000-8000-000000000000';
let bench: Bench;

beforeAll(async () => {
  bench = await startBench(`looking-${randomBytes(4).toString('hex')}`);
});
afterAll(async () => bench.close());

async function started(reason?: string): Promise<{ id: string; run: string }> {
  const { input, memo } = newInput(reason);
  const { run } = await bench.gateway.start(input, memo);
  return { id: input.request.id, run };
}

async function finish(id: string): Promise<void> {
  await bench.client.workflow.getHandle(id).signal('finish');
  await bench.client.workflow.getHandle(id).result();
}

async function seen(since?: number): Promise<Map<string, boolean>> {
  const found = new Map<string, boolean>();
  for await (const { execution, open } of bench.gateway.listed(since)) found.set(execution, open);
  return found;
}

/** Visibility lags behind by a moment. */
const soon = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 20_000, interval: 100 });

describe('history', () => {
  it('tells the types in Temporal’s own names, and the times, in order', async () => {
    const { id, run } = await started();
    await finish(id);
    const told = await bench.gateway.history(id, run);
    const raw = await bench.client.workflow.getHandle(id).fetchHistory();
    const { events } = JSON.parse(historyToJSON(raw)) as { events: { eventType: string; eventTime: string }[] };
    const named = events.map(({ eventType, eventTime }) => ({ type: camel(eventType), at: Date.parse(eventTime) }));
    expect(told).toEqual({ events: named, complete: true });
    expect([named[0]?.type, named.at(-1)?.type]).toEqual(['WorkflowExecutionStarted', 'WorkflowExecutionCompleted']);
  });

  it('P7: nothing of what was said is in it', async () => {
    const { id, run } = await started('INC-77: a very particular reason');
    await bench.gateway.signal(approval(id, run));
    const told = await bench.gateway.history(id, run);
    expect(told?.events.length).toBeGreaterThan(0);
    for (const event of told?.events ?? []) expect(Object.keys(event)).toEqual(['type', 'at']);
  });

  it('a long one is told in one call, up to a bound, and says that there is more', async () => {
    const { id, run } = await started();
    for (let count = 0; count < 520; count += 20) {
      await Promise.all(Array.from({ length: 20 }, () => bench.client.workflow.getHandle(id).signal('noise')));
    }
    // What arrives while a workflow task is under way is written down after it.
    const written = async () => (await bench.client.workflow.getHandle(id).fetchHistory()).events?.length ?? 0;
    await expect.poll(written, { timeout: 20_000 }).toBeGreaterThan(520);
    const asking = vi.spyOn(bench.connection.workflowService, 'getWorkflowExecutionHistory');
    const told = await bench.gateway.history(id, run);
    expect(asking).toHaveBeenCalledTimes(1);
    asking.mockRestore();
    expect(told?.complete).toBe(false);
    expect(told?.events.length).toBeLessThanOrEqual(500);
    expect(told?.events.length).toBeGreaterThanOrEqual(100);
    expect(told?.events[0]?.type).toBe('WorkflowExecutionStarted');
  });

  it('of a run that Temporal does not keep there is none', async () => {
    const { id, run } = await started();
    expect(await bench.gateway.history(id, unknownRun)).toBeUndefined();
    expect(await bench.gateway.history(newExecutionId(), run)).toBeUndefined();
    expect(await bench.gateway.history('lease_1', run)).toBeUndefined();
    expect(await bench.gateway.history(id, "' OR 1=1")).toBeUndefined();
  });

  function camel(eventType: string): string {
    const words = eventType.replace('EVENT_TYPE_', '').toLowerCase().split('_');
    return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  }
});

describe('one life of an id', () => {
  it('T23: is described and asked by its run, whatever was started under the id since', async () => {
    const { id, run } = await started();
    await finish(id);
    const later = await bench.plain.workflow.start('Foreign', { taskQueue: bench.taskQueue, workflowId: id });
    expect(await bench.gateway.describe(id)).toBeUndefined();
    expect(await bench.gateway.describe(id, run)).toMatchObject({ run, open: false, status: 'completed' });
    expect(await bench.gateway.state(id, run)).toMatchObject({ run });
    expect(await bench.gateway.describe(id, unknownRun)).toBeUndefined();
    await later.terminate();
  });

  it('that was terminated before its first step has no state to ask for', async () => {
    const workflowId = newExecutionId();
    await bench.plain.workflow.start('ElevateWorkflow', { taskQueue: `${bench.taskQueue}-nobody`, workflowId });
    await bench.plain.workflow.getHandle(workflowId).terminate();
    expect(await bench.gateway.state(workflowId)).toBeUndefined();
  });

  it('its CloseOut is not there, then at work, then over; a foreign one is none', async () => {
    const { id } = await started();
    expect(await bench.gateway.closingOut(id)).toBe('none');
    await bench.gateway.closeOut({ execution: id, by: { id: 'alice@example.com', name: 'Alice' }, at: 1 });
    await bench.client.workflow.getHandle(`end_${id}`).result();
    expect(await bench.gateway.closingOut(id)).toBe('over');

    const other = newExecutionId();
    const nobody = { taskQueue: `${bench.taskQueue}-nobody`, workflowId: `end_${other}` };
    await bench.plain.workflow.start('CloseOut', nobody);
    expect(await bench.gateway.closingOut(other)).toBe('over');
    await bench.plain.workflow.getHandle(`end_${other}`).terminate();
  });
});

describe('listed', () => {
  it('lists executions of this task queue, open and closed, and nothing else', async () => {
    const [open, closed] = [await started(), await started()];
    await finish(closed.id);
    const { taskQueue } = bench;
    const [foreign, elsewhere, named] = [newExecutionId(), newExecutionId(), `x_${newExecutionId()}`];
    await bench.plain.workflow.start('Foreign', { taskQueue, workflowId: foreign });
    await bench.plain.workflow.start('ElevateWorkflow', { taskQueue: `${taskQueue}-b`, workflowId: elsewhere });
    await bench.plain.workflow.start('ElevateWorkflow', { taskQueue, workflowId: named });
    await soon(async () => {
      const found = await seen();
      expect([found.get(open.id), found.get(closed.id)]).toEqual([true, false]);
      expect([foreign, elsewhere, named].filter((id) => found.has(id))).toEqual([]);
    });
  });

  it('since then: what started or closed, in Temporal’s time', async () => {
    const [early, ended] = [await started(), await started()];
    await soon(async () => expect([...(await seen()).keys()]).toEqual(expect.arrayContaining([early.id, ended.id])));
    const { startedAt = 0 } = (await bench.gateway.describe(ended.id)) ?? {};
    const since = Math.max(Date.now(), startedAt + 1);
    await vi.waitUntil(() => Date.now() > since);
    const late = await started();
    await finish(ended.id);
    await soon(async () => {
      const found = await seen(since);
      expect([found.get(late.id), found.get(ended.id), found.has(early.id)]).toEqual([true, false, false]);
    });
  });

  it('goes on from page to page', async () => {
    const { connection } = bench;
    const taskQueue = `${bench.taskQueue}-pages`;
    const gateway = createGateway({ connection, namespace, taskQueue, dataConverter, now: Date.now });
    const ids = Array.from({ length: 203 }, newExecutionId);
    for (const workflowId of ids) await bench.plain.workflow.start('ElevateWorkflow', { taskQueue, workflowId });
    const listing = vi.spyOn(connection.workflowService, 'listWorkflowExecutions');
    await soon(async () => {
      listing.mockClear();
      const found: string[] = [];
      for await (const { execution } of gateway.listed()) found.push(execution);
      expect(found.toSorted()).toEqual(ids.toSorted());
    });
    expect(listing).toHaveBeenCalledTimes(2);
    listing.mockRestore();
  });

  it.each(["elevate' OR WorkflowType != 'x", 'a b', '', 'a"b', `x${'y'.repeat(200)}`, 'tâche'])(
    'a task queue called %j is never put into a query',
    async (taskQueue) => {
      const { connection } = bench;
      const gateway = createGateway({ connection, namespace, taskQueue, dataConverter, now: Date.now });
      const listing = vi.spyOn(connection.workflowService, 'listWorkflowExecutions');
      await expect(gateway.listed()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'invalid_input' });
      expect(listing).not.toHaveBeenCalled();
      listing.mockRestore();
    },
  );
});

describe('answers', () => {
  it('true, then false while Temporal is away, then true again', async () => {
    const way = await openWay();
    let time = 0;
    const connection = connectLazily({ connectionOptions: { address: way.address }, namespace });
    const gateway = createGateway({ connection, namespace, taskQueue: 'none', dataConverter, now: Date.now });
    const { answers } = createAnswering({ ping: gateway.ping, now: () => time });
    const laterSays = (answer: boolean) =>
      soon(async () => {
        time += 2_000;
        expect(await answers()).toBe(answer);
      });
    await laterSays(true);
    await way.close();
    expect(await answers()).toBe(true);
    time += 2_000;
    expect(await answers()).toBe(false);

    await way.open();
    // Known to be away: the answer comes at once, and is that of the look before.
    time += 2_000;
    expect(await answers()).toBe(false);
    await laterSays(true);
    await gateway.settled();
    await connection.close();
    await way.close();
  });

  it('many who ask at the same time, and again within two seconds, cost one look', async () => {
    let time = 0;
    const ping = vi.fn<() => Promise<void>>(async () => {});
    const { answers } = createAnswering({ ping, now: () => time });
    expect(await Promise.all(Array.from({ length: 50 }, answers))).toEqual(Array(50).fill(true));
    time += 1_999;
    await answers();
    expect(ping).toHaveBeenCalledTimes(1);
    time += 1;
    await answers();
    expect(ping).toHaveBeenCalledTimes(2);
  });

  it('nobody waits for a Temporal that is known to be away', async () => {
    let time = 0;
    const ping = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('away')));
    const { answers } = createAnswering({ ping, now: () => time });
    expect(await answers()).toBe(false);
    time += 60_000;
    ping.mockImplementation(() => new Promise(() => undefined));
    expect(await Promise.all([answers(), answers()])).toEqual([false, false]);
    expect(ping).toHaveBeenCalledTimes(2);
  });

  it('the gateway asks Temporal itself', async () => {
    await soon(async () => expect(await bench.gateway.answers()).toBe(true));
  });
});

/** A way to Temporal that can be closed, and opened again under the same address. */
async function openWay(): Promise<{ address: string; open(): Promise<void>; close(): Promise<void> }> {
  const [host = '', port = ''] = inject('temporalAddress').split(':');
  const sockets = new Set<Socket>();
  let server: Server;
  let own = 0;
  const open = async () => {
    server = createServer((near) => {
      const far = connect(Number(port), host);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => [near, far].forEach((one) => one.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    server.listen(own, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    own = (server.address() as AddressInfo).port;
  };
  await open();
  return {
    address: `127.0.0.1:${own}`,
    open,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
