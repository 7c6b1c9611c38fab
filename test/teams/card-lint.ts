/**
 * What a card of ours must keep to: elements and properties of schema 1.5 that every client of Teams shows, buttons as
 * agreed, its size, and no foreign words where Markdown is read (T28).
 */
import { remarksOnCard } from '../../src/dev/teams-double/limits.ts';
import type { TeamsMessage } from '../../src/teams/message.ts';

type Json = Record<string, unknown>;

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
/** What clients turn into the viewer's own times. */
const local =
  /\{\{DATE\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, SHORT\)\}\} \{\{TIME\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)\}\}/gu;
const cardBytes = 20 * 1024;
const summaryMost = 1_000;
/** A section, its set of buttons, one that opens a card, that card, its set, its button, and that one's fallback. */
const deepest = 7;

const button = ['type', 'title', 'tooltip', 'style'];
const properties: Record<string, readonly string[]> = {
  AdaptiveCard: ['type', '$schema', 'version', 'fallbackText', 'msteams', 'body'],
  Container: ['type', 'items', 'style', 'spacing', 'separator'],
  RichTextBlock: ['type', 'inlines', 'spacing'],
  TextRun: ['type', 'text', 'weight', 'size', 'isSubtle', 'fontType'],
  TextBlock: ['type', 'text', 'isSubtle', 'size', 'spacing', 'wrap'],
  ActionSet: ['type', 'actions'],
  'Input.Text': ['type', 'id', 'label', 'isMultiline', 'maxLength'],
  'Action.Execute': [...button, 'verb', 'data', 'fallback'],
  'Action.ShowCard': [...button, 'card'],
  'Action.Submit': ['type', 'title', 'data'],
};

/** An empty list means that the message is fine. */
export function lintMessage({ summary, card }: TeamsMessage): string[] {
  const parts = typed(card);
  const texts = allStrings([summary, card]);
  return [
    ...remarksOnCard(card),
    ...(Buffer.byteLength(JSON.stringify(card)) > cardBytes ? ['the card is too large'] : []),
    ...(summary === '' || summary.length > summaryMost ? ['the summary is empty or too long'] : []),
    ...(isOurs(card['fallbackText']) ? [] : ['fallbackText is missing, or Markdown']),
    ...texts.filter((text) => hidden.test(text)).map((text) => `hidden characters: ${JSON.stringify(text)}`),
    ...parts.flatMap(({ part, depth }) => partRemarks(part, depth)),
    ...twice(parts.flatMap(({ part }) => (part['type'] === 'Input.Text' ? [String(part['id'])] : []))),
  ];
}

function partRemarks(part: Json, depth: number): string[] {
  const type = String(part['type']);
  const known = properties[type];
  if (known === undefined) return [`unknown: ${type}`];
  return [
    ...(depth > deepest ? [`too deep: ${type}`] : []),
    ...Object.keys(part).flatMap((name) => (known.includes(name) ? [] : [`${type} has ${name}`])),
    ...(rules[type]?.(part) ?? []),
  ];
}

const rules: Record<string, (part: Json) => string[]> = {
  TextBlock: ({ text }) =>
    /^In your time zone:[ ,]+$/u.test(String(text).replace(local, '')) ? [] : ['foreign Markdown'],
  TextRun: ({ text }) => (/\{\{\s*(?:DATE|TIME)/iu.test(String(text)) ? ['a run that clients rewrite'] : []),
  ActionSet: ({ actions }) => ((actions as Json[]).every(isButton) ? [] : ['no button of ours in an ActionSet']),
  'Input.Text': ({ id, label, isMultiline, maxLength }) =>
    /^reason(_\d+)?$/u.test(String(id)) && isOurs(label) && isMultiline === true && maxLength === 500
      ? []
      : ['an input that is not as agreed'],
  'Action.Execute': (action) => (isAsAgreed(action) ? [] : ['a button that is not as agreed']),
};

function isButton({ type }: Json): boolean {
  return type === 'Action.Execute' || type === 'Action.ShowCard';
}

/** Verb and data, and the same in the fallback, which says the verb in its data. */
function isAsAgreed({ title, tooltip, verb, data, fallback }: Json): boolean {
  const carried = verb === 'offer' ? 'token' : 'command';
  const submit = { type: 'Action.Submit', title, data: { verb, ...(data as Json) } };
  return (
    typeof tooltip === 'string' &&
    tooltip !== '' &&
    tooltip.length <= 200 &&
    Object.keys(data as Json).join() === carried &&
    JSON.stringify(fallback) === JSON.stringify(submit)
  );
}

/** A sentence of ours, without anything that Markdown reads. */
function isOurs(text: unknown): boolean {
  return typeof text === 'string' && /^[A-Za-z][A-Za-z ,.()/']+$/u.test(text);
}

function twice(ids: string[]): string[] {
  return new Set(ids).size < ids.length ? ['two inputs share an id'] : [];
}

function allStrings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(allStrings) : [];
}

/** Everything inside that has a type, from top to bottom. */
function typed(value: unknown, depth = 0): { part: Json; depth: number }[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap((each) => typed(each, depth + (Array.isArray(value) ? 0 : 1)));
  return 'type' in value ? [{ part: value, depth }, ...inner] : inner;
}

function ofType(card: unknown, type: string): Json[] {
  return typed(card).flatMap(({ part }) => (part['type'] === type ? [part] : []));
}

/** All that a person reads of foreign words and ours, a paragraph a line, without the viewer's own times. */
export function linesOf(card: unknown): string[] {
  return ofType(card, 'RichTextBlock').map(({ inlines }) =>
    (inlines as { text: string }[]).map(({ text }) => text).join(''),
  );
}

/** The viewer's own times. */
export function localLinesOf(card: unknown): string[] {
  return ofType(card, 'TextBlock').map(({ text }) => String(text));
}

export function runsOf(card: unknown): Json[] {
  return ofType(card, 'TextRun');
}

export function inputsOf(card: unknown): Json[] {
  return ofType(card, 'Input.Text');
}

/** What is clicked in the end; a button that opens a card comes with what it opens. */
export function buttonsOf(card: unknown): { title: string; tooltip: string; verb: string; data: Json }[] {
  return ofType(card, 'Action.Execute') as ReturnType<typeof buttonsOf>;
}

export const labelsOf = (card: unknown) => buttonsOf(card).map(({ title }) => title);
