/** Slack's documented limits of messages and views, as the remarks its API would make. Pure. */
import { elementRemarks, uniqueActionRemarks } from './limits-of-elements.ts';
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
