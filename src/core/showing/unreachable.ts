/** What the requester is told of channels and approvers that could not be reached (P6). */
import type { Text } from '../card.ts';
import { unreachableApproverText, unreachableText } from '../notices.ts';
import { isPassedOver } from './approvers.ts';
import { isShared, isStanding, problemWord } from './delivery.ts';
import { channelCards, directCards, isAsked, personCards, type Showing, stagesOf } from './showing.ts';

interface Unreachable {
  slot: string;
  text: Text;
}

/** While the stage that asks them is open; each is told of once. */
export function unreachableNotices(showing: Showing): Unreachable[] {
  const open = stagesOf(showing).filter((stage) => isAsked(showing, stage));
  return open.flatMap((stage) => [...unreachableChannels(showing, stage), ...unreachableApprovers(showing, stage)]);
}

function unreachableChannels(showing: Showing, stage: number): Unreachable[] {
  return channelCards(showing, stage).flatMap((card) => {
    const word = problemWord(card);
    if (word === undefined) return [];
    const why = isShared(word) ? 'shared' : 'unreachable';
    const text = unreachableText(card.recipient, why, directCards(showing, stage).length > 0);
    return [{ slot: slotFor(card.recipient), text }];
  });
}

/** Whoever has no account in this chat may be asked in another. */
function unreachableApprovers(showing: Showing, stage: number): Unreachable[] {
  const askedToo = [...channelCards(showing, stage), ...directCards(showing, stage)].some(isStanding);
  return personCards(showing, stage).flatMap((card) => {
    const word = problemWord(card);
    if (word === undefined || isPassedOver(word)) return [];
    return [{ slot: slotFor(card.recipient), text: unreachableApproverText(card.recipient, askedToo) }];
  });
}

function slotFor(recipient: string): string {
  return `unreachable:${recipient}`;
}
