/** Whether a request becomes a new execution, or one that is there is the answer; and how many there may be (T22, T31). */
import type { ElevateInput, Memo } from '../../../workflows/contract.ts';
import type { Config } from '../../config/config.ts';
import { ElevateError } from '../errors.ts';
import type { Gateway, Ids, Limits, ReadModel } from '../ports.ts';
import type { Finding, Sighting } from './finding.ts';

export interface AdmittingDeps {
  config: Pick<Config, 'limits'>;
  gateway: Gateway;
  ids: Pick<Ids, 'hash'>;
  executions: ReadModel;
  limits: Limits;
}

interface Asked {
  at: number;
  /** The same delivery may be sent again. */
  mayComeAgain: boolean;
  /** What counted without being there was counted out. */
  healed?: true;
}

/** Longer than any start takes to be answered, tries included. */
const BEING_STARTED = 30_000;

/**
 * Gives the execution that is the answer, as it stands now; `undefined` if this is to be a new one.
 * @throws `conflict`, `rate_limited`, `unavailable`, and `unknown_execution` for an answer that is gone
 */
export function createAdmitting({
  config,
  gateway,
  ids,
  executions,
  limits,
  find,
  sight,
}: AdmittingDeps & Pick<Finding, 'find' | 'sight'>) {
  return admit;

  /**
   * Counts the new execution; answers with the open one for the same access, if there is one (T31), and with that one
   * ever after (T22).
   */
  async function admit(planned: ElevateInput, asked: Asked): Promise<Sighting | undefined> {
    const { request } = planned;
    const { fingerprint } = memoFor(planned, ids);
    const { at } = asked;
    const wish = {
      execution: request.id,
      owner: request.requester.id,
      fingerprint: ids.hash(request.items.map(({ lease }) => lease)),
      at,
      ...config.limits,
    };
    const verdict = await limits.admit(wish);
    if (verdict.admitted) return verdict.again === true ? begunBefore(request.id, fingerprint) : undefined;
    if ('answered' in verdict) {
      if (verdict.fingerprint === fingerprint) return find(verdict.answered);
      throw usedBefore(verdict.answered);
    }
    const there = 'same' in verdict ? await gateway.describe(verdict.same) : undefined;
    if (there !== undefined) {
      const same = there.memo.input.request.id;
      if (there.open && !asked.mayComeAgain) return sight(there, await executions.get(same));
      if (there.open) await limits.keepAnswer(request.id, { answered: same, fingerprint });
      // It has ended, and nobody has counted it out yet.
      else await limits.release(same);
      return admit(planned, asked);
    }
    // What never came to be, or has ended without our hearing of it, must not bar the way.
    const isFirstTry = asked.healed === undefined;
    if (isFirstTry && (await releaseWhatIsNot(request.requester.id, at)))
      return admit(planned, { ...asked, healed: true });
    if ('limit' in verdict) throw limited(verdict, config.limits);
    throw new ElevateError('unavailable', 'The same is being asked for right now.', {
      details: { retryAfterMs: 1_000 },
    });
  }

  /**
   * What this delivery has begun, if only the row is left: Temporal keeps nothing for ever, and an id is never used again
   * (T22). `undefined` if its start was never done.
   * @throws `conflict` if it had asked for something else
   */
  async function begunBefore(execution: string, fingerprint: string): Promise<Sighting | undefined> {
    const [described, row] = await Promise.all([gateway.describe(execution), executions.get(execution)]);
    const input = described?.memo.input ?? row?.input;
    if (input === undefined) return undefined;
    if (memoFor(input, ids).fingerprint !== fingerprint) throw usedBefore(execution);
    return sight(described, row);
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
}

/** Equal fingerprints: the same was asked for, by the same person (T22). */
export function memoFor(planned: ElevateInput, ids: Pick<Ids, 'hash'>): Memo {
  const { requester, beneficiary, workflow, digest } = planned.request;
  const fingerprint = ids.hash([requester.id, workflow, digest]);
  return { owner: requester.id, beneficiary: beneficiary.id, fingerprint, input: planned };
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
