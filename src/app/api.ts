/** The Execution API, in. Its answers go back the same way. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { ApiDeps } from '../http/api.ts';
import { createAuth } from '../http/auth.ts';
import type { Parts } from './parts.ts';
import type { Rules } from './rules.ts';

/** `undefined` where the configuration has no API. */
export function apiFor({ api, server }: Config, parts: Parts, rules: Rules): ApiDeps | undefined {
  if (api === undefined) return undefined;
  const { tokens, ids, taskQueue, now, log } = parts;
  const auth = createAuth({ config: api, now, log });
  // The first caller need not wait for the issuer's keys; without them the API still starts, and says so to callers.
  void auth.ready();
  return {
    config: api,
    publicUrl: server.publicUrl,
    auth,
    ...rules,
    mint: tokens.mint,
    ids,
    taskQueue,
    now,
    pause: (ms) => pause(ms),
  };
}
