/** The timeline of `/elevate show`, one short line per line of the audit. */
import type { Outcome, Refusal, Unreached } from '../../workflows/contract.ts';
import type { Piece, Text } from './card.ts';
import { clean } from './clean.ts';
import type { AuditLine } from './ports.ts';
import { unreachedWords, withReason, withWhy } from './request-words.ts';
import { outcomes } from './states.ts';
import { say, together } from './words.ts';

/** Reads what it knows of a line's details and says nothing of the rest, so that any line can be shown. */
export function storyLine(line: AuditLine): Text {
  return together(say`${{ time: line.at }}`, storyWords(line));
}

/** The same without its time. */
export function storyWords(line: AuditLine): Text {
  const tell = Object.hasOwn(lines, line.kind) ? lines[line.kind] : undefined;
  return tell?.(line, who(line)) ?? say`${line.kind.replaceAll('_', ' ')}.`;
}

const lines: Record<string, (line: AuditLine, by: Text) => Text> = {
  requested: (_, by) => say`${by} asked.`,
  asked: (line) => say`Stage ${stageOf(line)} was asked${untilOf(line, 'deadline')}.`,
  voted: (line, by) =>
    say`${by} ${vote(line, 'choice') === 'deny' ? 'denied' : 'approved'}${joinedLater(line)}${withReason(vote(line, 'reason'))}.`,
  refused: (line, by) =>
    say`Not counted: what ${by} clicked (${refusals[textOf(line, 'reason') as Refusal] ?? 'not allowed'}).`,
  unreached: (line) => say`${unreachedOf(line)}`,
  vote_dropped: (line, by) => say`The vote of ${by} does not count any more${withWhy(textOf(line, 'why'))}.`,
  approved: () => say`Approved.`,
  granted: (line) => say`Granted${untilOf(line, 'until')}.`,
  kept: () => say`The access was there already and is kept.`,
  grant_delayed: (line) => say`Granting takes longer${withWhy(textOf(line, 'why'))}.`,
  grant_refused: (line) => say`The provider refused${withWhy(textOf(line, 'why'))}.`,
  ending_soon: (line) => say`Ends soon${untilOf(line, 'until')}.`,
  released: (_, by) => say`${by} said that they are done.`,
  revoke_delayed: (line) => say`Taking back takes longer${withWhy(textOf(line, 'why'))}.`,
  revoked: () => say`Taken back.`,
  cancel_asked: (_, by) => say`${by} asked to end it.`,
  terminate_asked: (_, by) => say`${by} asked to end it by force.`,
  mended: () => say`Elevate's records of this were brought up to date.`,
  read: (_, by) => say`${by} read this, as an auditor.`,
  ignored: () => say`Something that was not sealed by Elevate was ignored.`,
  ending: (line) => say`Ending: ${outcomeOf(line)}`,
  closed: (line) => say`Closed: ${outcomeOf(line)}`,
};

const refusals: Record<Refusal, string> = {
  self_approval: 'own request',
  not_approver: 'not an approver',
  joined_later: 'joined the approvers later',
  inactive: 'account not active',
  link_required: 'account not linked',
  already_voted: 'had voted already',
  stage_closed: 'stage was decided',
  not_open_yet: 'stage was not open yet',
  too_late: 'too late',
  changed_request: 'request had changed',
  not_owner: 'not the owner',
  nothing_held: 'nothing held',
  another_life: 'belongs to an earlier request',
  not_supported: 'not supported',
};

function who({ principal }: AuditLine): Text {
  return principal === undefined ? say`Somebody` : say`${principal}`;
}

function textOf({ details }: AuditLine, key: string): string | undefined {
  const value = details[key];
  return typeof value === 'string' ? value : undefined;
}

/** A vote's own fields, beside the others or below `vote`. */
function vote({ details }: AuditLine, key: string): string | undefined {
  const inner = (details['vote'] ?? {}) as Record<string, unknown>;
  const value = inner[key] ?? details[key];
  return typeof value === 'string' ? value : undefined;
}

function joinedLater({ details }: AuditLine): string {
  const inner = (details['vote'] ?? {}) as Record<string, unknown>;
  return (inner['joinedLater'] ?? details['joinedLater']) === true ? ', joined later' : '';
}

function unreachedOf(line: AuditLine): string {
  const [platform = '', recipient = ''] = [textOf(line, 'platform'), textOf(line, 'recipient')];
  return unreachedWords({ platform, recipient, what: textOf(line, 'what') as Unreached['what'] });
}

function stageOf({ details }: AuditLine): number {
  return typeof details['stage'] === 'number' ? details['stage'] + 1 : 1;
}

function untilOf({ details }: AuditLine, key: string): Text {
  const time = details[key];
  const piece: Piece[] = typeof time === 'number' ? [{ time }] : [];
  return piece.length === 0 ? [] : say`, until ${piece}`;
}

function outcomeOf(line: AuditLine): Text {
  const outcome = textOf(line, 'outcome') ?? '';
  const label = Object.hasOwn(outcomes, outcome) ? outcomes[outcome as Outcome].label.toLowerCase() : clean(outcome);
  return say`${label}${withWhy(textOf(line, 'why'))}.`;
}
