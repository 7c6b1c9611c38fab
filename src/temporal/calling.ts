import type { Connection } from '@temporalio/client';
import type { Clock } from '../core/ports.ts';
import { isGone, isTrouble, unavailable } from './errors.ts';

/** Runs one call to Temporal within a time. */
export type Calling = <T>(ms: number, call: () => Promise<T>) => Promise<T>;

/**
 * gRPC's own deadline can be overrun by a second while it connects or waits to try again, so a timer of ours guards it.
 * `unavailable` therefore does not say that nothing was done. "Not found" and "already started" pass through.
 */
export function createCalling({ connection, now }: { connection: Connection; now: Clock }): Calling {
  return async (ms, call) => {
    const { promise: overdue, reject } = Promise.withResolvers<never>();
    const guard = setTimeout(() => reject(unavailable(new Error(`no answer within ${ms} ms`))), ms);
    try {
      return await Promise.race([connection.withDeadline(now() + ms, call), overdue]);
    } catch (error) {
      throw isTrouble(error) && !isGone(error) ? unavailable(error) : error;
    } finally {
      clearTimeout(guard);
    }
  };
}
