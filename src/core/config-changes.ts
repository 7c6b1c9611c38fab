/**
 * What a configuration says about who may do what, and what changed in it since the last one: for the audit (T32). Plain
 * JSON, without secrets and addresses: of a provider, it holds the host alone.
 */
import type { Approvers, Config, GroupConfig, ProviderConfig, RoleConfig } from '../config/config.ts';
import { clean } from './clean.ts';
import { formatDuration } from './duration.ts';

/** A value, or who and what belongs to something, in the order of the alphabet. */
type Fact = string | number | boolean | string[];
type Facts = Record<string, Fact>;

/** By subject, as sentences begin: `operators`, `limits.per_hour`, `group sre`, `role admin`, … */
export type Authority = Record<string, Fact | Facts>;

export function authorityOf(config: Config): Authority {
  const { identity, limits } = config;
  return {
    operators: membersOf(config.operators),
    auditors: membersOf(config.auditors),
    'identity.domains': identity.domains.toSorted(),
    'identity.one_directory': identity.oneDirectory,
    'identity.aliases': identity.aliases.map((emails) => emails.join(' = ')).toSorted(),
    'identity.links': Object.entries(identity.links)
      .map(([account, email]) => `${account} = ${email}`)
      .toSorted(),
    'limits.open_per_person': limits.openPerPerson,
    'limits.per_hour': limits.perHour,
    ...(config.api && { api: apiFacts(config.api) }),
    ...named('group', config.groups, groupMembers),
    ...named('provider', config.providers, systemOf),
    ...named('role', config.roles, roleFacts),
  };
}

function named<T>(kind: string, all: Record<string, T>, fact: (one: T) => Fact | Facts): Authority {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [`${kind} ${name}`, fact(one)]));
}

function membersOf({ users, groups }: Approvers): string[] {
  return [...users, ...groupNames(groups)].toSorted();
}

function groupNames(groups: readonly string[]): string[] {
  return groups.map((name) => `group ${name}`);
}

function groupMembers({ users, platformGroups }: GroupConfig): string[] {
  const theirs = Object.entries(platformGroups).map(([platform, id]) => `${platform} group ${id}`);
  return [...users, ...theirs].toSorted();
}

function apiFacts(api: NonNullable<Config['api']>): Facts {
  return {
    issuer: api.issuer,
    audience: api.audience,
    'token types': api.tokenTypes.toSorted(),
    'principal claim': api.principalClaim,
    'groups claim': api.groupsClaim,
    'unconfirmed addresses count': api.emailTrusted,
    'scope for deciding': api.decideScope ?? 'none',
  };
}

function systemOf(provider: ProviderConfig): string {
  // The path may be a secret by itself.
  return provider.type === 'webhook' ? `webhook at ${new URL(provider.url).host}` : provider.type;
}

function roleFacts(role: RoleConfig): Facts {
  const stages = stageNames(role);
  return {
    providers: role.providers.toSorted(),
    'may be asked for by': role.requestGroups === undefined ? ['everyone'] : groupNames(role.requestGroups).toSorted(),
    risk: role.risk,
    'longest duration': formatDuration(role.duration.maxMs),
    'self-approval': role.selfApproval,
    stages: stages.join(', then '),
    ...Object.fromEntries(
      role.approval.flatMap(({ approvers, quorum }, index): [string, Fact][] => [
        [`approvers of stage ${stages[index]}`, membersOf(approvers)],
        [`quorum of stage ${stages[index]}`, quorum],
      ]),
    ),
  };
}

/** Numbered where two stages have one name. */
function stageNames({ approval }: RoleConfig): string[] {
  const names = approval.map(({ name }) => clean(name));
  return new Set(names).size === names.length ? names : names.map((name, index) => `${index + 1} (${name})`);
}

/** More than these are counted, not told. */
const maxSentences = 200;
const maxMembers = 20;

/**
 * Short sentences, at most 200 and one that counts the rest; none if nothing changed.
 * @param before what was recorded last; `undefined`: nothing yet
 */
export function changesBetween(before: Authority | undefined, after: Authority): string[] {
  if (before === undefined) return ['the first configuration on record'];
  const subjects = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changes = subjects.flatMap((subject) => subjectChanges(subject, own(before, subject), own(after, subject)));
  return atMost(maxSentences, changes);
}

function subjectChanges(subject: string, before: Fact | Facts | undefined, after: Fact | Facts | undefined): string[] {
  if (after === undefined) return [`${subject}: removed`];
  const [old, now] = [factsOf(before), factsOf(after)];
  const changes = [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((name) => {
    const change = factChange(own(old, name), own(now, name));
    return change === undefined ? [] : [[subject, name, change].filter((part) => part !== '').join(': ')];
  });
  return before === undefined ? [`${subject}: new`, ...changes] : changes;
}

/** A fact that is all that there is to say about its subject has no name. */
function factsOf(said: Fact | Facts | undefined): Facts {
  if (said === undefined) return {};
  return typeof said === 'object' && !Array.isArray(said) ? said : { '': said };
}

function factChange(before: Fact | undefined, after: Fact | undefined): string | undefined {
  if ((before === undefined || Array.isArray(before)) && (after === undefined || Array.isArray(after)))
    return memberChange(new Set(before), new Set(after));
  if (before === after) return undefined;
  return before === undefined ? text(after) : `${text(before)} → ${text(after)}`;
}

function memberChange(before: ReadonlySet<string>, after: ReadonlySet<string>): string | undefined {
  const added = [...after].filter((member) => !before.has(member));
  const removed = [...before].filter((member) => !after.has(member));
  const told = [
    ...(added.length > 0 ? [`added ${atMost(maxMembers, added).join(', ')}`] : []),
    ...(removed.length > 0 ? [`removed ${atMost(maxMembers, removed).join(', ')}`] : []),
  ];
  return told.length > 0 ? told.join(', ') : undefined;
}

function text(fact: Fact | undefined): string {
  if (typeof fact === 'boolean') return fact ? 'yes' : 'no';
  return fact === undefined ? 'none' : [fact].flat().join(', ');
}

function atMost(count: number, all: readonly string[]): string[] {
  return all.length <= count ? [...all] : [...all.slice(0, count), `… and ${all.length - count} more`];
}

/** A name of a configuration may be one that every object has. */
function own<T>(all: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined;
}
