/** What a workflow's own schema finds in an input. */
import type { ErrorObject } from 'ajv/dist/2020.js';
import { cleanFreeText } from './free-text.ts';
import type { Problem } from './errors.ts';
import { placeOf, sentenceOf } from './problems.ts';

/** @param errors verbose ones: the author of the schema says in a `description` what else would fit */
export function ownProblems(errors: readonly ErrorObject[]): Problem[] {
  const clear = errors.filter(isClear);
  // What does not fit is refused, even if nothing clear can be said of it.
  return (clear.length > 0 ? clear : errors).map((error) => {
    const pointer = placeOf(error);
    return { pointer, message: pointer === '/role' ? anotherRole : (sentenceOf(error) ?? described(error)) };
  });
}

/** Names no role: which ones there are is not for everybody. */
const anotherRole = 'This workflow is not for this role. Take another role, or another workflow';

/** Of alternatives nobody knows which one was meant, so what each of them misses is left out; that none fits is told. */
function isClear({ keyword, schemaPath }: ErrorObject): boolean {
  return keyword !== 'if' && !/\/(?:anyOf|oneOf)\/\d+\//.test(schemaPath);
}

function described({ parentSchema }: ErrorObject): string {
  const { description } = (parentSchema ?? {}) as { description?: unknown };
  const meant = typeof description === 'string' ? cleanFreeText(description).replace(/\.$/, '') : '';
  return meant === '' ? 'This does not fit what the workflow asks for' : `This does not fit. Asked for: ${meant}`;
}
