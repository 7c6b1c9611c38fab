import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ElevateError } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import { buildTemporal, downloadTemporal } from './get-temporal.ts';
import { withLock } from './lock.ts';

const temporalVersion = 'v1.5.1';

type Environment = Record<string, string | undefined>;

/** Puts the program at a path, all or nothing. `false` if this way is not open here. */
export type Get = (to: { path: string; version: string; env: Environment; log: Log }) => Promise<boolean>;

/**
 * Path of a `temporal` program: `TEMPORAL_CLI`, one on PATH, one in the user's cache; else it is downloaded, or built with Go,
 * into the cache, once however many ask at the same time.
 *
 * @param options.onProgress told before what takes long
 * @param options.ways for tests: how to get it
 * @throws `unavailable` saying what to install
 */
export async function findTemporal(options: {
  env: Environment;
  log: Log;
  onProgress?: (sentence: string) => void;
  ways?: { sentence: string; get: Get }[];
}): Promise<string> {
  const { env, log, onProgress, ways = usualWays } = options;

  if (env['TEMPORAL_CLI']) return given(env['TEMPORAL_CLI']);
  const installed = (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'temporal'))
    .find(isProgram);
  if (installed) return installed;

  const folder = cacheFolder(env);
  const path = join(folder, 'temporal');
  if (isProgram(path)) return path;

  return withLock(`${folder}.lock`, async () => {
    if (isProgram(path)) return path;
    for (const { sentence, get } of ways) {
      onProgress?.(sentence);
      if (await get({ path, version: temporalVersion, env, log })) return path;
    }
    throw new ElevateError(
      'unavailable',
      'There is no Temporal dev server on this machine, and it could be neither downloaded nor built. Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on your PATH, or Go 1.25, or set TEMPORAL_CLI to its path.',
    );
  });
}

const usualWays = [
  { sentence: 'Downloading the Temporal dev server.', get: downloadTemporal },
  { sentence: 'Building the Temporal dev server with Go. This takes some minutes, once.', get: buildTemporal },
];

function given(path: string): string {
  if (isProgram(path)) return path;
  throw new ElevateError('unavailable', `TEMPORAL_CLI is ${path}, which is not a program that can be run.`);
}

function cacheFolder(env: Environment): string {
  const cache = env['XDG_CACHE_HOME'] || (env['HOME'] && join(env['HOME'], '.cache'));
  if (!cache)
    throw new ElevateError('unavailable', 'Neither XDG_CACHE_HOME nor HOME is set, so there is no cache folder.');
  return join(cache, 'elevate', `temporal-${temporalVersion}`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
