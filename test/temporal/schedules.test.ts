/** The one Schedule of a deployment: there, as it should be, and single, whoever starts and whatever was done to it. */
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ElevateError } from '../../src/core/errors.ts';
import { keepSweeping } from '../../src/temporal/schedules.ts';
import { connectLazily } from '../../src/temporal/connect.ts';
import { createGateway } from '../../src/temporal/gateway.ts';
import { eventually, namespace, openStage, silent, type Stage } from '../workflows/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('schedule', { temporalAddress: inject('temporalAddress') });
});
afterAll(async () => {
  await schedule()
    .delete()
    .catch(() => undefined);
  await stage.close();
});

const keep = () => keepSweeping({ ...stage, temporal: { namespace }, log: silent });
const id = () => `sweep_${stage.taskQueue}`;
const schedule = () => new Client({ connection: stage.connection, namespace }).schedule.getHandle(id());

async function asItShouldBe(): Promise<void> {
  const { spec, action, policies, state } = await schedule().describe();
  expect(spec).toMatchObject({ intervals: [{ every: 30_000 }], calendars: [] });
  expect(action).toMatchObject({ type: 'startWorkflow', workflowType: 'Sweep', taskQueue: stage.taskQueue });
  expect(action.args ?? []).toEqual([]);
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60_000 });
  expect(state).toMatchObject({ paused: false });
  expect(state.remainingActions).toBeUndefined();
}

describe('the schedule of sweeps', () => {
  it('is there after the first start, and is the only one after more of them', async () => {
    await keep();
    await asItShouldBe();
    await Promise.all([keep(), keep()]);
    await asItShouldBe();
    const ours = await eventually(async () => {
      const found = [];
      for await (const one of stage.plain.schedule.list()) if (one.scheduleId === id()) found.push(one);
      return found.length > 0 ? found : undefined;
    }, 'the list of schedules');
    expect(ours).toHaveLength(1);
  });

  it('starts sweeps that run to their end', async () => {
    await keep();
    await schedule().trigger();
    const ended = await eventually(async () => {
      const [action] = (await schedule().describe()).info.recentActions;
      return action?.action.type === 'startWorkflow' ? action.action.workflow : undefined;
    }, 'the first sweep');
    expect(await stage.client.workflow.getHandle(ended.workflowId).result()).toEqual({
      looked: expect.any(Number),
      mended: expect.any(Number),
    });
  });

  it('is put back when it was paused, changed or deleted', async () => {
    await schedule().pause('too noisy');
    await keep();
    await asItShouldBe();

    await schedule().update((old) => ({
      ...old,
      spec: { intervals: [{ every: '30 days' }], calendars: [{ hour: 3 }] },
      action: { ...old.action, workflowType: 'Foreign', args: [{ sealed: false }] },
      policies: { overlap: 'ALLOW_ALL' as const },
      state: { remainingActions: 1 },
    }));
    await keep();
    await asItShouldBe();

    await schedule().delete();
    await eventually(async () => {
      await keep();
      return schedule()
        .describe()
        .catch(() => undefined);
    }, 'it to be there again');
    await asItShouldBe();
    expect((await schedule().describe()).scheduleId).toBe(id());
  });

  it('no start without it: a Temporal that does not answer is unavailable', async () => {
    const connection = connectLazily({ connectionOptions: { address: '127.0.0.1:1' }, namespace });
    const gateway = createGateway({ ...stage, connection, namespace, now: Date.now });
    const starting = keepSweeping({ ...stage, connection, gateway, temporal: { namespace }, log: silent });
    await expect(starting).rejects.toMatchObject({ code: 'unavailable' });
    await gateway.settled();
    await connection.close();
  });

  it('where keeping it is not permitted, a warning says so; no other refusal is passed over', async () => {
    const warnings: string[] = [];
    const log = { ...silent, warn: (_: object, sentence: string) => void warnings.push(sentence) };
    const refusing = (code: number) => {
      const cause = Object.assign(new Error('refused'), { code, details: 'refused', metadata: {} });
      return { within: () => Promise.reject(new ElevateError('unavailable', 'Not now.', { cause })) };
    };
    await keepSweeping({ ...stage, gateway: refusing(7), temporal: { namespace }, log });
    expect(warnings).toHaveLength(1);
    const other = keepSweeping({ ...stage, gateway: refusing(12), temporal: { namespace }, log });
    await expect(other).rejects.toMatchObject({ code: 'unavailable' });
    expect(warnings).toHaveLength(1);
  });
});
