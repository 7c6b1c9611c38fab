/** What a person sees to click on, and what they see of the answer. */
import { hasButton } from './buttons.ts';
import { isObject } from './json.ts';
import { remarksOnCard } from './limits.ts';
import type { Outcome } from './outcome.ts';
import { type Card, seenBy, type ShownMessage, splitThread, type TeamsUser, type Tenant } from './tenant.ts';

/** The client gives up on a click that is not answered by then. */
const CLICK_WITHIN = 10_000;

/** The message that is meant: the newest that a person sees with this button. @throws if they see none */
export function findShown(
  tenant: Tenant,
  click: { user: string; conversation: string; label: string; message?: string },
): ShownMessage {
  const { base, thread } = splitThread(click.conversation);
  const seen = tenant.messages
    .filter((each) => each.conversation === base && (thread === undefined || thread === (each.thread ?? each.id)))
    .filter(({ id }) => click.message === undefined || id === click.message)
    .flatMap((each) => seenBy(tenant, each, click.user) ?? []);
  const message = seen.findLast(({ card }) => hasButton(card, click.label)) ?? seen.at(-1);
  if (message === undefined) throw new Error(`${click.user} sees no message in ${click.conversation}.`);
  return message;
}

/** A line under the card, or a card in its place that the clicker alone sees. Anything else Teams calls an error. */
export function showAnswer(tenant: Tenant, message: string, { user }: { user: TeamsUser }, outcome: Outcome): void {
  if (outcome.ackMs > CLICK_WITHIN) outcome.problems.push('the answer to a click came too late');
  if (outcome.problems.length > 0) return;
  const { statusCode, type, value } = isObject(outcome.body) ? outcome.body : {};
  if (outcome.status !== 200 || statusCode !== 200) outcome.problems.push(`a click was answered ${String(statusCode)}`);
  else if (type === 'application/vnd.microsoft.activity.message' && typeof value === 'string') outcome.told = value;
  else if (type === 'application/vnd.microsoft.card.adaptive') showView(tenant, message, user, outcome, value);
  else outcome.problems.push(`Teams shows no ${String(type)}`);
}

function showView(tenant: Tenant, id: string, user: TeamsUser, outcome: Outcome, value: unknown): void {
  outcome.problems.push(...remarksOnCard(value));
  const message = tenant.messages.find((each) => each.id === id);
  if (outcome.problems.length > 0 || message === undefined) return;
  outcome.card = value as Card;
  const views = tenant.views.get(message) ?? new Map<string, Card>();
  tenant.views.set(message, views.set(user.id, outcome.card));
  tenant.changed();
}
