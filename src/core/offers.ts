/** The offers that cards carry. Pure from the state, so that one choice has one id in every chat (T19). */
import type { Choice, ElevateInput, Offer, State } from '../../workflows/contract.ts';
import type { Action } from './card.ts';
import { ElevateError } from './errors.ts';
import type { Ids, Tokens } from './ports.ts';

type Hash = Pick<Ids, 'hash'>;

/** Makes the token of a button. */
export type Mint = Tokens['mint'];

/** The offer to decide the open stage, until its deadline. `undefined` unless a stage is open. */
export function decisionOffer(
  input: ElevateInput,
  state: State,
  choice: Choice,
  { hash }: Hash,
): Offer<'decision'> | undefined {
  if (state.phase !== 'awaiting_approval') return undefined;
  const { id, digest, requester } = input.request;
  return {
    what: 'decision',
    // A stage that is asked again makes new offers: who clicked too late the first time can vote the second time.
    id: hash([id, String(state.stage), String(state.openedAt), digest, choice]),
    execution: id,
    at: state.openedAt,
    expiresAt: state.deadline,
    data: { choice, stage: state.stage, digest, owner: requester.id },
  };
}

/** The owner's offer to give the access back, as long as it lasts. `undefined` unless it is active. */
export function releaseOffer(input: ElevateInput, state: State, { hash }: Hash): Offer<'release'> | undefined {
  if (state.phase !== 'active') return undefined;
  const { id, digest, requester } = input.request;
  return {
    what: 'release',
    id: hash([id, '', digest, 'release']),
    execution: id,
    at: state.since,
    expiresAt: state.until,
    data: { digest, owner: requester.id },
  };
}

/** `undefined` if a button can't carry it. */
export async function tokenFor(offer: Offer, mint: Mint): Promise<string | undefined> {
  try {
    return await mint(offer);
  } catch (error) {
    if (error instanceof ElevateError && error.code === 'invalid_input') return undefined;
    throw error;
  }
}

export function isDecision(action: Action | undefined): boolean {
  return action?.kind === 'offer' && action.offer.what === 'decision';
}
