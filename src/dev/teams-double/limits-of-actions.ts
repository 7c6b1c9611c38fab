/** What Teams asks of a button. */
import { isObject, type Json } from './json.ts';

/**
 * @param where `Action.Execute` is only shown by every client if it stands in an `ActionSet`
 * @param within checks the card that a button opens
 */
export function actionRemarks(
  action: unknown,
  at: string,
  where: 'card' | 'set',
  within: (card: unknown, at: string) => string[],
): string[] {
  if (!isObject(action)) return [`needs a button at ${at}`];
  const { type, title } = action;
  const own = typeof title === 'string' && title !== '' ? [] : [`needs a title at ${at}`];
  switch (type) {
    case 'Action.Execute':
      return [
        ...own,
        ...(where === 'set' ? [] : [`Action.Execute stands outside an ActionSet at ${at}`]),
        ...(typeof action['verb'] === 'string' ? [] : [`needs a verb at ${at}`]),
        ...dataRemarks(action, at),
        ...fallbackRemarks(action['fallback'], `${at}/fallback`, where, within),
      ];
    case 'Action.Submit':
      return [...own, ...dataRemarks(action, at)];
    case 'Action.ShowCard':
      return [
        ...own,
        ...(at.includes('/card/') ? [`opens a card within a card at ${at}`] : within(action['card'], `${at}/card`)),
      ];
    case 'Action.OpenUrl':
      return [...own, ...(typeof action['url'] === 'string' ? [] : [`needs a url at ${at}`])];
    case 'Action.ToggleVisibility':
      return [...own, ...(Array.isArray(action['targetElements']) ? [] : [`needs targetElements at ${at}`])];
    default:
      return [`unknown button ${String(type)} at ${at}`];
  }
}

function dataRemarks({ data }: Json, at: string): string[] {
  return data === undefined || typeof data === 'string' || isObject(data) ? [] : [`has data of no use at ${at}`];
}

function fallbackRemarks(
  fallback: unknown,
  at: string,
  where: 'card' | 'set',
  within: (card: unknown, at: string) => string[],
): string[] {
  if (fallback === undefined || fallback === 'drop') return [];
  return actionRemarks(fallback, at, where, within);
}
