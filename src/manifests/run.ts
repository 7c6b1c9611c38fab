/** `elevate manifest`: writes what a chat has to know of the app, or says what is different in what is there. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { ElevateError } from '../core/errors.ts';
import { urlProblem } from '../core/urls.ts';
import { differences } from './differences.ts';
import { type ManifestFile, slackFiles, teamsFiles } from './files.ts';

export interface Said {
  /** Elevate's own address; without one, the configuration's. */
  url?: string;
  /** The application id of the Teams bot; without one, the configuration's. */
  appId?: string;
  slash?: boolean;
  /** The folder to write to. */
  out: string;
  check?: boolean;
}

/**
 * @param load reads the configuration; only called for what was not said
 * @returns what to tell, line by line
 * @throws `invalid_input` for what is missing or cannot be used, or if a check finds a difference; and what `load` throws
 */
export async function runManifest(chat: 'slack' | 'teams', said: Said, load: () => Promise<Config>): Promise<string[]> {
  const files = chat === 'slack' ? await forSlack(said, load) : await forTeams(said, load);
  if (!said.check) return write(said.out, files);
  const different = await differences(said.out, files);
  if (different.length === 0) return [`What is in ${said.out} is what elevate manifest ${chat} writes.`];
  const remedy = `Run elevate manifest ${chat} again, with the same options and without --check.`;
  throw new ElevateError('invalid_input', [...different, remedy].join('\n'));
}

async function forSlack(said: Said, load: () => Promise<Config>): Promise<ManifestFile[]> {
  if (said.appId !== undefined || said.slash !== undefined) {
    throw new ElevateError('invalid_input', '--app-id and --slash are for Teams. Leave them out for Slack.');
  }
  return slackFiles(addressOf(said.url ?? (await read(load)).server.publicUrl));
}

async function forTeams({ url, appId, slash }: Said, load: () => Promise<Config>): Promise<ManifestFile[]> {
  const config = url === undefined || appId === undefined ? await read(load) : undefined;
  return teamsFiles({
    appId: appIdOf(appId ?? config?.teams?.appId),
    address: addressOf(url ?? config?.server.publicUrl),
    version: await versionOfElevate(),
    slash: slash ?? false,
  });
}

async function read(load: () => Promise<Config>): Promise<Config> {
  try {
    return await load();
  } catch (cause) {
    const remedy = 'With --url, and --app-id for Teams, no configuration is needed.';
    const why = cause instanceof Error ? cause.message : 'The configuration cannot be read.';
    throw new ElevateError('invalid_input', `${why}\n${remedy}`, { cause });
  }
}

function addressOf(url: string | undefined): string {
  const remedy = 'Say --url https://…, or server.public_url in the configuration.';
  if (url === undefined)
    throw new ElevateError('invalid_input', `There is no address that a chat could use. ${remedy}`);
  const problem =
    urlProblem(url) ??
    (/^https:/i.test(url) ? undefined : 'is plain http, which no chat calls') ??
    (url.includes('?') ? 'has a question mark in it' : undefined);
  if (problem !== undefined) throw new ElevateError('invalid_input', `The address ${problem}. ${remedy}`);
  return new URL(url).href.replace(/\/+$/, '');
}

function appIdOf(id: string | undefined): string {
  const remedy = 'Say --app-id with the Application (client) ID of the bot, or teams.app_id in the configuration.';
  if (id === undefined) throw new ElevateError('invalid_input', `There is no app id. ${remedy}`);
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw new ElevateError(
      'invalid_input',
      `The app id is not a GUID such as 00000000-0000-0000-0000-000000000000. ${remedy}`,
    );
  }
  return id.toLowerCase();
}

async function versionOfElevate(): Promise<string> {
  const path = findPackageJSON('..', import.meta.url);
  if (path === undefined) throw new Error('Elevate has lost its package.json');
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
  return version;
}

async function write(folder: string, files: readonly ManifestFile[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { path, bytes } of files) {
    const target = join(folder, path);
    await writeOne(target, bytes);
    lines.push(`Wrote ${target}`);
  }
  return lines;
}

async function writeOne(target: string, bytes: Buffer): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const remedy = 'Name a folder that you may write to with --out.';
    throw new ElevateError('invalid_input', `${target} can't be written (${why}). ${remedy}`, { cause });
  }
}
