/** `elevate` as a process of its own, as it is installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '..');

/** @param env its whole environment beside `PATH`. Ended by force after `timeoutMs`, so that a failing test ends */
export async function runCli(
  args: readonly string[],
  { env, cwd = root, timeoutMs = 40_000 }: { env: Record<string, string>; cwd?: string; timeoutMs?: number },
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(root, 'src/cli.ts'), ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const exited = once(child, 'exit');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await exited) as [number | null];
  return { code, out, err };
}
