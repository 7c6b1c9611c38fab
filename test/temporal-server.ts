/** One Temporal dev server for the whole run. */
import type { TestProject } from 'vitest/node';
import type { Log } from '../src/core/ports.ts';
import { findTemporal, startTemporal } from '../src/dev/temporal.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `127.0.0.1:PORT` of the run's Temporal dev server, namespace `default`. Use a task queue of your own. */
    temporalAddress: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const path = await findTemporal({ env: process.env, log, onProgress: console.info });
  const server = await startTemporal({ path, log });
  project.provide('temporalAddress', server.address);
  return server.stop;
}

const log: Log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };
