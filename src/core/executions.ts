/** The six verbs, and the two questions that chats ask beside them. */
import { begin } from '../../workflows/approval.ts';
import type { Actor, ElevateInput, Memo, Offer, What } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import type { Catalog } from './catalog.ts';
import { ElevateError } from './errors.ts';
import type { Identity } from './identity.ts';
import type {
  Audit,
  AuditLine,
  Clock,
  Described,
  Gateway,
  Ids,
  Limits,
  Log,
  Principal,
  ReadModel,
  Row,
  Tokens,
} from './ports.ts';
import { requireMayAsk } from './policy/ask.ts';
import { includes } from './policy/decide.ts';
import { type PlanDeps, planFor } from './policy/plan.ts';
import { eventFrom } from './taking.ts';

/** A verified person with one delivery of theirs. */
export interface Caller {
  actor: Actor;
  /** Where it was said; part of the execution's id. */
  conversation: string;
  /** Names this delivery. The same delivery again gives the same execution (T22). */
  delivery: string;
}

/** What a signal carries: an offer's token, or the owner's own event without one, named by its delivery. */
export type Taking = { token: string; reason?: string } | { execution: string; what: 'release'; delivery: string };

export interface Executions {
  /**
   * Records a new execution, or names the one that is open for the same access (T31).
   * @throws `invalid_input`, `unknown_workflow`, `workflow_disabled`, `not_allowed`, `rate_limited`, `conflict`, `unavailable`, …
   */
  create(caller: Caller, wish: { workflow: string; input: unknown }): Promise<{ row: Row; repeated: boolean }>;
  /** The caller's own, newest first. */
  list(actor: Actor, filter: { open?: boolean; limit: number }): Promise<Row[]>;
  /** @throws `unknown_execution` also for what the caller may not see (P4) */
  get(actor: Actor, execution: string): Promise<Found>;
  /** Asks for a graceful end: withdraws before the grant, gives back after. Owner only. */
  cancel(actor: Actor, execution: string): Promise<Row>;
  /** Ends by force. Owner only. */
  terminate(actor: Actor, execution: string): Promise<Row>;
  /** @throws `token_invalid`, `token_expired`, `unknown_execution`, `execution_closed`, `not_allowed`, `unavailable` */
  signal(actor: Actor, taking: Taking): Promise<{ what: What; offer: Offer; row: Row }>;
  /** What waits for the caller. */
  approvals(actor: Actor): Promise<Row[]>;
  whoami(actor: Actor): Promise<Principal>;
}

export interface Found {
  row: Row;
  /** Temporal's status: `running`, `completed`, `failed`, `canceled`, `terminated`. */
  status: string;
  story: AuditLine[];
  viewer: 'requester' | 'approver';
}

export interface ExecutionsDeps extends PlanDeps {
  config: Pick<Config, 'identity' | 'roles' | 'limits'>;
  catalog: Catalog;
  identity: Identity;
  gateway: Gateway;
  tokens: Tokens;
  ids: Ids;
  executions: ReadModel;
  limits: Limits;
  audit: Audit;
  now: Clock;
  log: Log;
}

const DAY = 24 * 60 * 60_000;
const MANY = 20;
/** Longer than any start takes to be answered, tries included. */
const BEING_STARTED = 30_000;

