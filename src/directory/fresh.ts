/** Answers of a platform about its people: at most a minute old, and in time or not at all. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/ports.ts';

/** How old an answer may be. */
const FRESH_MS = 60_000;
const MOST = 10_000;

/** Asks again once the answer is too old. That there is none is an answer; failures are not remembered. */
export function keepFresh<T extends object>(
  now: Clock,
  ask: (key: string) => Promise<T | undefined>,
): (key: string) => Promise<T | undefined> {
  const answers = new LRUCache<string, { answer: T | undefined }>({
    max: MOST,
    ttl: FRESH_MS,
    ttlResolution: 0,
    perf: { now },
    fetchMethod: async (key) => ({ answer: await ask(key) }),
  });
  return async (key) => (await answers.fetch(key))?.answer;
}

/** @throws what the call throws, or an error of its own after `timeoutMs` */
export async function inTime<T>(call: Promise<T>, timeoutMs: number): Promise<T> {
  const answered = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    answered.abort();
    late.catch(() => {});
  }
}
