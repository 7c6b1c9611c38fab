import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../src/core/card.ts';
import { type Answer, createAnswering } from '../../../src/core/showing/answering.ts';
import { plain } from '../../../src/core/words.ts';

const reply: Reply = { paragraphs: [['Approved.']], cards: [] };

/** `passes`: which of the waits is over before the work is, by its length. */
function answering(passes: (ms: number) => boolean = () => false) {
  const lines: string[] = [];
  const keep = (fields: object, message: string) => void lines.push(JSON.stringify([fields, message]));
  const heard: (Answer<string> | string)[] = [];
  const waits: AbortSignal[] = [];
  const { answer } = createAnswering<string>({
    draw: async ({ paragraphs }) => paragraphs.map(plain).join(' '),
    drawSentence: (sentence) => sentence,
    pause: (ms, signal) => {
      waits.push(signal);
      return passes(ms) ? Promise.resolve() : new Promise(() => {});
    },
    newId: () => 'id-1',
    loggable: (error) => ({ error: (error as Error).message }),
    patience: { ackMs: 10, outcomeMs: 20 },
    log: { debug: keep, info: keep, warn: keep, error: keep },
    now: () => 0,
  });
  const run = (work: () => Promise<Reply>) =>
    answer('test', work, {
      acknowledge: async (first) => void heard.push(first),
      tell: async (message) => void heard.push(message),
    });
  return { run, heard, lines, waits };
}

describe('answering', () => {
  it('P6: answers with the outcome where it is there in time, and waits for nothing after that', async () => {
    const { run, heard, waits } = answering();
    await run(async () => reply);
    expect(heard).toEqual([{ message: 'Approved.', kind: 'outcome' }]);
    expect(waits.every(({ aborted }) => aborted)).toBe(true);
  });

  it('P6: says that it takes longer, and tells the outcome when it is there', async () => {
    const { run, heard } = answering((ms) => ms === 10);
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const done = run(() => promise);
    await expect.poll(() => heard).toHaveLength(1);
    resolve(reply);
    await done;
    expect(heard).toEqual([{ message: 'Still working on it…', kind: 'later' }, 'Approved.']);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('a secret of the store'))],
    [
      'throws',
      () => {
        throw new Error('a secret of the store');
      },
    ],
  ])('P7: says nothing of why where the work %s, and gives an id that is in the log', async (_, work) => {
    const { run, heard, lines } = answering();
    await run(work);
    expect(heard).toEqual([{ message: expect.stringContaining('this id: id-1'), kind: 'failed' }]);
    expect(JSON.stringify(heard)).not.toContain('secret');
    expect(lines.join()).toContain('id-1');
  });

  it('P6: tells that it failed where no outcome comes at all', async () => {
    const { run, heard } = answering(() => true);
    await run(() => new Promise(() => {}));
    expect(heard.at(-1)).toEqual(expect.stringContaining('it is not certain that this was recorded'));
  });
});
