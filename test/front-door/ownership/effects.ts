/** What came of a call that was taken: looked up in the store, once the workflow has come to it. */
import { expect, vi } from 'vitest';
import { type House, PATIENCE, type Person } from '../house.ts';
import type { Effect, Standing } from './matrix.ts';
import { type Made, standingOf } from './states.ts';

interface Taken {
  made: Made;
  /** Where it stood when it was called. */
  standing: Standing;
  by: Person;
}

export function createEffects(house: House) {
  /** Waits for this effect. @throws if there is none, or another */
  return async (effect: Effect, { made, standing, by }: Taken): Promise<void> => {
    switch (effect) {
      case 'votes':
        await vi.waitFor(async () => expect(await votesOf(made, by)).toBe(1), PATIENCE);
        return;
      case 'refused':
        await vi.waitFor(async () => expect(await refusalsOf(made, by)).toBe(1), PATIENCE);
        expect(standingOf(await house.stateOf(made.id))).toBe(standing);
        return;
      case 'again':
        // What comes later is known to have been read later.
        await house.call(made.owner, `POST /execution/${made.id}/cancel`);
        await closed(made);
        expect([await votesOf(made, by), await refusalsOf(made, by)]).toEqual([1, 0]);
        return;
      case 'terminated':
        // Before the access system is let go, or the execution might come to its own end first.
        expect(await house.ended(made.id)).toBe('WorkflowExecutionTerminated');
        expect(await closed(made)).toBe(effect);
        return;
      default:
        expect(await closed(made)).toBe(effect);
        expect(house.sandbox.has(made.owner.email)).toBe(false);
    }
  };

  async function closed(made: Made): Promise<string> {
    made.letGo();
    const { state } = await house.inPhase(made.id, 'closed');
    await vi.waitFor(async () => expect(await kindsOf(made)).toContain('closed'), PATIENCE);
    return standingOf(state);
  }

  async function kindsOf({ id }: Made): Promise<string[]> {
    return (await house.audited(id)).map(({ kind }) => kind);
  }

  async function votesOf({ id }: Made, { email }: Person): Promise<number> {
    const votes = (await house.stateOf(id))?.votes ?? [];
    return votes.filter((vote) => vote.by.id === email).length;
  }

  async function refusalsOf({ id }: Made, { email }: Person): Promise<number> {
    const lines = await house.audited(id);
    return lines.filter(({ kind, principal }) => kind === 'refused' && principal === email).length;
  }
}
