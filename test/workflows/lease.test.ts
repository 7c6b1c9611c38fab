/** AccessLease on a real Temporal: whatever happens, what was given is taken back, and nothing else is (P2, T25, T26). */
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Asked, openScene, type Scene } from './scene.ts';
import { eventually, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('lease', { temporalAddress: inject('temporalAddress') });
});
afterAll(() => stage.close());

/** A provider that is given up on soon. */
const soon = { timeoutMs: 300 };

describe.concurrent('P2: ended from outside', () => {
  it('the execution terminated past Elevate: its access goes with it', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.terminateOutside(asked.id);
    expect(await scene.leaseEnded(asked)).toMatchObject({ end: 'revoked' });
    expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([false, true]);
    expect(scene.calls()).toEqual(['inspect 1', 'grant 1', 'revoke 2']);
  });

  it('the execution terminated while the grant is under way: what it gives is taken back', async () => {
    const scene = await openScene(stage, soon);
    const held = holdBack(scene, 'grant');
    const asked = await scene.ask();
    await scene.approve(asked);
    await scene.called('grant');
    await scene.terminateOutside(asked.id);
    await scene.called('revoke');
    held.letGo();
    expect(await scene.leaseEnded(asked)).toMatchObject({ end: 'revoked' });
    expect([scene.system.effectiveGrants(asked.id), scene.holds()]).toEqual([1, false]);
    expect(await scene.ledgerClosed(asked)).toBe(true);
  });

  it('the lease itself terminated: the execution starts it again to take the access back', async () => {
    const scene = await openScene(stage, soon);
    const asked = await scene.held();
    const [first] = await runsOf(asked);
    await scene.terminateOutside(asked.lease);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome, scene.holds()]).toEqual(['COMPLETED', 'revoked', false]);
    expect((await runsOf(asked))[0]).not.toBe(first);
    expect(scene.system.effectiveGrants(asked.id)).toBe(1);
    expect(scene.calls().filter((call) => call.startsWith('grant'))).toEqual(['grant 1']);
    expect(await scene.ledgerClosed(asked)).toBe(true);
  });

  it('the lease terminated and its id taken by something else: it is waited for, and the access taken back', async () => {
    const scene = await openScene(stage, soon);
    const asked = await scene.held();
    await scene.terminateOutside(asked.lease);
    await stage.plain.workflow.start('Decoy', { workflowId: asked.lease, taskQueue: 'nobody' });
    await eventually(async () => (await failedStarts(scene, asked)) > 0 || undefined, 'the lease to find its id taken');
    expect((await scene.row(asked))?.state.phase).toBe('active');

    await scene.terminateOutside(asked.lease);
    const { state } = await scene.ended(asked);
    expect([state.outcome, scene.holds(), await scene.ledgerClosed(asked)]).toEqual(['revoked', false, true]);
  });

  it('the lease cancelled: the access goes at once, and the outcome says so', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.cancelOutside(asked.lease);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome, state.why]).toEqual(['COMPLETED', 'revoked', 'it was ended from outside']);
    expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([false, true]);
  });
});

