/** What an access request asks for, by the rules of its role. */
import type { Config, RoleConfig } from '../config/config.ts';
import type { AccessInput } from './access-input.ts';
import { parseDuration } from './duration.ts';
import type { Problem } from './errors.ts';
import { cleanFreeText } from './free-text.ts';
import { durationWords } from './words.ts';

/** Checked and complete. */
export interface AccessWish {
  role: string;
  roleConfig: RoleConfig;
  provider: string;
  durationMs: number;
  reason: string;
}

const MINUTE = 60_000;

export interface Reading {
  /** To be trusted only where there are no problems. */
  wish?: AccessWish | undefined;
  problems: Problem[];
}

/** @param input without a role, or with one that is not there, it is held to what is the same for all roles */
export function readWish(input: Partial<AccessInput>, roles: Config['roles']): Reading {
  const { role } = input;
  const problems: Problem[] = [];
  const roleConfig = role !== undefined && Object.hasOwn(roles, role) ? roles[role] : undefined;
  const durationMs = durationOf(input, roleConfig, problems);
  if (role === undefined) return { problems };
  if (roleConfig === undefined) {
    const message = `There is no role "${cleanFreeText(role)}". Ask for one that is offered to you`;
    return { problems: [{ pointer: '/role', message }, ...problems] };
  }
  const provider = providerOf(input, roleConfig, problems);
  const reason = reasonOf(input, roleConfig, problems);
  return { wish: { role, roleConfig, provider, durationMs, reason }, problems };
}

function providerOf({ provider }: Partial<AccessInput>, role: RoleConfig, problems: Problem[]): string {
  const [only, ...others] = role.providers;
  if (provider === undefined && others.length === 0 && only !== undefined) return only;
  if (provider !== undefined && role.providers.includes(provider)) return provider;
  problems.push({ pointer: '/provider', message: `Choose where: ${role.providers.join(', ')}` });
  return '';
}

/** Milliseconds. */
function durationOf({ duration }: Partial<AccessInput>, role: RoleConfig | undefined, problems: Problem[]): number {
  if (duration === undefined) return role?.duration.defaultMs ?? 0;
  const ms = parseDuration(duration);
  const maxMs = role?.duration.maxMs ?? Infinity;
  const longest = maxMs === Infinity ? '' : `, the longest here ${durationWords(maxMs)}`;
  if (ms === undefined)
    problems.push({ pointer: '/duration', message: 'This is not a duration. Say for example 1h30m' });
  else if (ms < MINUTE) problems.push({ pointer: '/duration', message: `The shortest duration is 1 minute${longest}` });
  else if (ms > maxMs)
    problems.push({ pointer: '/duration', message: `The longest duration for this role is ${durationWords(maxMs)}` });
  return ms ?? 0;
}

function reasonOf({ reason }: Partial<AccessInput>, { reason: rule }: RoleConfig, problems: Problem[]): string {
  const text = cleanFreeText(reason ?? '');
  const hint = rule.hint === undefined ? '' : ` (${rule.hint})`;
  const isUnfit = rule.pattern !== undefined && !new RegExp(rule.pattern, 'u').test(text);
  const needs = [
    ...(text.length < rule.min ? [`at least ${rule.min} characters`] : []),
    ...(isUnfit ? ['the form that this role asks for'] : []),
  ];
  if (text === '' && rule.required)
    problems.push({ pointer: '/reason', message: `A reason is needed${hint}: add "because …"` });
  else if (text !== '' && needs.length > 0)
    problems.push({ pointer: '/reason', message: `The reason needs ${needs.join(' and ')}${hint}` });
  return text;
}
