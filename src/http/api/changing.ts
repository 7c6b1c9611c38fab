/** What all calls have in common that change an execution. POST is the way; the documented GET does the same. */
import type { ProblemCode } from '../problem/codes.ts';
import { byId } from './query.ts';

/** HEAD must change nothing, so there is none. */
export const changingGet = { exposeHeadRoute: false, config: { changes: true } } as const;

export const where = { tags: ['executions'], params: byId };

export const byGetNote =
  'Does what POST does. Refused as HEAD, as a prefetch and from pages of other sites, so that nothing changes unless somebody means it.';

/** What can go wrong beside the usual. */
export const changingCodes: readonly ProblemCode[] = ['unknown_execution', 'execution_closed'];
export const withBodyCodes: readonly ProblemCode[] = [...changingCodes, 'too_large', 'unsupported_media_type'];
