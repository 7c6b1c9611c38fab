/** What Teams takes as a message: its documented size, and cards of schema 1.5 with what they need to be clicked. Pure. */
import { isObject, type Json } from './json.ts';
import { actionRemarks } from './limits-of-actions.ts';

/** Teams counts a message in UTF-16, without pictures. */
const MESSAGE_BYTES = 100 * 1024;

/** More people than this can not be told to refresh a card. */
const REFRESHING = 60;

export function isTooLarge(activity: string): boolean {
  return activity.length * 2 > MESSAGE_BYTES;
}

/** What is wrong where, such as `needs a text at body/0`. */
export function remarksOnMessage(activity: Json): string[] {
  const { text, attachments = [] } = activity;
  if (!Array.isArray(attachments)) return ['attachments are a list'];
  if (attachments.length === 0) return typeof text === 'string' && text !== '' ? [] : ['says nothing'];
  return attachments.flatMap((attachment: unknown) => {
    if (!isObject(attachment)) return ['an attachment is an object'];
    if (attachment['contentType'] !== 'application/vnd.microsoft.card.adaptive') return ['unsupported attachment'];
    return remarksOnCard(attachment['content']);
  });
}

export function remarksOnCard(card: unknown): string[] {
  const inputs: string[] = [];
  const remarks = cardRemarks(card, '', inputs);
  const twice = inputs.filter((id, index) => inputs.indexOf(id) !== index);
  return [...remarks, ...twice.map((id) => `two inputs are called ${id}`)];
}

function cardRemarks(card: unknown, at: string, inputs: string[]): string[] {
  if (!isObject(card) || card['type'] !== 'AdaptiveCard') return [`needs a card at ${at || 'the top'}`];
  const { version, body, actions, refresh } = card;
  // A card within a card has the version of the outer one.
  const isKnown = at !== '' ? version === undefined || isFine(version) : isFine(version);
  const userIds = isObject(refresh) ? refresh['userIds'] : undefined;
  return [
    ...(isKnown ? [] : [`version ${String(version)} is not shown at ${at || 'the top'}`]),
    ...(Array.isArray(userIds) && userIds.length > REFRESHING ? [`more than ${REFRESHING} people refresh`] : []),
    ...listRemarks(body, `${at}body`, (element, where) => elementRemarks(element, where, inputs)),
    ...(actions === undefined ? [] : actionListRemarks(actions, `${at}actions`, inputs, 'card')),
  ];
}

function isFine(version: unknown): boolean {
  return typeof version === 'string' && /^1\.[0-5]$/.test(version);
}

function elementRemarks(element: unknown, at: string, inputs: string[]): string[] {
  if (!isObject(element)) return [`needs an element at ${at}`];
  const type = String(element['type']);
  if (type.startsWith('Input.')) return inputRemarks(element, at, inputs);
  const inner = (field: string) =>
    listRemarks(element[field], `${at}/${field}`, (each, where) => elementRemarks(each, where, inputs));
  switch (type) {
    case 'TextBlock':
      return typeof element['text'] === 'string' ? [] : [`needs a text at ${at}`];
    case 'RichTextBlock':
      return listRemarks(element['inlines'], `${at}/inlines`, runRemarks);
    case 'FactSet':
      return listRemarks(element['facts'], `${at}/facts`, factRemarks);
    case 'Container':
    case 'Column':
    case 'TableCell':
      return inner('items');
    case 'ColumnSet':
      return columnRemarks(element['columns'], at, inputs);
    case 'Table':
      return inner('rows');
    case 'TableRow':
      return inner('cells');
    case 'Image':
      return typeof element['url'] === 'string' ? [] : [`needs a url at ${at}`];
    case 'ActionSet':
      return actionListRemarks(element['actions'], `${at}/actions`, inputs, 'set');
    default:
      return [`unknown element ${type} at ${at}`];
  }
}

function columnRemarks(columns: unknown, at: string, inputs: string[]): string[] {
  return listRemarks(columns, `${at}/columns`, (column, where) =>
    elementRemarks(isObject(column) ? { type: 'Column', ...column } : column, where, inputs),
  );
}

function actionListRemarks(actions: unknown, at: string, inputs: string[], where: 'card' | 'set'): string[] {
  const within = (card: unknown, place: string) => cardRemarks(card, `${place}/`, inputs);
  if (Array.isArray(actions) && actions.length > 6) return [`shows six buttons and no more at ${at}`];
  return listRemarks(actions, at, (action, place) => actionRemarks(action, place, where, within));
}

function inputRemarks(input: Json, at: string, inputs: string[]): string[] {
  const { id, type } = input;
  if (!/^Input\.(Text|Number|Date|Time|Toggle|ChoiceSet)$/.test(String(type))) return [`unknown input at ${at}`];
  if (typeof id !== 'string' || id === '') return [`needs an id at ${at}`];
  inputs.push(id);
  return input['isRequired'] === true && typeof input['errorMessage'] !== 'string'
    ? [`needs an errorMessage at ${at}`]
    : [];
}

function runRemarks(run: unknown, at: string): string[] {
  if (typeof run === 'string') return [];
  const isFineRun = isObject(run) && run['type'] === 'TextRun' && typeof run['text'] === 'string';
  return isFineRun ? [] : [`needs a text at ${at}`];
}

function factRemarks(fact: unknown, at: string): string[] {
  const isFineFact = isObject(fact) && typeof fact['title'] === 'string' && typeof fact['value'] === 'string';
  return isFineFact ? [] : [`needs a title and a value at ${at}`];
}

function listRemarks(list: unknown, at: string, each: (item: unknown, at: string) => string[]): string[] {
  if (!Array.isArray(list)) return [`needs a list at ${at}`];
  return list.flatMap((item, index) => each(item, `${at}/${index}`));
}
