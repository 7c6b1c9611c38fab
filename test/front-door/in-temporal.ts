/** What is done to a house's executions in Temporal itself, past Elevate. */
import { Client } from '@temporalio/client';
import { expect, vi } from 'vitest';
import type { ElevateInput } from '../../workflows/contract.ts';
import { deriveKeys } from '../../src/config/keys.ts';
import { connectLazily } from '../../src/temporal/connect.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { createGateway } from '../../src/temporal/gateway.ts';
import { startOf, startSealed } from '../workflows/raw.ts';
import type { House } from './house.ts';

/** Temporal deletes in its own time, what has just closed after a while. Bounds a failing test. */
const DELETED_WITHIN = 90_000;

export interface InTemporal {
  terminate(id: string): Promise<void>;
  /** As somebody without our keys can: with a copy of what its first life was started with. */
  startAgain(id: string): Promise<void>;
  /** As a server of ours that died before it wrote the row. */
  start(input: ElevateInput): Promise<void>;
  /** Has Temporal forget it, as it does when it has kept it for long enough. One that is open is ended by it. */
  forget(id: string): Promise<void>;
  /** `undefined` if Temporal keeps nothing of it. */
  isOpen(id: string): Promise<boolean | undefined>;
  close(): Promise<void>;
}

export function inTemporal({ temporal, config }: House): InTemporal {
  const { namespace } = temporal;
  const { taskQueue } = config.temporal;
  const connection = connectLazily(temporal);
  const dataConverter = createDataConverter(deriveKeys(config.keys).payloads, namespace);
  const gateway = createGateway({ connection, namespace, taskQueue, dataConverter, now: Date.now });
  const { workflow } = new Client({ connection, namespace });

  return {
    terminate: async (id) => void (await workflow.getHandle(id).terminate('from outside')),

    async startAgain(id) {
      const { events } = await workflow.getHandle(id).fetchHistory();
      await startSealed({ connection, taskQueue }, 'ElevateWorkflow', id, startOf(events ?? []));
    },

    async start(input) {
      const { id: owner } = input.request.requester;
      await gateway.start(input, { owner, beneficiary: owner, fingerprint: 'f', input });
    },

    async forget(id) {
      await connection.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId: id } });
      const isGone = async () => expect(await gateway.describe(id)).toBeUndefined();
      await vi.waitFor(isGone, { timeout: DELETED_WITHIN, interval: 250 });
    },

    isOpen: async (id) => (await gateway.describe(id))?.open,
    close: () => gateway.settled().then(() => connection.close()),
  };
}
