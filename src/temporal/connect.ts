import { Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { ElevateError } from '../core/errors.ts';

/** Fits `Connection` and the worker's `NativeConnection` alike. */
export interface TemporalOptions {
  connectionOptions: ClientConnectConfig['connectionOptions'] & { address: string };
  namespace: string;
}

/**
 * Where Temporal is, from its own `TEMPORAL_*` variables and profile file. Without any: `localhost:7233`, namespace `default`.
 *
 * @param env instead of the process's environment
 * @throws `invalid_input` if the profile is missing or cannot be read
 */
export function temporalOptions(env?: Record<string, string>): TemporalOptions {
  const { connectionOptions, namespace } = readProfile(env);
  return {
    connectionOptions: { ...connectionOptions, address: connectionOptions.address || 'localhost:7233' },
    namespace: namespace || 'default',
  };
}

function readProfile(env: Record<string, string> | undefined): ClientConnectConfig {
  try {
    return loadClientConnectConfig(env ? { overrideEnvVars: env } : {});
  } catch (cause) {
    // A parser's message may quote the line it stopped at, and with it an API key.
    throw new ElevateError(
      'invalid_input',
      "Temporal's connection profile cannot be read. Check that TEMPORAL_CONFIG_FILE is valid TOML, that TEMPORAL_PROFILE names one of its [profile.NAME] tables, and that the certificate files it names exist.",
      { cause },
    );
  }
}

/**
 * A connection for people who wait: nothing is sent before the first call, and a failing call is tried three times
 * within half a second. Close it when done.
 *
 * @throws `invalid_input` if address, TLS or API key cannot be used
 */
export function connectLazily({ connectionOptions }: TemporalOptions): Connection {
  try {
    return Connection.lazy({
      ...connectionOptions,
      // The SDK's own setting lacks the `grpc.` prefix, so that gRPC's 4 MiB would apply.
      channelArgs: { 'grpc.max_receive_message_length': 32 * 1024 * 1024 },
      interceptors: [makeGrpcRetryInterceptor(interactiveRetry)],
    });
  } catch (cause) {
    throw new ElevateError(
      'invalid_input',
      'Temporal cannot be connected to as configured. Check TEMPORAL_ADDRESS (host:port), TEMPORAL_TLS_* and TEMPORAL_API_KEY.',
      { cause },
    );
  }
}

const interactiveRetry = defaultGrpcRetryOptions({ maxAttempts: 3, initialIntervalMs: () => 60 });
