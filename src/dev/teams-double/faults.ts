/** What goes wrong on demand. */
import type { Operation } from './asked.ts';
import type { Answer } from './connector.ts';

/** Makes the next calls go wrong. */
export interface Fault {
  /** `metadata` and `keys` are the issuer's. */
  on: Operation | 'metadata' | 'keys';
  /** Calls about this conversation alone; without a thread. */
  conversation?: string;
  /** How many calls; 1 if left out. */
  times?: number;
  /** HTTP status; 429 with `retryAfter` alone, else 500. */
  status?: number;
  /** Teams' word for it, such as `MessageWritesBlocked`. */
  word?: string;
  /** Seconds. */
  retryAfter?: number;
  /** Holds the answer back this long. Alone, the call then goes through. */
  hangMs?: number;
  /** The call takes effect, and its answer is lost in the fault. */
  after?: boolean;
}

export function brokenAnswer({ status, word, retryAfter }: Fault): Answer {
  const given = status ?? (retryAfter === undefined ? 500 : 429);
  return {
    status: given,
    body: { error: { code: word ?? (given === 429 ? 'Throttled' : 'ServiceError'), message: 'No.' } },
  };
}

export function takeFault(faults: Fault[], at: Fault['on'], conversation?: string): Fault | undefined {
  const fault = faults.find(
    (each) => each.on === at && (each.conversation === undefined || each.conversation === conversation),
  );
  if (fault === undefined) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
  return fault;
}
