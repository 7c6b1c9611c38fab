/** Slack's documented limits of messages and views, as the remarks its API would make. Pure. */

type Json = Record<string, unknown>;
/** What is wrong where, such as `must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]`. */
export type Remark = string;

const blockTypes = new Set([
  'section',
  'header',
  'context',
  'actions',
  'divider',
  'image',
  'input',
  'rich_text',
  'markdown',
]);

/** Checks the `blocks` of a message: at most 50. */
export function remarksOnMessage(blocks: unknown): Remark[] {
  return blocks === undefined ? [] : remarksOnBlocks(blocks, '/blocks', 50);
}

/** Checks a modal: at most 100 blocks, short title and buttons, a submit button where there is something to submit. */
export function remarksOnView(view: unknown): Remark[] {
  if (!isObject(view)) return [remark('must be a view', '/view')];
  const blocks = Array.isArray(view['blocks']) ? (view['blocks'] as unknown[]) : [];
  const needsSubmit = blocks.some((block) => isObject(block) && block['type'] === 'input');
  return [
    ...(view['type'] === 'modal' ? [] : [remark('must be modal', '/view/type')]),
    ...textRemarks(view['title'], '/view/title', 24, 'plain_text'),
    ...optional(view['submit'], (text) => textRemarks(text, '/view/submit', 24, 'plain_text')),
    ...optional(view['close'], (text) => textRemarks(text, '/view/close', 24, 'plain_text')),
    ...(needsSubmit && view['submit'] === undefined ? [remark('submit is required with inputs', '/view/submit')] : []),
    ...stringRemarks(view['private_metadata'], '/view/private_metadata', 3000),
    ...stringRemarks(view['callback_id'], '/view/callback_id', 255),
    ...remarksOnBlocks(view['blocks'], '/view/blocks', 100),
  ];
}

function remarksOnBlocks(blocks: unknown, at: string, most: number): Remark[] {
  if (!Array.isArray(blocks)) return [remark('must be an array', at)];
  if (blocks.length > most) return [remark(`no more than ${most} items allowed`, at)];
  const ids = blocks.flatMap((block) =>
    isObject(block) && typeof block['block_id'] === 'string' ? block['block_id'] : [],
  );
  return [
    ...(new Set(ids).size < ids.length ? [remark('block_id must be unique', at)] : []),
    ...blocks.flatMap((block, index) => blockRemarks(block, `${at}/${index}`)),
  ];
}

function blockRemarks(block: unknown, at: string): Remark[] {
  if (!isObject(block) || !blockTypes.has(String(block['type']))) return [remark('unsupported type', `${at}/type`)];
  const own = stringRemarks(block['block_id'], `${at}/block_id`, 255);
  switch (block['type']) {
    case 'section':
      return [...own, ...sectionRemarks(block, at)];
    case 'header':
      return [...own, ...textRemarks(block['text'], `${at}/text`, 150, 'plain_text')];
    case 'context':
      return [...own, ...listRemarks(block['elements'], `${at}/elements`, 10, contextElementRemarks)];
    case 'actions':
      return [
        ...own,
        ...listRemarks(block['elements'], `${at}/elements`, 25, elementRemarks),
        ...uniqueActionRemarks(block['elements'], `${at}/elements`),
      ];
    case 'input':
      return [
        ...own,
        ...textRemarks(block['label'], `${at}/label`, 2000, 'plain_text'),
        ...optional(block['hint'], (hint) => textRemarks(hint, `${at}/hint`, 2000, 'plain_text')),
        ...elementRemarks(block['element'], `${at}/element`),
      ];
    case 'image':
      return [
        ...own,
        ...stringRemarks(block['image_url'], `${at}/image_url`, 3000),
        ...stringRemarks(block['alt_text'], `${at}/alt_text`, 2000),
      ];
    case 'markdown':
      return [...own, ...stringRemarks(block['text'], `${at}/text`, 12_000)];
    default:
      return own;
  }
}

function sectionRemarks(block: Json, at: string): Remark[] {
  const { text, fields, accessory } = block;
  if (text === undefined && fields === undefined) return [remark('text or fields is required', at)];
  return [
    ...optional(text, (value) => textRemarks(value, `${at}/text`, 3000)),
    ...optional(fields, (value) =>
      listRemarks(value, `${at}/fields`, 10, (field, where) => textRemarks(field, where, 2000)),
    ),
    ...optional(accessory, (value) => elementRemarks(value, `${at}/accessory`)),
  ];
}

function contextElementRemarks(element: unknown, at: string): Remark[] {
  return isObject(element) && element['type'] === 'image' ? [] : textRemarks(element, at, 3000);
}

function elementRemarks(element: unknown, at: string): Remark[] {
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

function uniqueActionRemarks(elements: unknown, at: string): Remark[] {
  if (!Array.isArray(elements)) return [];
  const ids = elements.flatMap((element) =>
    isObject(element) && element['action_id'] !== undefined ? [element['action_id']] : [],
  );
  return new Set(ids).size < ids.length ? [remark('action_id must be unique', at)] : [];
}

function listRemarks(list: unknown, at: string, most: number, each: (item: unknown, at: string) => Remark[]): Remark[] {
  if (!Array.isArray(list) || list.length === 0) return [remark('must have at least 1 item', at)];
  if (list.length > most) return [remark(`no more than ${most} items allowed`, at)];
  return list.flatMap((item, index) => each(item, `${at}/${index}`));
}

function textRemarks(text: unknown, at: string, most: number, only?: 'plain_text'): Remark[] {
  if (!isObject(text) || typeof text['text'] !== 'string') return [remark('must be a text object', at)];
  const type = text['type'];
  const isTypeFine = type === 'plain_text' || (type === 'mrkdwn' && only === undefined);
  return [
    ...(isTypeFine ? [] : [remark(`must be ${only ?? 'plain_text or mrkdwn'}`, `${at}/type`)]),
    ...(text['text'] === '' ? [remark('must be more than 0 characters', `${at}/text`)] : []),
    ...stringRemarks(text['text'], `${at}/text`, most),
  ];
}

function stringRemarks(value: unknown, at: string, most: number): Remark[] {
  if (value === undefined) return [];
  if (typeof value !== 'string') return [remark('must be a string', at)];
  return value.length > most ? [remark(`must be less than ${most + 1} characters`, at)] : [];
}

function optional(value: unknown, check: (value: unknown) => Remark[]): Remark[] {
  return value === undefined || value === null ? [] : check(value);
}

function remark(what: string, pointer: string): Remark {
  return `${what} [json-pointer:${pointer}]`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
