/** The six verbs, and the two questions that chats ask beside them. */
import type { Actor, Offer, What } from '../../workflows/contract.ts';
import type { AuditLine, Principal, Row } from './ports.ts';

/** A verified person with one delivery of theirs. */
export interface Caller {
  actor: Actor;
  /** Where it was said; part of the execution's id. */
  conversation: string;
  /** Names this delivery. The same delivery again gives the same execution (T22). */
  delivery: string;
}

/** What a signal carries: an offer's token, or the owner's own event without one. */
export type Taking = { token: string; reason?: string } | { execution: string; what: 'release' };

export interface Executions {
  /** @throws `invalid_input`, `unknown_workflow`, `workflow_disabled`, `not_allowed`, `rate_limited`, `conflict`, `unavailable`, … */
  create(caller: Caller, wish: { workflow: string; input: unknown }): Promise<{ row: Row; repeated: boolean }>;
  /** The caller's own, newest first. */
  list(actor: Actor, filter: { open?: boolean; limit: number }): Promise<Row[]>;
  /** @throws `unknown_execution` also for what the caller may not see (P4) */
  get(
    actor: Actor,
    execution: string,
  ): Promise<{ row: Row; status: string; story: AuditLine[]; viewer: 'requester' | 'approver' }>;
  cancel(actor: Actor, execution: string): Promise<Row>;
  terminate(actor: Actor, execution: string): Promise<Row>;
  signal(actor: Actor, taking: Taking): Promise<{ execution: string; what: What; offer: Offer }>;
  /** What waits for the caller, with fresh offers. */
  approvals(actor: Actor): Promise<Row[]>;
  whoami(actor: Actor): Promise<Principal>;
}
