import { describe, expect, it } from 'vitest';
import { createPace } from '../../src/teams/pace.ts';

/** Waiting moves the clock on; the times of all turns are kept. */
function paced() {
  let now = 1_000_000;
  const pace = createPace({ now: () => now, pause: async (ms) => void (now += ms) });
  const turns: number[] = [];
  return {
    pass: (ms: number) => void (now += ms),
    turns,
    async take(conversation = 'a') {
      await pace.turn(conversation);
      turns.push(now);
    },
  };
}

/** As many as fit into any span of this length. */
function most(turns: readonly number[], ms: number): number {
  return Math.max(...turns.map((start) => turns.filter((at) => at >= start && at < start + ms).length));
}

describe('the pace of messages to one conversation', () => {
  it.each([
    ['a second', 1_000, 7],
    ['two seconds', 2_000, 8],
    ['thirty seconds', 30_000, 60],
    ['an hour', 3_600_000, 1_800],
  ])('stays below what Teams takes in %s', async (_, ms, limit) => {
    const { take, turns, pass } = paced();
    while (turns.length < 1_900) await take().catch((busy: { retryAfterMs: number }) => pass(busy.retryAfterMs));
    expect(most(turns, ms)).toBeLessThan(limit);
  });

  it('lets a few go at once, and each conversation for itself', async () => {
    const { take, turns } = paced();
    for (const conversation of ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b']) await take(conversation);
    expect(new Set(turns).size).toBe(1);
  });

  it('gives each of those who wait at the same time a turn of their own', async () => {
    const waits: number[] = [];
    const pace = createPace({ now: () => 0, pause: async (ms) => void waits.push(ms) });
    await Promise.all(Array.from({ length: 9 }, () => pace.turn('a')));
    expect(waits).toEqual([1_000, 2_000, 2_000, 2_000, 2_000]);
  });

  it('asks the caller to come back where the wait is long, and says when', async () => {
    const { take, pass } = paced();
    const takeAll = async () => {
      for (;;) await take();
    };
    const busy = (await takeAll().catch((error: unknown) => error)) as { name: string; retryAfterMs: number };
    expect(busy.name).toBe('ChatBusy');
    pass(busy.retryAfterMs);
    await expect(take()).resolves.toBeUndefined();
  });

  it('is not held up by a clock that was set back', async () => {
    let now = 10 * 3_600_000;
    const waits: number[] = [];
    const pace = createPace({ now: () => now, pause: async (ms) => void waits.push(ms) });
    for (let turn = 0; turn < 4; turn += 1) await pace.turn('a');
    now -= 3_600_000;
    await pace.turn('a');
    expect(waits).toEqual([]);
  });
});
