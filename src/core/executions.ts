/** The six verbs, and the questions that are asked beside them. Each verb has its own file under `executions/`. */
import type { Actor, Offer, What } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import { createChanging } from './executions/changing.ts';
import { createCreating, type CreatingDeps } from './executions/creating.ts';
import { createDeciding, type DecidingDeps } from './executions/deciding.ts';
import { createFinding, type FindingDeps } from './executions/finding.ts';
import { createListing, type ListingDeps } from './executions/listing.ts';
import { createReading } from './executions/reading.ts';
import { createRecording, type RecordingDeps } from './executions/recording.ts';
import type { AuditLine, History, Listed, Principal, Row } from './ports.ts';

/** A verified person with one delivery of theirs. */
export interface Caller {
  actor: Actor;
  /** Where it was said; part of the execution's id. */
  conversation: string;
  /** Names this delivery. The same delivery again gives the same execution (T22). */
  delivery: string;
}

/** `delivery` is absent where it cannot come again. */
export type Asker = Omit<Caller, 'delivery'> & { delivery: string | undefined };

/** What a signal carries: an offer's token, or the owner's own event without one, named by its delivery. */
export type Taking =
  | {
      token: string;
      reason?: string;
      /** Where the caller says which execution the token is for. */
      execution?: string;
      /** Why this caller decides nothing, whoever they are: no person's token, or not the scope for it (T18). */
      cannotDecide?: 'person_required' | 'scope_required';
    }
  | { execution: string; what: 'release'; delivery: string };

export interface Executions {
  /**
   * Records a new execution, or names the one that is open for the same access (T31).
   * @throws `invalid_input`, `unknown_workflow`, `workflow_disabled`, `not_allowed`, `rate_limited`, `conflict`, `unavailable`, …
   */
  create(caller: Asker, wish: { workflow: string; input: unknown }): Promise<Created>;
  /** The caller's own, newest first, with all that a card needs. */
  own(actor: Actor, filter: { open?: boolean; limit: number }): Promise<Row[]>;
  /** A page of the caller's own executions, or for auditors of anybody's, newest first. @throws `not_allowed` (`not_auditor`) */
  list(actor: Actor, filter: ListFilter): Promise<Listing>;
  /** @throws `unknown_execution` also for what the caller may not see (P4) */
  get(actor: Actor, execution: string): Promise<Found>;
  /** Asks for a graceful end: withdraws before the grant, gives back after. Owner only. */
  cancel(actor: Actor, execution: string): Promise<void>;
  /** Ends by force. Owner only. */
  terminate(actor: Actor, execution: string): Promise<void>;
  /**
   * @throws `token_invalid`, `token_expired`, `unknown_execution`, `execution_closed`, `not_allowed`, `unavailable`;
   * those that tell of an execution which the caller may not see have `details.hidden`
   */
  signal(actor: Actor, taking: Taking): Promise<{ what: What; offer: Offer; row: Row }>;
  /** What waits for the caller, newest first. */
  approvals(actor: Actor, page: { limit: number; cursor?: string }): Promise<Waiting>;
  whoami(actor: Actor): Promise<Principal>;
}

/** `repeated`: it was there already, and may be over by now. `status` is Temporal's word, as in {@link Found}. */
export interface Created {
  row: Row;
  status: string;
  repeated: boolean;
}

export interface ListFilter {
  status: 'running' | 'closed' | 'all';
  limit: number;
  cursor?: string;
  /** Whose: `own` without a word; `all`, or somebody's by e-mail, for auditors. */
  of: 'own' | 'all' | { owner: string };
}

interface Page {
  /** Cursor of the next page; absent on the last. */
  next?: string;
  /** Temporal does not answer at the moment, so what changed lately may not be here yet. */
  stale: boolean;
}

export interface Listing extends Page {
  executions: Listed[];
}

export interface Waiting extends Page {
  rows: Row[];
}

export interface Found {
  row: Row;
  run: string;
  /** Temporal's word, or the row's own once Temporal keeps nothing of it any more. */
  status: string;
  closedAt?: number;
  history: History;
  story: AuditLine[];
  viewer: 'requester' | 'approver' | 'auditor';
}

export type ExecutionsDeps = CreatingDeps &
  DecidingDeps &
  FindingDeps &
  Omit<ListingDeps, 'recordRead'> &
  RecordingDeps & { config: Pick<Config, 'identity' | 'roles' | 'limits' | 'auditors'> };

export function createExecutions(deps: ExecutionsDeps): Executions {
  const { identity } = deps;
  const recording = createRecording(deps);
  const finding = createFinding(deps);
  return {
    ...createCreating({ ...deps, ...finding }),
    ...createListing({ ...deps, ...recording }),
    ...createReading({ ...deps, ...recording, ...finding }),
    ...createChanging({ ...deps, ...recording, ...finding }),
    ...createDeciding({ ...deps, ...recording, ...finding }),
    whoami: (actor) => identity.resolve(actor),
  };
}
