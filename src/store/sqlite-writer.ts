/** The thread that writes, as the others see it. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Result } from './sqlite-file.ts';
import type { Answer, Question, Work, Writing } from './sqlite-thread.ts';

export interface Writer {
  /** Resolves when it is done; a commit, and a statement alone, when it is on disk. @throws what SQLite throws; that the store is closed */
  ask(writing: Writing): Promise<Result>;
  stop(): Promise<void>;
}

export function startWriter(path: string): Writer {
  const worker = new Worker(new URL(`./sqlite-thread${extname(import.meta.filename)}`, import.meta.url), {
    workerData: { path } satisfies Work,
    // Flags of this process, such as those of a test runner, are not meant for it.
    execArgv: [],
  });
  const waiting = new Map<number, PromiseWithResolvers<Result>>();
  let ended: Error | undefined;
  let next = 0;
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('error', (error) => end(error instanceof Error ? error : new Error('The store has failed.')));
  worker.on('exit', () => end(new Error('The store is closed.')));
  worker.on('message', (answer: Answer) => {
    const asker = waiting.get(answer.id);
    waiting.delete(answer.id);
    // An idle store keeps no process alive.
    if (waiting.size === 0) worker.unref();
    if ('failure' in answer) asker?.reject(Object.assign(new Error(answer.failure.message), answer.failure));
    else asker?.resolve(answer);
  });
  return {
    ask(writing) {
      if (ended !== undefined) return Promise.reject(ended);
      const answered = Promise.withResolvers<Result>();
      next += 1;
      worker.postMessage({ id: next, writing } satisfies Question);
      waiting.set(next, answered);
      worker.ref();
      return answered.promise;
    },
    async stop() {
      await worker.terminate();
    },
  };
}
