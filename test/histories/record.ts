/**
 * Records the histories that `test/workflows/replay.test.ts` replays: `node test/histories/record.ts`. Until 1.0
 * they are recorded again with every change of the workflows; from then on they are kept, and the workflows patched.
 */
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Log } from '../../src/core/ports.ts';
import { findTemporal, startTemporal } from '../../src/dev/temporal.ts';
import { sampleActor } from '../samples.ts';
import { type Asked, openScene, type Scene } from '../workflows/scene.ts';
import { openStage } from '../workflows/stage.ts';
import { historyKey } from './key.ts';

const log: Log = { debug() {}, info() {}, warn: console.warn, error: console.error };
const temporal = await startTemporal({ path: await findTemporal({ env: process.env, log }), log });
const stage = await openStage('histories', { temporalAddress: temporal.address, key: historyKey });

/** What is played, by the name of its files. Each says which execution is to be kept, once it has ended. */
const plays: Record<string, (scene: Scene) => Promise<Asked>> = {
  async natural(scene) {
    return scene.held({ durationMs: 1_500 });
  },

  async done(scene) {
    const asked = await scene.held();
    await scene.done(asked);
    return asked;
  },

  async denied(scene) {
    const asked = await scene.ask();
    await scene.deny(asked);
    return asked;
  },

  /** Nobody decided in time; noise came instead. */
  async expired(scene) {
    const asked = await scene.ask();
    await scene.approve(asked, scene.alice);
    await stage.plain.workflow.getHandle(asked.id).signal('event', 'noise');
    await stage.plain.workflow.getHandle(asked.id).signal('lease');
    return asked;
  },

  async withdrawn(scene) {
    const asked = await scene.held();
    await scene.cancel(asked);
    return asked;
  },

  /** By force, through Elevate. */
  async terminated(scene) {
    const asked = await scene.held();
    await scene.closeOut(asked);
    await stage.client.workflow.getHandle(`end_${asked.id}`).result();
    return asked;
  },

  /** The first vote does not stand when it is judged once more. */
  async dropped(scene) {
    const asked = await scene.ask();
    const { user } = sampleActor(scene.bob);
    const bob = stage.people.get(user);
    scene.leaves(scene.bob);
    await scene.approve(asked);
    await scene.told(asked, 'vote_dropped');
    if (bob !== undefined) stage.people.set(user, bob);
    await scene.approve(asked);
    await scene.until(asked, 'active');
    await scene.done(asked);
    return asked;
  },

  async refused(scene) {
    scene.system.fail({ verb: 'grant', kind: 'refuse', reason: 'no seats left' });
    const asked = await scene.ask();
    await scene.approve(asked);
    return asked;
  },

  /** A grant that nobody answered at first, and a provider that is away when the access is to end. */
  async unanswered(scene) {
    scene.system.fail({ verb: 'grant', kind: 'hang' });
    const asked = await scene.held();
    scene.system.fail({ verb: 'revoke', kind: 'status', status: 503 });
    await scene.done(asked);
    return asked;
  },

  /** The lease was ended by force, and is started again to take back. */
  async restarted(scene) {
    const asked = await scene.held();
    await scene.terminateOutside(asked.lease);
    return asked;
  },

  async kept(scene) {
    scene.system.give(scene.alice.id, scene.role);
    const asked = await scene.ask();
    await scene.approve(asked);
    return asked;
  },
};

for (const file of globSync('*.json', { cwd: import.meta.dirname })) rmSync(join(import.meta.dirname, file));
await Promise.all(
  Object.entries(plays).map(async ([name, play]) => {
    const scene = await openScene(stage, { timeoutMs: 500, approval: [{ withinMs: name === 'expired' ? 500 : 60_000 }] });
    const asked = await play(scene);
    await scene.ended(asked);
    for (const workflowId of [asked.id, asked.lease, `end_${asked.id}`]) await save(name, workflowId);
  }),
);
await stage.close();
await temporal.stop();

/** As Temporal keeps it: sealed. */
async function save(name: string, workflowId: string): Promise<void> {
  const history = await stage.plain.workflow
    .getHandle(workflowId)
    .fetchHistory()
    .catch(() => undefined);
  if (history === undefined) return;
  const file = join(import.meta.dirname, `${name}-${workflowId.split('_')[0]}.json`);
  writeFileSync(file, `${JSON.stringify({ workflowId, history: JSON.parse(historyToJSON(history)) as unknown })}\n`);
}
