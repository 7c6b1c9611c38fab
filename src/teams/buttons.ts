/** The buttons of a card, each with all that it carries: a sealed token, or a command. */
import type { Action } from '../core/card.ts';
import { type Mint, tokenFor } from '../core/offers.ts';
import { REASON_MAX } from '../core/taking.ts';
import { line } from './fitting.ts';
import type { Verb } from './message.ts';
import type { Element } from './text-runs.ts';

/** As many buttons as Teams shows side by side. */
const BUTTONS_MOST = 6;
const TITLE_MOST = 75;
const TOOLTIP_MOST = 200;

/**
 * The buttons of one card, in one set.
 * @param key tells the inputs of several cards in one message apart
 * @returns `undefined` if one of them can't be carried: half a choice is none (T29)
 */
export async function buttonsOf(
  actions: readonly Action[],
  mint: Mint,
  key: string | undefined,
): Promise<Element[] | undefined> {
  if (actions.length === 0) return [];
  if (actions.length > BUTTONS_MOST) return undefined;
  const buttons = await Promise.all(actions.map((action) => button(action, mint, key)));
  const drawn = buttons.filter((each) => each !== undefined);
  return drawn.length < actions.length ? undefined : [{ type: 'ActionSet', actions: drawn }];
}

async function button(action: Action, mint: Mint, key: string | undefined): Promise<Element | undefined> {
  if (action.kind === 'command') return execute(action, 'command', { command: action.command });
  const token = await tokenFor(action.offer, mint);
  if (token === undefined) return undefined;
  const taking = execute(action, 'offer', { token });
  return action.asksReason ? askingWhy(action, taking, key) : taking;
}

/** Older clients take the fallback, whose answer comes as a message. */
function execute(action: Action, verb: Verb, data: Record<string, string>): Element {
  const shown = shownOn(action);
  const fallback = { type: 'Action.Submit', title: shown.title, data: { verb, ...data } };
  return { type: 'Action.Execute', ...shown, verb, data, fallback };
}

/** Opens below the card, with room for a reason. */
function askingWhy(action: Action, taking: Element, key: string | undefined): Element {
  const input = {
    type: 'Input.Text',
    id: key === undefined ? 'reason' : `reason_${key}`,
    label: 'Reason (optional). The requester and the other approvers read it.',
    isMultiline: true,
    maxLength: REASON_MAX,
  };
  const body = [input, { type: 'ActionSet', actions: [taking] }];
  return { type: 'Action.ShowCard', ...shownOn(action), card: { type: 'AdaptiveCard', version: '1.5', body } };
}

const styles = {
  primary: { style: 'positive' },
  danger: { style: 'destructive' },
  default: {},
} as const;

/** The tooltip is what screen readers say; all of it stands on the card, too. */
function shownOn({ label, spoken, style }: Action): { title: string; tooltip: string; style?: string } {
  return { title: line(label, TITLE_MOST), tooltip: line(spoken, TOOLTIP_MOST), ...styles[style] };
}
