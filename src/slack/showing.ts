/** One state on its way to everybody who sees it: what each part of the messenger works with. */
import type { ElevateInput, State } from '../../workflows/contract.ts';
import type { Text, Viewer } from '../core/card.ts';
import {
  type CardReference,
  type Cards,
  ChatBusy,
  type Clock,
  type Directory,
  type Ids,
  type Log,
  type Tokens,
} from '../core/ports.ts';
import { cardFor } from '../core/view.ts';
import { say } from '../core/words.ts';
import { drawCard, drawText } from './blocks.ts';
import type { Channels } from './channels.ts';
import type { SlackClient } from './client.ts';
import { createDelivery, type Delivery, type Message } from './delivery.ts';
import { loggable } from './failure.ts';

export const platform = 'slack';

export interface MessengerDeps {
  client: SlackClient;
  cards: Cards;
  tokens: Pick<Tokens, 'mint'>;
  directory: Directory;
  hash: Ids['hash'];
  /** The workspace that the client's token is for. */
  workspace: string;
  log: Log;
  now: Clock;
}

type Place = Pick<Message, 'recipient' | 'slot' | 'to' | 'thread' | 'barred'>;

export interface Showing {
  input: ElevateInput;
  state: State;
  deps: MessengerDeps;
  delivery: Delivery;
  tries: Tries;
  /** Posts or edits a card. */
  placeCard(viewer: Viewer, place: Place): Promise<void>;
  /** Posts a notice, once. */
  placeNote(text: Text, place: Place): Promise<void>;
  /** For new messages to a channel (T30). */
  barred(channel: string): () => Promise<string | undefined>;
}

export async function openShowing(
  deps: MessengerDeps,
  channels: Channels,
  input: ElevateInput,
  state: State,
): Promise<Showing> {
  const { client, cards, tokens, hash, log } = deps;
  const execution = input.request.id;
  const references = await cards.of(execution, platform);
  const delivery = createDelivery({ client, cards, log, execution, platform, references });
  return {
    input,
    state,
    deps,
    delivery,
    tries: createTries((error) =>
      log.warn({ execution, ...loggable(error) }, 'a state could not be shown to somebody yet'),
    ),
    placeCard(viewer, place) {
      const card = cardFor(input, state, viewer, { hash });
      const review = { code: `/elevate show ${execution}` };
      return delivery.place({
        ...place,
        drawing: hash([JSON.stringify(card)]),
        draw: () => drawCard(card, tokens.mint),
        otherwise: say`${card.title}. This can't be shown here in full. Open to review: ${review}`,
      });
    },
    placeNote: (text, place) => delivery.place({ ...place, draw: async () => drawText(text) }),
    barred: (channel) => async () => {
      const problem = await channels.problemOf(channel);
      return problem && (problem.why === 'shared' ? `${shared}${problem.word}` : problem.word);
    },
  };
}

const shared = 'shared:';

/** Whether a channel was barred because others may read along. */
export function isShared(word: string): boolean {
  return word.startsWith(shared);
}

// ── which cards there are ────────────────────────────────────────────────────────────────────────────────

export function slotOf(stage: number): string {
  return `card:${stage}`;
}

export function isAsked({ state }: Showing, stage: number): boolean {
  return state.phase === 'awaiting_approval' && state.stage === stage;
}

export function channelsOf({ input }: Showing, stage: number): string[] {
  return [...new Set(input.plan.stages[stage]?.ask.channels[platform] ?? [])];
}

/** A stage's cards in channels, unreachable ones included. */
export function channelCards(showing: Showing, stage: number): CardReference[] {
  return channelsOf(showing, stage).flatMap((channel) => showing.delivery.find(channel, slotOf(stage)) ?? []);
}

/** A stage's cards in direct messages. */
export function directCards(showing: Showing, stage: number): CardReference[] {
  const inChannels = channelsOf(showing, stage);
  return showing.delivery.standing(slotOf(stage)).filter(({ recipient }) => !inChannels.includes(recipient));
}

// ── one recipient who fails does not keep the others from being told ─────────────────────────────────────

export interface Tries {
  attempt(work: () => Promise<void>): Promise<void>;
  each<T>(recipients: readonly T[], work: (recipient: T) => Promise<void>): Promise<void>;
  /** Throws what went wrong, if anything: a wish to wait before all else. */
  raise(): void;
}

function createTries(failed: (error: unknown) => void): Tries {
  const failures: unknown[] = [];
  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      failed(error);
      failures.push(error);
    }
  }
  return {
    attempt,
    async each(recipients, work) {
      await Promise.all(recipients.map((recipient) => attempt(() => work(recipient))));
    },
    raise() {
      const busy = failures.filter((failure) => failure instanceof ChatBusy);
      const retryAfterMs = Math.max(...busy.map((failure) => failure.retryAfterMs));
      if (busy.length > 0) throw new ChatBusy('Slack asks to wait.', { retryAfterMs, cause: busy[0] });
      if (failures.length > 0) throw failures[0];
    },
  };
}
