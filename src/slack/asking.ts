/** The approvers' cards, in channels and in direct messages. */
import { candidatesOf, mostAsked, reach } from './approvers.ts';
import { isStanding } from './delivery.ts';
import { channelCards, channelsOf, directCards, isAsked, platform, type Showing, slotOf } from './showing.ts';

/** Puts a card into every channel of the open stage, and edits those of earlier ones. */
export async function askInChannels(showing: Showing): Promise<void> {
  const { input, delivery, tries } = showing;
  const places = input.plan.stages.flatMap((_, stage) =>
    channelsOf(showing, stage).map((channel) => ({ stage, channel })),
  );
  await tries.each(places, async ({ stage, channel }) => {
    const slot = slotOf(stage);
    const before = delivery.find(channel, slot);
    if (!isAsked(showing, stage) && (before === undefined || !isStanding(before))) return;
    const place = { recipient: channel, slot, to: channel, barred: showing.barred(channel) };
    await showing.placeCard({ kind: 'approver', stage }, place);
  });
}

/** The same for the approvers who are asked by direct message. */
export async function askDirectly(showing: Showing): Promise<void> {
  for (const stage of showing.input.plan.stages.keys()) {
    const asked = directCards(showing, stage).map(({ recipient, address }) => ({ recipient, to: address['to'] ?? '' }));
    const added =
      isAsked(showing, stage) && asksDirectly(showing, stage) ? await newlyAsked(showing, stage, asked) : [];
    await showing.tries.each([...asked, ...added], ({ recipient, to }) =>
      showing.placeCard({ kind: 'approver', stage }, { recipient, slot: slotOf(stage), to }),
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
  /** User id. */
  to: string;
}

async function newlyAsked(showing: Showing, index: number, asked: readonly Asked[]): Promise<Asked[]> {
  const { input, delivery, tries, deps } = showing;
  const stage = input.plan.stages[index];
  if (stage === undefined) return [];
  const slot = slotOf(index);
  const users = new Set(asked.map(({ to }) => to));
  const added: Asked[] = [];
  for (const candidate of candidatesOf(input, stage, platform, deps.workspace)) {
    if (users.size >= mostAsked) break;
    if (delivery.find(candidate, slot) !== undefined) continue;
    await tries.attempt(async () => {
      const found = await reach(candidate, input, { ...deps, platform });
      if ('word' in found) return delivery.giveUp(candidate, slot, found.word);
      if (users.has(found.user)) return;
      users.add(found.user);
      added.push({ recipient: candidate, to: found.user });
    });
  }
  return added;
}
