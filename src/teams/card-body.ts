/** A card without its buttons. */
import type { Card, Text } from '../core/card.ts';
import { clean, quoted } from '../core/clean.ts';
import { head, remark, shortened } from './fitting.ts';
import { type Element, labelled, looks, paragraph } from './text-runs.ts';

/**
 * Part by part, the most important first. Each time is told in the viewer's zone where it comes first.
 *
 * @param most characters of each text; what is longer is cut, and says so
 */
export function bodyOf({ title, status, facts, quote, notes }: Card, most = Infinity): Element[][] {
  const told = new Set<number>();
  const cut = (text: Text) => shortened(text, most);
  return [
    paragraph(cut([title]), looks.title, told),
    paragraph(cut(status), looks.plain, told),
    ...facts.map(({ label, value }) => labelled(label, cut(value), told)),
    ...(quote === undefined ? [] : [[quoteOf(quote, most)]]),
    ...notes.map((note) => paragraph(cut(note), looks.subtle, told)),
  ];
}

/** Other people's words, set apart from ours. */
function quoteOf({ label, text }: { label: string; text: string }, most: number): Element {
  const words = clean(text);
  const shown = head(words, most);
  const items = labelled(label, [quoted(shown), ...(shown === words ? [] : [remark])]);
  return { type: 'Container', style: 'emphasis', items, spacing: 'Small' };
}