export function createExecutions(deps: ExecutionsDeps): Executions {
  const { config, catalog, identity, gateway, tokens, ids, executions, limits, audit, now, log } = deps;

  return {
    async create({ actor, conversation, delivery }, { workflow, input }) {
      const requester = await identity.resolve(actor);
      const wish = catalog.validate(workflow, input);
      requireMayAsk(wish.roleConfig, requester);
      const at = now();
      const id = ids.execution([actor.platform, actor.tenant, actor.user, conversation, delivery]);
      const refusals = await executions.refusals(requester.id, wish.role, at - DAY);
      const planned = await planFor({ id, workflow, wish, requester, refusals, at }, deps);

      const same = await admit(planned, at);
      if (same !== undefined) return { row: same, repeated: true };
      const { run, repeated } = await start(planned);
      const row = rowOf(planned, run, at);
      // People read their own writes; a failing row is mended by the index sink and fails nobody (P5).
      await executions
        .create(row)
        .catch((error: unknown) => log.warn({ why: String(error), execution: id }, 'the first row was not written'));
      return { row, repeated };
    },

    async list(actor, filter) {
      return executions.ofOwner((await identity.resolve(actor)).id, filter);
    },

    async get(actor, execution) {
      const person = await identity.resolve(actor);
      const described = await describedOrUnknown(execution);
      const viewer = viewerOf(described.memo, person);
      if (viewer === undefined) throw unknownExecution();
      const [row, story] = await Promise.all([rowFor(described), audit.of(execution)]);
      return { row, status: described.status, story, viewer };
    },

    async cancel(actor, execution) {
      const { person, described } = await ownOpen(actor, execution);
      await gateway.cancel(execution, described.firstRun);
      await record('cancel_asked', execution, person, { firstRun: described.firstRun });
      return rowFor(described);
    },

    async terminate(actor, execution) {
      const { person, described } = await ownOpen(actor, execution);
      await gateway.closeOut({ execution, by: { id: person.id, name: person.name }, at: now() });
      await record('terminate_asked', execution, person, {});
      return rowFor(described);
    },

    async signal(actor, taking) {
      const opened = 'token' in taking ? await tokens.open(taking.token) : undefined;
      const person = await identity.resolve(actor);
      const described = await describedOrUnknown(opened?.execution ?? ('execution' in taking ? taking.execution : ''));
      const offer = opened ?? ownRelease(described, person, 'delivery' in taking ? taking.delivery : '');
      requireSameRequest(offer, described.memo);
      if (!described.open) throw closed(described.memo.input.request.id);
      const row = await rowFor(described);
      const event = await refusedAloud(offer, person, () =>
        eventFrom(offer, {
          person,
          described,
          row,
          roles: config.roles,
          ids,
          at: now(),
          reason: 'token' in taking ? taking.reason : undefined,
        }),
      );
      await gateway.signal(event);
      return { what: offer.what, offer, row };
    },

    async approvals(actor) {
      const person = await identity.resolve(actor);
      return executions.waitingFor(person.id, person.groups, MANY);
    },

    whoami: (actor) => identity.resolve(actor),
  };

  // ── creating ───────────────────────────────────────────────────────────────────────────────────────────

  /** Counts the new execution; answers with the open one for the same access, if there is one (T31). */
  async function admit(planned: ElevateInput, at: number, healed = false): Promise<Row | undefined> {
    const { request } = planned;
    const wish = {
      execution: request.id,
      owner: request.requester.id,
      fingerprint: ids.hash(request.items.map(({ lease }) => lease)),
      at,
      ...config.limits,
    };
    const verdict = await limits.admit(wish);
    if (verdict.admitted) return undefined;
    const there = 'same' in verdict ? await gateway.describe(verdict.same) : undefined;
    if (there?.open === true) return rowFor(there);
    if (there !== undefined) {
      // It has ended, and nobody has counted it out yet.
      await limits.release(there.memo.input.request.id);
      return admit(planned, at, healed);
    }
    // What never came to be, or has ended without our hearing of it, must not bar the way.
    if (!healed && (await releaseWhatIsNot(request.requester.id, at))) return admit(planned, at, true);
    if ('limit' in verdict) throw limited(verdict, config.limits);
    throw new ElevateError('unavailable', 'The same is being asked for right now.', {
      details: { retryAfterMs: 1_000 },
    });
  }

  /** True if anything that counts as open is not. What is just being started is left alone. */
  async function releaseWhatIsNot(owner: string, at: number): Promise<boolean> {
    const open = (await limits.openOf(owner)).filter((admission) => at - admission.at > BEING_STARTED);
    const gone = await Promise.all(
      open.map(async ({ execution }) => ((await gateway.describe(execution))?.open === true ? [] : [execution])),
    );
    await Promise.all(gone.flat().map((execution) => limits.release(execution)));
    return gone.flat().length > 0;
  }

  /** After an answer that never came the execution may be there, so it goes on counting; a refusal never started it. */
  async function start(planned: ElevateInput): Promise<{ run: string; repeated: boolean }> {
    try {
      return await gateway.start(planned, memoFor(planned));
    } catch (error) {
      const mayBeThere = !(error instanceof ElevateError) || error.code === 'unavailable';
      if (!mayBeThere) await limits.release(planned.request.id);
      throw error;
    }
  }

  function memoFor(planned: ElevateInput): Memo {
    const { requester, beneficiary, workflow, digest } = planned.request;
    const fingerprint = ids.hash([requester.id, workflow, digest]);
    return { owner: requester.id, beneficiary: beneficiary.id, fingerprint, input: planned };
  }

  // ── finding ────────────────────────────────────────────────────────────────────────────────────────────

  async function describedOrUnknown(execution: string): Promise<Described> {
    const described = await gateway.describe(execution);
    if (described === undefined) throw unknownExecution();
    return described;
  }

  async function ownOpen(actor: Actor, execution: string): Promise<{ person: Principal; described: Described }> {
    const person = await identity.resolve(actor);
    const described = await describedOrUnknown(execution);
    if (described.memo.owner !== person.id) throw unknownExecution();
    if (!described.open) throw closed(execution);
    return { person, described };
  }

  /** The row, or what it will be once the index has written it. */
  async function rowFor({ memo, firstRun, startedAt }: Described): Promise<Row> {
    return (await executions.get(memo.input.request.id)) ?? rowOf(memo.input, firstRun, startedAt);
  }

  function rowOf(input: ElevateInput, run: string, at: number): Row {
    return { input, run, state: begin({ input, run }, at).state, updatedAt: at };
  }

  function viewerOf({ owner, beneficiary, input }: Memo, person: Principal): Found['viewer'] | undefined {
    if (person.id === owner || person.id === beneficiary) return 'requester';
    return input.plan.stages.some(({ approvers }) => includes(approvers, person)) ? 'approver' : undefined;
  }

  // ── recording ──────────────────────────────────────────────────────────────────────────────────────────

  /** A refusal is told to whoever was refused, and written down (P6). */
  async function refusedAloud<T>(offer: Offer, person: Principal, work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      const reason = error instanceof ElevateError ? (error.details.reason ?? error.code) : 'defect';
      await record('refused', offer.execution, person, { offer: offer.id, what: offer.what, reason });
      throw error;
    }
  }

  /** The audit of what the workflow never hears of. A failing line never undoes what happened. */
  async function record(
    kind: string,
    execution: string,
    person: Principal,
    details: Record<string, unknown>,
  ): Promise<void> {
    const id = `${execution}/${kind}/${ids.hash([person.id, ...Object.values(details).map(String)])}`;
    const line = { id, at: now(), kind, execution, principal: person.id, actor: person.actor, details };
    await audit
      .write([line])
      .catch((error: unknown) => log.error({ why: String(error), line: line.id }, 'an audit line was not written'));
  }
}

