import { describe, expect, it } from 'vitest';
import { live } from '../../src/app/live.ts';

interface Greeter {
  greet(name: string): Promise<string>;
}

function greeter(word: string, wait: Promise<void> = Promise.resolve()): Greeter {
  return {
    async greet(name) {
      await wait;
      return `${word} ${name}`;
    },
  };
}

describe('a live port', () => {
  it('answers with the newest, and lets a call that has begun end with what it began with', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let newest = greeter('old', promise);
    const port = live(() => newest);
    const begun = port.greet('Alice');
    newest = greeter('new');
    expect(await port.greet('Bob')).toBe('new Bob');
    resolve();
    expect(await begun).toBe('old Alice');
  });
});
