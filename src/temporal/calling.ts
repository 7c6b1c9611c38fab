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
  /**
   * Resolves when no call is under way any longer, given-up ones included: a retry of gRPC's on a connection that
   * was closed meanwhile would end the process.
   */
  settled: () => Promise<void>;
}

/** A platform waits three seconds for its answer; two calls must fit. */
export const interactiveMs = 1_200;

export function createCalling(options: GatewayOptions): Calling {
  const { connection, namespace, dataConverter, now } = options;
  const underWay = new Set<Promise<unknown>>();

  /** gRPC overruns its own deadline by a second while it connects or waits to try again, hence a timer of ours. */
  async function within<T>(ms: number, call: () => Promise<T>): Promise<T> {
    const { promise: overdue, reject } = Promise.withResolvers<never>();
    const guard = setTimeout(() => reject(unavailable(new Error(`No answer within ${ms} ms`))), ms);
    const calling = connection.withDeadline(now() + ms, call).finally(() => underWay.delete(calling));
    underWay.add(calling);
    try {
      return await Promise.race([calling, overdue]);
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
    settled: async () => void (await Promise.allSettled(underWay)),
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
