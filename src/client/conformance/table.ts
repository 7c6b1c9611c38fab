/** The findings of a run as a table. Pass and fail are words. */
import { counted } from '../../core/words.ts';
import { tableLines } from '../table.ts';
import type { Finding } from './rows.ts';

export function findingLines(findings: readonly Finding[], strong: (text: string) => string): string[] {
  const rows = findings.map(({ call, says, came, result }) => [result, call, says, came]);
  const [heading = '', ...lines] = tableLines([['RESULT', 'CALL', 'WHAT THE PAGE SAYS', 'WHAT CAME BACK'], ...rows]);
  const marked = lines.map((line, index) => (findings[index]?.result === 'fail' ? strong(line) : line));
  return [strong(heading), ...marked, '', summaryLine(findings)];
}

/** What was not run is counted by itself, never as passed. */
export function summaryLine(findings: readonly Finding[]): string {
  const count = (result: Finding['result']) => findings.filter((finding) => finding.result === result).length;
  return `${counted(findings.length, 'row')}: ${count('pass')} passed, ${count('fail')} failed, ${count('not run')} not run.`;
}
