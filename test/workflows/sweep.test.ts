/** P2: the second net. Access whose execution and lease were both ended by force is found in the ledger and taken back. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Log } from '../../src/core/ports.ts';
import { sweepLedger } from '../../src/worker/sweep-ledger.ts';
import { minute } from '../samples.ts';
import { startChildInItsPlace, startOf, startSealed } from './raw.ts';
import { type Asked, openScene, type Scene } from './scene.ts';
import { eventually, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('sweep', { temporalAddress: inject('temporalAddress') });
});
afterAll(() => stage.close());

it('P2: takes back what nobody holds any more, and leaves alone what is held', async () => {
  const [left, living] = [await openScene(stage), await openScene(stage)];
  const [asked, held] = [await left.held(), await living.held()];
  await leaveBehind(left, asked);
  const { stop, looks, barred } = sweeping({ ahead: minute });
  await barred();
  await eventually(() => !left.holds() || undefined, 'the access to be taken back');
  await eventually(async () => (await left.ledgerClosed(asked)) || undefined, 'the ledger to be closed');
  await looks(2);
  await stop();

  expect((await left.audit(asked)).filter(({ id }) => id === `${asked.id}/swept/0`)).toMatchObject([
    { kind: 'revoked', details: { why: 'execution and lease were both ended by force' } },
  ]);
  expect(left.calls()).toEqual(['inspect 1', 'grant 1', 'revoke 1000000']);
  expect([living.holds(), living.calls(), (await living.row(held))?.state.phase]).toEqual([
    true,
    ['inspect 1', 'grant 1'],
    'active',
  ]);
  await living.done(held);
  expect((await living.ended(held)).state.outcome).toBe('completed');
});

it('a lease that is only just being started is not taken for one that was left behind', async () => {
  const scene = await openScene(stage);
  const asked = await scene.held();
  await leaveBehind(scene, asked);
  const young = sweeping({ ahead: 0 });
  await young.looks(3);
  await young.stop();
  expect([scene.holds(), scene.calls()]).toEqual([true, ['inspect 1', 'grant 1']]);

  const old = sweeping({ ahead: minute });
  await old.barred();
  await eventually(() => !scene.holds() || undefined, 'the access to be taken back');
  await old.stop();
});

it('what cannot be taken back yet is alerted, tried again, and keeps nothing else from it', async () => {
  const [stuck, other] = [await openScene(stage), await openScene(stage)];
  const [first, second] = [await stuck.held(), await other.held()];
  stuck.system.fail({ verb: 'revoke', kind: 'status', status: 503, times: Infinity });
  await leaveBehind(stuck, first);
  await leaveBehind(other, second);
  const { stop, alerts, barred } = sweeping({ ahead: minute });
  await barred();
  await eventually(() => !other.holds() || undefined, 'the second access to be taken back');
  await eventually(() => alerts().includes(first.id) || undefined, 'the alert');
  expect([stuck.holds(), await stuck.ledgerClosed(first)]).toEqual([true, false]);

  stuck.system.faults.splice(0);
  await eventually(() => !stuck.holds() || undefined, 'the first access to be taken back');
  await eventually(async () => (await stuck.ledgerClosed(first)) || undefined, 'the ledger to be closed');
  await stop();
  expect(alerts()).not.toContain(second.id);
});

it('T26: a grant that was under way when both were ended is taken back too, however late it acts', async () => {
  const scene = await openScene(stage, { timeoutMs: 300 });
  const { promise, resolve: letGo } = Promise.withResolvers<void>();
  scene.system.on('grant', (_, moment) => (moment === 'before' ? promise : undefined));
  const asked = await scene.ask();
  await scene.approve(asked);
  await scene.called('grant');
  await leaveBehind(scene, asked);
  const { stop, looks, barred } = sweeping({ ahead: minute });
  await looks(3);
  expect(scene.calls()).toEqual(['inspect 1', 'grant 1']);
  letGo();
  await eventually(() => scene.holds() || undefined, 'the late grant');
  await barred();
  await eventually(() => !scene.holds() || undefined, 'the access to be taken back');
  await eventually(async () => (await scene.ledgerClosed(asked)) || undefined, 'the ledger to be closed');
  await stop();
});

it('P6: ended by force through Elevate, it is over only once the sweep has taken the access back', async () => {
  const scene = await openScene(stage);
  const asked = await scene.held();
  await leaveBehind(scene, asked);
  await scene.closeOut(asked);
  await scene.told(asked, 'ending');
  expect((await scene.row(asked))?.state.phase).toBe('ending');
  const { stop, barred } = sweeping({ ahead: minute });
  await barred();
  await scene.until(asked, 'closed');
  await stop();
  expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([false, true]);
});

it('T23: a copy of its start, sent again under its id, hides nothing', async () => {
  const scene = await openScene(stage);
  const asked = await scene.held();
  const start = startOf(await scene.history(asked.id));
  await leaveBehind(scene, asked);
  const run = await startSealed(stage, 'ElevateWorkflow', asked.id, start);
  await eventually(async () => (await scene.inside(asked)).run === run || undefined, 'the other life');
  const { stop, barred } = sweeping({ ahead: minute });
  await barred();
  await eventually(() => !scene.holds() || undefined, 'the access to be taken back');
  await stop();
  expect(await scene.row(asked)).toMatchObject({ run: asked.run, state: { phase: 'active' } });
});

it('T23: a lease of another life of its id hides nothing', async () => {
  const scene = await openScene(stage);
  const asked = await scene.held();
  await leaveBehind(scene, asked);
  const elsewhere = { ...stage, taskQueue: `${stage.taskQueue}-elsewhere` };
  await startSealed(elsewhere, 'ElevateWorkflow', asked.id, { input: [] });
  await startChildInItsPlace(elsewhere, asked.id, asked.lease);
  await eventually(async () => (await stage.gateway.leaseOpen(asked.lease, asked.id)) || undefined, 'the decoy');
  const { stop, barred } = sweeping({ ahead: minute });
  await barred();
  await eventually(() => !scene.holds() || undefined, 'the access to be taken back');
  await stop();
  expect(await scene.kinds(asked)).toContain('revoked');
});

/** With no worker to notice the first before the second is done. */
async function leaveBehind(scene: Scene, asked: Asked): Promise<void> {
  await stage.stopWorker();
  await scene.terminateOutside(asked.lease);
  await scene.terminateOutside(asked.id);
  await stage.startWorker();
}

