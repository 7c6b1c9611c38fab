/**
 * The read model against Temporal: executions that started or ended behind our back, and rows that were lost. Temporal
 * is asked for what is new; rows that are open here are looked up in turn, since visibility may have missed their end.
 */
import { isOver } from '../../workflows/approval.ts';
import type { Swept } from '../../workflows/contract.ts';
import type { Clock, Described, Gateway, Log, Marks, ReadModel, Row, Sighted } from '../core/ports.ts';
import { fewAtATime } from './few-at-a-time.ts';
import { lifeOf, type Mend } from './mend.ts';

export interface IndexSweepDeps {
  executions: Pick<ReadModel, 'get' | 'open'>;
  gateway: Pick<Gateway, 'describe' | 'listed'>;
  mend: Mend;
  marks: Marks;
  now: Clock;
  log: Log;
}

export interface IndexSweep {
  /** Looks at what is new since the last time, and at some of the open rows. */
  sweep(signal: AbortSignal): Promise<Swept>;
  /** Looks at everything that Temporal keeps. Counts as it goes; returns how many could not be looked at. */
  rebuild(signal: AbortSignal, swept: Swept): Promise<number>;
}

/** How far each look reaches back past the one before: visibility lags, and clocks differ. */
const OVERLAP = 10 * 60_000;

/** How far the very first look reaches back, while nothing is known here. Rebuilding looks at what is older. */
const FIRST_LOOK = 60 * 60_000;

/** Says when the last look began. Kept beside the rows, so that a pause is made up for, however long it was. */
const LOOKED = 'index looked';

/** Open rows that are looked up in one sweep, then the next ones. */
const ROWS_AT_ONCE = 200;

/** A younger execution is being written by whoever started it. */
const SETTLED_AFTER = 5_000;

export function createIndexSweep(deps: IndexSweepDeps): IndexSweep {
  const { executions, gateway, mend, marks, now, log } = deps;
  let lastRow: string | undefined;

  return {
    async sweep(signal) {
      const swept: Swept = { looked: 0, mended: 0 };
      const open = await sweepNew(signal, swept);
      await sweepRows(signal, swept, open);
      return swept;
    },

    async rebuild(signal, swept) {
      let failed = 0;
      await fewAtATime(gateway.listed(), signal, async ({ execution }) => {
        if (!(await look(execution, swept, always))) failed += 1;
      });
      return failed;
    },
  };

  /** Returns what was seen open, and so need not be looked up. */
  async function sweepNew(signal: AbortSignal, swept: Swept): Promise<Set<string>> {
    const begun = now();
    const lookedAt = await marks.get(LOOKED);
    const since = lookedAt === undefined ? begun - FIRST_LOOK : Math.min(lookedAt, begun) - OVERLAP;
    const open = new Set<string>();
    await fewAtATime(gateway.listed(since), signal, async (sighted) => {
      if (sighted.open) open.add(sighted.execution);
      if (isToldBy(await executions.get(sighted.execution), sighted)) return;
      await look(sighted.execution, swept, differs);
    });
    await marks.put(LOOKED, begun);
    return open;
  }

  async function sweepRows(signal: AbortSignal, swept: Swept, open: ReadonlySet<string>): Promise<void> {
    const rows = await executions.open(lastRow, ROWS_AT_ONCE);
    lastRow = rows.length === ROWS_AT_ONCE ? rows.at(-1) : undefined;
    await fewAtATime(
      rows.filter((id) => !open.has(id)),
      signal,
      async (id) => void (await look(id, swept, differs)),
    );
  }

  /** One that cannot be looked at keeps none of the others from it. Returns whether it could. */
  async function look(execution: string, swept: Swept, needed: typeof differs): Promise<boolean> {
    try {
      const row = await executions.get(execution);
      const described = await lifeOf(execution, await gateway.describe(execution), row, gateway);
      if (described === undefined) return true;
      swept.looked += 1;
      if (needed(row, described, now()) && (await mend(described))) swept.mended += 1;
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      log.warn({ execution, why }, 'an execution could not be compared with its row');
      return false;
    }
  }
}

/** Whether a row says as much as visibility does; one that is closed says all. */
function isToldBy(row: Row | undefined, { open }: Sighted): boolean {
  return row !== undefined && (open || isOver(row.state));
}

const always = () => true;

function differs(row: Row | undefined, { open, startedAt }: Described, now: number): boolean {
  return row === undefined ? now - startedAt >= SETTLED_AFTER : isOver(row.state) === open;
}
