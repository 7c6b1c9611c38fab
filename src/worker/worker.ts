/** The worker: runs the workflows and activities of one task queue. */
import { extname, join } from 'node:path';
import {
  bundleWorkflowCode,
  type DataConverter,
  IllegalStateError,
  type LogLevel,
  NativeConnection,
  type NativeConnectionOptions,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { Activities } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';

export interface RunningWorker {
  /** Ends when the worker has stopped; rejects if it failed. */
  stopped: Promise<void>;
  /** Takes no more work, lets running activities finish for five seconds, and stops. */
  stop(): Promise<void>;
}

/** Workflow code in one bundle. The same bundle serves every worker of a process. */
export async function bundleWorkflows(dataConverter: DataConverter, log: Log): Promise<WorkflowBundleWithSourceMap> {
  const { failureConverterPath } = dataConverter;
  return bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, `../../workflows/index${extname(import.meta.filename)}`),
    ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
    logger: sdkLogger(log),
  });
}

/**
 * Before anything else of Temporal's: our log, and our own handling of signals. A process has one runtime, so a second
 * app in it shares the first one's.
 */
export function installRuntime(log: Log): void {
  try {
    Runtime.install({ logger: sdkLogger(log), shutdownSignals: [] });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
}

/** @throws `unavailable` if Temporal cannot be reached within the connection's time-out, or lacks the namespace */
export async function startWorker(options: {
  connectionOptions: NativeConnectionOptions;
  namespace: string;
  taskQueue: string;
  dataConverter: DataConverter;
  bundle: WorkflowBundleWithSourceMap;
  activities: Activities;
}): Promise<RunningWorker> {
  const { connectionOptions, namespace, taskQueue, dataConverter, bundle, activities } = options;
  const connection = await NativeConnection.connect(connectionOptions).catch(translated(namespace));
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    dataConverter,
    workflowBundle: bundle,
    activities,
    shutdownGraceTime: 5_000,
    shutdownForceTime: 15_000,
    maxCachedWorkflows: 500,
    // The SDK's 40 would keep those waiting who wait for an answer of this process (`npm run bench -- acks`).
    maxConcurrentWorkflowTaskExecutions: 8,
  }).catch(async (error: unknown) => {
    await connection.close();
    return translated(namespace)(error);
  });
  const stopped = runToTheEnd(worker, connection);
  // Whoever awaits `stopped` hears of a failure; this only keeps it from ending the process before that.
  stopped.catch(() => undefined);
  return {
    stopped,
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await stopped;
    },
  };
}

/**
 * The SDK's own message quotes what the server answered, so it stays in the cause. Its class is not for our use; the
 * name is part of what it documents.
 */
function translated(namespace: string): (error: unknown) => never {
  return (cause) => {
    if (!(cause instanceof Error) || cause.name !== 'TransportError') throw cause;
    const message = `Temporal has no namespace "${namespace}", or does not let this worker in. Create it, or set TEMPORAL_NAMESPACE.`;
    throw new ElevateError('unavailable', message, { cause });
  };
}

async function runToTheEnd(worker: Worker, connection: NativeConnection): Promise<void> {
  try {
    await worker.run();
  } finally {
    await connection.close();
  }
}

function sdkLogger(log: Log) {
  const levels = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  const write = (level: LogLevel, message: string, meta?: object) => log[levels[level]](meta ?? {}, message);
  return {
    log: write,
    trace: (message: string, meta?: object) => write('TRACE', message, meta),
    debug: (message: string, meta?: object) => write('DEBUG', message, meta),
    info: (message: string, meta?: object) => write('INFO', message, meta),
    warn: (message: string, meta?: object) => write('WARN', message, meta),
    error: (message: string, meta?: object) => write('ERROR', message, meta),
  };
}
