/** What is different in the files that are there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestFile } from './files.ts';

/** One line for each file that is not as it should be. A package that nobody kept is not missed. */
export async function differences(folder: string, files: readonly ManifestFile[]): Promise<string[]> {
  const lines = await Promise.all(files.map(async (file) => differenceOf(join(folder, file.path), file)));
  return lines.filter((line) => line !== undefined);
}

async function differenceOf(path: string, { bytes, derived }: ManifestFile): Promise<string | undefined> {
  const found = await readFile(path).catch(() => undefined);
  if (found === undefined) return derived ? undefined : `${path} is not there.`;
  if (found.equals(bytes)) return undefined;
  if (!path.endsWith('.json')) return `${path} is different.`;
  const places = placesOf(found, bytes);
  return places === undefined ? `${path} is not JSON.` : `${path} is different${places}.`;
}

function placesOf(found: Buffer, wanted: Buffer): string | undefined {
  try {
    const pointers = unlike(JSON.parse(found.toString('utf8')), JSON.parse(wanted.toString('utf8')), '');
    return pointers.length === 0 ? ' in its layout alone' : ` at ${pointers.join(', ')}`;
  } catch {
    return undefined;
  }
}

/** JSON pointers to the innermost values that are not alike. */
function unlike(one: unknown, other: unknown, at: string): string[] {
  if (!isBranch(one) || !isBranch(other) || Array.isArray(one) !== Array.isArray(other)) {
    return Object.is(one, other) ? [] : [at || '/'];
  }
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) => unlike(one[key], other[key], `${at}/${key}`));
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
