/** The limits that lists, texts and strings have in common, each remark with a JSON pointer to what it is about. */

export type Json = Record<string, unknown>;

/** What is wrong where, such as `must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]`. */
export type Remark = string;

export function listRemarks(
  list: unknown,
  at: string,
  most: number,
  each: (item: unknown, at: string) => Remark[],
): Remark[] {
  if (!Array.isArray(list) || list.length === 0) return [remark('must have at least 1 item', at)];
  if (list.length > most) return [remark(`no more than ${most} items allowed`, at)];
  return list.flatMap((item, index) => each(item, `${at}/${index}`));
}

export function textRemarks(text: unknown, at: string, most: number, only?: 'plain_text'): Remark[] {
  if (!isObject(text) || typeof text['text'] !== 'string') return [remark('must be a text object', at)];
  const type = text['type'];
  const isTypeFine = type === 'plain_text' || (type === 'mrkdwn' && only === undefined);
  return [
    ...(isTypeFine ? [] : [remark(`must be ${only ?? 'plain_text or mrkdwn'}`, `${at}/type`)]),
    ...(text['text'] === '' ? [remark('must be more than 0 characters', `${at}/text`)] : []),
    ...stringRemarks(text['text'], `${at}/text`, most),
  ];
}

export function stringRemarks(value: unknown, at: string, most: number): Remark[] {
  if (value === undefined) return [];
  if (typeof value !== 'string') return [remark('must be a string', at)];
  return value.length > most ? [remark(`must be less than ${most + 1} characters`, at)] : [];
}

export function optional(value: unknown, check: (value: unknown) => Remark[]): Remark[] {
  return value === undefined || value === null ? [] : check(value);
}

export function remark(what: string, pointer: string): Remark {
  return `${what} [json-pointer:${pointer}]`;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
