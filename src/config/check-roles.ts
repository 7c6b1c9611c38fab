/** Whether each role can be asked for, decided and granted. */
import { parseDuration } from '../core/duration.ts';
import type { SoundDocument } from './check.ts';
import { checkGroups } from './check-people.ts';
import { checkStage, isUnsound } from './check-stages.ts';
import type { Finding, Path } from './mistakes.ts';
import { didYouMean } from './names.ts';
import { patternProblem } from './patterns.ts';
import { defaults, type RoleDocument } from './schema.ts';
import type { Sound } from './validate.ts';

const minuteMs = 60_000;
/** Of a grant, and of the time that approvers have. */
const longestMs = 30 * 86_400_000;
const longestTimeoutMs = 30_000;

export function checkRoles(document: SoundDocument): Finding[] {
  const roles = Object.entries(document.roles ?? {});
  return [
    ...checkTimeouts(document),
    ...roles.flatMap(([name, role]) => (role === undefined ? [] : checkRole(document, ['roles', name], role))),
  ];
}

function checkTimeouts({ providers }: SoundDocument): Finding[] {
  return Object.entries(providers ?? {}).flatMap(([name, provider]) => {
    const timeout = provider !== undefined && 'timeout' in provider ? provider.timeout : undefined;
    if ((parseDuration(timeout ?? defaults.timeout) ?? 0) <= longestTimeoutMs) return [];
    return [{ path: ['providers', name, 'timeout'], message: 'must be at most 30s' }];
  });
}

function checkRole(document: SoundDocument, path: Path, role: Sound<RoleDocument>): Finding[] {
  return [
    ...checkProviders(document, [...path, 'providers'], role),
    ...checkGroups(document, [...path, 'request', 'groups'], role.request?.groups),
    ...checkReason([...path, 'reason', 'pattern'], role),
    ...checkDuration([...path, 'duration'], role),
    ...(role.approval ?? []).flatMap((stage, index) =>
      stage === undefined ? [] : checkStage(document, [...path, 'approval', index], stage, longestMs),
    ),
  ];
}

function checkProviders({ providers }: SoundDocument, path: Path, role: Sound<RoleDocument>): Finding[] {
  if (providers === undefined) return [];
  return (role.providers ?? []).flatMap((name, index) => {
    if (name === undefined || Object.hasOwn(providers, name)) return [];
    const hint = didYouMean(name, Object.keys(providers)) ?? 'add it under providers';
    return [{ path: [...path, index], message: 'there is no provider of this name', hint }];
  });
}

function checkReason(path: Path, { reason }: Sound<RoleDocument>): Finding[] {
  const problem = reason?.pattern === undefined ? undefined : patternProblem(reason.pattern);
  return problem === undefined ? [] : [{ path, message: problem }];
}

function checkDuration(path: Path, { duration = {} }: Sound<RoleDocument>): Finding[] {
  const max = parseDuration(duration.max ?? defaults.maxDuration);
  const usual = parseDuration(duration.default ?? '');
  const findings: Finding[] = [];
  if (max === undefined || isUnsound(duration, 'max')) return findings;
  if (max < minuteMs || max > longestMs) findings.push({ path: [...path, 'max'], message: 'must be from 1m to 30d' });
  if (usual !== undefined && usual < minuteMs)
    findings.push({ path: [...path, 'default'], message: 'must be at least 1m' });
  if (usual !== undefined && usual > max) {
    const hint = duration.max === undefined ? `max is ${defaults.maxDuration} where it is left out` : undefined;
    findings.push({ path: [...path, 'default'], message: 'is longer than max', hint });
  }
  return findings;
}
