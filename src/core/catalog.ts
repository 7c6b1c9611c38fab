/** The catalog: which workflows there are, and whether an input fits one. */
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Config, RoleConfig } from '../config/config.ts';
import { parseDuration } from './duration.ts';
import { durationWords } from './words.ts';
import { ElevateError } from './errors.ts';
import { cleanFreeText } from './free-text.ts';
import type { JsonSchema } from './json-schema.ts';

/** What an access request asks for, checked and complete. */
export interface AccessWish {
  role: string;
  roleConfig: RoleConfig;
  provider: string;
  durationMs: number;
  reason: string;
}

/** A reason longer than this fits no card, and no card means no approval (T29). */
const REASON_MAX = 2_000;
const MINUTE = 60_000;

/** What every access request may say. Nothing is coerced and nothing is dropped. */
const accessInput: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['role'],
  properties: {
    role: { type: 'string', minLength: 1, maxLength: 63 },
    provider: { type: 'string', minLength: 1, maxLength: 63 },
    duration: { type: 'string', minLength: 1, maxLength: 40 },
    reason: { type: 'string', maxLength: REASON_MAX },
  },
};

export interface Catalog {
  /** @throws `unknown_workflow`, `workflow_disabled`, `invalid_input` with every problem as a JSON pointer */
  validate(workflow: string, input: unknown): AccessWish;
}

export function createCatalog(config: Pick<Config, 'workflows' | 'roles'>): Catalog {
  const ajv = new Ajv2020({ allErrors: true, strict: true, coerceTypes: false, useDefaults: false });
  addFormats.default(ajv);
  const fits = ajv.compile(accessInput);
  const extra = new Map<string, ValidateFunction>();
  for (const [name, { input }] of Object.entries(config.workflows)) if (input) extra.set(name, ajv.compile(input));

  return {
    validate(workflow, input) {
      const entry = Object.hasOwn(config.workflows, workflow) ? config.workflows[workflow] : undefined;
      if (entry === undefined)
        throw new ElevateError('unknown_workflow', `There is no workflow "${cleanFreeText(workflow)}".`);
      if (!entry.enabled) throw new ElevateError('workflow_disabled', `The workflow "${workflow}" is switched off.`);
      for (const validate of [fits, extra.get(workflow)]) {
        if (validate && !validate(input)) throw invalid(problemsOf(validate.errors ?? []));
      }
      return wishFrom(input as AccessInput, config.roles);
    },
  };
}

interface AccessInput {
  role: string;
  provider?: string;
  duration?: string;
  reason?: string;
}

function wishFrom(input: AccessInput, roles: Config['roles']): AccessWish {
  const roleConfig = Object.hasOwn(roles, input.role) ? roles[input.role] : undefined;
  if (roleConfig === undefined)
    throw invalid([{ pointer: '/role', message: `There is no role "${cleanFreeText(input.role)}"` }]);
  const problems: Problem[] = [];
  const provider = providerOf(input, roleConfig, problems);
  const durationMs = durationOf(input, roleConfig, problems);
  const reason = reasonOf(input, roleConfig, problems);
  if (problems.length > 0) throw invalid(problems);
  return { role: input.role, roleConfig, provider, durationMs, reason };
}

interface Problem {
  pointer: string;
  message: string;
}

function providerOf({ provider }: AccessInput, role: RoleConfig, problems: Problem[]): string {
  const [only, ...others] = role.providers;
  if (provider === undefined && others.length === 0 && only !== undefined) return only;
  if (provider !== undefined && role.providers.includes(provider)) return provider;
  problems.push({ pointer: '/provider', message: `Choose where: ${role.providers.join(', ')}` });
  return '';
}

function durationOf({ duration }: AccessInput, role: RoleConfig, problems: Problem[]): number {
  if (duration === undefined) return role.duration.defaultMs;
  const ms = parseDuration(duration);
  const most = durationWords(role.duration.maxMs);
  if (ms === undefined)
    problems.push({ pointer: '/duration', message: 'This is not a duration. Say for example 1h30m' });
  else if (ms < MINUTE)
    problems.push({ pointer: '/duration', message: `The shortest duration is 1 minute, the longest here ${most}` });
  else if (ms > role.duration.maxMs)
    problems.push({ pointer: '/duration', message: `The longest duration for this role is ${most}` });
  return ms ?? 0;
}

function reasonOf({ reason }: AccessInput, { reason: rule }: RoleConfig, problems: Problem[]): string {
  const text = cleanFreeText(reason ?? '');
  const hint = rule.hint === undefined ? '' : ` (${rule.hint})`;
  const missing = text === '' && rule.required;
  const short = text !== '' && text.length < rule.min;
  const unfit = text !== '' && rule.pattern !== undefined && !new RegExp(rule.pattern, 'u').test(text);
  if (missing) problems.push({ pointer: '/reason', message: `A reason is needed${hint}: add "because …"` });
  else if (short)
    problems.push({ pointer: '/reason', message: `The reason needs at least ${rule.min} characters${hint}` });
  else if (unfit)
    problems.push({ pointer: '/reason', message: `The reason does not have the form that this role asks for${hint}` });
  return text;
}

function problemsOf(errors: readonly ErrorObject[]): Problem[] {
  return errors.map(({ instancePath, keyword, params, message }) => {
    const name = keyword === 'required' ? params['missingProperty'] : params['additionalProperty'];
    const pointer = typeof name === 'string' ? `${instancePath}/${cleanFreeText(name)}` : instancePath;
    if (keyword === 'required') return { pointer, message: 'This is needed' };
    if (keyword === 'additionalProperties') return { pointer, message: 'There is no such field' };
    if (keyword === 'maxLength' && pointer === '/reason')
      return { pointer, message: `The reason has at most ${REASON_MAX} characters. Shorten it` };
    return { pointer, message: message ?? 'This does not fit' };
  });
}

function invalid(problems: Problem[]): ElevateError {
  return new ElevateError('invalid_input', 'This request is not complete, so nothing was started.', {
    details: { problems },
  });
}
