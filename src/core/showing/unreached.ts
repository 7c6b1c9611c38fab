/** Which ways of asking the approvers of the open stage a chat has given up (P6). */
import type { Unreached } from '../../../workflows/contract.ts';
import { isPassedOver, type NotAsked } from './approvers.ts';
import { isShared, isStanding, problemWord } from './delivery.ts';
import { channelCards, directCards, isAsked, personCards, type Showing, stagesOf } from './showing.ts';

export function unreachedBy(showing: Showing): Unreached[] {
  const open = stagesOf(showing).filter((stage) => isAsked(showing, stage));
  return open.flatMap((stage) => [
    ...unreachedChannels(showing, stage),
    ...unreachedApprovers(showing, stage),
    ...everybodyUnreached(showing, stage),
  ]);
}

function unreachedChannels(showing: Showing, stage: number): Unreached[] {
  const { platform } = showing.here;
  const othersAsked = directCards(showing, stage).length > 0;
  return channelCards(showing, stage).flatMap((card) => {
    const word = problemWord(card);
    if (word === undefined) return [];
    const what = isShared(word) ? 'shared' : 'channel';
    return [{ stage, platform, recipient: card.recipient, what, othersAsked }];
  });
}

/** Whoever has no account in this chat may be asked in another. */
function unreachedApprovers(showing: Showing, stage: number): Unreached[] {
  const { platform } = showing.here;
  const othersAsked = [...channelCards(showing, stage), ...directCards(showing, stage)].some(isStanding);
  return personCards(showing, stage).flatMap((card) => {
    const word = problemWord(card);
    if (word === undefined || isPassedOver(word)) return [];
    return [{ stage, platform, recipient: card.recipient, what: 'approver' as const, othersAsked }];
  });
}

/** Where there is no other chat, and nobody of the stage has an account in this one. */
function everybodyUnreached(showing: Showing, stage: number): Unreached[] {
  const { here, input } = showing;
  const asked = [...channelCards(showing, stage), ...personCards(showing, stage)];
  const words = asked.map((card) => problemWord(card) ?? '');
  const areAllAbsent = words.includes('no_account' satisfies NotAsked) && words.every(isPassedOver);
  if (!areAllAbsent || input.plan.chats.some((chat) => chat !== here.platform)) return [];
  const recipient = input.plan.stages[stage]?.name ?? '';
  return [{ stage, platform: here.platform, recipient, what: 'everybody', othersAsked: false }];
}
