/** What a schema found wrong, as pointers and sentences: every mistake at once. */
import type { FastifyError } from 'fastify';
import { clean } from '../../core/clean.ts';
import type { Mistake } from '../openapi/schemas/problem.ts';

type Validation = NonNullable<FastifyError['validation']>;

/** More than anybody mends at once; a body full of unknown fields is not answered at its own length. */
const TOLD = 50;

export function mistakesIn(errors: Validation, where: string | undefined): Mistake[] {
  const told = new Map<string, Mistake>();
  for (const error of errors.slice(0, TOLD)) {
    const mistake = mistakeIn(error, where);
    told.set(`${mistake.pointer} ${mistake.message}`, mistake);
  }
  return [...told.values()];
}

/** With Ajv's `verbose`, which names the schema that was not met. */
type SchemaError = Validation[number] & { parentSchema?: { title?: string } };

function mistakeIn(error: SchemaError, where: string | undefined): Mistake {
  const { instancePath, keyword, params } = error;
  const field = params['missingProperty'] ?? params['additionalProperty'];
  const inside = typeof field === 'string' ? `/${escaped(field)}` : '';
  const pointer = where === 'headers' ? headerName(instancePath) : `${instancePath}${inside}`;
  return { pointer, message: messages[keyword]?.(error, where) ?? asTitled(error) };
}

const messages: Record<string, (error: SchemaError, where: string | undefined) => string> = {
  required: () => 'This is needed',
  additionalProperties: (_, where) =>
    where === 'querystring' ? 'There is no such parameter' : 'There is no such field',
  type: ({ params }) => `This is not ${kinds[String(params['type'])] ?? 'of the right type'}`,
  minLength: (error) => (error.parentSchema?.title === undefined ? 'This is empty' : asTitled(error)),
  maxLength: (error) =>
    error.parentSchema?.title === undefined ? `At most ${amount(error)} characters` : asTitled(error),
  const: ({ params }) => `Only ${JSON.stringify(params['allowedValue'])} is taken here`,
  enum: ({ params }) => `One of ${(params['allowedValues'] as string[]).join(', ')}`,
  format: () => 'This is not a date and time (RFC 3339)',
};

const kinds: Record<string, string> = { string: 'a text', object: 'a JSON object' };

function asTitled({ parentSchema }: SchemaError): string {
  return parentSchema?.title === undefined ? 'This does not fit' : `This is not ${parentSchema.title}`;
}

function amount({ params }: SchemaError): string {
  return String(params['limit']);
}

/** RFC 6901. */
function escaped(name: string): string {
  return clean(name).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Node has them in lower case. */
function headerName(instancePath: string): string {
  return instancePath.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}
