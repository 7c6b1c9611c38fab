import { Client } from '@temporalio/client';
import type { Connection, WorkflowClient } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Clock } from '../core/ports.ts';
import { isGone, isTrouble, unavailable } from './errors.ts';

export interface GatewayOptions {
  connection: Connection;
  namespace: string;
  taskQueue: string;
  dataConverter: DataConverter;
  /** The wall clock: compared with the server's times, and the base of gRPC's deadlines. */
  now: Clock;
}

export interface Calling extends GatewayOptions {
  workflow: WorkflowClient;
  service: Connection['workflowService'];
  /**
   * Runs one call within a time. "Not found" and "already started" pass through.
   * @throws `unavailable`, which does not say that nothing was done
   */
  within: <T>(ms: number, call: () => Promise<T>) => Promise<T>;
  /** The same, and `undefined` for an execution that is unknown or, where it must be open, closed. */
  withinOrGone: <T>(ms: number, call: () => Promise<T>) => Promise<T | undefined>;
}

/** A platform waits three seconds for its answer; two calls must fit. */
export const interactiveMs = 1_200;

export function createCalling(options: GatewayOptions): Calling {
  const { connection, namespace, dataConverter, now } = options;

  /** gRPC overruns its own deadline by a second while it connects or waits to try again, hence a timer of ours. */
  async function within<T>(ms: number, call: () => Promise<T>): Promise<T> {
    const { promise: overdue, reject } = Promise.withResolvers<never>();
    const guard = setTimeout(() => reject(unavailable(new Error(`No answer within ${ms} ms`))), ms);
    try {
      return await Promise.race([connection.withDeadline(now() + ms, call), overdue]);
    } catch (error) {
      throw isTrouble(error) && !isGone(error) ? unavailable(error) : error;
    } finally {
      clearTimeout(guard);
    }
  }

  return {
    ...options,
    workflow: new Client({ connection, namespace, dataConverter }).workflow,
    service: connection.workflowService,
    within,
    async withinOrGone(ms, call) {
      try {
        return await within(ms, call);
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
  };
}
