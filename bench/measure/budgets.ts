/** What may be measured at most, or at least (docs/figures.md), and what was measured beside it. */
import { round } from './figures.ts';

export interface Budget {
  what: string;
  atMost?: number;
  atLeast?: number;
  /** What the number is of. */
  unit: string;
  source: string;
}

const perRaw = 'p50 / p50 of the raw gRPC calls';
const api = 'docs/figures.md: Execution API';

export const budgets = {
  ack: {
    what: 'acknowledgement of a command or a click, 20 at once',
    atMost: 1.5,
    unit: 'p99 / (a bare app of the same SDK + raw gRPC calls)',
    source: 'docs/figures.md: acknowledgements',
  },
  create: { what: 'POST /execution', atMost: 1.3, unit: perRaw, source: api },
  get: { what: 'GET /execution/{id}', atMost: 1.3, unit: perRaw, source: api },
  signal: { what: 'POST /execution/{id}/signal', atMost: 1.3, unit: perRaw, source: api },
  'list beside raw': {
    what: 'GET /executions, 100 rows, 50,000 executions',
    atLeast: 10,
    unit: 'times faster than one raw list page, p50',
    source: api,
  },
  // "Flat" has room for the noise of two p50s of a few milliseconds, and for an index that is one level deeper.
  'list, flat': {
    what: 'GET /executions, 100 rows, 1,000,000 executions',
    atMost: 1.5,
    unit: 'p50 / p50 at 1,000',
    source: api,
  },
  'lists a second': {
    what: 'GET /executions, 100 rows, 20 at once',
    atLeast: 1_000,
    unit: 'a second',
    source: api,
  },
  'foreign id': {
    what: 'GET /execution/{id}, foreign beside absent',
    atLeast: 0.9,
    atMost: 1.1,
    unit: 'median / median',
    source: 'P4: a foreign id answers like an absent one',
  },
  'token open': {
    what: 'opening a signal token',
    atLeast: 5_000,
    unit: 'a second',
    source: 'docs/figures.md: signal tokens',
  },
  // "Costs no more", less the noise of two rates.
  'token forged': {
    what: 'refusing a forged signal token',
    atLeast: 0.9,
    unit: 'rate / rate of opening',
    source: 'docs/figures.md: signal tokens',
  },
} as const satisfies Record<string, Budget>;

export interface Measurement {
  budget: keyof typeof budgets;
  /** Under which circumstances. */
  where: string;
  value: number;
}

/** Prints every measurement beside its budget. @returns how many are over it */
export function judge(measurements: readonly Measurement[]): number {
  const judged = measurements.map((measurement) => ({ ...measurement, over: isOver(measurement) }));
  console.table(
    judged.map(({ budget: name, where, value, over }) => {
      const { what, unit, source }: Budget = budgets[name];
      return {
        what,
        where,
        measured: round(value, 2),
        budget: wordsOf(budgets[name]),
        unit,
        source,
        over: over ? 'OVER' : '',
      };
    }),
  );
  const tooMuch = judged.filter(({ over }) => over);
  for (const { budget, where, value } of tooMuch)
    console.error(`Over budget: ${budgets[budget].what}, ${where}: ${round(value, 2)}, ${wordsOf(budgets[budget])}`);
  return tooMuch.length;
}

function isOver({ budget, value }: Measurement): boolean {
  const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY }: Budget = budgets[budget];
  // What could not be measured is over, too.
  return !(value <= atMost && value >= atLeast);
}

function wordsOf({ atMost, atLeast }: Budget): string {
  return [atLeast === undefined ? '' : `≥ ${atLeast}`, atMost === undefined ? '' : `≤ ${atMost}`].join(' ').trim();
}
