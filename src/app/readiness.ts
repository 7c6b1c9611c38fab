/** What `/readyz` says: which part does not answer. */
import type { Readiness } from '../http/server.ts';
import type { Parts } from './parts.ts';

export async function readinessOf({ store, gateway }: Pick<Parts, 'store' | 'gateway'>): Promise<Readiness> {
  const checks = {
    store: await state(() => store.ping()),
    temporal: await state(() => gateway.ping()),
    worker: await state(async () => {
      if (!(await gateway.hasWorker())) throw new Error('no worker polls');
    }),
  };
  return { ok: Object.values(checks).every((check) => check === 'ok'), checks };
}

async function state(check: () => Promise<void>): Promise<string> {
  try {
    await check();
    return 'ok';
  } catch {
    return 'does not answer';
  }
}
