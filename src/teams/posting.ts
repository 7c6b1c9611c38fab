/** Sends and edits messages in Teams, and gives up on conversations that are closed to us. */
import type { Mint } from '../core/offers.ts';
import type { Clock } from '../core/ports.ts';
import {
  type Address,
  type Destination,
  type Posting,
  PostingRefusal,
  type RefusalKind,
} from '../core/showing/posting.ts';
import { baseOf } from './activity.ts';
import { drawCard, drawText } from './cards.ts';
import type { Connector, Place } from './connector.ts';
import type { TeamsMessage } from './message.ts';
import type { Pace } from './pace.ts';
import type { Places } from './places.ts';
import { isDead, meaningOf, type Tried } from './refusals.ts';

interface Drawn {
  message: TeamsMessage;
  /** Nothing but text, which Teams takes wherever it takes anything. */
  plain: boolean;
}

export function createTeamsPosting(deps: {
  connector: Connector;
  places: Places;
  pace: Pace;
  /** Makes the token of a button. */
  mint: Mint;
  now: Clock;
}): Posting<Drawn> {
  const { connector, places, pace, mint, now } = deps;

  /** One call in its turn. Whoever says that nothing can be delivered there is not written to again. */
  async function attempt<T>(
    to: Destination,
    { conversation }: Place,
    tried: Tried,
    call: () => Promise<T>,
  ): Promise<T> {
    await pace.turn(baseOf(conversation));
    const at = now();
    try {
      return await call();
    } catch (error) {
      const meaning = meaningOf(error, tried);
      if (isRefusal(meaning, 'closed') && isDead(meaning.word)) await places.bury(to, meaning.word, at);
      throw meaning;
    }
  }

  async function send(to: Destination, place: Place, { message, plain }: Drawn, call: Tried['call']): Promise<Address> {
    const sent = await attempt(to, place, { call, plain }, () => connector.send(place, message));
    return { serviceUrl: sent.serviceUrl, conversation: baseOf(sent.conversation), activity: sent.activity };
  }

  return {
    drawCard: async (card) => ({ message: await drawCard(card, mint), plain: false }),
    drawText: (text) => ({ message: drawText(text), plain: true }),

    async post(to, drawn, below) {
      const place = await places.of(to);
      const thread = below && threadOf(place, below);
      if (thread === undefined) return send(to, place, drawn, 'post');
      try {
        return await send(to, thread, drawn, 'reply');
      } catch (error) {
        if (!isRefusal(error, 'gone')) throw error;
        return send(to, place, drawn, 'post');
      }
    },

    async edit(to, address, { message, plain }) {
      const { serviceUrl = '', conversation = '', activity = '' } = address;
      const sent = { serviceUrl, conversation, activity };
      if (!places.isAllowed(serviceUrl)) throw new PostingRefusal('gone', 'host_not_allowed');
      await attempt(to, sent, { call: 'edit', plain }, () => connector.edit(sent, message));
    },

    problemOf: (channel) => places.problemOf(channel),
  };
}

/** Below a message of ours. Chats have no threads, channels have: their ids differ in how they end. */
function threadOf(place: Place, { activity }: Address): Place | undefined {
  const isChannel = /@thread\.(?:tacv2|skype)$/.test(place.conversation);
  if (!isChannel || activity === undefined) return undefined;
  return { ...place, conversation: `${place.conversation};messageid=${activity}` };
}

function isRefusal(error: unknown, kind: RefusalKind): error is PostingRefusal {
  return error instanceof PostingRefusal && error.kind === kind;
}
