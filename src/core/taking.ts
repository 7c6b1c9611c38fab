/** From an offer and a person to the completed event, if the plan and the live facts allow it (T8, T19). */
import { votingRefusal } from '../../workflows/approval.ts';
import type { ElevateEvent, Facts, Offer, Refusal } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import { ElevateError } from './errors.ts';
import { cleanFreeText } from './free-text.ts';
import { entitledToday, factsOf } from './policy/decide.ts';
import { refusalText } from './sentences.ts';
import { plain } from './words.ts';
import type { Described, Ids, Principal, Row } from './ports.ts';

export interface TakingContext {
  person: Principal;
  described: Described;
  /** For the sentence of a refusal; it decides nothing. */
  row: Row;
  roles: Config['roles'];
  ids: Pick<Ids, 'hash'>;
  at: number;
  reason: string | undefined;
}

/** Characters of a decision's reason. */
export const REASON_MAX = 500;

/** @throws `not_allowed` with the refusal as its reason; `invalid_input` for a reason that is too long */
export function eventFrom(offer: Offer, context: TakingContext): ElevateEvent {
  const { person, described, ids, at } = context;
  const facts = factsFor(offer, context);
  const refusal = refusalFor(offer, facts, context);
  if (refusal !== undefined) throw refused(refusal, context);
  return {
    what: offer.what,
    // One person takes an offer up once: double clicks and two chats are one event, two people are two (T19).
    id: ids.hash([offer.id, person.id]),
    execution: offer.execution,
    run: described.firstRun,
    at,
    by: facts,
    data: offer.data,
    extra: extraFrom(context.reason),
  } as ElevateEvent;
}

/** The facts of the click. Groups are named only as far as the plan asks about them. */
function factsFor(offer: Offer, { person, described, roles }: TakingContext): Facts {
  const { input } = described.memo;
  if (offer.what !== 'decision') return { ...factsOf(person, true), groups: [] };
  const asked = new Set(input.plan.stages.flatMap(({ approvers }) => approvers.groups));
  const facts = factsOf(person, entitledToday(roles, input, offer.data.stage, person));
  return { ...facts, groups: facts.groups.filter((group) => asked.has(group)) };
}

function refusalFor(offer: Offer, facts: Facts, { person, described }: TakingContext): Refusal | undefined {
  const { input, owner, beneficiary } = described.memo;
  if (offer.what === 'release') return person.id === owner || person.id === beneficiary ? undefined : 'not_owner';
  if (offer.what !== 'decision' || offer.data.choice === 'ratify') return 'not_supported';
  const stage = input.plan.stages[offer.data.stage];
  // Beside which votes this one stands is the workflow's to judge: what is known of them here may be out of date.
  return stage === undefined ? 'stage_closed' : votingRefusal(input, stage, facts, []);
}

function refused(reason: Refusal, { described, row }: TakingContext): ElevateError {
  const sentence = plain(refusalText(reason, described.memo.input, row.state));
  return new ElevateError('not_allowed', 'This does not count.', { details: { reason, sentence } });
}

function extraFrom(reason: string | undefined): { reason?: string } {
  const text = cleanFreeText(reason ?? '');
  if (text === '') return {};
  if (text.length <= REASON_MAX) return { reason: text };
  const problems = [{ pointer: '/reason', message: `A reason has at most ${REASON_MAX} characters` }];
  throw new ElevateError('invalid_input', 'Nothing was recorded.', { details: { problems } });
}
