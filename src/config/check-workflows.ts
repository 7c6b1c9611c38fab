/** Whether the workflows' own inputs can be checked against, by the same rules as the catalog uses. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { SoundDocument } from './check.ts';
import type { Finding, Path } from './mistakes.ts';
import { patternProblem } from './patterns.ts';

export function checkWorkflows({ workflows }: SoundDocument): Finding[] {
  return Object.entries(workflows ?? {}).flatMap(([name, workflow]) =>
    workflow?.input === undefined ? [] : checkInput(['workflows', name, 'input'], workflow.input),
  );
}

function checkInput(path: Path, schema: object): Finding[] {
  const patterns = checkPatterns(path, schema);
  if (patterns.length > 0) return patterns;
  if (!('type' in schema) || schema.type !== 'object')
    return [{ path, message: 'does not describe an object', hint: 'begin it with type: object' }];
  const problem = schemaProblem(schema);
  return problem === undefined ? [] : [{ path, message: problem }];
}

function schemaProblem(schema: object): string | undefined {
  // An asynchronous check answers with a promise, which would pass for "fits".
  if ('$async' in schema) return 'may not use $async';
  const ajv = new Ajv2020({ allErrors: true, strict: true });
  addFormats.default(ajv);
  try {
    ajv.compile(schema);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200).replace(/[^\x20-\x7e]/g, '?') : '';
    return `is not a JSON Schema (2020-12): ${why}`;
  }
}

/** Every `pattern`, and every name under `patternProperties`. */
function checkPatterns(path: Path, part: unknown): Finding[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]): Finding[] => {
    const here = [...path, Array.isArray(part) ? Number(key) : key];
    const isPattern = key === 'pattern' && typeof value === 'string';
    const byName = path.at(-1) === 'patternProperties' ? patternProblem(key) : undefined;
    const problem = isPattern ? patternProblem(value) : byName;
    return problem === undefined ? checkPatterns(here, value) : [{ path: here, message: problem }];
  });
}
