/** What a request asks for and of whom, in words. */
import type { ElevateInput, Item, Request, Stage, State, Unreached } from '../../workflows/contract.ts';
import type { Text } from './card.ts';
import { clean, quoted } from './clean.ts';
import { formatDuration } from './duration.ts';
import { listed, say } from './words.ts';

/** `admin on aws-prod and reader on vpn`. */
export function accessWords(items: readonly Item[]): string {
  return listed(items.map((item) => `${clean(item.role)} on ${clean(item.provider)}`));
}

/** The command that asks for the same again. */
export function commandOf(request: Request): string {
  const { items, beneficiary, requester } = request;
  const providers = [...new Set(items.map((item) => clean(item.provider)))];
  return [
    '/elevate',
    items.map((item) => clean(item.role)).join(', '),
    ...(providers.length === 1 ? [`on ${providers[0]}`] : []),
    `for ${formatDuration(request.durationMs)}`,
    ...(beneficiary.id === requester.id ? [] : [`for ${clean(beneficiary.id)}`]),
    ...(clean(request.reason) === '' ? [] : [`because ${clean(request.reason)}`]),
  ].join(' ');
}

/** Groups first: `sre, dana@example.com`. */
export function approverWords(stage: Stage): string[] {
  return [...stage.approvers.groups, ...stage.approvers.users].map(clean);
}

/** How many people have approved this stage. */
export function votesFor(state: State, stage: number): number {
  return state.votes.filter((vote) => vote.stage === stage && vote.choice === 'approve').length;
}

/** Who or what could not be reached, to begin a sentence. An account without an e-mail has no name to be told. */
export function unreachedWho({ recipient, what }: Pick<Unreached, 'recipient' | 'what'>): string {
  if (what !== 'approver') return `The channel ${clean(recipient)}`;
  return recipient.includes('@') ? clean(recipient) : 'One of your approvers';
}

/** A chat by its own name: `Slack`. */
export function chatName(platform: string): string {
  return clean(platform).replace(/^./u, (letter) => letter.toUpperCase());
}

/** Words to follow a sentence: `: “the change window is closed”`, or nothing. */
export function withReason(reason: string | undefined): Text {
  const words = quoted(reason ?? '');
  return words === '' ? [] : say`: ${words}`;
}

/** Who was asked and when, for as long as a stage is open. */
export function askedText(input: ElevateInput, state: State): Text {
  if (state.phase !== 'awaiting_approval') return [];
  const stage = input.plan.stages[state.stage];
  if (stage === undefined) return [];
  return say`Asked at ${{ time: state.openedAt }}: ${approverWords(stage).join(', ')}.`;
}

/** Why something happened, as Elevate or a provider said it: `: no such account`, or nothing. */
export function withWhy(why: string | undefined): Text {
  const words = clean(why ?? '').replace(/[.\s]+$/u, '');
  return words === '' ? [] : say`: ${words}`;
}
