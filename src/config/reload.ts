/** What a reload cannot change: what is open already, and cannot be exchanged while people use it. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';

const opened = ['server', 'temporal', 'store', 'keys', 'slack', 'teams', 'api'] as const;

/** A sentence that names each section that differs and needs a restart, and quotes nothing; `undefined` if none does. */
export function whyRestart(before: Config, after: Config): string | undefined {
  const differ = opened.filter((section) => !isDeepStrictEqual(before[section], after[section]));
  if (differ.length === 0) return undefined;
  const names = differ.join(', ').replace(/, ([^,]*)$/, ' and $1');
  return `A reload cannot change ${names}. Nothing was changed; restart Elevate to bring all of it into force.`;
}
