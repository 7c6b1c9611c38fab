/** Who has what, how it came about, and what was answered to which call. */
import type { AccessCall } from './calls.ts';

export interface Holder {
  beneficiary: string;
  grant: string;
}

/** One time that access came or went. `by` is the call that did it; nothing for what was put there by hand. */
export interface Change extends Holder {
  what: 'came' | 'went';
  at: number;
  by?: { id: string; execution: string };
}

export interface AccessAnswer {
  state: 'present' | 'absent' | 'unchanged';
}

export interface Holdings {
  /** Does what a call says, once: the same id again gets the first answer. */
  perform: (call: AccessCall) => AccessAnswer;
  give(beneficiary: string, grant: string): void;
  take(beneficiary: string, grant: string): void;
  holders(): Holder[];
  has(beneficiary: string, grant?: string): boolean;
  changes: Change[];
  doubleGrants(): number;
}

export function createHoldings(): Holdings {
  const held = new Map<string, Holder & { by: string | undefined }>();
  const answers = new Map<string, AccessAnswer>();
  const changes: Change[] = [];
  let doubles = 0;

  function come(holder: Holder, by?: AccessCall): void {
    held.set(keyOf(holder), { ...holder, by: by?.id });
    changes.push({ ...holder, what: 'came', at: Date.now(), ...makerOf(by) });
  }

  function go(holder: Holder, by?: AccessCall): void {
    if (held.delete(keyOf(holder))) changes.push({ ...holder, what: 'went', at: Date.now(), ...makerOf(by) });
  }

  function change(call: AccessCall): AccessAnswer {
    const holder = { beneficiary: call.beneficiary, grant: call.grant };
    const there = held.get(keyOf(holder));
    if (call.verb === 'inspect') return { state: there === undefined ? 'absent' : 'present' };
    if (call.verb === 'grant' && there !== undefined) {
      if (there.by !== undefined) doubles += 1;
      return { state: 'unchanged' };
    }
    if (call.verb === 'revoke' && there === undefined) return { state: 'unchanged' };
    if (call.verb === 'grant') come(holder, call);
    else go(holder, call);
    return { state: call.verb === 'grant' ? 'present' : 'absent' };
  }

  return {
    perform(call) {
      const known = answers.get(call.id);
      call.repeated = known !== undefined;
      const answer = known ?? change(call);
      answers.set(call.id, answer);
      return answer;
    },
    give(beneficiary, grant) {
      const holder = { beneficiary, grant };
      if (!held.has(keyOf(holder))) come(holder);
    },
    take: (beneficiary, grant) => go({ beneficiary, grant }),
    holders: () => [...held.values()].map(({ beneficiary, grant }) => ({ beneficiary, grant })),
    has: (beneficiary, grant) =>
      [...held.values()].some(
        (each) => each.beneficiary === beneficiary && (grant === undefined || each.grant === grant),
      ),
    changes,
    doubleGrants: () => doubles,
  };
}

function keyOf({ beneficiary, grant }: Holder): string {
  return JSON.stringify([beneficiary, grant]);
}

function makerOf(call: AccessCall | undefined): Pick<Change, 'by'> {
  return call === undefined ? {} : { by: { id: call.id, execution: call.execution } };
}
