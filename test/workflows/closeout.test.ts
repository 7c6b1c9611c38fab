/** CloseOut on a real Temporal: an execution ended by force, through Elevate, is ended, undone, shown and written down. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { seal, signalSealed, startSealed } from './raw.ts';
import { type Asked, newId, openScene, type Scene } from './scene.ts';
import { eventually, openStage, phasesIn, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('closeout', { temporalAddress: inject('temporalAddress') });
});
afterAll(() => stage.close());

describe.concurrent('terminating', () => {
  it('P2, P6: while active: terminated in Temporal, taken back, shown, indexed and audited', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.closeOut(asked);
    await closedOut(asked);

    expect((await stage.client.workflow.getHandle(asked.id).describe()).status.name).toBe('TERMINATED');
    expect([scene.holds(), scene.calls().at(-1)]).toEqual([false, 'revoke 2']);
    expect(await scene.ledgerClosed(asked)).toBe(true);
    const { state } = (await scene.row(asked)) ?? {};
    expect(state).toMatchObject({ phase: 'closed', outcome: 'terminated', access: [{ state: 'revoked' }] });
    expect(state).toMatchObject({ why: `by ${scene.alice.id}` });

    const last = scene.shown(asked).at(-1);
    expect(last?.state).toMatchObject({ phase: 'closed', outcome: 'terminated' });
    expect(last?.run).toBe(asked.run);
    expect(phasesIn(scene.shown(asked)).at(-1)).toBe('closed');
    expect(toldOf(scene, asked)).toEqual(expect.arrayContaining(['ending', 'revoked', 'closed']));
    await auditIsComplete(scene, asked, [
      'requested',
      'asked',
      'voted',
      'approved',
      'granted',
      'ending',
      'revoked',
      'closed',
    ]);
  });

  it('while it waits for approval: nothing is granted, and it is over', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    await scene.closeOut(asked);
    await closedOut(asked);
    expect((await scene.ended(asked)).status).toBe('TERMINATED');
    expect(await scene.row(asked)).toMatchObject({ state: { phase: 'closed', outcome: 'terminated' } });
    await auditIsComplete(scene, asked, ['requested', 'asked', 'closed']);
    await expect(stage.gateway.signal(scene.event(asked, 'decision', scene.bob))).rejects.toMatchObject({
      code: 'execution_closed',
    });
    expect(scene.system.calls).toEqual([]);
  });

  it('P2: while the grant hangs: what it gives late is taken back, and only then it is over', async () => {
    const scene = await openScene(stage, { timeoutMs: 300 });
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    scene.system.on('grant', (_, moment) => (moment === 'before' ? promise : undefined));
    const asked = await scene.ask();
    await scene.approve(asked);
    await scene.called('grant');
    await scene.closeOut(asked);
    await scene.called('revoke');
    letGo();
    await eventually(() => scene.holds() || undefined, 'the late grant');
    expect((await scene.row(asked))?.state.phase).not.toBe('closed');

    await closedOut(asked);
    expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([false, true]);
    expect(await scene.row(asked)).toMatchObject({ state: { phase: 'closed', outcome: 'terminated' } });
  });

  it('while it is ending already: it is terminated all the same, once the access is back', async () => {
    const scene = await openScene(stage);
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    scene.system.on('revoke', (_, moment) => (moment === 'before' ? promise : undefined));
    const asked = await scene.held();
    await scene.done(asked);
    await scene.called('revoke');
    await scene.until(asked, 'ending');
    await scene.closeOut(asked);
    await eventually(async () => (await scene.told(asked, 'ending')) && (await isTerminated(asked)), 'its end');
    letGo();
    await closedOut(asked);
    expect([scene.holds(), (await scene.ended(asked)).state.outcome]).toEqual([false, 'terminated']);
  });

  it('P3: twice at the same time, and once more after it, is once', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await Promise.all([scene.closeOut(asked), scene.closeOut(asked)]);
    await closedOut(asked);
    const { runId } = await stage.client.workflow.getHandle(`end_${asked.id}`).describe();
    await scene.closeOut(asked);
    expect((await stage.client.workflow.getHandle(`end_${asked.id}`).describe()).runId).toBe(runId);
    const kinds = await scene.kinds(asked);
    expect(kinds.filter((kind) => kind === 'closed')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'revoked')).toHaveLength(1);
    expect(scene.calls()).toEqual(['inspect 1', 'grant 1', 'revoke 2']);
  });

  it('of an execution that is over changes nothing', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.done(asked);
    const { state } = await scene.ended(asked);
    await scene.closeOut(asked);
    await closedOut(asked);
    expect((await scene.ended(asked)).status).toBe('COMPLETED');
    expect((await scene.row(asked))?.state).toEqual(state);
    expect((await scene.kinds(asked)).filter((kind) => kind === 'closed')).toHaveLength(1);
  });

  it('of one that somebody terminated past Elevate draws its end', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.terminateOutside(asked.id);
    await scene.leaseEnded(asked);
    await scene.closeOut(asked);
    await closedOut(asked);
    expect(scene.shown(asked).at(-1)?.state).toMatchObject({ phase: 'closed', outcome: 'terminated' });
    expect(await scene.row(asked)).toMatchObject({ state: { phase: 'closed', access: [{ state: 'revoked' }] } });
  });

  it('P6: the end is indexed while the chat is down, and shown when it is back', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    stage.chat.broken.add(asked.id);
    await scene.closeOut(asked);
    await scene.until(asked, 'closed');
    expect(scene.holds()).toBe(false);
    stage.chat.broken.delete(asked.id);
    await closedOut(asked);
    expect(scene.shown(asked).at(-1)?.state).toMatchObject({ phase: 'closed', outcome: 'terminated' });
  });
});

describe.concurrent('T23: a CloseOut that Elevate did not ask for', () => {
  it('unsealed, or sealed for another execution, ends nothing', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    const input = { execution: asked.id, by: scene.alice, at: Date.now() };
    const unsealed = `end_${asked.id}`;
    await stage.plain.workflow.start('CloseOut', { workflowId: unsealed, taskQueue: stage.taskQueue, args: [input] });
    const elsewhere = `end_${newId()}`;
    await startSealed(stage, 'CloseOut', elsewhere, { input: await seal(stage, elsewhere, input) });
    for (const id of [unsealed, elsewhere]) await stage.client.workflow.getHandle(id).result();
    expect([(await scene.row(asked))?.state.phase, scene.holds()]).toEqual(['active', true]);
    await signalSealed(
      stage,
      asked.id,
      'event',
      await seal(stage, asked.id, scene.event(asked, 'release', scene.alice)),
    );
    await scene.ended(asked);
  });
});

async function closedOut({ id }: Asked): Promise<void> {
  await stage.client.workflow.getHandle(`end_${id}`).result();
}

async function isTerminated({ id }: Asked): Promise<true | undefined> {
  return (await stage.gateway.describe(id))?.status === 'terminated' || undefined;
}

function toldOf(scene: Scene, asked: Asked): string[] {
  return scene.shown(asked).flatMap(({ events }) => events.map(({ kind }) => kind));
}

/** Every entry once, in order, without a gap. */
async function auditIsComplete(scene: Scene, asked: Asked, kinds: string[]): Promise<void> {
  const lines = await scene.audit(asked);
  expect(lines.map(({ kind }) => kind)).toEqual(kinds);
  expect(lines.map(({ id }) => id)).toEqual(kinds.map((_, at) => `${asked.id}/${at + 1}`));
}
