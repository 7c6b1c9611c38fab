/** Keys, store, Temporal: what everything else stands on, and what no reload changes. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { deriveKeys } from '../config/keys.ts';
import { ElevateError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import { rememberSignIns } from '../directory/sign-ins.ts';
import { openStore } from '../store/database.ts';
import { connectLazily, type TemporalOptions } from '../temporal/connect.ts';
import { createDataConverter } from '../temporal/data-converter.ts';
import { createGateway } from '../temporal/gateway.ts';
import { createCursors } from '../tokens/cursors.ts';
import { createIds } from '../tokens/ids.ts';
import { createTokens } from '../tokens/signal-token.ts';

/** What is to be closed, last opened first. */
export type Closing = (() => Promise<unknown>)[];

export interface PartsOptions {
  config: Config;
  temporal: TemporalOptions;
  log: Logger;
  now?: Clock;
}

export type Parts = Awaited<ReturnType<typeof openParts>>;

/** @throws `unavailable` if store or Temporal cannot be reached */
export async function openParts({ config, temporal, log, now = Date.now }: PartsOptions, closing: Closing) {
  const { namespace } = temporal;
  const { taskQueue } = config.temporal;
  const deployment = `${namespace}/${taskQueue}`;
  const keys = deriveKeys(config.keys);
  const opened = await openStore(config.store);
  const store = { ...opened, signIns: rememberSignIns({ signIns: opened.signIns, now }) };
  closing.unshift(() => store.close());
  const dataConverter = createDataConverter(keys.payloads, namespace);
  const connection = connectLazily(temporal);
  const gateway = createGateway({ connection, namespace, taskQueue, dataConverter, now });
  closing.unshift(() => gateway.settled().then(() => connection.close()));
  await requireTemporal(gateway.ping, temporal);
  return {
    temporal,
    connection,
    taskQueue,
    deployment,
    log,
    now,
    store,
    dataConverter,
    gateway,
    ids: createIds(keys.ids),
    cursors: createCursors(keys.cursors),
    tokens: await createTokens({ keys: keys.tokens, deployment, now }),
  };
}

/** How often Temporal is asked before a start is given up, a second apart. */
const TEMPORAL_TRIES = 8;

async function requireTemporal(ping: () => Promise<void>, { connectionOptions }: TemporalOptions): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ping();
    } catch (cause) {
      const { address } = connectionOptions;
      const message = `Temporal does not answer at ${address}. Start it, or set TEMPORAL_ADDRESS.`;
      if (tries === TEMPORAL_TRIES) throw new ElevateError('unavailable', message, { cause });
      await pause(1_000);
    }
  }
}