/** Sweeps without a pause to speak of, by a clock that is ahead. */
function sweeping({ ahead: atFirst }: { ahead: number }) {
  let ahead = atFirst;
  const { store, providers, roles, gateway } = stage;
  const { executions, audit } = store;
  const alerted: string[] = [];
  let looked = 0;
  const log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (fields) => void ('execution' in fields && alerted.push(String(fields.execution))),
  };
  const ledger = {
    ...store.ledger,
    async openRows() {
      looked += 1;
      return store.ledger.openRows();
    },
  };
  const nobody = () => Promise.reject(new Error('nobody is asked'));
  const identity = { resolve: nobody, enter: nobody };
  const now = () => Date.now() + ahead;
  const deps = { ledger, executions, audit, providers, roles, gateway, identity, log, now };
  const { signal } = new AbortController();
  const stopping = new AbortController();
  const untilStopped = (async () => {
    while (!stopping.signal.aborted) {
      await sweepLedger(deps, signal);
      await pause(50);
    }
  })();
  const stop = async () => {
    stopping.abort();
    await untilStopped;
  };
  const looks = (times: number) => eventually(() => looked > times || undefined, `${times} looks`);
  return {
    stop,
    alerts: () => alerted,
    /** Waits until it has looked through everything so often. */
    looks,
    /** Waits until nothing new is granted any more, then goes on to when no grant can be under way. */
    async barred() {
      await looks(1);
      ahead += minute;
    },
  };
}
