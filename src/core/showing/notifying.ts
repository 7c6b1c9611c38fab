/** The requester's card, and everything that is said in a message of its own. */
import type { Actor, Entry, Unreached } from '../../../workflows/contract.ts';
import { type Notice, noticesFor, unreachedNotice } from '../notices.ts';
import { accountKey } from '../people.ts';
import type { CardReference } from '../ports.ts';
import { isHere } from './approvers.ts';
import { isStanding } from './delivery.ts';
import { channelCards, channelsOf, directCards, personOf, type Showing, stagesOf } from './showing.ts';

/** The requester's living card by direct message, and what is for them. */
export async function tellRequester(
  showing: Showing,
  events: readonly Entry[],
  unreached: readonly Unreached[],
): Promise<void> {
  const { input, state, tries } = showing;
  const recipient = input.request.requester.id;
  await tries.attempt(async () => {
    const person = await requesterHere(showing);
    if (person === undefined) return;
    const to = { person };
    await tries.attempt(() => showing.placeCard({ kind: 'requester' }, { recipient, slot: 'requester', to }));
    // What was just found out is told at once; everything else comes with the events.
    const notices = [...unreached.map(unreachedNotice), ...noticesFor(input, state, events)];
    for (const { slot, text } of notices.filter((notice) => notice.to === 'requester')) {
      await tries.attempt(() => showing.placeNote(text, { recipient, slot, to }));
    }
  });
}

/** Replies under cards, and refusals to whoever clicked. */
export async function tellOthers(showing: Showing, events: readonly Entry[]): Promise<void> {
  const { input, state, here, tries } = showing;
  for (const notice of noticesFor(input, state, events)) {
    const { to, slot, text } = notice;
    if (to === 'requester') continue;
    if (typeof to !== 'object') {
      await tries.each(listenersOf(showing, notice), (listener) => showing.placeNote(text, { ...listener, slot }));
    } else if (isHere(to.person, here)) {
      const { person } = to;
      await tries.attempt(() => showing.placeNote(text, { recipient: accountKey(person), slot, to: { person } }));
    }
  }
}

/** Who asked elsewhere is looked up by e-mail; `undefined` if they are not in this chat. */
async function requesterHere({ input, here }: Showing): Promise<Actor | undefined> {
  const { actor, requester } = input.request;
  const found = actor.platform === here.platform ? actor : await here.directory.find(requester.id);
  return found !== undefined && isHere(found, here) ? found : undefined;
}

/** The latest card in each channel; for `approvers` also people asked directly, where their stage has no channel. */
function listenersOf(showing: Showing, { to, stage: only }: Notice): Listener[] {
  const found = new Map<string, Listener>();
  const stages = stagesOf(showing).filter((stage) => only === undefined || stage === only);
  for (const stage of stages.toReversed()) {
    const inChannels = channelCards(showing, stage).filter(isStanding);
    const direct = to === 'approvers' && inChannels.length === 0 ? directCards(showing, stage) : [];
    for (const card of [...inChannels, ...direct]) {
      if (!found.has(card.recipient)) found.set(card.recipient, listenerAt(showing, stage, card));
    }
  }
  return [...found.values()];
}

type Listener = Omit<Parameters<Showing['placeNote']>[1], 'slot'>;

function listenerAt(showing: Showing, stage: number, card: CardReference): Listener {
  const { recipient, address } = card;
  return channelsOf(showing, stage).includes(recipient)
    ? { recipient, to: { channel: recipient }, below: address }
    : { recipient, to: { person: personOf(showing, card) } };
}
