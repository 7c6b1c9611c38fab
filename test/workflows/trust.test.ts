/**
 * T23: write access to the namespace is not enough to get access. The attacker here has a client of their own, and a
 * worker; sees every history; starts, signals, completes and terminates what they like; and holds no key.
 */
import { join } from 'node:path';
import type { Payload } from '@temporalio/common';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Refusal, Unreached } from '../../workflows/contract.ts';
import { unreachedIn } from '../../workflows/sealed.ts';
import { readHistory } from '../../src/dev/history.ts';
import type { Attack } from './fixtures/attacker.ts';
import {
  activitiesIn,
  completeActivity,
  completeWorkflows,
  copyOf,
  inLife,
  plain,
  resultOf,
  signalSealed,
  signalsIn,
  startOf,
  startSealed,
} from './raw.ts';
import { type Asked, newId, openScene, type Scene } from './scene.ts';
import { eventually, namespace, openStage, type Stage } from './stage.ts';

let stage: Stage;
let attackers: string;
beforeAll(async () => {
  stage = await openStage('trust', { temporalAddress: inject('temporalAddress') });
  attackers = await startAttackersWorker();
});
afterAll(() => stage.close());

const far = Date.UTC(2100, 0, 1);

describe.concurrent('T23: starting', () => {
  it('an ElevateWorkflow that was not sealed for its place fails and does nothing', async () => {
    const scene = await openScene(stage);
    const theirs = await scene.ask();
    const copied = startOf(await scene.history(theirs.id));
    const made = { input: [plain({ ...theirs.input, request: { ...theirs.input.request, id: 'wf_' } })], memo: null };
    for (const start of [made, copied, { input: [], memo: null }]) {
      const id = newId();
      await startSealed(stage, 'ElevateWorkflow', id, start);
      await expect(stage.client.workflow.getHandle(id).result()).rejects.toThrow('Workflow execution failed');
      expect((await readHistory(temporal(), id)).names).toEqual([
        'WorkflowExecutionStarted',
        'WorkflowTaskScheduled',
        'WorkflowTaskStarted',
        'WorkflowTaskCompleted',
        'WorkflowExecutionFailed',
      ]);
      expect(await stage.store.executions.get(id)).toBeUndefined();
    }
    expect(scene.system.calls).toEqual([]);
    await scene.cancel(theirs);
    await scene.ended(theirs);
  });

  it('a finished execution started again with everything that was sealed for it grants nothing', async () => {
    const scene = await openScene(stage);
    const first = await scene.held();
    await scene.done(first);
    await scene.ended(first);
    const history = await scene.history(first.id);

    const run = await startSealed(stage, 'ElevateWorkflow', first.id, startOf(history));
    const again = inLife(first, run);
    for (const name of ['event', 'lease']) {
      for (const payloads of signalsIn(history, name)) await signalSealed(stage, first.id, name, payloads);
    }
    const { state, entries } = await scene.inside(again);
    expect(state).toMatchObject({ phase: 'awaiting_approval', votes: [], access: [{ state: 'none' }] });
    expect(entries.flatMap((entry) => (entry.kind === 'refused' ? [entry.reason] : []))).toEqual([
      'another_life',
      'another_life',
    ] satisfies Refusal[]);

    // Even if an approver is made to approve it once more, the ledger remembers that this access is over.
    await scene.approve(again);
    await expect(stage.client.workflow.getHandle(first.id, run).result()).rejects.toThrow('Workflow execution failed');
    expect([scene.system.effectiveGrants(first.id), scene.holds()]).toEqual([1, false]);
    expect(scene.calls().filter((call) => call === 'grant 1')).toHaveLength(1);
  });

  it('a lease started directly, with what was sealed for an old one, grants nothing', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.done(asked);
    await scene.ended(asked);
    const { input } = startOf(await scene.history(asked.lease));
    const calls = scene.calls();

    const run = await startSealed(stage, 'AccessLease', asked.lease, { input });
    expect(await stage.client.workflow.getHandle(asked.lease, run).result()).toMatchObject({
      end: 'refused',
      why: 'not started by its execution',
    });
    const other = `lease_${newId()}`;
    await startSealed(stage, 'AccessLease', other, { input });
    expect(await stage.client.workflow.getHandle(other).result()).toMatchObject({
      end: 'refused',
      why: 'not sealed by Elevate',
    });
    expect([scene.calls(), scene.holds()]).toEqual([calls, false]);
  });

  it('a lease started by somebody else’s workflow under the id of the execution grants nothing', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.done(asked);
    await scene.ended(asked);
    const { input } = startOf(await scene.history(asked.lease));
    const calls = scene.calls();

    await attack(asked.id, { taskQueue: stage.taskQueue, lease: { workflowId: asked.lease, input: copyOf(input) } });
    expect(await scene.leaseEnded(asked)).toMatchObject({ end: 'refused', why: 'not started by its execution' });
    expect([scene.calls(), scene.holds()]).toEqual([calls, false]);
  });

  it('an old call to grant, made by somebody else’s workflow under the id of the lease, grants nothing', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.done(asked);
    await scene.ended(asked);
    const [grant] = activitiesIn(await scene.history(asked.lease), 'grant');
    const calls = scene.calls();

    const { activityId = '', input = [] } = grant ?? {};
    const activity = { name: 'grant', activityId, input: copyOf(input) } as const;
    expect(await attack(asked.lease, { taskQueue: stage.taskQueue, activity })).toBe('failed');
    expect([scene.calls(), scene.holds()]).toEqual([calls, false]);
  });
});

