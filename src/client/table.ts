/** Columns that stand under each other. */

const gap = '  ';

/** One line per row, without white space at its end. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join(gap)
      .trimEnd(),
  );
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
}

const letters = new Intl.Segmenter();
/** Letters that take two places on a terminal. */
const wide =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\uff01-\uff60]/u;

/** Places on a terminal. */
function widthOf(text: string): number {
  return Array.from(letters.segment(text)).reduce((width, { segment }) => width + (wide.test(segment) ? 2 : 1), 0);
}
