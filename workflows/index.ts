/** What the worker registers. */
export { CloseOut } from './closeout.ts';
export { ElevateWorkflow } from './elevate.ts';
export { AccessLease } from './lease.ts';
export { RebuildIndex, Sweep } from './sweep.ts';
