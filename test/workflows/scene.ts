/**
 * One test's own world: a requester, approvers, a role, and an access system behind a provider of type webhook. What
 * people and attackers do are functions; what they wait for are conditions.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type {
  ElevateEvent,
  ElevateInput,
  Entry,
  Person,
  Plan,
  Request,
  Snapshot,
  State,
  What,
} from '../../workflows/contract.ts';
import { persistently as untilRecorded } from '../../src/core/persist.ts';
import type { AuditLine, Principal, Row } from '../../src/core/ports.ts';
import { type AccessCall, type AccessSystem, startAccessSystem } from '../../src/dev/access-system.ts';
import { createWebhookProvider } from '../../src/providers/webhook.ts';
import { hour, minute, sampleActor, sampleItem, samplePlan, sampleRequest, sampleStage } from '../samples.ts';
import { eventually, type Shown, type Stage } from './stage.ts';

export type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** An execution that was asked for. */
export interface Asked {
  id: string;
  /** Workflow id of its lease. */
  lease: string;
  run: string;
  input: ElevateInput;
}

export interface End {
  /** Temporal's own word: `COMPLETED`, `FAILED`, `CANCELLED`, `TERMINATED`. */
  status: string;
  state: Extract<State, { phase: 'closed' }>;
}

type More = Partial<Pick<ElevateEvent, 'id' | 'at' | 'run' | 'execution'>> & {
  choice?: 'approve' | 'deny';
  stage?: number;
  digest?: string;
  reason?: string;
};

export interface Scene {
  alice: Person;
  bob: Person;
  carol: Person;
  role: string;
  provider: string;
  system: AccessSystem;

  // ── what people do
  /** Returns when the first stage is asked. */
  ask(wish?: { durationMs?: number; plan?: Partial<Plan>; request?: Partial<Request> }): Promise<Asked>;
  approve(asked: Asked, by?: Person, more?: More): Promise<void>;
  deny(asked: Asked, by?: Person): Promise<void>;
  /** "I'm done": by default the requester's. */
  done(asked: Asked, by?: Person): Promise<void>;
  cancel(asked: Asked): Promise<void>;
  /** Ends it by force, through Elevate. */
  closeOut(asked: Asked): Promise<void>;
  /** Ends it by force, past Elevate: a plain client, as Temporal's own pages or command line are. */
  terminateOutside(workflowId: string): Promise<void>;
  cancelOutside(workflowId: string): Promise<void>;
  /** Asked and approved, until the access is there. */
  held(wish?: Parameters<Scene['ask']>[0]): Promise<Asked>;
  /** Today the company does not know this person any more. */
  leaves(person: Person): void;

  // ── what can be seen
  event(asked: Asked, what: What, by: Person, more?: More): ElevateEvent;
  send(event: ElevateEvent): Promise<void>;
  until<P extends State['phase']>(asked: Asked, phase: P): Promise<Extract<State, { phase: P }>>;
  /** Waits until an entry of this kind is in the audit. */
  told(asked: Asked, kind: Entry['kind']): Promise<AuditLine>;
  ended(asked: Asked): Promise<End>;
  leaseEnded(asked: Asked): Promise<unknown>;
  audit(asked: Asked): Promise<AuditLine[]>;
  kinds(asked: Asked): Promise<string[]>;
  row(asked: Asked): Promise<Row | undefined>;
  inside(asked: Asked): Promise<Snapshot>;
  shown(asked: Asked): Shown[];
  /** Whether the ledger holds its access to be over, so that it can never be granted (again). */
  ledgerClosed(asked: Asked): Promise<boolean>;
  history(workflowId: string, run?: string): Promise<HistoryEvent[]>;
  /** The system's calls so far, as `verb sequence`. */
  calls(): string[];
  /** Waits until the system was called for the nth time with this verb. */
  called(verb: AccessCall['verb'], times?: number): Promise<AccessCall>;
  holds(person?: Person): boolean;
}

let scenes = 0;

