/** What a schema found wrong, as pointers and sentences: every mistake at once. */
import type { FastifyError } from 'fastify';
import { byPlace, placeOf, sentenceOf } from '../../core/problems.ts';
import type { Mistake } from '../openapi/schemas/problem.ts';

type Validation = NonNullable<FastifyError['validation']>;

export function mistakesIn(errors: Validation, where: string | undefined): Mistake[] {
  return byPlace(errors.map((error) => mistakeIn(error, where)));
}

/** With Ajv's `verbose`, which names the schema that was not met. */
type SchemaError = Validation[number] & { parentSchema?: { title?: string } };

function mistakeIn(error: SchemaError, where: string | undefined): Mistake {
  const pointer = where === 'headers' ? headerName(error.instancePath) : placeOf(error);
  const isParameter = where === 'querystring' && error.keyword === 'additionalProperties';
  return { pointer, message: isParameter ? 'There is no such parameter' : messageOf(error) };
}

const saidByTitle = ['pattern', 'minLength', 'maxLength'];

/** A title says in words what a schema says in characters. */
function messageOf(error: SchemaError): string {
  const { keyword, parentSchema: { title } = {} } = error;
  if (title !== undefined && saidByTitle.includes(keyword)) return `This is not ${title}`;
  return sentenceOf(error) ?? 'This does not fit';
}

/** Node has them in lower case. */
function headerName(instancePath: string): string {
  return instancePath.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}
