/** The read model against Temporal: what happened behind our back is in lists, cards and audit all the same. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Swept } from '../../workflows/contract.ts';
import type { IndexRebuild, Rebuilding, Row } from '../../src/core/ports.ts';
import { openStore } from '../../src/store/database.ts';
import { createIndexRebuild } from '../../src/temporal/rebuild.ts';
import { createMending } from '../../src/worker/mend.ts';
import { createIndexSweep } from '../../src/worker/sweep-index.ts';
import { completeWorkflows, plain, seal, startOf, startSealed } from './raw.ts';
import { type Asked, newId, openScene, type Scene } from './scene.ts';
import { eventually, namespace, openStage, silent, type Stage } from './stage.ts';

const day = 24 * 60 * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'elevate-sweep-'));
const file = join(folder, 'elevate.db');

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('index', { temporalAddress: inject('temporalAddress'), store: `sqlite:${file}` });
});
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the sweep', () => {
  it('P2, P6: an execution terminated in Temporal itself is taken back, closed, shown and audited', async () => {
    const scene = await openScene(stage);
    const [asked, other] = [await scene.held(), await scene.ask()];
    await admit(asked);
    await scene.terminateOutside(asked.id);
    await sweepingUntil(async () => (await scene.row(asked))?.state.phase === 'closed');

    const why = 'by somebody with access to Temporal';
    expect(await scene.row(asked)).toMatchObject({
      run: asked.run,
      state: { outcome: 'terminated', why, access: [{ state: 'revoked' }] },
    });
    expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([false, true]);
    await eventually(() => scene.shown(asked).at(-1)?.state.phase === 'closed' || undefined, 'the card');
    expect(scene.shown(asked).at(-1)?.state).toMatchObject({ outcome: 'terminated', why });
    await scene.told(asked, 'closed');
    expect((await scene.kinds(asked)).filter((kind) => kind === 'closed')).toHaveLength(1);
    await eventually(async () => (await openOf(scene)).length === 0 || undefined, 'the limits');
    expect((await scene.row(other))?.state.phase).toBe('awaiting_approval');
  });

  it('one terminated while it waits for approval is over too', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    await scene.terminateOutside(asked.id);
    await sweepingUntil(async () => (await scene.row(asked))?.state.phase === 'closed');
    expect((await scene.row(asked))?.state).toMatchObject({ outcome: 'terminated' });
    expect(scene.calls()).toEqual([]);
  });

  it('T23: one that somebody ended as if they were its worker is over, and taken back', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await stage.stopWorker();
    const completing = completeWorkflows(stage, { [asked.id]: [plain({ outcome: 'completed' })] });
    await stage.plain.workflow.getHandle(asked.id).signal('event', {});
    await completing;
    await stage.startWorker();
    await sweepingUntil(async () => (await scene.row(asked))?.state.phase === 'closed');
    expect((await scene.row(asked))?.state).toMatchObject({ outcome: 'terminated', access: [{ state: 'revoked' }] });
    expect(scene.holds()).toBe(false);
  });

  it('one that was started without a row gets it, with a line in the audit', async () => {
    const scene = await openScene(stage);
    const asked = await askedFor(scene);
    await forget(asked, { audit: true });
    expect(await scene.row(asked)).toBeUndefined();
    await sweepingUntil(async () => (await scene.row(asked)) !== undefined);
    expect(await scene.row(asked)).toMatchObject({ run: asked.run, input: asked.input, state: { version: 2 } });
    expect(await scene.kinds(asked)).toEqual(['requested', 'asked', 'mended']);
    const { mended } = await sweepOnce();
    expect([mended, await scene.kinds(asked)]).toEqual([0, ['requested', 'asked', 'mended']]);
  });

  it('a closing that the index missed is made up for, whoever closed it', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    const before = await scene.row(asked);
    await admit(asked);
    await scene.deny(asked);
    await scene.ended(asked);
    await forget(asked);
    if (before) await stage.store.executions.put(before);
    await sweepingUntil(async () => (await scene.row(asked))?.state.phase === 'closed');
    expect((await scene.row(asked))?.state).toMatchObject({ outcome: 'denied', version: 4 });
    expect(await openOf(scene)).toEqual([]);
  });

  it('an open row whose end visibility does not list any more is found among the open rows', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    await scene.terminateOutside(asked.id);
    const blind = { ...stage.gateway, listed: async function* () {} };
    const deps = { ...stage.store, gateway: blind, now: Date.now, log: silent };
    await createIndexSweep({ ...deps, mend: createMending(deps) }).sweep(new AbortController().signal);
    expect((await scene.until(asked, 'closed')).outcome).toBe('terminated');
  });

  it.each([
    ['after a pause of a day, what ended meanwhile', 0, day],
    ['after a sweep by a clock that was a day ahead, what ended since', day, 0],
  ])('%s is found at once, however many rows are open', async (_, before, after) => {
    const scene = await openScene(stage);
    const [asked, crowd] = [await scene.ask(), await openStore('sqlite::memory:')];
    stage.onClose(crowd.close);
    const row = await scene.row(asked);
    for (const id of [...idsBefore(asked.id, 200), asked.id]) if (row) await crowd.executions.create(named(row, id));
    const sweepIn = async (ahead: number) => {
      const deps = { ...crowd, gateway: stage.gateway, now: () => Date.now() + ahead, log: silent };
      return createIndexSweep({ ...deps, mend: createMending(deps) }).sweep(new AbortController().signal);
    };
    await sweepIn(before);
    await scene.terminateOutside(asked.id);
    await eventually(async () => {
      for await (const { execution, open } of stage.gateway.listed())
        if (execution === asked.id) return !open || undefined;
      return undefined;
    }, 'visibility');
    await sweepIn(after);
    expect((await scene.until(asked, 'closed')).outcome).toBe('terminated');
  });

  it('T23: what is not an execution of ours is passed over', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    const { input, memo } = startOf(await scene.history(asked.id));
    const [foreign, unsealed, elsewhere] = [newId(), newId(), newId()];
    await startSealed(stage, 'Foreign', foreign, { input: [] });
    await startSealed(stage, 'ElevateWorkflow', unsealed, {
      input: [plain(asked.input)],
      memo: { elevate: plain({ owner: 'm', beneficiary: 'm', fingerprint: 'm', input: asked.input }) },
    });
    await startSealed(stage, 'ElevateWorkflow', elsewhere, { input, memo });
    await startSealed(stage, 'ElevateWorkflow', `end_${newId()}`, { input, memo });
    await eventually(async () => {
      const listed = await idsOf(stage.gateway.listed());
      return [unsealed, elsewhere].every((id) => listed.includes(id)) || undefined;
    }, 'visibility');
    await sweepOnce();
    await rebuildOnce();
    for (const id of [foreign, unsealed, elsewhere]) expect(await stage.store.executions.get(id)).toBeUndefined();
  });

  it('T23: an execution that was started again from a copy keeps the row of its first life', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    const start = startOf(await scene.history(asked.id));
    await stage.stopWorker();
    await scene.terminateOutside(asked.id);
    await startSealed(stage, 'ElevateWorkflow', asked.id, start);
    await stage.startWorker();
    await sweepingUntil(async () => (await scene.row(asked))?.state.phase === 'closed');
    expect(await scene.row(asked)).toMatchObject({ run: asked.run, state: { outcome: 'terminated' } });
    expect(scene.holds()).toBe(false);
    expect(await stage.gateway.describe(asked.id)).toMatchObject({ open: false });
  });

  it('T23: started by anybody, with anything, many times at once, it does what it always does', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    const starts = ['Sweep', 'Sweep', 'RebuildIndex', 'RebuildIndex'].map((type) =>
      stage.plain.workflow.start(type, {
        workflowId: `mallory-${randomUUID()}`,
        taskQueue: stage.taskQueue,
        args: [{ execution: asked.id, revoke: true }],
      }),
    );
    for (const handle of await Promise.all(starts)) await stage.client.workflow.getHandle(handle.workflowId).result();
    expect([(await scene.row(asked))?.state.phase, scene.holds(), scene.calls()]).toEqual([
      'active',
      true,
      ['inspect 1', 'grant 1'],
    ]);
    await scene.done(asked);
    expect((await scene.ended(asked)).state.outcome).toBe('completed');
  });
});

describe('rebuilding the index', () => {
  it('T33: adds the rows that are missing, and leaves the others alone', async () => {
    const scene = await openScene(stage);
    const [open, denied, ended, kept] = [
      await scene.held(),
      await scene.ask({ request: { beneficiary: scene.bob } }),
      await scene.ask({ request: { beneficiary: scene.carol } }),
      await scene.ask(),
    ];
    await scene.deny(denied, scene.carol);
    await scene.ended(denied);
    await scene.closeOut(ended);
    await stage.client.workflow.getHandle(`end_${ended.id}`).result();
    const before = await rowsOf([open, denied, ended, kept]);
    for (const one of [open, denied, ended]) await forget(one);
    await allListed([open, denied, ended, kept]);

    expect(await rebuildOnce()).toMatchObject({ mended: 3 });
    const after = await rowsOf([open, denied, ended, kept]);
    const withoutTime = before.map((row) => ({ ...row, updatedAt: expect.any(Number) as number }));
    expect(after.slice(0, 3)).toEqual(withoutTime.slice(0, 3));
    expect(after[3]).toEqual(before[3]);
    expect(await rebuildOnce()).toMatchObject({ mended: 0 });
  });

  it('brings an open row that is behind up to date, and replaces none by an older version', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    const old = await scene.row(asked);
    await scene.approve(asked);
    const { version } = await scene.until(asked, 'active');
    await forget(asked);
    if (old) await stage.store.executions.put(old);
    await allListed([asked]);
    await rebuildOnce();
    const row = await scene.row(asked);
    expect(row?.state).toMatchObject({ phase: 'active', version });

    if (row) await stage.store.executions.put({ ...row, state: { ...row.state, version: version + 1 } });
    await rebuildOnce();
    expect((await scene.row(asked))?.state.version).toBe(version + 1);
  });

  it('makes up no end for an execution that nobody can follow any more', async () => {
    const scene = await openScene(stage);
    const asked = await askedFor(scene);
    await stage.stopWorker();
    const completing = completeWorkflows(stage, { [asked.id]: [plain({ outcome: 'completed' })] });
    await stage.plain.workflow.getHandle(asked.id).signal('event', {});
    await completing;
    await stage.startWorker();
    await forget(asked);
    await allListed([asked]);
    await rebuildOnce();
    expect([await scene.row(asked), await stage.gateway.closingOut(asked.id)]).toEqual([undefined, 'none']);
  });

  it('is one at a time, tells how far it is, and may be done again', async () => {
    const rebuild = createIndexRebuild({ ...stage, temporal: { namespace } });
    expect(await rebuild.state()).toBeUndefined();
    await stage.stopWorker();
    const first = await rebuild.start();
    expect([first, await rebuild.start()]).toEqual([first, first]);
    expect(first).toEqual({ status: 'running', startedAt: expect.any(Number), looked: 0, mended: 0 });
    await stage.startWorker();
    const done = await completed(rebuild);
    expect(done).toMatchObject({ startedAt: first.startedAt, closedAt: expect.any(Number), mended: 0 });
    expect(done.looked).toBeGreaterThan(0);
    expect((await rebuild.start()).startedAt).toBeGreaterThan(first.startedAt);
    await completed(rebuild);
  });

  it('survives a worker that stops in the middle of it, and tells how far it is meanwhile', async () => {
    const scene = await openScene(stage);
    const asked = await askedFor(scene);
    await forget(asked);
    await allListed([asked]);
    const rebuild = createIndexRebuild({ ...stage, temporal: { namespace } });
    const letGo = await holdDatabase();
    const { startedAt } = await rebuild.start();
    await eventually(async () => {
      const { status, looked } = (await rebuild.state()) ?? {};
      return (status === 'running' && Number(looked) > 0) || undefined;
    }, 'its heartbeat');
    const stopping = stage.stopWorker();
    letGo();
    await stopping;
    await stage.startWorker();
    const done = await completed(rebuild);
    expect(done.startedAt).toBe(startedAt);
    expect(await scene.row(asked)).toMatchObject({ run: asked.run, state: { version: 2 } });
  });

  it('T23: what somebody else runs under its id is not told as ours', async () => {
    const elsewhere = { ...stage, taskQueue: `${stage.taskQueue}-elsewhere` };
    const rebuild = createIndexRebuild({ ...elsewhere, temporal: { namespace } });
    await startSealed(elsewhere, 'Foreign', `index_${elsewhere.taskQueue}`, { input: await seal(stage, 'x', {}) });
    await expect(rebuild.state()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(rebuild.start()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

// ── what is done, and what is waited for ─────────────────────────────────────────────────────────────────

function runToItsEnd(type: 'Sweep' | 'RebuildIndex'): Promise<Swept> {
  const { client, taskQueue } = stage;
  return client.workflow.execute(type, { taskQueue, workflowId: `${type}-${randomUUID()}`, args: [] });
}

const sweepOnce = () => runToItsEnd('Sweep');
const rebuildOnce = () => runToItsEnd('RebuildIndex');

function completed(rebuild: IndexRebuild): Promise<Rebuilding> {
  return eventually(async () => {
    const state = await rebuild.state();
    return state?.status === 'completed' ? state : undefined;
  }, 'the rebuilding');
}

async function sweepingUntil(seen: () => Promise<boolean>): Promise<void> {
  await eventually(async () => {
    if (await seen()) return true;
    await sweepOnce();
    return undefined;
  }, 'the sweep to put it right');
}

/** So many ids that come before this one where ids are in order. */
function idsBefore(id: string, count: number): string[] {
  const ids = Array.from({ length: count }, (_, index) => `wf_${String(index).padStart(26, '0')}`);
  return ids.filter((each) => each < id);
}

