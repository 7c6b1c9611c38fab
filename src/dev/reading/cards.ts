/** Adaptive Cards as people read them. What a button opens is not read until it is open. */

type Element = Record<string, unknown>;

export function readCard(card: object): string {
  return [...linesOf(card), buttonLine(listOf((card as Element)['actions']))]
    .filter((line) => line.trim() !== '')
    .join('\n      ');
}

export function cardButtons(card: object): string[] {
  return [...actionsIn(card as Element), ...listOf((card as Element)['actions'])].map(({ title }) => textOf(title));
}

function actionsIn(holder: Element): Element[] {
  return childrenOf(holder).flatMap((element) => [...listOf(actionsOfSet(element)), ...actionsIn(element)]);
}

function linesOf(holder: object): string[] {
  return childrenOf(holder as Element).flatMap((element) => {
    if (element['isVisible'] === false) return [];
    const { type } = element;
    if (type === 'TextBlock') return [withTimes(textOf(element['text']))];
    if (type === 'RichTextBlock') return [runsOf(element['inlines'])];
    if (type === 'FactSet')
      return [
        listOf(element['facts'])
          .map(({ title, value }) => `${textOf(title)}: ${textOf(value)}`)
          .join('  '),
      ];
    if (type === 'ActionSet') return [buttonLine(listOf(actionsOfSet(element)))];
    if (type === 'ColumnSet' || type === 'TableRow')
      return [
        childrenOf(element)
          .map((each) => linesOf(each).join(' '))
          .join('  '),
      ];
    return linesOf(element);
  });
}

/** What Teams draws in the viewer's own zone. */
function withTimes(text: string): string {
  return text
    .replace(/\{\{DATE\((\d{4}-\d\d-\d\d)T[^)]*\)\}\}/g, '$1')
    .replace(/\{\{TIME\([^)T]*T(\d\d:\d\d)[^)]*\)\}\}/g, '$1 UTC');
}

function childrenOf(holder: Element): Element[] {
  return ['body', 'items', 'columns', 'rows', 'cells'].flatMap((field) => listOf(holder[field]));
}

function actionsOfSet({ type, actions }: Element): unknown {
  return type === 'ActionSet' ? actions : undefined;
}

function buttonLine(actions: Element[]): string {
  return actions.map(({ title }) => `[${textOf(title)}]`).join('  ');
}

function runsOf(inlines: unknown): string {
  const runs: unknown[] = Array.isArray(inlines) ? inlines : [];
  return runs.map((run) => (typeof run === 'string' ? run : textOf((run as Element)['text']))).join('');
}

function listOf(list: unknown): Element[] {
  return Array.isArray(list) ? (list as Element[]) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
