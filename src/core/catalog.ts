/** The catalog: which workflows there are, and whether an input fits one. */
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Config } from '../config/config.ts';
import { accessFields, type AccessInput, accessInput } from './access-input.ts';
import { type AccessWish, type Reading, readWish } from './access-wish.ts';
import { ElevateError, type Problem } from './errors.ts';
import { cleanFreeText } from './free-text.ts';
import { ownProblems } from './own-schema.ts';
import { byPlace, isNeeded, placeOf, sentenceOf } from './problems.ts';

export interface Catalog {
  /** What an input asks for. @throws what `requireEnabled` throws, and `invalid_input` with every problem of the input */
  validate(workflow: string, input: unknown): AccessWish;
  /** @throws `unknown_workflow`, `workflow_disabled` */
  requireEnabled(workflow: string): void;
  /**
   * Every problem of an input, as JSON pointers into it, one for each place: by the schema of all inputs, by the rules
   * of its role, and by the workflow's own schema if that can be asked for.
   */
  problemsOf(workflow: unknown, input: unknown): Problem[];
}

export function createCatalog({ workflows, roles }: Pick<Config, 'workflows' | 'roles'>): Catalog {
  const fits = compiled(accessInput);
  /** Enabled workflows, with what checks their own schema if they have one. */
  const enabled = new Map<unknown, ValidateFunction | undefined>();
  for (const [name, workflow] of Object.entries(workflows))
    if (workflow.enabled) enabled.set(name, workflow.input && compiled(workflow.input));
  // Which roles there are is told to those alone who could learn it by asking for one.
  const isFree = enabled.has('default') && enabled.get('default') === undefined;

  return {
    validate(workflow, input) {
      requireEnabled(workflow);
      const { wish, problems } = judge(workflow, input);
      if (wish !== undefined && problems.length === 0) return wish;
      throw new ElevateError('invalid_input', 'This request is not complete, so nothing was started.', {
        details: { problems },
      });
    },
    requireEnabled,
    problemsOf: (workflow, input) => judge(workflow, input).problems,
  };

  function requireEnabled(workflow: string): void {
    if (enabled.has(workflow)) return;
    if (!Object.hasOwn(workflows, workflow))
      throw new ElevateError('unknown_workflow', `There is no workflow "${cleanFreeText(workflow)}".`);
    throw new ElevateError('workflow_disabled', `The workflow "${workflow}" is switched off.`);
  }

  function judge(workflow: unknown, input: unknown): Reading {
    const unsound = errorsBy(fits, input).map(problemOf);
    const told = new Set(unsound.map(({ pointer }) => pointer));
    if (told.has('')) return { problems: byPlace(unsound) };
    const sound = soundPart(input as object, told);
    // The whole cannot be judged without one of its parts.
    if (accessFields.some((name) => told.has(`/${name}`))) told.add('');

    const unfit = ownProblems(errorsBy(enabled.get(workflow), sound));
    const isForRole = !unfit.some(({ pointer }) => pointer === '/role' || pointer === '');
    const hasRules = (enabled.has(workflow) || isFree) && isForRole;
    const { role: _, ...roleless } = sound;
    const { wish, problems } = readWish(hasRules ? sound : roleless, roles);
    // The role says better why a field is needed.
    const beyond = unfit.filter((each) => !isNeeded(each) || !problems.some(({ pointer }) => pointer === each.pointer));
    const more = [...beyond, ...problems].filter(({ pointer }) => !told.has(pointer));
    return { wish, problems: byPlace([...unsound, ...more].toSorted(inOrder)) };
  }
}

/** Each by itself, as the configuration checks them: two may have the same `$id`. */
function compiled(schema: object): ValidateFunction {
  // Verbose errors bring along the part of the schema that was not met.
  const ajv = new Ajv2020({ allErrors: true, strict: true, coerceTypes: false, useDefaults: false, verbose: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

function errorsBy(fits: ValidateFunction | undefined, input: unknown): ErrorObject[] {
  return fits === undefined || fits(input) ? [] : (fits.errors ?? []);
}

function problemOf(error: ErrorObject): Problem {
  return { pointer: placeOf(error), message: sentenceOf(error) ?? 'This does not fit' };
}

/**
 * Of the fields that there are, those that are what they should be. All else counts as not given from here on, so that
 * patterns of the configuration run on nothing longer than they were judged for.
 */
function soundPart(input: object, told: ReadonlySet<string>): Partial<AccessInput> {
  const given = Object.entries(input);
  return Object.fromEntries(
    given.filter(([name]) => accessFields.some((field) => field === name) && !told.has(`/${name}`)),
  );
}

/** As the fields are documented; what is about no field comes last. */
function inOrder(one: Problem, other: Problem): number {
  return place(one) - place(other);
}

function place({ pointer }: Problem): number {
  const at = accessFields.findIndex((name) => pointer === `/${name}`);
  return at < 0 ? accessFields.length : at;
}