describe.concurrent('T23: signals', () => {
  it('what is not sealed is ignored and noted, ten times at most, and the execution goes on', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    const forged = stage.plain.workflow.getHandle(asked.id);
    await forged.signal('event', scene.event(asked, 'decision', scene.bob));
    await forged.signal('event');
    for (let copy = 0; copy < 15; copy += 1) await forged.signal('lease', { item: 0, at: 1, note: 'kept' });
    await scene.approve(asked);
    await scene.until(asked, 'active');
    const kinds = await scene.kinds(asked);
    expect(kinds.filter((kind) => kind === 'ignored')).toHaveLength(10);
    expect(kinds.filter((kind) => kind === 'voted')).toHaveLength(1);
    await scene.done(asked);
    expect((await scene.ended(asked)).state.outcome).toBe('completed');
  });

  it('an approval copied from one execution into another is no approval there', async () => {
    const scene = await openScene(stage);
    const [approved, other] = [await scene.held(), await scene.ask()];
    const [copy = []] = signalsIn(await scene.history(approved.id), 'event');
    await signalSealed(stage, other.id, 'event', copy);
    await scene.told(other, 'ignored');
    expect(await scene.row(other)).toMatchObject({ state: { phase: 'awaiting_approval', votes: [] } });
    for (const asked of [approved, other]) await scene.cancel(asked);
    for (const asked of [approved, other]) await scene.ended(asked);
    expect(scene.system.effectiveGrants(other.id)).toBe(0);
  });

  it('nobody makes an execution believe that its access is there', async () => {
    const scene = await openScene(stage);
    const { promise: answer, resolve: letGo } = Promise.withResolvers<void>();
    scene.system.on('grant', (_, moment) => (moment === 'before' ? answer : undefined));
    const asked = await scene.ask();
    await scene.approve(asked);
    await scene.called('grant');
    const note = { item: 0, at: Date.now(), note: 'granted', until: far };
    await stage.plain.workflow.getHandle(asked.id).signal('lease', note);
    await scene.told(asked, 'ignored');
    expect((await scene.row(asked))?.state.phase).toBe('starting');
    letGo();
    await scene.until(asked, 'active');
    await scene.done(asked);
    expect((await scene.ended(asked)).state.outcome).toBe('completed');
  });

  it('what a lease told once is not told again by a copy', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    const [granted = []] = signalsIn(await scene.history(asked.id), 'lease');
    for (let copy = 0; copy < 3; copy += 1) await signalSealed(stage, asked.id, 'lease', granted);
    await scene.done(asked);
    await scene.ended(asked);
    expect((await scene.kinds(asked)).filter((kind) => kind === 'granted')).toHaveLength(1);
  });

  it('nobody moves the end of a lease', async () => {
    const scene = await openScene(stage);
    const [short, long] = [await scene.held({ durationMs: 3_000 }), await heldElsewhere()];
    const lease = stage.plain.workflow.getHandle(short.lease);
    await lease.signal('until', { until: far, version: 99 });
    await lease.signal('until');
    await stage.plain.workflow.getHandle(long.asked.lease).signal('until', { until: 0, version: 99 });

    expect((await scene.ended(short)).state.outcome).toBe('completed');
    expect(scene.holds()).toBe(false);
    await heard(long.scene, long.asked.lease);
    expect(long.scene.holds()).toBe(true);
    await long.scene.done(long.asked);
    await long.scene.ended(long.asked);
  });
});

