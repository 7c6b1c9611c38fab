/** The requester's card, and everything that is said in a message of its own. */
import type { Actor, Entry } from '../../workflows/contract.ts';
import type { Text } from '../core/card.ts';
import { type Notice, noticesFor, unreachableText } from '../core/notices.ts';
import type { CardReference } from '../core/ports.ts';
import { isStanding, problemWord } from './delivery.ts';
import { channelCards, channelsOf, directCards, isAsked, isShared, platform, type Showing } from './showing.ts';

/** The requester's living card by direct message, and what is for them. */
export async function tellRequester(showing: Showing, events: readonly Entry[]): Promise<void> {
  const { input, state, tries } = showing;
  const recipient = input.request.requester.id;
  await tries.attempt(async () => {
    const to = await requesterUser(showing);
    if (to === undefined) return;
    await tries.attempt(() => showing.placeCard({ kind: 'requester' }, { recipient, slot: 'requester', to }));
    const notices = noticesFor(input, state, events).filter((notice) => notice.to === 'requester');
    for (const { slot, text } of [...unreachableNotices(showing), ...notices]) {
      await tries.attempt(() => showing.placeNote(text, { recipient, slot, to }));
    }
  });
}

/** Replies under cards, and refusals to whoever clicked. */
export async function tellOthers(showing: Showing, events: readonly Entry[]): Promise<void> {
  const { input, state, tries } = showing;
  for (const notice of noticesFor(input, state, events)) {
    const { to, slot, text } = notice;
    if (to === 'requester') continue;
    if (typeof to === 'object') await tries.attempt(() => tellClicker(showing, to.person, slot, text));
    else await tries.each(listenersOf(showing, notice), (card) => reply(showing, card, slot, text));
  }
}

/** Who asked elsewhere is looked up by e-mail; `undefined` if they are not in this workspace. */
async function requesterUser({ input, deps }: Showing): Promise<string | undefined> {
  const { actor, requester } = input.request;
  const found = actor.platform === platform ? actor : await deps.directory.find(requester.id);
  return found?.tenant === deps.workspace ? found.user : undefined;
}

function unreachableNotices(showing: Showing): { slot: string; text: Text }[] {
  const open = [...showing.input.plan.stages.keys()].filter((stage) => isAsked(showing, stage));
  return open.flatMap((stage) =>
    channelCards(showing, stage).flatMap((card) => {
      const word = problemWord(card);
      if (word === undefined) return [];
      const why = isShared(word) ? 'shared' : 'unreachable';
      const text = unreachableText(card.recipient, why, directCards(showing, stage).length > 0);
      return [{ slot: `unreachable:${card.recipient}`, text }];
    }),
  );
}

async function tellClicker(showing: Showing, actor: Actor, slot: string, text: Text): Promise<void> {
  if (actor.platform !== platform || actor.tenant !== showing.deps.workspace) return;
  await showing.placeNote(text, { recipient: `${platform}:${actor.tenant}/${actor.user}`, slot, to: actor.user });
}

type Listener = CardReference & { inChannel: boolean };

/** The latest card in each channel; for `approvers` also people asked directly, where their stage has no channel. */
function listenersOf(showing: Showing, { to, stage: only }: Notice): Listener[] {
  const found = new Map<string, Listener>();
  const stages = [...showing.input.plan.stages.keys()].filter((stage) => only === undefined || stage === only);
  for (const stage of stages.toReversed()) {
    const inChannels = channelCards(showing, stage).filter(isStanding);
    const direct = to === 'approvers' && inChannels.length === 0 ? directCards(showing, stage) : [];
    for (const card of [...inChannels, ...direct]) {
      const inChannel = channelsOf(showing, stage).includes(card.recipient);
      if (!found.has(card.recipient)) found.set(card.recipient, { ...card, inChannel });
    }
  }
  return [...found.values()];
}

async function reply(showing: Showing, { recipient, address, inChannel }: Listener, slot: string, text: Text) {
  const { to = '', ts = '' } = address;
  const below = inChannel ? { thread: ts, barred: showing.barred(to) } : {};
  await showing.placeNote(text, { recipient, slot, to, ...below });
}
