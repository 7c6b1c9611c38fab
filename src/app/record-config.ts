/** Which configuration ran from when on, and what it changed in who may do what (T32). */
import type { Config } from '../config/config.ts';
import { type Authority, authorityOf, changesBetween } from '../core/config-changes.ts';
import type { Parts } from './parts.ts';

/** @throws `unavailable`; then the configuration must not come into force */
export async function recordConfig(config: Config, { store, now, log }: Parts): Promise<void> {
  const authority = authorityOf(config);
  const before = (await store.audit.last('config'))?.details['authority'] as Authority | undefined;
  const changes = changesBetween(before, authority);
  const at = now();
  const details = { digest: config.digest, changes, authority };
  await store.audit.write([{ id: `config/${at}/${config.digest}`, at, kind: 'config', details }]);
  if (changes.length > 0) log.info({ digest: config.digest, changes }, 'the configuration changes who may do what');
}