describe.concurrent('T23: answers', () => {
  it('of what a chat could not reach, nothing counts but what a chat of ours says', () => {
    const found: Unreached = { stage: 0, platform: 'slack', recipient: 'C1', what: 'channel', othersAsked: true };
    const others = [
      null,
      'C1',
      { ...found, stage: '0' },
      { ...found, platform: undefined },
      { ...found, recipient: 'C'.repeat(501) },
      { ...found, what: 'everything' },
      { ...found, othersAsked: 1 },
    ];
    expect(unreachedIn([found, ...others] as Unreached[])).toEqual([found]);
    for (const answer of [undefined, { unsealed: true as const }]) expect(unreachedIn(answer)).toEqual([]);
  });

  it.each(['unsealed', 'sealed for an older grant'])(
    'P2: an answer to a grant under way that is %s does not make the lease sure of it',
    async (kind) => {
      const scene = await openScene(stage, { timeoutMs: 1_000 });
      const older = await scene.held();
      await scene.done(older);
      await scene.ended(older);
      const [answered] = activitiesIn(await scene.history(older.lease), 'grant');
      const answer = kind === 'unsealed' ? [plain({ attempts: 1 })] : (answered?.result ?? []);

      const { promise, resolve: letGo } = Promise.withResolvers<void>();
      scene.system.on('grant', (_, moment) => (moment === 'before' ? promise : undefined));
      const asked = await scene.ask({ request: { items: older.input.request.items } });
      await scene.approve(asked);
      await scene.called('grant', 2);
      await completeActivity(stage, asked.lease, answered?.activityId ?? '', answer);
      // It is not believed: the grant is called for again.
      await scene.called('grant', 3);
      expect((await scene.row(asked))?.state.phase).toBe('starting');
      await scene.done(asked);
      await scene.called('revoke', 2);
      letGo();
      await eventually(() => scene.holds() || undefined, 'the late grant');
      await scene.ended(asked);
      expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([false, true]);
    },
  );

  it('P2: a refusal that was sealed for an older grant does not spare the revoke', async () => {
    const scene = await openScene(stage, { timeoutMs: 1_000 });
    scene.system.fail({ verb: 'grant', kind: 'refuse', reason: 'no seats left' });
    const older = await scene.ask();
    await scene.approve(older);
    await scene.ended(older);
    const history = await scene.history(older.lease);
    const { failure } =
      history.find((one) => one.activityTaskFailedEventAttributes)?.activityTaskFailedEventAttributes ?? {};
    const activityId = activitiesIn(history, 'grant')[0]?.activityId ?? '';

    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    scene.system.on('grant', (_, moment) => (moment === 'before' ? promise : undefined));
    const asked = await scene.ask({ request: { items: older.input.request.items } });
    await scene.approve(asked);
    await scene.called('grant', 2);
    const { workflowService } = stage.connection;
    await workflowService.respondActivityTaskFailedById({
      namespace,
      workflowId: asked.lease,
      activityId,
      failure: failure ?? null,
    });
    await scene.called('revoke');
    letGo();
    await eventually(() => scene.holds() || undefined, 'the late grant');
    await scene.ended(asked);
    expect(scene.holds()).toBe(false);
  });
});

