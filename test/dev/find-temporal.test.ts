import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Log } from '../../src/core/ports.ts';
import { findTemporal, type Get } from '../../src/dev/find-temporal.ts';
import { buildTemporal } from '../../src/dev/get-temporal.ts';
import { newFolder } from '../folder.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

function machine() {
  const home = newFolder('home');
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const cache = join(home, 'cache');
  const cached = join(cache, 'elevate/temporal-v1.5.1/temporal');
  return { bin, cached, env: { HOME: home, PATH: bin, XDG_CACHE_HOME: cache } };
}

function program(path: string, text = 'exit 0'): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const way = (get: Get) => [{ sentence: 'Making it.', get }];
const build = way(buildTemporal);
const none: Get = async () => false;

describe('where the Temporal dev server comes from', () => {
  it('TEMPORAL_CLI comes first, then PATH, then the cache', async () => {
    const { bin, cached, env } = machine();
    program(cached);
    expect(await findTemporal({ env, log })).toBe(cached);
    const onPath = program(join(bin, 'temporal'));
    expect(await findTemporal({ env, log })).toBe(onPath);
    const chosen = program(join(bin, 'chosen'));
    expect(await findTemporal({ env: { ...env, TEMPORAL_CLI: chosen }, log })).toBe(chosen);
  });

  it('a TEMPORAL_CLI that cannot be run is a mistake, not a reason to look elsewhere', async () => {
    const { bin, env } = machine();
    program(join(bin, 'temporal'));
    await expect(findTemporal({ env: { ...env, TEMPORAL_CLI: '/nowhere' }, log })).rejects.toThrow(
      'TEMPORAL_CLI is /nowhere',
    );
  });

  it('what one way cannot get, the next does, and says so before', async () => {
    const { cached, env } = machine();
    const told: string[] = [];
    const ways = [
      { sentence: 'First.', get: none },
      { sentence: 'Second.', get: async ({ path }: { path: string }) => Boolean(program(path)) },
    ];
    expect(await findTemporal({ env, log, ways, onProgress: (sentence) => told.push(sentence) })).toBe(cached);
    expect(told).toEqual(['First.', 'Second.']);
  });

  it('where nothing works, one sentence says what to install', async () => {
    const { env } = machine();
    await expect(findTemporal({ env, log, ways: way(none) })).rejects.toEqual(
      expect.objectContaining({
        code: 'unavailable',
        message: expect.stringMatching(/Temporal CLI.*Go.*TEMPORAL_CLI/),
      }),
    );
  });

  it('Go builds the version into the cache, once for all who ask', async () => {
    const { bin, cached, env } = machine();
    const calls = join(bin, 'calls');
    program(join(bin, 'go'), `echo "$@" >> ${calls}; printf '#!/bin/sh\\n' > "$GOBIN/temporal"`);
    const found = await Promise.all([1, 2, 3].map(() => findTemporal({ env, log, ways: build })));
    expect(found).toEqual([cached, cached, cached]);
    expect(readFileSync(calls, 'utf8')).toBe('install -ldflags -s -w github.com/temporalio/cli/cmd/temporal@v1.5.1\n');
  });

  it('a killed build leaves nothing half', async () => {
    const { bin, cached, env } = machine();
    program(join(bin, 'go'), 'printf half > "$GOBIN/temporal"; kill -9 $$');
    await expect(findTemporal({ env, log, ways: build })).rejects.toEqual(
      expect.objectContaining({ code: 'unavailable' }),
    );
    expect(readdirSync(join(cached, '..'))).toEqual([]);
    expect(readdirSync(join(cached, '../..'))).toEqual(['temporal-v1.5.1']);
  });

  it('the lock of a process that died does not hold', async () => {
    const { cached, env } = machine();
    mkdirSync(join(cached, '../..'), { recursive: true });
    const { pid } = spawnSync('/bin/sh', ['-c', 'exit 0']);
    writeFileSync(join(cached, '../../temporal-v1.5.1.lock'), String(pid));
    const get: Get = async ({ path }) => Boolean(program(path));
    expect(await findTemporal({ env, log, ways: way(get) })).toBe(cached);
  });
});
