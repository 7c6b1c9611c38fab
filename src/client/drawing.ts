/** Executions, approvals and roles as lines of plain text. Where something stands is always said in words. */
import { quoted } from '../core/clean.ts';
import { counted, listed } from '../core/words.ts';
import { shortIds } from './ids.ts';
import type { Approval, Details, Execution, Me, Rebuilding, Role, Stage } from './shapes.ts';
import { tableLines } from './table.ts';
import { timeWords } from './times.ts';

export interface Drawing {
  /** Makes a heading stand out. */
  strong: (text: string) => string;
  /** IANA name of the reader's zone; left out, the one of this machine. */
  zone?: string | undefined;
}

export function executionLines(executions: readonly Execution[], { strong, zone }: Drawing): string[] {
  const short = shortIds(executions.map(({ id }) => id));
  const rows = executions.map(({ id, about, standing, startedAt }) => [
    short.get(id) ?? id,
    about,
    standing,
    timeWords(startedAt, zone),
  ]);
  const [heading = '', ...lines] = tableLines([['ID', 'WHAT', 'STATE', 'ASKED'], ...rows]);
  return [strong(heading), ...lines];
}

export function detailLines(details: Details, { strong, zone }: Drawing): string[] {
  const { requester, beneficiary, stages, votes, story } = details;
  const facts = [
    ['Id', details.id],
    ['State', details.standing],
    ['Asked by', requester],
    ['For', beneficiary === requester ? '' : beneficiary],
    ['How long', details.duration],
    ['Reason', quoted(details.reason)],
    ['Asked', timeWords(details.startedAt, zone)],
    ['Decided by', listed(stages.map(stageWords), 'then')],
    ['Expires', timeWords(details.deadline, zone)],
    ['Active until', timeWords(details.activeUntil, zone)],
    ['Ended', timeWords(details.endedAt, zone)],
  ].filter(([, value]) => value !== '');
  const voteRows = votes.map(({ at, by, choice, reason }) => [timeWords(at, zone), by, choice, quoted(reason)]);
  const storyRows = story.map(({ at, text }) => [timeWords(at, zone), text]);
  return [
    strong(details.about),
    ...tableLines(facts),
    ...section(strong('Votes'), voteRows),
    ...section(strong('What happened'), storyRows),
  ];
}

/** All that a decision is about, and the commands that make it. */
export function approvalLines(approvals: readonly Approval[], { strong, zone }: Drawing): string[] {
  const short = shortIds(approvals.map(({ id }) => id));
  return approvals.flatMap((approval, index) => {
    const id = short.get(approval.id) ?? approval.id;
    const facts = [
      ['  Asked by', approval.requester],
      ['  How long', approval.duration],
      ['  Reason', quoted(approval.reason)],
      ['  Stage', approval.stage],
      ['  Asked', timeWords(approval.askedAt, zone)],
      ['  Expires', timeWords(approval.expiresAt, zone)],
      ['  Decide', `elevate approve ${id}`],
      ['', `elevate deny ${id} because …`],
    ].filter(([, value]) => value !== '');
    return [...(index === 0 ? [] : ['']), strong(`${id}  ${approval.about}`), ...tableLines(facts)];
  });
}

export function roleLines(roles: readonly Role[], { strong }: Drawing): string[] {
  const rows = roles.map(({ name, title, providers, usually, atMost, reason, stages }) => [
    name,
    title,
    providers.join(', '),
    `${usually}, at most ${atMost}`,
    reason || 'not needed',
    listed(stages.map(stageWords), 'then'),
  ]);
  const [heading = '', ...lines] = tableLines([
    ['ROLE', 'TITLE', 'WHERE', 'HOW LONG', 'REASON', 'DECIDED BY'],
    ...rows,
  ]);
  return [strong(heading), ...lines];
}

export function meLines({ who, platform, linked, groups }: Me): string[] {
  const how = linked ? 'by company login or a linked account' : 'by the confirmed e-mail address of this account';
  return [
    `You are ${who}, ${how}${platform === '' ? '' : ` (${platform})`}.`,
    `Groups: ${groups.length === 0 ? 'none' : listed(groups)}.`,
  ];
}

export function rebuildingLine({ status, looked, mended }: Rebuilding): string {
  if (status === 'none') return 'The index has not been rebuilt yet.';
  return `Rebuilding the index: ${status}. Looked at ${counted(looked, 'execution')}, mended ${mended}.`;
}

function stageWords({ name, quorum, approvers }: Stage): string {
  return `${quorum} of ${approvers.join(', ')}${name === '' ? '' : ` (${name})`}`;
}

function section(title: string, rows: string[][]): string[] {
  return rows.length === 0 ? [] : ['', title, ...tableLines(rows).map((line) => `  ${line}`)];
}
