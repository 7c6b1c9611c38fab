/** The version of this program, as its package says. */
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

export function versionOf(from: string = import.meta.url): string {
  const file = findPackageJSON('..', from);
  const { version } = (file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'))) as { version?: string };
  return version ?? 'unknown';
}
