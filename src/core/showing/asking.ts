/** The approvers' cards, in channels and in direct messages. */
import type { Actor } from '../../../workflows/contract.ts';
import { accountKey } from '../people.ts';
import { candidatesOf, mostAsked, reach } from './approvers.ts';
import { isStanding } from './delivery.ts';
import { channelCards, channelsOf, directCards, isAsked, personOf, type Showing, slotOf, stagesOf } from './showing.ts';

/** Puts a card into every channel of the open stage, and edits those of earlier ones. */
export async function askInChannels(showing: Showing): Promise<void> {
  const { delivery, tries } = showing;
  const places = stagesOf(showing).flatMap((stage) =>
    channelsOf(showing, stage).map((channel) => ({ stage, channel })),
  );
  await tries.each(places, async ({ stage, channel }) => {
    const slot = slotOf(stage);
    const before = delivery.find(channel, slot);
    if (!isAsked(showing, stage) && (before === undefined || !isStanding(before))) return;
    await showing.placeCard({ kind: 'approver', stage }, { recipient: channel, slot, to: { channel } });
  });
}

/** The same for the approvers who are asked by direct message. */
export async function askDirectly(showing: Showing): Promise<void> {
  for (const stage of stagesOf(showing)) {
    const asked = directCards(showing, stage).map((card) => ({
      recipient: card.recipient,
      person: personOf(showing, card),
    }));
    const added =
      isAsked(showing, stage) && asksDirectly(showing, stage) ? await newlyAsked(showing, stage, asked) : [];
    await showing.tries.each([...asked, ...added], ({ recipient, person }) =>
      showing.placeCard({ kind: 'approver', stage }, { recipient, slot: slotOf(stage), to: { person } }),
    );
  }
}

/** Where no channel of a stage can be used, approvers are asked directly whatever the configuration says (P6). */
function asksDirectly(showing: Showing, stage: number): boolean {
  const channels = channelsOf(showing, stage);
  const cards = channelCards(showing, stage);
  const noneWorks = channels.length > 0 && cards.length === channels.length && !cards.some(isStanding);
  return showing.input.plan.stages[stage]?.ask.dm === 'all' || noneWorks;
}

interface Asked {
  recipient: string;
  person: Actor;
}

async function newlyAsked(showing: Showing, index: number, asked: readonly Asked[]): Promise<Asked[]> {
  const { input, delivery, tries, here } = showing;
  const stage = input.plan.stages[index];
  if (stage === undefined) return [];
  const slot = slotOf(index);
  const accounts = new Set(asked.map(({ person }) => accountKey(person)));
  const added: Asked[] = [];
  for (const candidate of candidatesOf(input, stage, here)) {
    if (accounts.size >= mostAsked) break;
    if (delivery.find(candidate, slot) !== undefined) continue;
    await tries.attempt(async () => {
      const found = await reach(candidate, input, here);
      if ('word' in found) return delivery.giveUp(candidate, slot, found.word);
      const account = accountKey(found.actor);
      if (accounts.has(account)) return;
      accounts.add(account);
      added.push({ recipient: candidate, person: found.actor });
    });
  }
  return added;
}
