/** Counts answers by caller, call and status, and writes them down as a table. */

export interface Tally {
  count(caller: string, call: string, status: number): void;
  /** In Markdown: a row for each call, a column for each caller, and sums at both ends. */
  table(): string[];
}

export function createTally(callers: readonly string[], calls: readonly string[]): Tally {
  const answers: { caller: string; call: string; status: number }[] = [];

  function cell(caller: string | undefined, call: string | undefined): string {
    const counts = new Map<number, number>();
    for (const each of answers) {
      if ((caller ?? each.caller) !== each.caller || (call ?? each.call) !== each.call) continue;
      counts.set(each.status, (counts.get(each.status) ?? 0) + 1);
    }
    const sorted = [...counts].toSorted(([one], [other]) => one - other);
    return sorted.map(([status, count]) => `${count} × ${status}`).join(', ');
  }

  const row = (title: string, call?: string) =>
    line([title, ...callers.map((caller) => cell(caller, call)), cell(undefined, call)]);

  return {
    count: (caller, call, status) => void answers.push({ caller, call, status }),
    table: () => [
      line(['call', ...callers, 'all']),
      line(['---', ...callers.map(() => '---'), '---']),
      ...calls.map((call) => row(`\`${call}\``, call)),
      row(`all ${answers.length}`),
    ],
  };
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
