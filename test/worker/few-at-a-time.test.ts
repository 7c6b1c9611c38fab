import { describe, expect, it } from 'vitest';
import { fewAtATime } from '../../src/worker/few-at-a-time.ts';

const { signal } = new AbortController();

describe('a few at a time', () => {
  it('works through all of them, never more than five at once', async () => {
    let underWay = 0;
    let most = 0;
    const done: number[] = [];
    await fewAtATime(
      Array.from({ length: 40 }, (_, at) => at),
      signal,
      async (one) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        done.push(one);
      },
    );
    expect([most, underWay, done.toSorted((a, b) => a - b)]).toEqual([5, 0, Array.from({ length: 40 }, (_, at) => at)]);
  });

  it('is ended by what one of them throws, once those that were begun are done', async () => {
    let done = 0;
    let begun = 0;
    const working = fewAtATime([1, 2, 3, 4, 5, 6, 7, 8], signal, async (one) => {
      begun += 1;
      await new Promise((resolve) => setImmediate(resolve));
      done += 1;
      if (one === 2) throw new Error('the second');
    });
    await expect(working).rejects.toThrow('the second');
    expect(begun).toBeLessThan(8);
    expect(done).toBe(begun);
  });

  it('what is thrown while the next ones are being fetched is not lost', async () => {
    const slowly = async function* () {
      yield 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield 2;
    };
    const begun: number[] = [];
    const working = fewAtATime(slowly(), signal, async (one) => {
      begun.push(one);
      throw new Error(`number ${one}`);
    });
    await expect(working).rejects.toThrow('number 1');
    expect(begun).toEqual([1]);
  });

  it('begins no more of them once it is told to stop', async () => {
    const stopping = new AbortController();
    const begun: number[] = [];
    const working = fewAtATime([1, 2, 3, 4], stopping.signal, async (one) => {
      begun.push(one);
      stopping.abort(new Error('the worker stops'));
    });
    await expect(working).rejects.toThrow('the worker stops');
    expect(begun).toEqual([1]);
  });

  it('what yields them may fail', async () => {
    const failing = async function* () {
      yield 1;
      throw new Error('no more pages');
    };
    await expect(fewAtATime(failing(), signal, async () => {})).rejects.toThrow('no more pages');
  });
});