/** The same row of another execution. */
function named(row: Row, id: string): Row {
  return { ...row, input: { ...row.input, request: { ...row.input.request, id } } };
}

/** Asked, with nothing left to be written of it until somebody decides. */
async function askedFor(scene: Scene): Promise<Asked> {
  const asked = await scene.ask();
  await eventually(async () => {
    const [row, kinds] = [await scene.row(asked), await scene.kinds(asked)];
    return (row?.state.version === 2 && kinds.includes('asked')) || undefined;
  }, `${asked.id} to be written`);
  return asked;
}

async function allListed(asked: readonly Asked[]): Promise<void> {
  await eventually(async () => {
    const listed = await idsOf(stage.gateway.listed());
    return asked.every(({ id }) => listed.includes(id)) || undefined;
  }, 'visibility');
}

async function idsOf(listed: ReturnType<Stage['gateway']['listed']>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { execution } of listed) ids.push(execution);
  return ids;
}

function rowsOf(asked: readonly Asked[]) {
  return Promise.all(asked.map(({ id }) => stage.store.executions.get(id)));
}

/** Deletes the row behind the store's back, as a careless hand would. */
async function forget({ id }: Asked, more: { audit?: boolean } = {}): Promise<void> {
  const tables = ['execution_roles', 'execution_approvers', ...(more.audit === true ? ['audit'] : [])];
  const { db, letGo } = await lockedDatabase();
  for (const table of tables) db.exec(`delete from ${table} where execution = '${id}'`);
  db.exec(`delete from executions where id = '${id}'`);
  letGo();
}

/** Keeps everybody else from writing until it is let go. */
async function holdDatabase(): Promise<() => void> {
  return (await lockedDatabase()).letGo;
}

async function lockedDatabase(): Promise<{ db: DatabaseSync; letGo: () => void }> {
  // Without waiting for the lock, which would keep the store in this process from letting go of it.
  const db = new DatabaseSync(file, { timeout: 0 });
  await eventually(() => {
    try {
      db.exec('begin immediate');
      return true;
    } catch {
      return undefined;
    }
  }, 'the database to be free');
  const letGo = () => {
    db.exec('commit');
    db.close();
  };
  return { db, letGo };
}

async function admit({ id, input }: Asked): Promise<void> {
  const owner = input.request.requester.id;
  const wish = { execution: id, owner, fingerprint: id, at: Date.now(), openPerPerson: 5, perHour: 5 };
  expect(await stage.store.limits.admit(wish)).toEqual({ admitted: true });
}

function openOf({ alice }: Scene) {
  return stage.store.limits.openOf(alice.id);
}
