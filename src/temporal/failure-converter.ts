/** Loaded by path, by the SDK and inside the workflow bundle: imports nothing but the SDK. */
import { DefaultFailureConverter } from '@temporalio/common';

/** Moves messages and stack traces of failures into a payload, so that they are sealed like everything else (T23). */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
