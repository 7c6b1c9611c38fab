/** What Temporal and the read model know of one execution, and what they know alike once it was looked at. */
import { begin, isOver } from '../../../workflows/approval.ts';
import type { ElevateInput } from '../../../workflows/contract.ts';
import { ElevateError } from '../errors.ts';
import type { Described, Gateway, Log, ReadModel, Row } from '../ports.ts';
import { standingOf } from '../states.ts';

export interface FindingDeps {
  gateway: Gateway;
  executions: ReadModel;
  /** Makes the row match an execution that Temporal describes otherwise. */
  mend: (described: Described) => Promise<unknown>;
  log: Log;
}

/** `described` is absent once Temporal keeps nothing of the execution any more. */
export interface Sighting {
  described: Described | undefined;
  row: Row;
}

export interface Finding {
  /** For whoever reads. @throws `unknown_execution`, `unavailable` */
  find(execution: string): Promise<Sighting>;
  /**
   * For whoever changes something. Where Temporal knows the execution, its word is enough: the row is then for words
   * alone, and that of the beginning where the read model does not answer.
   * @throws `unknown_execution`, `unavailable`
   */
  findToChange(execution: string): Promise<Sighting>;
  /** Of what was looked up already. @throws `unknown_execution` */
  sight(described: Described | undefined, kept: Row | undefined): Sighting;
}

export function createFinding({ gateway, executions, mend, log }: FindingDeps): Finding {
  return {
    async find(execution) {
      const [described, kept] = await Promise.all([gateway.describe(execution), executions.get(execution)]);
      return sight(described, kept);
    },

    async findToChange(execution) {
      const [described, kept] = await Promise.allSettled([gateway.describe(execution), executions.get(execution)]);
      const there = settled(described);
      if (there !== undefined && kept.status === 'rejected') return { described: there, row: firstRow(there) };
      return sight(there, settled(kept));
    },

    sight,
  };

  function sight(described: Described | undefined, kept: Row | undefined): Sighting {
    if (described === undefined) return { described, row: requireOver(kept) };
    if (kept === undefined || isOver(kept.state) === described.open) repair(described);
    // What decides comes from Temporal, sealed; the row only says how far it has come.
    return { described, row: { ...(kept ?? firstRow(described)), input: described.memo.input } };
  }

  /** Nobody waits for it: the answer takes its status from Temporal, and the sweep mends what fails here. */
  function repair(described: Described): void {
    const execution = described.memo.input.request.id;
    mend(described).catch((error: unknown) => log.warn({ why: String(error), execution }, 'a row was not mended'));
  }
}

/** @throws what went wrong */
function settled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** Temporal's word, which is right where the row lags behind; the row's own once Temporal keeps nothing of it any more. */
export function statusOf({ described, row }: Sighting): string {
  return described?.status ?? standingOf(row.state).status;
}

/** What is open here and unknown to Temporal is nothing that can be spoken for. */
function requireOver(row: Row | undefined): Row {
  if (row === undefined || !isOver(row.state)) throw unknownExecution();
  return row;
}

function firstRow({ memo, firstRun, startedAt }: Described): Row {
  return rowOf(memo.input, firstRun, startedAt);
}

/** The row of an execution that has just begun. */
export function rowOf(input: ElevateInput, run: string, at: number): Row {
  return { input, run, state: begin({ input, run }, at).state, updatedAt: at };
}

export function unknownExecution(): ElevateError {
  return new ElevateError('unknown_execution', 'There is no such request, or it is not yours to see.');
}

export function closed(execution: string): ElevateError {
  return new ElevateError('execution_closed', 'This request is over already.', { details: { execution } });
}