describe.concurrent('T26: calls that nobody answers', () => {
  it('a grant that hangs is tried again under its id; at the end it is revoked twice, and looked at', async () => {
    const scene = await openScene(stage, soon);
    scene.system.fail({ verb: 'grant', kind: 'hang' });
    const asked = await scene.held();
    const grants = scene.system.calls.filter(({ verb }) => verb === 'grant');
    expect(grants.map(({ id }) => id)).toEqual([`${asked.id}.0.grant.1`, `${asked.id}.0.grant.1`]);
    expect(scene.system.effectiveGrants(asked.id)).toBe(1);

    await scene.done(asked);
    expect((await scene.ended(asked)).state.outcome).toBe('completed');
    expect(scene.calls()).toEqual(['inspect 1', 'grant 1', 'grant 1', 'revoke 2', 'revoke 3', 'inspect 3']);
    expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([false, true]);
  });

  it('T25: a grant whose answer is lost is not taken for access that was there before', async () => {
    const scene = await openScene(stage, soon);
    scene.system.fail({ verb: 'grant', kind: 'drop' });
    const asked = await scene.held();
    expect(scene.system.calls.filter(({ verb }) => verb === 'grant').map(({ repeated }) => repeated)).toEqual([
      false,
      true,
    ]);
    expect(await scene.kinds(asked)).not.toContain('kept');
    await scene.done(asked);
    await scene.ended(asked);
    expect([scene.system.effectiveGrants(asked.id), scene.holds()]).toEqual([1, false]);
  });

  it('done while the grant hangs: what it gives late is taken back', async () => {
    const scene = await openScene(stage, soon);
    const held = holdBack(scene, 'grant');
    const asked = await scene.ask();
    await scene.approve(asked);
    await scene.called('grant');
    await scene.until(asked, 'starting');
    await scene.done(asked);
    await scene.called('revoke');
    expect(scene.holds()).toBe(false);
    // The slow system acts only now, after it was told to take back.
    held.letGo();
    await eventually(() => scene.holds() || undefined, 'the late grant');

    expect((await scene.ended(asked)).state.outcome).toBe('completed');
    expect([scene.system.effectiveGrants(asked.id), scene.holds()]).toEqual([1, false]);
    expect(scene.calls().slice(-3)).toEqual(['revoke 2', 'revoke 3', 'inspect 3']);
  });

  it('a grant that acts even after the second revoke is seen, and taken back once more', async () => {
    const scene = await openScene(stage, soon);
    const held = holdBack(scene, 'grant');
    const asked = await scene.ask();
    await scene.approve(asked);
    await scene.called('grant');
    await scene.cancel(asked);
    const release = scene.system.on('inspect', async ({ sequence }, moment) => {
      if (sequence !== 3 || moment !== 'before') return;
      held.letGo();
      await eventually(() => scene.holds() || undefined, 'the late grant');
    });
    expect((await scene.ended(asked)).state.outcome).toBe('withdrawn');
    release();
    expect(scene.calls().slice(-5)).toEqual(['revoke 2', 'revoke 3', 'inspect 3', 'revoke 4', 'inspect 4']);
    expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([false, true]);
  });

  it('a refusal after an unanswered try counts for little: what the try may have given is taken back', async () => {
    const scene = await openScene(stage, soon);
    scene.system.fail({ verb: 'grant', kind: 'drop' });
    scene.system.fail({ verb: 'grant', kind: 'refuse', reason: 'no seats left' });
    const asked = await scene.ask();
    await scene.approve(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.why]).toEqual(['FAILED', 'no seats left']);
    expect([scene.system.effectiveGrants(asked.id), scene.holds()]).toEqual([1, false]);
    expect(scene.calls().slice(-3)).toEqual(['revoke 2', 'revoke 3', 'inspect 3']);
  });

  it('a system that answers no inspect is revoked twice all the same', async () => {
    const scene = await openScene(stage, { ...soon, inspects: false });
    scene.system.fail({ verb: 'grant', kind: 'drop' });
    const asked = await scene.held();
    await scene.cancelOutside(asked.lease);
    await scene.ended(asked);
    expect(scene.calls()).toEqual(['grant 1', 'grant 1', 'revoke 2', 'revoke 3']);
    expect(scene.holds()).toBe(false);
  });

  it('a system that is down at the end is called until it is back', async () => {
    const scene = await openScene(stage, soon);
    const asked = await scene.held();
    scene.system.fail({ verb: 'revoke', kind: 'status', status: 503, times: 2 });
    scene.system.fail({ verb: 'revoke', kind: 'hang' });
    await scene.done(asked);
    expect((await scene.ended(asked)).state.outcome).toBe('completed');
    expect(scene.calls().slice(-4)).toEqual(['revoke 2', 'revoke 2', 'revoke 2', 'revoke 2']);
    expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([false, true]);
  });

  it('P2, P6: a revoke that fails for good is told once, alerted, and tried again', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    const provider = stage.providers[scene.provider];
    if (provider === undefined) throw new Error('no provider');
    let tries = 0;
    stage.providers[scene.provider] = {
      ...provider,
      async revoke(call) {
        tries += 1;
        if (tries === 1) throw ApplicationFailure.nonRetryable('the account is locked');
        if (tries === 2) throw new Error('not yet');
        await provider.revoke(call);
      },
    };
    await scene.done(asked);
    expect((await scene.told(asked, 'revoke_delayed')).details).toMatchObject({ why: 'the account is locked' });
    expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([true, false]);
    expect(stage.alerts).toContainEqual(
      expect.objectContaining({ alert: 'revoke', execution: asked.id, why: 'the account is locked' }),
    );

    expect((await scene.ended(asked)).state.outcome).toBe('completed');
    expect([tries, scene.holds(), await scene.ledgerClosed(asked)]).toEqual([3, false, true]);
    expect((await scene.kinds(asked)).filter((kind) => kind === 'revoke_delayed')).toHaveLength(1);
  });
});

