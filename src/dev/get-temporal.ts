/** Two ways to a `temporal` program. Each works in a folder of its own and moves the finished file into place. */
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import type { Get } from './find-temporal.ts';

const downloadMs = 5 * 60_000;
const buildMs = 30 * 60_000;

/** By Temporal's SDK, in a process of its own: the SDK's runtime can be set up only once in ours. */
export const downloadTemporal: Get = async ({ path, version, env, log }) => {
  const script = join(import.meta.dirname, `download-temporal${extname(import.meta.filename)}`);
  return inNewFolder(path, async (folder) => {
    const said = await run(process.execPath, [script, folder, version], { env, ms: downloadMs });
    if (said !== undefined) log.debug({ said }, 'The Temporal dev server could not be downloaded');
    return said === undefined;
  });
};

/** By Go, which checks the sources against its checksum database. */
export const buildTemporal: Get = async ({ path, version, env, log }) => {
  const source = `github.com/temporalio/cli/cmd/temporal@${version}`;
  return inNewFolder(path, async (folder) => {
    const said = await run('go', ['install', '-ldflags', '-s -w', source], {
      env: { ...env, GOBIN: folder, CGO_ENABLED: '0' },
      ms: buildMs,
    });
    if (said !== undefined) log.debug({ said }, 'The Temporal dev server could not be built');
    return said === undefined;
  });
};

async function inNewFolder(path: string, make: (folder: string) => Promise<boolean>): Promise<boolean> {
  const home = dirname(path);
  await mkdir(home, { recursive: true });
  // Only one works here at a time, so what is there was left by one who was killed.
  const left = (await readdir(home)).filter((name) => name.startsWith('making-'));
  for (const name of left) await rm(join(home, name), { recursive: true, force: true });
  const folder = await mkdtemp(join(home, 'making-'));
  try {
    if (!(await make(folder))) return false;
    const [made] = (await readdir(folder)).filter((name) => name.startsWith('temporal'));
    if (!made) return false;
    await chmod(join(folder, made), 0o755);
    await rename(join(folder, made), path);
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `undefined` if it ended well, else its last words. */
async function run(
  command: string,
  args: string[],
  { env, ms }: { env: Record<string, string | undefined>; ms: number },
): Promise<string | undefined> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: ms });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-2_000);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? undefined : said || 'no reason given'));
  });
}
