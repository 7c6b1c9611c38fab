/** `elevate` as a process of its own, as it is installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '..');

interface Surroundings {
  /** Its whole environment beside `PATH`. */
  env: Record<string, string>;
  cwd?: string;
  /** It is ended by force after that, so that a failing test ends. */
  timeoutMs?: number;
}

export function startCli(args: readonly string[], { env, cwd = root, timeoutMs = 40_000 }: Surroundings) {
  return spawn(process.execPath, [join(root, 'src/cli.ts'), ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
}

export async function runCli(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = startCli(args, surroundings);
  const exited = once(child, 'exit');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await exited) as [number | null];
  return { code, out, err };
}
