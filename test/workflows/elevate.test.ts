/** ElevateWorkflow on a real Temporal: every way through an execution, by its code and by its effect. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Refusal, Unreached } from '../../workflows/contract.ts';
import { ElevateError } from '../../src/core/errors.ts';
import { sampleActor } from '../samples.ts';
import { seal, signalSealed } from './raw.ts';
import { type Asked, newId, openScene, type Scene } from './scene.ts';
import { eventually, openStage, phasesIn, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('elevate', { temporalAddress: inject('temporalAddress') });
});
afterAll(() => stage.close());

describe.concurrent('a life', () => {
  it('P1, P2: asked, approved, held and taken back when its time is over', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask({ durationMs: 2_000 });
    expect(scene.system.calls).toEqual([]);

    await scene.approve(asked);
    await scene.until(asked, 'active');
    expect(scene.holds()).toBe(true);

    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome, scene.holds()]).toEqual(['COMPLETED', 'completed', false]);
    expect(scene.calls()).toEqual(['inspect 1', 'grant 1', 'revoke 2']);
    expect(await scene.kinds(asked)).toEqual([
      'requested',
      'asked',
      'voted',
      'approved',
      'granted',
      'revoked',
      'closed',
    ]);
    expect(await scene.ledgerClosed(asked)).toBe(true);
    // The chat saw the same, and the last that it was shown is the end.
    expect(phasesIn(scene.shown(asked)).at(-1)).toBe('closed');
    expect(scene.shown(asked).flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('a life costs at most 60 events of history in ElevateWorkflow, and 35 in AccessLease', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held({ durationMs: 1_500 });
    await scene.ended(asked);
    expect((await scene.history(asked.id)).length).toBeLessThanOrEqual(60);
    expect((await scene.history(asked.lease)).length).toBeLessThanOrEqual(35);
  });

  it('P6: what a chat could not reach is in the story once, and shown again, so that every chat can tell it', async () => {
    const scene = await openScene(stage);
    const id = newId();
    const found: Unreached = { stage: 0, platform: 'chat', recipient: 'C1', what: 'channel', othersAsked: false };
    const ofAnotherStage = { ...found, stage: 1 };
    stage.chat.unreached.set(id, [found, ofAnotherStage, found]);
    const asked = await scene.ask({ request: { id } });
    const told = await scene.told(asked, 'unreached');
    expect(told.details).toEqual(found);
    const wasShown = () => scene.shown(asked).some(({ events }) => events.some(({ kind }) => kind === 'unreached'));
    await eventually(wasShown, 'it in the chat');
    await scene.deny(asked);
    await scene.ended(asked);
    expect(await scene.kinds(asked)).toEqual(['requested', 'asked', 'unreached', 'voted', 'closed']);
  });

  it('P2: done ends it early, as completed', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.done(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome, scene.holds()]).toEqual(['COMPLETED', 'completed', false]);
    expect(await scene.kinds(asked)).toEqual(expect.arrayContaining(['released', 'ending', 'revoked', 'closed']));
  });

  it('withdrawn while it waits: nothing was granted, and Temporal says canceled', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    await scene.cancel(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome]).toEqual(['CANCELLED', 'withdrawn']);
    expect(scene.system.calls).toEqual([]);
    expect(await childrenOf(scene, asked)).toBe(0);
  });

  it('P2: withdrawn while active: the access goes first, then it closes as canceled', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held();
    await scene.cancel(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome, scene.holds()]).toEqual(['CANCELLED', 'withdrawn', false]);
    expect(state.access).toMatchObject([{ state: 'revoked' }]);
    const went = scene.system.changes.find(({ what }) => what === 'went');
    expect(went?.at).toBeLessThanOrEqual(state.closedAt);
    expect((await scene.kinds(asked)).slice(-3)).toEqual(['ending', 'revoked', 'closed']);
  });

  it('P1: denied: nothing is granted, whatever is approved after', async () => {
    const scene = await openScene(stage, { approval: [{ quorum: 2 }] });
    const asked = await scene.ask();
    await scene.approve(asked, scene.carol);
    await scene.deny(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome]).toEqual(['COMPLETED', 'denied']);
    await expect(stage.gateway.signal(scene.event(asked, 'decision', scene.carol))).rejects.toMatchObject({
      code: 'execution_closed',
    });
    expect(scene.system.calls).toEqual([]);
  });

  it('expired: nobody decided in time', async () => {
    const scene = await openScene(stage, { approval: [{ withinMs: 300 }] });
    const asked = await scene.ask();
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome]).toEqual(['COMPLETED', 'expired']);
    expect(scene.system.calls).toEqual([]);
  });

  it('T19: a click sealed before the deadline that arrives after it counts; one made after it does not', async () => {
    const scene = await openScene(stage, { approval: [{ withinMs: 1_000 }] });
    const asked = await scene.ask();
    const { deadline } = await scene.until(asked, 'awaiting_approval');
    // Long enough that a workflow which waits for nobody has closed.
    await eventually(() => Date.now() > deadline + 1_000 || undefined, 'the deadline');
    await scene.approve(asked, scene.carol, { at: deadline + 1 });
    await scene.approve(asked, scene.bob, { at: deadline });
    await scene.until(asked, 'active');
    expect(scene.holds()).toBe(true);
    expect(await refusals(scene, asked)).toEqual(['too_late']);
    expect((await scene.told(asked, 'voted')).principal).toBe(scene.bob.id);
    await scene.done(asked);
    await scene.ended(asked);
  });

  it('stages are asked in order, each with its quorum of people', async () => {
    const scene = await openScene(stage, { approval: [{ quorum: 2 }, { quorum: 1 }] });
    const asked = await scene.ask();
    await scene.approve(asked, scene.bob, { stage: 1 });
    await scene.approve(asked);
    await scene.approve(asked);
    await scene.approve(asked, scene.carol);
    await eventually(async () => (await stageOf(scene, asked)) === 1 || undefined, 'the second stage');
    expect(scene.system.calls).toEqual([]);
    expect(await refusals(scene, asked)).toEqual(['stage_closed', 'already_voted']);
    await scene.approve(asked, scene.carol, { stage: 1 });
    await scene.until(asked, 'active');
    await scene.done(asked);
    expect((await scene.ended(asked)).state.votes).toHaveLength(3);
  });

  it('P1, P3: what does not count is refused and written down, and changes nothing', async () => {
    const scene = await openScene(stage);
    const mallory = { id: 'mallory@example.com', name: 'Mallory' };
    const asked = await scene.ask();
    const attempts = [
      scene.event(asked, 'decision', scene.alice),
      scene.event(asked, 'decision', mallory),
      scene.event(asked, 'decision', scene.bob, { digest: 'another request' }),
      scene.event(asked, 'decision', scene.bob, { run: randomUUID() }),
      scene.event(asked, 'release', mallory),
      scene.event(asked, 'release', scene.alice),
      scene.event(asked, 'question', scene.bob),
    ];
    for (const attempt of attempts) await scene.send(attempt);
    await eventually(async () => (await refusals(scene, asked)).length === attempts.length || undefined, 'refusals');
    expect(await refusals(scene, asked)).toEqual([
      'self_approval',
      'not_approver',
      'changed_request',
      'another_life',
      'not_owner',
      'nothing_held',
      'not_supported',
    ]);
    expect(await scene.row(asked)).toMatchObject({ state: { phase: 'awaiting_approval', votes: [] } });
    expect(scene.system.calls).toEqual([]);
    await scene.cancel(asked);
    await scene.ended(asked);
  });

  it('P3: two hundred copies of one approval at the same time are one vote', async () => {
    const scene = await openScene(stage, { approval: [{ quorum: 2 }] });
    const asked = await scene.ask();
    const event = scene.event(asked, 'decision', scene.bob);
    const sealed = await seal(stage, asked.id, event);
    // Half of them as Elevate sends them, which Temporal drops; half as somebody who copies them would.
    const copies = Array.from({ length: 200 }, (_, copy) =>
      signalSealed(stage, asked.id, 'event', sealed, copy % 2 === 0 ? event.id : randomUUID()),
    );
    await Promise.all(copies);
    const { state, entries } = await scene.inside(asked);
    expect(state).toMatchObject({ phase: 'awaiting_approval', seen: [event.id] });
    expect(state.votes).toHaveLength(1);
    expect(entries.map(({ kind }) => kind)).toEqual(['requested', 'asked', 'voted']);
    const signals = (await scene.history(asked.id)).filter((one) => one.workflowExecutionSignaledEventAttributes);
    expect(signals).toHaveLength(101);

    await scene.approve(asked, scene.carol);
    await scene.until(asked, 'active');
    expect(scene.system.effectiveGrants(asked.id)).toBe(1);
    await scene.done(asked);
    await scene.ended(asked);
  });
});

describe.concurrent('judged once more before the grant', () => {
  it('T9: a requester who is gone by then gets nothing', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    scene.leaves(scene.alice);
    await scene.approve(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome, state.why]).toEqual([
      'COMPLETED',
      'revoked',
      'the requester is not active any more',
    ]);
    expect(scene.system.calls).toEqual([]);
  });

  it.each<[string, (scene: Scene) => void]>([
    ['is not granted there any more', ({ role }) => void Object.assign(stage.roles[role] ?? {}, { providers: [] })],
    [
      'means something else there',
      ({ provider, role }) =>
        void Object.assign(stage.providers[provider] ?? {}, {
          target: () => ({ type: 'webhook', system: 'https://elsewhere.example.com', grant: role }),
        }),
    ],
  ])('T8: a role that %s ends the request as changed', async (_, change) => {
    const scene = await openScene(stage);
    const asked = await scene.ask();
    change(scene);
    await scene.approve(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome]).toEqual(['COMPLETED', 'changed']);
    expect(scene.system.calls).toEqual([]);
  });

  it('T9: the vote of somebody who left is dropped, and the stage asked again', async () => {
    const scene = await openScene(stage, { approval: [{ quorum: 2 }] });
    const asked = await scene.ask();
    await scene.approve(asked);
    await scene.told(asked, 'voted');
    const bob = stage.people.get(sampleActor(scene.bob).user);
    scene.leaves(scene.bob);
    await scene.approve(asked, scene.carol);

    expect((await scene.told(asked, 'vote_dropped')).principal).toBe(scene.bob.id);
    expect(await scene.until(asked, 'awaiting_approval')).toMatchObject({ votes: [{ by: scene.carol }] });
    expect(scene.system.calls).toEqual([]);

    // Somebody else must stand in for the lost vote; here it is Bob himself, who is back.
    if (bob !== undefined) stage.people.set(sampleActor(scene.bob).user, bob);
    await scene.approve(asked);
    await scene.until(asked, 'active');
    await scene.done(asked);
    await scene.ended(asked);
    expect((await scene.kinds(asked)).filter((kind) => kind === 'asked')).toHaveLength(2);
  });

  it('T9: while nobody can be judged nothing is granted, and it is tried until it works', async () => {
    const scene = await openScene(stage);
    const { user } = sampleActor(scene.alice);
    let lookUps = 0;
    stage.onLookUp.set(user, async () => {
      lookUps += 1;
      if (lookUps < 3) throw new ElevateError('unavailable', 'the directory does not answer');
      if (lookUps === 3) expect(scene.system.calls).toEqual([]);
    });
    const asked = await scene.held();
    // The fourth look is the one right before the grant call itself.
    expect(lookUps).toBe(4);
    await scene.done(asked);
    await scene.ended(asked);
  });

  it('P1: withdrawn while the last judgement is under way: nothing is granted', async () => {
    const scene = await openScene(stage);
    let judging = false;
    const { promise: answer, resolve: goOn } = Promise.withResolvers<void>();
    stage.onLookUp.set(sampleActor(scene.alice).user, async () => {
      judging = true;
      await answer;
    });
    const asked = await scene.ask();
    await scene.approve(asked);
    await eventually(() => judging || undefined, 'the judgement');
    await scene.cancel(asked);
    const { status } = await scene.ended(asked);
    goOn();
    expect([status, scene.calls()]).toEqual(['CANCELLED', []]);
    expect(await childrenOf(scene, asked)).toBe(0);
  });
});

describe.concurrent('what the world does to it', () => {
  it('a provider that refuses fails the execution, in Temporal too', async () => {
    const scene = await openScene(stage);
    scene.system.fail({ verb: 'grant', kind: 'refuse', reason: 'no seats left' });
    const asked = await scene.ask();
    await scene.approve(asked);
    const { status, state } = await scene.ended(asked);
    expect([status, state.outcome, state.why]).toEqual(['FAILED', 'failed', 'no seats left']);
    expect((await scene.told(asked, 'grant_refused')).details).toMatchObject({ why: 'no seats left' });
    expect(scene.calls()).toEqual(['inspect 1', 'grant 1']);
    expect(await scene.ledgerClosed(asked)).toBe(true);
  });

  it('P2, P6: a chat that fails delays neither grant nor revoke, and is told the end when it is back', async () => {
    const scene = await openScene(stage);
    const asked = await scene.ask({ durationMs: 1_500 });
    stage.chat.broken.add(asked.id);
    await scene.approve(asked);
    await scene.until(asked, 'active');
    expect(scene.holds()).toBe(true);
    await scene.until(asked, 'closed');
    expect(scene.holds()).toBe(false);
    expect(stage.chat.failures.get(asked.id)).toBeGreaterThan(1);
    expect(scene.calls()).toEqual(['inspect 1', 'grant 1', 'revoke 2']);
    expect(await stage.gateway.describe(asked.id)).toMatchObject({ open: true });

    stage.chat.broken.delete(asked.id);
    expect((await scene.ended(asked)).status).toBe('COMPLETED');
    expect(scene.shown(asked).at(-1)?.state).toMatchObject({ phase: 'closed', outcome: 'completed' });
    const told = scene.shown(asked).flatMap(({ events }) => events.map(({ kind }) => kind));
    expect(told.filter((kind) => kind === 'closed')).toHaveLength(1);
  });

  it('a chat that is not configured any more holds nothing up', async () => {
    const scene = await openScene(stage);
    const asked = await scene.held({ durationMs: 1_000, plan: { chats: ['chat', 'gone'] } });
    expect((await scene.ended(asked)).status).toBe('COMPLETED');
  });
});

async function refusals(scene: Scene, asked: Asked): Promise<Refusal[]> {
  const lines = await scene.audit(asked);
  return lines.flatMap(({ kind, details }) => (kind === 'refused' ? [details['reason'] as Refusal] : []));
}

async function stageOf(scene: Scene, asked: Asked): Promise<number | undefined> {
  const state = (await scene.row(asked))?.state;
  return state?.phase === 'awaiting_approval' ? state.stage : undefined;
}

async function childrenOf(scene: Scene, asked: Asked): Promise<number> {
  const events = await scene.history(asked.id);
  return events.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes).length;
}
