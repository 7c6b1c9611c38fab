/** Recording a new execution, unless there is one for the same, or too many (T22, T31). */
import type { ElevateInput, Memo } from '../../../workflows/contract.ts';
import type { Config } from '../../config/config.ts';
import type { Catalog } from '../catalog.ts';
import { ElevateError } from '../errors.ts';
import type { Created, Executions } from '../executions.ts';
import type { Identity } from '../identity.ts';
import { requireMayAsk } from '../policy/ask.ts';
import { type PlanDeps, planFor } from '../policy/plan.ts';
import type { Clock, Gateway, Ids, Limits, Log, ReadModel, Row } from '../ports.ts';
import { type Finding, rowOf, statusOf } from './finding.ts';

export interface CreatingDeps extends PlanDeps {
  config: Pick<Config, 'identity' | 'limits'>;
  catalog: Catalog;
  identity: Identity;
  gateway: Gateway;
  ids: Ids;
  executions: ReadModel;
  limits: Limits;
  /** A name that nothing else has. */
  newId: () => string;
  now: Clock;
  log: Log;
}

/** Longer than any start takes to be answered, tries included. */
const BEING_STARTED = 30_000;

export function createCreating(deps: CreatingDeps & Pick<Finding, 'find'>): Pick<Executions, 'create'> {
  const { config, catalog, identity, gateway, ids, executions, limits, newId, now, log, find } = deps;

  return {
    async create({ actor, conversation, delivery }, { workflow, input }) {
      const requester = await identity.resolve(actor);
      const wish = catalog.validate(workflow, input);
      requireMayAsk(wish.roleConfig, requester);
      const at = now();
      const id = ids.execution([actor.platform, actor.tenant, actor.user, conversation, delivery ?? newId()]);
      const planned = await planFor({ id, workflow, wish, requester, at }, deps);

      const memo = memoFor(planned);
      const answered = await admit(planned, memo, { at, mayComeAgain: delivery !== undefined });
      if (answered !== undefined) return thatOne(answered);
      const { run, repeated } = await start(planned, memo);
      if (repeated) return thatOne(id);
      const row = rowOf(planned, run, at);
      await writeFirst(row);
      return { row, status: 'running', repeated };
    },
  };

  /** What is there already, as it stands now. */
  async function thatOne(execution: string): Promise<Created> {
    const sighting = await find(execution);
    if (sighting.described?.open === true) await writeFirst(sighting.row);
    return { row: sighting.row, status: statusOf(sighting), repeated: true };
  }

  /** People read their own writes; a failing row is mended by the index sink and fails nobody (P5). */
  async function writeFirst(row: Row): Promise<void> {
    const execution = row.input.request.id;
    await executions
      .create(row)
      .catch((error: unknown) => log.warn({ why: String(error), execution }, 'the first row was not written'));
  }

  /**
   * Counts the new execution; answers with the open one for the same access, if there is one (T31), and with that one
   * ever after (T22).
   */
  async function admit(
    planned: ElevateInput,
    memo: Memo,
    asked: { at: number; mayComeAgain: boolean; healed?: true },
  ): Promise<string | undefined> {
    const { request } = planned;
    const { fingerprint } = memo;
    const { at } = asked;
    const wish = {
      execution: request.id,
      owner: request.requester.id,
      fingerprint: ids.hash(request.items.map(({ lease }) => lease)),
      at,
      ...config.limits,
    };
    const verdict = await limits.admit(wish);
    if (verdict.admitted) {
      return verdict.again === true && (await isThere(request.id, fingerprint)) ? request.id : undefined;
    }
    if ('answered' in verdict) {
      if (verdict.fingerprint === fingerprint) return verdict.answered;
      throw usedBefore(verdict.answered);
    }
    const there = 'same' in verdict ? await gateway.describe(verdict.same) : undefined;
    if (there !== undefined) {
      const same = there.memo.input.request.id;
      if (there.open && !asked.mayComeAgain) return same;
      if (there.open) await limits.keepAnswer(request.id, { answered: same, fingerprint });
      // It has ended, and nobody has counted it out yet.
      else await limits.release(same);
      return admit(planned, memo, asked);
    }
    // What never came to be, or has ended without our hearing of it, must not bar the way.
    const isFirstTry = asked.healed === undefined;
    if (isFirstTry && (await releaseWhatIsNot(request.requester.id, at)))
      return admit(planned, memo, { ...asked, healed: true });
    if ('limit' in verdict) throw limited(verdict, config.limits);
    throw new ElevateError('unavailable', 'The same is being asked for right now.', {
      details: { retryAfterMs: 1_000 },
    });
  }

  /**
   * Whether what this delivery has begun is there, or was once: Temporal keeps nothing for ever, and an id is never used
   * again (T22). False if its start was never done.
   * @throws `conflict` if it had asked for something else
   */
  async function isThere(execution: string, fingerprint: string): Promise<boolean> {
    const [described, row] = await Promise.all([gateway.describe(execution), executions.get(execution)]);
    const input = described?.memo.input ?? row?.input;
    if (input === undefined) return false;
    if (memoFor(input).fingerprint !== fingerprint) throw usedBefore(execution);
    return true;
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
  async function start(planned: ElevateInput, memo: Memo): Promise<{ run: string; repeated: boolean }> {
    try {
      return await gateway.start(planned, memo);
    } catch (error) {
      const mayBeThere = !(error instanceof ElevateError) || ['unavailable', 'conflict'].includes(error.code);
      if (!mayBeThere) await limits.release(planned.request.id);
      throw error;
    }
  }

  function memoFor(planned: ElevateInput): Memo {
    const { requester, beneficiary, workflow, digest } = planned.request;
    const fingerprint = ids.hash([requester.id, workflow, digest]);
    return { owner: requester.id, beneficiary: beneficiary.id, fingerprint, input: planned };
  }
}

function usedBefore(execution: string): ElevateError {
  return new ElevateError('conflict', 'This delivery was already used for something else. Ask again.', {
    details: { execution },
  });
}

function limited(verdict: { limit: 'open' | 'hour'; retryAfterMs: number }, limits: Config['limits']): ElevateError {
  const message =
    verdict.limit === 'open'
      ? `You have ${limits.openPerPerson} open requests, which is the most at one time.`
      : `You have asked ${limits.perHour} times in an hour, which is the most.`;
  return new ElevateError('rate_limited', message, { details: { retryAfterMs: verdict.retryAfterMs } });
}
