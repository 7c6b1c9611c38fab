/** Taking up an offer: a decision, or the owner's own event. */
import type { Offer } from '../../../workflows/contract.ts';
import type { Config } from '../../config/config.ts';
import { ElevateError } from '../errors.ts';
import type { Executions, Taking } from '../executions.ts';
import type { Identity } from '../identity.ts';
import { asks, viewerOf } from '../policy/view.ts';
import type { Clock, Described, Gateway, Ids, Principal, Row, Tokens } from '../ports.ts';
import { eventFrom } from '../taking.ts';
import { closed, type Finding, unknownExecution } from './finding.ts';
import type { Recording } from './recording.ts';

export interface DecidingDeps {
  config: Pick<Config, 'roles' | 'auditors'>;
  identity: Identity;
  gateway: Gateway;
  tokens: Tokens;
  ids: Ids;
  now: Clock;
}

export function createDeciding(deps: DecidingDeps & Finding & Recording): Pick<Executions, 'signal'> {
  const { config, identity, gateway, tokens, ids, now, findToChange, record } = deps;

  return {
    async signal(actor, taking) {
      const opened = await openedIn(taking);
      const person = await identity.resolve(actor);
      const { described, row } = await findToChange(opened?.execution ?? taking.execution ?? '');
      const isHidden = !maySee(row, person, opened);
      // Whoever holds a token has it from a card, and is told why it does not count. An id alone tells of nothing.
      if (isHidden && opened === undefined) throw unknownExecution();
      return hiding(isHidden, async () => {
        const offer = opened ?? ownRelease(row, person, taking);
        requireSameRequest(offer, row);
        if (described?.open !== true) throw closed(row.input.request.id);
        await refusedAloud(offer, person, () => requireMayDecide(offer, taking));
        const event = await refusedAloud(offer, person, () => eventOf(offer, person, described, row, taking));
        await gateway.signal(event);
        return { what: offer.what, offer, row };
      });
    },
  };

  /** The token's offer. Judged before anything is looked up, so that no answer tells of other executions. */
  async function openedIn(taking: Taking): Promise<Offer | undefined> {
    if (!('token' in taking)) return undefined;
    const offer = await tokens.open(taking.token);
    if (taking.execution === undefined || taking.execution === offer.execution) return offer;
    throw new ElevateError('token_invalid', 'This token belongs to another execution.');
  }

  /** Every approver of the offer's stage may see what it is about, decided or not: the read model decides nothing here. */
  function maySee(row: Row, person: Principal, offer: Offer | undefined): boolean {
    if (viewerOf(row, person, config) !== undefined) return true;
    return offer?.what === 'decision' && asks(row, offer.data.stage, person, config.roles);
  }

  function eventOf(offer: Offer, person: Principal, described: Described, row: Row, taking: Taking) {
    const reason = 'token' in taking ? taking.reason : undefined;
    return eventFrom(offer, { person, described, row, roles: config.roles, ids, at: now(), reason });
  }

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
}

/** Marks every refusal as one that tells of something which this person may not see (P4). */
async function hiding<T>(isHidden: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isHidden || !(error instanceof ElevateError)) throw error;
    const { code, message, cause, details } = error;
    throw new ElevateError(code, message, { cause, details: { ...details, hidden: true } });
  }
}

/** The owner's own event needs no token: being the owner is the offer. */
function ownRelease({ input }: Row, person: Principal, taking: Taking): Offer<'release'> {
  const { id, digest, requester, beneficiary, createdAt } = input.request;
  if (person.id !== requester.id && person.id !== beneficiary.id) {
    throw new ElevateError('not_allowed', 'Only who holds the access may give it back.', {
      details: { reason: 'not_owner' },
    });
  }
  return {
    what: 'release',
    id: `own_release/${id}/${'delivery' in taking ? taking.delivery : ''}`,
    execution: id,
    at: createdAt,
    expiresAt: Number.MAX_SAFE_INTEGER,
    data: { digest, owner: requester.id },
  };
}

/** A token speaks of one request, as it was shown (T20). */
function requireSameRequest({ data }: Offer, { input }: Row): void {
  const { requester, digest } = input.request;
  if (data.owner === requester.id && data.digest === digest) return;
  throw new ElevateError('token_invalid', 'This button does not belong to this request.');
}

/** Deciding over the API needs a person, and the scope for it (T18). */
function requireMayDecide({ what }: Offer, taking: Taking): void {
  const reason = 'token' in taking ? taking.cannotDecide : undefined;
  if (what !== 'decision' || reason === undefined) return;
  const message =
    reason === 'person_required'
      ? "Only a person can decide, and this token is not a person's own."
      : 'This token was not issued for deciding.';
  throw new ElevateError('not_allowed', message, { details: { reason } });
}
