/** The one table of where an execution can stand: words for people, and the status that the API shows. */
import type { Outcome, State } from '../../workflows/contract.ts';

export type ApiStatus = 'running' | 'completed' | 'failed' | 'canceled' | 'terminated';

export interface Standing {
  /** Two or three words, for titles and lists. */
  label: string;
  /** The same as a sentence that holds for every execution standing there. */
  sentence: string;
  status: ApiStatus;
}

export const phases: Record<Exclude<State['phase'], 'closed'>, Standing> = {
  awaiting_approval: { label: 'Waiting for approval', sentence: 'Waiting for approval.', status: 'running' },
  starting: { label: 'Approved', sentence: 'Approved. The access is being set up.', status: 'running' },
  active: { label: 'Active', sentence: 'The access is active.', status: 'running' },
  ending: { label: 'Ending', sentence: 'The access is being taken back.', status: 'running' },
};

export const outcomes: Record<Outcome, Standing> = {
  completed: { label: 'Ended', sentence: 'The access has ended.', status: 'completed' },
  denied: { label: 'Denied', sentence: 'The request was denied.', status: 'completed' },
  expired: {
    label: 'Expired',
    sentence: 'Nobody decided in time, so the request has expired.',
    status: 'completed',
  },
  changed: {
    label: 'Changed',
    sentence: 'What was approved is not the same access any more, so it was not granted.',
    status: 'completed',
  },
  unratified: {
    label: 'Not confirmed',
    sentence: 'The emergency access was not confirmed in time, so it was taken back.',
    status: 'completed',
  },
  revoked: { label: 'Ended early', sentence: 'The access was ended early.', status: 'completed' },
  failed: { label: 'Failed', sentence: 'The access could not be granted.', status: 'failed' },
  withdrawn: { label: 'Withdrawn', sentence: 'The request was withdrawn.', status: 'canceled' },
  terminated: {
    label: 'Terminated',
    sentence: 'The execution was ended by force.',
    status: 'terminated',
  },
};

/** Where an execution stands. Until it is closed it is `running`, whatever its outcome will be. */
export function standingOf(state: State): Standing {
  if (state.phase === 'closed') return outcomes[state.outcome];
  if (state.phase !== 'ending' || isHeld(state)) return phases[state.phase];
  return { ...outcomes[state.outcome], status: 'running' };
}

/** Whether anything was given that has to be taken back. */
export function isHeld(state: State): boolean {
  return state.access.some((access) => ['granting', 'held', 'revoking'].includes(access.state));
}
