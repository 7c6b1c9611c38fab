/** The paragraphs of a reply, packed: lists and timelines have more lines than a message has blocks. */
import type { types } from '@slack/bolt';
import type { Text } from '../core/card.ts';
import { plain } from '../core/words.ts';
import { limits, localTimes, section, split } from './elements.ts';

type Block = types.KnownBlock;

/** Lines without times share sections; lines with times become rows with the viewer's own time beside them. */
export function paragraphBlocks(paragraphs: readonly Text[]): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let fields: types.TextObject[] = [];
  const endLines = () => {
    if (lines.length > 0)
      blocks.push({ type: 'section', text: { type: 'plain_text', text: lines.join('\n'), emoji: false } });
    lines = [];
  };
  const endRows = () => {
    if (fields.length > 0) blocks.push({ type: 'section', fields });
    fields = [];
  };
  for (const paragraph of paragraphs) {
    const line = plain(paragraph);
    const times = localTimes(paragraph);
    if (line === '') continue;
    if (times !== undefined && line.length <= limits.field) {
      endLines();
      if (fields.length + 2 > limits.fields) endRows();
      fields.push({ type: 'plain_text', text: line, emoji: false }, times);
      continue;
    }
    endRows();
    if (line.length > limits.section) {
      endLines();
      blocks.push(...split(line, limits.section, 10).parts.map(section));
      continue;
    }
    if ([...lines, line].join('\n').length > limits.section) endLines();
    lines.push(line);
  }
  endLines();
  endRows();
  return blocks;
}
