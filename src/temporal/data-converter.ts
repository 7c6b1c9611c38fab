import { extname, join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { createSealingCodec } from './codec.ts';
import type { SealingKey } from './codec.ts';

/** `.ts` from source, `.js` once built. */
const failureConverterPath = join(import.meta.dirname, `failure-converter${extname(import.meta.filename)}`);

/**
 * How client and worker of this namespace write and read payloads. The workflow bundle needs its
 * `failureConverterPath` too.
 *
 * @throws `invalid_input` if there is no key or one has the wrong size
 */
export function createDataConverter(keys: readonly SealingKey[], namespace: string) {
  return { failureConverterPath, payloadCodecs: [createSealingCodec({ keys, namespace })] } satisfies DataConverter;
}