export async function openScene(
  stage: Stage,
  options: {
    /** How long the provider has for an answer. */
    timeoutMs?: number;
    inspects?: boolean;
    approval?: { quorum?: number; withinMs?: number }[];
  } = {},
): Promise<Scene> {
  const { timeoutMs = 5_000, inspects = true, approval = [{}] } = options;
  scenes += 1;
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => newcomer(`${name}-${scenes}`, stage)) as [
    Person,
    Person,
    Person,
  ];
  const role = `admin_${scenes}`;
  const name = `system_${scenes}`;
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const system = await startAccessSystem({ secret });
  stage.onClose(system.stop);
  const provider = createWebhookProvider(
    name,
    { type: 'webhook', url: system.url, secrets: [secret], inspects, timeoutMs },
    { source: 'urn:elevate:stage', now: Date.now },
  );
  stage.providers[name] = provider;
  const approvers = { users: [bob.id, carol.id], groups: [] };
  const stages = approval.map(({ quorum = 1, withinMs = hour }, at) =>
    sampleStage({ name: `stage ${at}`, approvers, members: {}, quorum, withinMs }),
  );
  stage.roles[role] = {
    title: 'Administrator',
    providers: [name],
    risk: 'normal',
    howTo: undefined,
    requestGroups: undefined,
    reason: { required: true, min: 1, pattern: undefined, hint: undefined },
    duration: { defaultMs: hour, maxMs: hour },
    approval: stages,
    selfApproval: false,
  };
  const { gateway, store, client, plain, chat } = stage;

  const scene: Scene = {
    alice,
    bob,
    carol,
    role,
    provider: name,
    system,

    async ask({ durationMs = 10 * minute, plan = {}, request = {} } = {}) {
      const lease = `lease_${randomBytes(16).toString('hex')}`;
      const item = sampleItem({ role, provider: name, target: provider.target(role), lease, timeoutMs });
      const input: ElevateInput = {
        request: sampleRequest({
          id: newId(),
          requester: alice,
          items: [item],
          durationMs,
          createdAt: Date.now(),
          digest: randomBytes(32).toString('base64url'),
          ...request,
        }),
        plan: samplePlan({ stages, ...plan }),
      };
      const memo = {
        owner: input.request.requester.id,
        beneficiary: input.request.beneficiary.id,
        fingerprint: 'f',
        input,
      };
      const { run } = await persistently(() => gateway.start(input, memo));
      const asked = { id: input.request.id, lease: input.request.items[0]?.lease ?? '', run, input };
      // Nobody clicks before they were asked.
      await eventually(async () => (await scene.row(asked)) !== undefined || undefined, `${asked.id} to be there`);
      return asked;
    },
    approve: (asked, by = bob, more = {}) => scene.send(scene.event(asked, 'decision', by, more)),
    deny: (asked, by = bob) => scene.send(scene.event(asked, 'decision', by, { choice: 'deny' })),
    done: (asked, by = alice) => scene.send(scene.event(asked, 'release', by)),
    send: (event) => persistently(() => gateway.signal(event)),
    cancel: ({ id, run }) => persistently(() => gateway.cancel(id, run)),
    closeOut: ({ id }) => persistently(() => gateway.closeOut({ execution: id, by: alice, at: Date.now() })),
    async terminateOutside(workflowId) {
      await plain.workflow.getHandle(workflowId).terminate('from outside');
    },
    async cancelOutside(workflowId) {
      await plain.workflow.getHandle(workflowId).cancel();
    },
    async held(wish) {
      const asked = await scene.ask(wish);
      await scene.approve(asked);
      await scene.until(asked, 'active');
      return asked;
    },
    leaves: (person) => void stage.people.delete(sampleActor(person).user),

    event(asked, what, by, { choice = 'approve', stage: at = 0, digest, reason, ...more } = {}) {
      const { request } = asked.input;
      const shown = { digest: digest ?? request.digest, owner: request.requester.id };
      return {
        what,
        id: `event-${randomBytes(16).toString('hex')}`,
        execution: asked.id,
        run: asked.run,
        at: Date.now(),
        by: {
          principal: by,
          actor: sampleActor(by),
          active: true,
          groups: [],
          entitled: approvers.users.includes(by.id),
          linked: false,
        },
        data: what === 'decision' ? { choice, stage: at, ...shown } : shown,
        extra: reason === undefined ? {} : { reason },
        ...more,
      } as ElevateEvent;
    },
    until: (asked, phase) =>
      eventually(async () => {
        const state = (await scene.row(asked))?.state;
        return state?.phase === phase ? (state as Extract<State, { phase: typeof phase }>) : undefined;
      }, `${asked.id} to be ${phase}`),
    told: (asked, kind) =>
      eventually(
        async () => (await scene.audit(asked)).find((line) => line.kind === kind),
        `"${kind}" about ${asked.id}`,
      ),
    async ended(asked) {
      await client.workflow
        .getHandle(asked.id)
        .result()
        .catch(() => undefined);
      const { status } = await client.workflow.getHandle(asked.id).describe();
      return { status: status.name, state: await scene.until(asked, 'closed') };
    },
    leaseEnded: ({ lease }) => client.workflow.getHandle(lease).result(),
    audit: ({ id }) => store.audit.of(id),
    kinds: async (asked) => (await scene.audit(asked)).map(({ kind }) => kind),
    row: ({ id }) => store.executions.get(id),
    inside: ({ id }) => client.workflow.getHandle(id).query<Snapshot>('state'),
    shown: ({ id }) => chat.shownOf(id),
    async ledgerClosed({ id }) {
      return !(await store.ledger.openRows()).some(({ execution }) => execution === id);
    },
    async history(workflowId, run) {
      return (await plain.workflow.getHandle(workflowId, run).fetchHistory()).events ?? [];
    },
    calls: () => system.calls.map(({ verb, sequence }) => `${verb} ${sequence}`),
    called: (verb, times = 1) =>
      eventually(() => system.calls.filter((call) => call.verb === verb)[times - 1], `call ${times} to ${verb}`),
    holds: (person = alice) => system.has(person.id, role),
  };

  return scene;
}

/** As people's clicks are repeated while Temporal does not answer in time; this machine may be busy. */
function persistently<T>(work: () => Promise<T>): Promise<T> {
  return untilRecorded(work, { now: Date.now, pause });
}

export function newId(): string {
  return `wf_${randomBytes(13).toString('hex')}`;
}

function newcomer(name: string, stage: Stage): Person {
  const person = { id: `${name}@example.com`, name: `${name.charAt(0).toUpperCase()}${name.slice(1)}` };
  const actor = sampleActor(person);
  stage.people.set(actor.user, { ...person, actor, linked: false, groups: [] } satisfies Principal);
  return person;
}
