/** The limits of what people touch: buttons, inputs, choices. */
import {
  isObject,
  type Json,
  listRemarks,
  optional,
  type Remark,
  remark,
  stringRemarks,
  textRemarks,
} from './limits-of-texts.ts';

export function elementRemarks(element: unknown, at: string): Remark[] {
  if (!isObject(element) || typeof element['type'] !== 'string') return [remark('unsupported type', `${at}/type`)];
  const own = stringRemarks(element['action_id'], `${at}/action_id`, 255);
  if (element['type'] === 'button') return [...own, ...buttonRemarks(element, at)];
  const most = element['max_length'];
  return [
    ...own,
    ...(typeof most === 'number' && (most < 1 || most > 3000)
      ? [remark('must be between 1 and 3000', `${at}/max_length`)]
      : []),
    ...optional(element['placeholder'], (text) => textRemarks(text, `${at}/placeholder`, 150, 'plain_text')),
    ...optional(element['options'], (options) => listRemarks(options, `${at}/options`, 100, optionRemarks)),
    ...optional(element['confirm'], (confirm) => confirmRemarks(confirm, `${at}/confirm`)),
  ];
}

function buttonRemarks(button: Json, at: string): Remark[] {
  const style = button['style'];
  return [
    ...textRemarks(button['text'], `${at}/text`, 75, 'plain_text'),
    ...stringRemarks(button['value'], `${at}/value`, 2000),
    ...stringRemarks(button['url'], `${at}/url`, 3000),
    ...stringRemarks(button['accessibility_label'], `${at}/accessibility_label`, 75),
    ...(style === undefined || style === 'primary' || style === 'danger'
      ? []
      : [remark('must be primary or danger', `${at}/style`)]),
    ...optional(button['confirm'], (confirm) => confirmRemarks(confirm, `${at}/confirm`)),
  ];
}

function optionRemarks(option: unknown, at: string): Remark[] {
  if (!isObject(option)) return [remark('must be an option', at)];
  return [
    ...textRemarks(option['text'], `${at}/text`, 75),
    ...stringRemarks(option['value'], `${at}/value`, 75),
    ...optional(option['description'], (text) => textRemarks(text, `${at}/description`, 75)),
  ];
}

function confirmRemarks(confirm: unknown, at: string): Remark[] {
  if (!isObject(confirm)) return [remark('must be a confirmation', at)];
  return [
    ...textRemarks(confirm['title'], `${at}/title`, 100, 'plain_text'),
    ...textRemarks(confirm['text'], `${at}/text`, 300),
    ...textRemarks(confirm['confirm'], `${at}/confirm`, 30, 'plain_text'),
    ...textRemarks(confirm['deny'], `${at}/deny`, 30, 'plain_text'),
  ];
}

export function uniqueActionRemarks(elements: unknown, at: string): Remark[] {
  if (!Array.isArray(elements)) return [];
  const ids = elements.flatMap((element) =>
    isObject(element) && element['action_id'] !== undefined ? [element['action_id']] : [],
  );
  return new Set(ids).size < ids.length ? [remark('action_id must be unique', at)] : [];
}
