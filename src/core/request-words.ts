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

/** What a chat has given up, as one sentence. An account without an e-mail has no name to be told. */
export function unreachedWords({ platform, recipient, what }: Omit<Unreached, 'othersAsked' | 'stage'>): string {
  const chat = clean(platform).replace(/^./u, (letter) => letter.toUpperCase());
  const name = clean(recipient);
  if (what === 'everybody') return `Nobody who may approve (${name}) has an account in ${chat}.`;
  if (what === 'shared')
    return `The channel ${name} in ${chat} is, or may be, shared with another company, so your request is not shown there.`;
  const person = name.includes('@') ? name : 'One of your approvers';
  return `${what === 'channel' ? `The channel ${name}` : person} could not be reached in ${chat}.`;
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
