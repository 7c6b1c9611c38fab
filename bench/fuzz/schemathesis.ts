/** Schemathesis, in a Python environment of its own in the user's cache folder: installed once, run for each seed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const version = '4.32.5';
const config = join(import.meta.dirname, 'schemathesis.toml');
const hooks = join(import.meta.dirname, 'hooks.py');

/** @returns the program. @throws if there is no Python, or it cannot be installed */
export async function installSchemathesis(env: NodeJS.ProcessEnv): Promise<string> {
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'elevate', `schemathesis-${version}`);
  const program = join(folder, 'bin', 'schemathesis');
  if (existsSync(program)) return program;
  console.info(`Installing Schemathesis ${version} into ${folder} …`);
  mkdirSync(folder, { recursive: true });
  await mustRun('python3', ['-m', 'venv', folder]);
  await mustRun(join(folder, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${version}`]);
  return program;
}

export interface FuzzRun {
  url: string;
  token: string;
  seed: number;
  /** Test cases for each operation and phase, at most. */
  examples: number;
  /** File that says what exists. */
  supply: string;
  /** File that gets a line for each answer. */
  seen: string;
  /** Where it may leave what it likes. */
  folder: string;
}

/** @returns whether every check held */
export async function runSchemathesis(program: string, run: FuzzRun): Promise<boolean> {
  const args = [
    '--config-file',
    config,
    'run',
    `${run.url}/openapi.json`,
    '--url',
    run.url,
    '--phases',
    'examples,coverage,fuzzing,stateful',
    '--checks',
    'all',
    '--continue-on-failure',
    '--seed',
    String(run.seed),
    '--max-examples',
    String(run.examples),
    '--no-color',
  ];
  const env = {
    PATH: process.env['PATH'],
    HOME: run.folder,
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    FUZZ_HOOKS: hooks,
    FUZZ_TOKEN: run.token,
    FUZZ_SEED: String(run.seed),
    FUZZ_SUPPLY: run.supply,
    FUZZ_SEEN: run.seen,
  };
  const code = await exitCodeOf(program, args, { cwd: run.folder, env });
  return code === 0;
}

async function mustRun(program: string, args: string[]): Promise<void> {
  const code = await exitCodeOf(program, args, {});
  if (code !== 0)
    throw new Error(`${program} ${args.join(' ')} failed. Fuzzing needs Python 3.10 or newer, with venv and pip.`);
}

async function exitCodeOf(
  program: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv },
): Promise<number | null> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  const [code] = (await once(child, 'exit')) as [number | null];
  process.off('exit', stop);
  return code;
}
