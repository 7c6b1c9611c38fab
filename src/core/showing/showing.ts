/** One state on its way to everybody who sees it in one chat. */
import type { Actor, ElevateInput, State } from '../../../workflows/contract.ts';
import type { Text, Viewer } from '../card.ts';
import type { CardReference, Cards, Ids, Log } from '../ports.ts';
import { cardFor } from '../view.ts';
import { say } from '../words.ts';
import type { Here } from './approvers.ts';
import { createDelivery, type Delivery, isStanding, type Message } from './delivery.ts';
import type { Posting } from './posting.ts';
import { createTries, type Tries } from './tries.ts';

/** @typeParam Drawn a message as this chat takes it */
export interface ShowingDeps<Drawn> extends Here {
  posting: Posting<Drawn>;
  cards: Cards;
  hash: Ids['hash'];
  log: Log;
  /** What may be logged of an error. */
  loggable: (error: unknown) => object;
}

export type Place = Pick<Message, 'recipient' | 'slot' | 'to' | 'below'>;

export interface Showing {
  input: ElevateInput;
  state: State;
  here: Here;
  delivery: Delivery;
  tries: Tries;
  /** Posts or edits a card. */
  placeCard(viewer: Viewer, place: Place): Promise<void>;
  /** Posts a notice, once. */
  placeNote(text: Text, place: Place): Promise<void>;
}

export async function openShowing<Drawn>(
  deps: ShowingDeps<Drawn>,
  input: ElevateInput,
  state: State,
): Promise<Showing> {
  const { platform, cards, hash, log, loggable } = deps;
  const execution = input.request.id;
  const references = await cards.of(execution, platform);
  const delivery = createDelivery({ ...deps, execution, references });
  return {
    input,
    state,
    here: deps,
    delivery,
    tries: createTries((error) =>
      log.warn({ execution, platform, ...loggable(error) }, 'a state could not be shown to somebody yet'),
    ),
    placeCard(viewer, place) {
      const card = cardFor(input, state, viewer, { hash });
      const review = { code: `/elevate show ${execution}` };
      const otherwise = say`${card.title}. This can't be shown here in full. Open to review: ${review}`;
      return delivery.place({ ...place, content: { card, drawing: hash([JSON.stringify(card)]), otherwise } });
    },
    placeNote: (text, place) => delivery.place({ ...place, content: { text } }),
  };
}

export function slotOf(stage: number): string {
  return `card:${stage}`;
}

export function stagesOf({ input }: Showing): number[] {
  return [...input.plan.stages.keys()];
}

export function isAsked({ state }: Showing, stage: number): boolean {
  return state.phase === 'awaiting_approval' && state.stage === stage;
}

export function channelsOf({ input, here }: Showing, stage: number): string[] {
  return [...new Set(input.plan.stages[stage]?.ask.channels[here.platform] ?? [])];
}

/** A stage's cards in channels, unreachable ones included. */
export function channelCards(showing: Showing, stage: number): CardReference[] {
  return channelsOf(showing, stage).flatMap((channel) => showing.delivery.find(channel, slotOf(stage)) ?? []);
}

/** A stage's cards in direct messages, unreachable ones included. */
export function personCards(showing: Showing, stage: number): CardReference[] {
  const inChannels = channelsOf(showing, stage);
  return showing.delivery.all(slotOf(stage)).filter(({ recipient }) => !inChannels.includes(recipient));
}

/** A stage's cards that are there in direct messages. */
export function directCards(showing: Showing, stage: number): CardReference[] {
  return personCards(showing, stage).filter(isStanding);
}

/** Whose direct message this is. */
export function personOf({ here: { platform, tenants } }: Showing, { address }: CardReference): Actor {
  return { platform, tenant: address['tenant'] ?? tenants[0] ?? '', user: address['to'] ?? '' };
}
