/** Slack's blocks as people read them. */

export function readBlocks(blocks: readonly unknown[]): string {
  return blocks
    .map(readBlock)
    .filter((line) => line !== '')
    .join('\n      ');
}

export function blockButtons(blocks: readonly unknown[]): string[] {
  return blocks.flatMap((block) =>
    elementsOf(block).flatMap((element) => (isButton(element) ? [textOf(element)] : [])),
  );
}

function readBlock(block: unknown): string {
  const { text, fields } = block as { text?: unknown; fields?: unknown[] };
  const own = text === undefined ? [] : [textOf({ text })];
  const parts = [
    ...own,
    ...(fields ?? []).map((field) => textOf({ text: field })),
    ...elementsOf(block).map(readElement),
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function readElement(element: unknown): string {
  return isButton(element) ? `[${textOf(element)}]` : textOf({ text: element });
}

function elementsOf(block: unknown): unknown[] {
  const { elements, accessory } = block as { elements?: unknown[]; accessory?: unknown };
  return [...(elements ?? []), ...(accessory === undefined ? [] : [accessory])];
}

function isButton(element: unknown): boolean {
  return (element as { type?: string }).type === 'button';
}

/** A time's own fallback stands in for the markup that only Slack draws. */
function textOf(holder: unknown): string {
  return wordsOf(holder)
    .replace(/<!date\^\d+\^[^|]*\|([^>]*)>/g, '$1')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .trim();
}

/** A block's `text` is a string or an object with one. */
function wordsOf(holder: unknown): string {
  const { text } = (holder ?? {}) as { text?: unknown };
  return typeof text === 'string' ? text : text === undefined ? '' : wordsOf(text);
}
