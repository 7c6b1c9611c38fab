/** The buttons of a card, what they ask for first, and what they send. */
import { isObject, type Json, textOf } from './json.ts';
import type { Card } from './tenant.ts';

export interface Pressed {
  action: Json;
  /** What of the card, and of the card that the button opened, can be filled in. */
  inputs: Json[];
}

/**
 * The button with this label. A button that opens a card stands for the one that it opens.
 * @throws what is there instead
 */
export function findButton(card: Card | undefined, label: string, where: string): Pressed {
  const actions = actionsOf(card);
  const own = inputsOf(card);
  for (const action of actions) {
    if (action['type'] !== 'Action.ShowCard') {
      if (action['title'] === label) return { action, inputs: own };
      continue;
    }
    const opened = action['card'] as Card;
    const within = actionsOf(opened);
    const meant = action['title'] === label ? onlyOne(within, label) : within.find(({ title }) => title === label);
    if (meant !== undefined) return { action: meant, inputs: [...own, ...inputsOf(opened)] };
  }
  const there = actions.map(({ title }) => title).join(', ');
  throw new Error(`No button "${label}" in ${where}. There: ${there || 'none'}.`);
}

export function hasButton(card: Card | undefined, label: string): boolean {
  try {
    return findButton(card, label, '').action !== undefined;
  } catch {
    return false;
  }
}

/** Teams itself keeps back what misses a required input or says too much. */
export function fillIn(inputs: Json[], filled: Record<string, string>): Json {
  const unknown = Object.keys(filled).filter((id) => !inputs.some((input) => input['id'] === id));
  if (unknown.length > 0) throw new Error(`The card does not ask for ${unknown.join(', ')}.`);
  const values = inputs.map((input) => {
    const id = String(input['id']);
    const value = filled[id] ?? textOf(input['value']);
    const { maxLength, isRequired, errorMessage } = input;
    if (isRequired === true && value === '') throw new Error(`Teams asks for ${id} first: ${String(errorMessage)}`);
    if (typeof maxLength === 'number' && value.length > maxLength) throw new Error(`Teams takes no more in ${id}.`);
    return [id, value] as const;
  });
  return Object.fromEntries(values);
}

function onlyOne(actions: Json[], label: string): Json {
  const [action, ...others] = actions;
  if (action === undefined || others.length > 0) throw new Error(`"${label}" opens ${actions.length} buttons.`);
  return action;
}

/** In the order in which they are seen; not those of cards that are still closed. */
function actionsOf(card: Card | undefined): Json[] {
  const inSets = elementsOf(card).flatMap((each) => (each['type'] === 'ActionSet' ? listOf(each['actions']) : []));
  return [...inSets, ...listOf(card?.['actions'])];
}

function inputsOf(card: Card | undefined): Json[] {
  return elementsOf(card).filter(({ type }) => String(type).startsWith('Input.'));
}

function elementsOf(holder: Json | undefined): Json[] {
  const inner = ['body', 'items', 'columns', 'rows', 'cells'].flatMap((field) => listOf(holder?.[field]));
  return inner.flatMap((element) => [element, ...elementsOf(element)]);
}

function listOf(list: unknown): Json[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
