/** Executions by their number: who asked, for what, and what the workflow is started with. */
import type { ElevateInput, Memo, Person } from '../../workflows/contract.ts';

export const namespace = 'default';
/** Nobody polls it: what is started there waits, and costs nothing. */
export const idleQueue = 'idle';

const TENANT = 'https://id.example.com';
const HOUR = 60 * 60_000;

/** Whose lists and executions are read; their number is the same however many there are in all. */
export const alice: Person = { id: 'alice@example.com', name: 'Alice' };
/** Approves. */
export const bob: Person = { id: 'bob@example.com', name: 'Bob' };
/** Known, and may see none of them. */
export const mallory: Person = { id: 'mallory@example.com', name: 'Mallory' };

/** The first so many are Alice's. */
export const OF_ALICE = 200;
/** The others share the rest. */
export const OTHERS = 997;

/** Ids do not come in order; the product is the same in JavaScript and SQLite up to a few million. */
export const spread = { factor: 2_654_435_761, modulus: 4_294_967_296 };

export function idOf(number: number): string {
  return `wf_${String((number * spread.factor) % spread.modulus).padStart(26, '0')}`;
}

export function ownerOf(number: number): Person {
  if (number < OF_ALICE) return alice;
  return { id: `person-${number % OTHERS}@example.com`, name: 'A person' };
}

export const role = (number: number): string => `role-${number}`;
export const ROLES = 20;

/** What is started under an id: `role-0` for an hour, waiting for anybody in `sre`. */
export function inputFor(id: string, requester: Person, createdAt: number): ElevateInput {
  const target = { type: 'log', system: 'system', grant: role(0) };
  return {
    request: {
      id,
      workflow: 'default',
      requester,
      beneficiary: requester,
      actor: { platform: 'api', tenant: TENANT, user: requester.id },
      linked: false,
      items: [{ role: role(0), title: role(0), provider: 'system', target, lease: `lease_${id}`, timeoutMs: 10_000 }],
      durationMs: HOUR,
      reason: 'INC-42: the deploy is stuck, and the queue behind it grows',
      createdAt,
      digest: 'd'.repeat(43),
    },
    plan: {
      stages: [
        {
          name: 'on-call',
          approvers: { users: [], groups: ['sre'] },
          members: { sre: [bob.id] },
          quorum: 1,
          withinMs: 24 * HOUR,
          ask: { channels: {}, dm: 'none' },
        },
      ],
      risk: 'normal',
      selfApproval: false,
      oneDirectory: true,
      refusals: 0,
      chats: [],
    },
  };
}

export function memoFor(input: ElevateInput): Memo {
  const { id } = input.request.requester;
  return { owner: id, beneficiary: id, fingerprint: 'f'.repeat(43), input };
}