describe.concurrent('T25: one access, once', () => {
  it('access that was there before is neither granted nor taken back', async () => {
    const scene = await openScene(stage);
    scene.system.give(scene.alice.id, scene.role);
    const asked = await scene.ask();
    await scene.approve(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome]).toEqual(['COMPLETED', 'completed']);
    expect(state.access).toMatchObject([{ state: 'kept' }]);
    expect(scene.calls()).toEqual(['inspect 1']);
    expect((await scene.kinds(asked)).filter((kind) => kind === 'kept')).toHaveLength(1);
    expect([scene.holds(), await scene.ledgerClosed(asked)]).toEqual([true, true]);
  });

  it('access that another execution of ours left behind is not taken for access that was there before', async () => {
    const scene = await openScene(stage);
    const left = await scene.held();
    await scene.cancelOutside(left.lease);
    await scene.ended(left);
    // The other one's row is open, as it is while nobody has taken its access back.
    const { items, beneficiary } = left.input.request;
    const target = items[0]?.target;
    if (target === undefined) throw new Error('no target');
    const row = { execution: `${left.id}_left`, item: 0, beneficiary: beneficiary.id, target, at: Date.now() };
    expect(await stage.store.ledger.open(row)).toEqual({ mayGrant: true, othersOpen: false });
    scene.system.give(scene.alice.id, scene.role);

    const asked = await scene.held();
    expect(await scene.kinds(asked)).not.toContain('kept');
    await scene.done(asked);
    await scene.ended(asked);
    expect(scene.holds()).toBe(false);
  });

  it('a second execution for the same access is told so, and the first goes on', async () => {
    const scene = await openScene(stage);
    const first = await scene.held();
    const second = await scene.ask({ request: { items: first.input.request.items } });
    await scene.approve(second);
    const { status, state } = await scene.ended(second);
    expect([status, state.outcome, state.why]).toEqual([
      'FAILED',
      'failed',
      'this access is held by another request already',
    ]);
    expect([(await scene.row(first))?.state.phase, scene.holds()]).toEqual(['active', true]);
    expect(scene.calls()).toEqual(['inspect 1', 'grant 1']);
    await scene.done(first);
    expect((await scene.ended(first)).state.outcome).toBe('completed');
    expect(scene.holds()).toBe(false);
  });

  it('P2: what the ledger holds to be over is never granted again', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    await stage.store.ledger.close(asked.id, 0, Date.now());
    await scene.approve(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.why]).toEqual(['FAILED', 'this access was taken back already']);
    expect([scene.calls(), scene.holds()]).toEqual([['inspect 1'], false]);
  });
});

/** Calls of this verb reach the system, which acts on them when it is let go. */
function holdBack(scene: Scene, verb: 'grant'): { letGo: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  scene.system.on(verb, async (_, moment) => {
    if (moment === 'before') await promise;
  });
  return { letGo: () => resolve() };
}

async function failedStarts(scene: Scene, asked: Asked): Promise<number> {
  const events = await scene.history(asked.id);
  return events.filter((event) => event.startChildWorkflowExecutionFailedEventAttributes).length;
}

async function runsOf({ lease }: Asked): Promise<string[]> {
  return [(await stage.client.workflow.getHandle(lease).describe()).runId];
}