describe('T23: a worker that takes our tasks', () => {
  it('P2: leases that it ends with results of its own are started again to take the access back', async () => {
    const own = await openStage('robbed', { temporalAddress: inject('temporalAddress') });
    try {
      const [scene, other] = [await openScene(own, { timeoutMs: 300 }), await openScene(own, { timeoutMs: 300 })];
      const older = await scene.held();
      await scene.done(older);
      await scene.ended(older);
      const copied = resultOf(await scene.history(older.lease));
      const first = await scene.held({ request: { items: older.input.request.items } });
      const second = await other.held();

      await own.stopWorker();
      for (const { lease } of [first, second]) await own.plain.workflow.getHandle(lease).signal('until');
      const made = [plain({ item: 0, at: Date.now(), run: second.run, end: 'revoked' })];
      await completeWorkflows(own, { [first.lease]: copied, [second.lease]: made });
      await own.startWorker();

      for (const [each, asked] of [
        [scene, first],
        [other, second],
      ] as const) {
        const { status, state } = await each.ended(asked);
        expect([status, state.outcome, each.holds()]).toEqual(['COMPLETED', 'revoked', false]);
        expect(await each.ledgerClosed(asked)).toBe(true);
      }
    } finally {
      await own.close();
    }
  });
});

describe.concurrent('P7: who reads the namespace', () => {
  it('finds neither reason nor people nor what a provider said in any history', async () => {
    const scene = await openScene(stage);
    const ended = await scene.held({ request: { reason: 'INC-77: a very particular reason' } });
    await scene.closeOut(ended);
    await scene.ended(ended);
    await stage.client.workflow.getHandle(`end_${ended.id}`).result();
    scene.system.fail({ verb: 'grant', kind: 'refuse', reason: 'no seats left' });
    const refused = await scene.ask();
    await scene.approve(refused, scene.bob, { reason: 'go ahead then' });
    await scene.ended(refused);

    const ids = [ended.id, ended.lease, `end_${ended.id}`, refused.id, refused.lease];
    const secrets = [
      'particular reason',
      scene.alice.id,
      scene.bob.id,
      'Alice',
      scene.role,
      'no seats left',
      'go ahead',
    ];
    for (const id of ids) {
      const { text } = await readHistory(temporal(), id);
      expect(text).toContain('binary/encrypted');
      for (const secret of secrets) expect(text, `${secret} in ${id}`).not.toContain(secret);
    }
  });
});

/** A scene of its own with an access that is held for long. */
async function heldElsewhere(): Promise<{ scene: Scene; asked: Asked }> {
  const scene = await openScene(stage);
  return { scene, asked: await scene.held() };
}

/** Waits until a workflow has worked through everything that it was signalled. */
async function heard(scene: Scene, workflowId: string): Promise<void> {
  await eventually(async () => {
    const events = await scene.history(workflowId);
    const signal = events.findLastIndex((event) => event.workflowExecutionSignaledEventAttributes);
    const worked = events.findLastIndex((event) => event.workflowTaskCompletedEventAttributes);
    return (signal >= 0 && worked > signal) || undefined;
  }, `${workflowId} to have heard`);
}

function temporal() {
  return { connectionOptions: { address: inject('temporalAddress') }, namespace };
}

/** Runs the attacker's workflow under an id of ours. */
async function attack(workflowId: string, how: Attack): Promise<unknown> {
  return stage.plain.workflow.execute('Attack', { workflowId, taskQueue: attackers, args: [how] });
}

function readable(payload: Payload): Payload {
  const encoding = Buffer.from(payload.metadata?.['encoding'] ?? []).toString();
  return encoding === 'binary/encrypted' ? plain('sealed') : payload;
}

async function startAttackersWorker(): Promise<string> {
  const taskQueue = `attackers-of-${stage.taskQueue}`;
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, 'fixtures/attacker.ts'),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  // What is sealed cannot be read here; all it must not do is stop the attacker.
  const unread = {
    encode: async (payloads: Payload[]) => payloads,
    decode: async (payloads: Payload[]) => payloads.map(readable),
  };
  const dataConverter = { payloadCodecs: [unread] };
  const worker = await Worker.create({ connection, namespace, taskQueue, workflowBundle, dataConverter });
  const running = worker.run();
  stage.onClose(async () => {
    worker.shutdown();
    await running;
    await connection.close();
  });
  return taskQueue;
}