// ── rules ────────────────────────────────────────────────────────────────────────────────────────────────

/** The owner's own event needs no token: being the owner is the offer. */
function ownRelease({ memo, startedAt }: Described, person: Principal, delivery: string): Offer<'release'> {
  const { request } = memo.input;
  if (person.id !== memo.owner && person.id !== memo.beneficiary) throw unknownExecution();
  return {
    what: 'release',
    id: `own_release/${request.id}/${delivery}`,
    execution: request.id,
    at: startedAt,
    expiresAt: Number.MAX_SAFE_INTEGER,
    data: { digest: request.digest, owner: memo.owner },
  };
}

/** A token speaks of one request, as it was shown (T20). */
function requireSameRequest({ data }: Offer, { owner, input }: Memo): void {
  if (data.owner === owner && data.digest === input.request.digest) return;
  throw new ElevateError('token_invalid', 'This button does not belong to this request.');
}

function limited(verdict: { limit: 'open' | 'hour'; retryAfterMs: number }, limits: Config['limits']): ElevateError {
  const message =
    verdict.limit === 'open'
      ? `You have ${limits.openPerPerson} open requests, which is the most at one time.`
      : `You have asked ${limits.perHour} times in an hour, which is the most.`;
  return new ElevateError('rate_limited', message, { details: { retryAfterMs: verdict.retryAfterMs } });
}

function unknownExecution(): ElevateError {
  return new ElevateError('unknown_execution', 'There is no such request, or it is not yours to see.');
}

function closed(execution: string): ElevateError {
  return new ElevateError('execution_closed', 'This request is over already.', { details: { execution } });
}
