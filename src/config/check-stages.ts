/** Whether a stage can be decided, and whether anybody learns that it waits. */
import { parseDuration } from '../core/duration.ts';
import type { SoundDocument } from './check.ts';
import { checkGroups, principalOf } from './check-people.ts';
import type { Finding, Path } from './mistakes.ts';
import { defaults, type GroupDocument, type StageDocument } from './schema.ts';
import { isList, type Sound } from './validate.ts';

type Stage = Sound<StageDocument>;
/** `unknown`: some of it is unsound, or only a chat or a token knows who is in it. */
type People = readonly string[] | 'unknown';

export function checkStage(document: SoundDocument, path: Path, stage: Stage, longestMs: number): Finding[] {
  const findings = checkGroups(document, [...path, 'approvers', 'groups'], stage.approvers?.groups);
  const problem = approversProblem(document, stage);
  if (problem !== undefined)
    findings.push({ path: [...path, stage.quorum === undefined ? 'approvers' : 'quorum'], message: problem });
  if (('slack' in document || 'teams' in document) && nobodyIsAsked(stage))
    findings.push({ path: [...path, 'ask'], message: 'nobody is asked', hint: 'name a channel, or say dm: all' });
  if ((parseDuration(stage.within ?? defaults.within) ?? 0) > longestMs)
    findings.push({ path: [...path, 'within'], message: 'must be at most 30d' });
  return findings;
}

/** In a chat; those who approve over the API look for themselves. */
function nobodyIsAsked({ ask }: Stage): boolean {
  if (ask?.dm !== 'none' || isUnsound(ask, 'slack') || isUnsound(ask, 'teams')) return false;
  return [...(ask.slack ?? []), ...(ask.teams ?? [])].length === 0;
}

function approversProblem(document: SoundDocument, { approvers, quorum }: Stage): string | undefined {
  if (approvers === undefined || isUnsound(approvers, 'users') || isUnsound(approvers, 'groups')) return undefined;
  const { users = [], groups = [] } = approvers;
  if (users.length + groups.length === 0) return 'names no approver';
  const people = together([known(users), ...groups.map((name) => membersOf(document, name))]);
  if (people === 'unknown') return undefined;
  const count = new Set(people.map((email) => principalOf(email, document))).size;
  if (count === 0) return 'nobody is in the groups that could approve';
  const needed = quorum ?? defaults.quorum;
  return needed > count ? `asks for ${needed} approvers where ${count} could approve` : undefined;
}

function membersOf(document: SoundDocument, name: string | undefined): People {
  const { groups } = document;
  // Tokens bring groups along.
  if ('api' in document) return 'unknown';
  if (name === undefined || groups === undefined || !Object.hasOwn(groups, name)) return 'unknown';
  const group: Sound<GroupDocument> | undefined = groups[name];
  if (group === undefined) return 'unknown';
  if (isList(group)) return known(group);
  return 'slack_usergroup' in group || isUnsound(group, 'users') ? 'unknown' : known(group.users ?? []);
}

function known(emails: readonly (string | undefined)[]): People {
  const sound = emails.filter((email) => email !== undefined);
  return sound.length === emails.length ? sound : 'unknown';
}

function together(parts: readonly People[]): People {
  const sound = parts.filter((part) => part !== 'unknown');
  return sound.length === parts.length ? sound.flat() : 'unknown';
}

/** Something is written there, and it was found wrong already. */
export function isUnsound<T extends object>(part: T, key: keyof T): boolean {
  return Object.hasOwn(part, key) && part[key] === undefined;
}
