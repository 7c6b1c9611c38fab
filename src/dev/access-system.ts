/**
 * An access system of our own, in this process: what stands behind a `webhook` provider. It believes only what is
 * signed, does each call once, keeps count, and goes wrong on demand. For tests and for `elevate dev`.
 *
 * @example
 * const system = await startAccessSystem({ secret });
 * system.fail({ verb: 'grant', kind: 'drop' });
 * // a provider of type webhook with system.url and the secret grants admin to Ann, then
 * system.has('ann@example.com', 'admin'); // true
 */
import type { AccessCall, Verb } from './access-system/calls.ts';
import type { Fault } from './access-system/faults.ts';
import { createHoldings, type Holdings } from './access-system/holdings.ts';
import { type Moment, startAccessServer } from './access-system/server.ts';

export type { AccessCall, Verb } from './access-system/calls.ts';
export type { Fault } from './access-system/faults.ts';

type Handler = (call: AccessCall, moment: Moment) => void | Promise<void>;

export interface AccessSystem extends Pick<Holdings, 'holders' | 'has' | 'give' | 'take' | 'doubleGrants'> {
  url: string;
  /** Every signed call in order of arrival, repeated ones too. */
  calls: readonly AccessCall[];
  /** Why other requests were turned away with 401. */
  rejected: readonly string[];
  /** Every time that access came or went. */
  changes: Holdings['changes'];
  /** How often a call of this execution made access come that was not there. */
  effectiveGrants(execution: string): number;
  /** Makes coming calls go wrong; the first that fits goes first. */
  fail(fault: Fault): void;
  /** What is still to go wrong. */
  faults: Fault[];
  /**
   * Runs something before and after each call of a verb takes effect (`after` only if it does). The call goes on
   * when it is done, so an answer can be held back; if it throws, the connection breaks. Returns what ends it.
   */
  on(verb: Verb, handler: Handler): () => void;
  stop(): Promise<void>;
}

export async function startAccessSystem(options: { secret: string; port?: number }): Promise<AccessSystem> {
  const { secret, port = 0 } = options;
  const { perform, changes, ...holdings } = createHoldings();
  const calls: AccessCall[] = [];
  const rejected: string[] = [];
  const faults: Fault[] = [];
  const listeners = new Set<{ verb: Verb; handler: Handler }>();

  async function tell(call: AccessCall, moment: Moment): Promise<void> {
    for (const { verb, handler } of listeners) if (verb === call.verb) await handler(call, moment);
  }

  const server = await startAccessServer(port, { secret, faults, perform, tell, calls, rejected });
  return {
    ...holdings,
    url: server.url,
    calls,
    rejected,
    changes,
    effectiveGrants: (execution) =>
      changes.filter(({ what, by }) => what === 'came' && by?.execution === execution).length,
    fail: (fault) => void faults.push({ ...fault }),
    faults,
    on(verb, handler) {
      const listener = { verb, handler };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: server.close,
  };
}
