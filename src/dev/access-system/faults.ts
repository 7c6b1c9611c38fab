/** What can go wrong at an access system, on demand. */
import type { ServerResponse } from 'node:http';
import type { AccessCall, Verb } from './calls.ts';

export type Fault = {
  /** Which calls; all of them if left out. */
  verb?: Verb;
  /** Calls of which execution; of any if left out. */
  execution?: string;
  /** How many calls; 1 if left out, `Infinity` until it is taken out of the list. */
  times?: number;
  /** Whether the call takes effect all the same. Left out: see each kind. */
  acts?: boolean;
} & (
  | /** Never answers; without effect. */ { kind: 'hang' }
  | /** Takes effect and answers this much later, even if nobody waits any more. */ { kind: 'delay'; delayMs: number }
  | /** Without effect. */ { kind: 'status'; status: number; body?: string }
  | /** 409; without effect. */ { kind: 'refuse'; reason?: string }
  | /** 302 unless said otherwise; without effect. */ { kind: 'redirect'; to?: string; status?: number }
  | /** Takes effect, then the connection breaks. */ { kind: 'drop' }
  | /** Takes effect; the answer does not end. */ { kind: 'oversize' }
  | /** Takes effect; the answer is `body`, or no JSON at all. */ { kind: 'garbage'; body?: string }
  | /** Takes effect and answers; the call arrives twice. */ { kind: 'duplicate' }
);

/** The next fault for this call, counted down. */
export function takeFault(faults: Fault[], call: Pick<AccessCall, 'verb' | 'execution'>): Fault | undefined {
  const fault = faults.find(
    (each) => (each.verb ?? call.verb) === call.verb && (each.execution ?? call.execution) === call.execution,
  );
  if (fault === undefined) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
  return fault;
}

export function actsUnder(fault: Fault | undefined): boolean {
  return fault?.acts ?? !['hang', 'status', 'refuse', 'redirect'].includes(fault?.kind ?? 'none');
}

/** Answers as the fault says; false if it leaves that to the ordinary answer. */
export function answerFaulty(response: ServerResponse, fault: Fault | undefined): boolean {
  switch (fault?.kind) {
    case 'hang':
      return true;
    case 'drop':
      response.destroy();
      return true;
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'application/json' }).end(fault.body ?? '{}');
      return true;
    case 'refuse':
      response
        .writeHead(409, { 'content-type': 'application/json' })
        .end(JSON.stringify(fault.reason === undefined ? {} : { reason: fault.reason }));
      return true;
    case 'redirect':
      response.writeHead(fault.status ?? 302, { location: fault.to ?? '/elsewhere' }).end();
      return true;
    case 'oversize':
      response.writeHead(200, { 'content-type': 'application/json' });
      pourUntilClosed(response);
      return true;
    case 'garbage':
      response.writeHead(200, { 'content-type': 'text/html' }).end(fault.body ?? '<html>welcome</html>');
      return true;
    case 'delay':
    case 'duplicate':
    case undefined:
      return false;
  }
}

function pourUntilClosed(response: ServerResponse): void {
  const chunk = Buffer.alloc(16 * 1024, ' ');
  const pour = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', pour);
  pour();
}
