import { isGrpcServiceError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { ElevateError } from '../core/errors.ts';

const grpcNotFound = 5;
const grpcFailedPrecondition = 9;

/** Temporal cannot be asked now. What was asked may have been done all the same. */
export function unavailable(cause: unknown): ElevateError {
  return new ElevateError('unavailable', 'Temporal does not answer at the moment. Try again in a few seconds.', {
    cause,
    details: { retryAfterMs: 2_000 },
  });
}

/** Whether a call failed because no open execution has this id; a missing namespace is something else. */
export function isGone(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true;
  if (!isGrpcServiceError(error)) return false;
  const { code, metadata }: { code: number; metadata: Metadata } = error;
  return code === grpcNotFound && !namesNamespace(metadata.get('grpc-status-details-bin'));
}

interface Metadata {
  get: (key: string) => (string | Buffer)[];
}

/** The details are a serialised `google.rpc.Status`; the type's name in it is plain ASCII. */
function namesNamespace(details: (string | Buffer)[]): boolean {
  return details.some((detail) => detail.includes('NamespaceNotFoundFailure'));
}

/** Whether a query failed because the workflow was closed before its first step. */
export function neverRan(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : undefined;
  if (!isGrpcServiceError(cause)) return false;
  const { code, details }: { code: number; details: string } = cause;
  return code === grpcFailedPrecondition && details.includes('closed before WorkflowTaskStarted');
}

/** Whether Temporal or the way to it failed, as opposed to an answer or a bug of ours. */
export function isTrouble(error: unknown): boolean {
  return error instanceof ServiceError || error instanceof NamespaceNotFoundError || isGrpcServiceError(error);
}
