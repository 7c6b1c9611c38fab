/** What is wrong with an input: where, and what would fit there. */
import { clean } from './clean.ts';
import type { Problem } from './errors.ts';

/** An error of Ajv's, as far as it is read here. */
export interface SchemaError {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
}

/** More than anybody mends at once; an input full of unknown fields is not answered at its own length. */
const TOLD = 50;

/** One problem for each place, in the order of the first: all that is wrong there, each thing once. */
export function byPlace(problems: readonly Problem[]): Problem[] {
  const places = [...Map.groupBy(problems, ({ pointer }) => pointer)];
  return places.slice(0, TOLD).map(([pointer, there]) => {
    const messages = new Set(there.map(({ message }) => message));
    return { pointer, message: [...messages].join('. ') };
  });
}

/** Where it is: the value that does not fit, or the field that is missing or too much, as a JSON pointer (RFC 6901). */
export function placeOf({ instancePath, params }: SchemaError): string {
  const field = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  return typeof field === 'string' ? `${instancePath}/${escaped(field)}` : instancePath;
}

function escaped(name: string): string {
  return clean(name).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Whether it says that something is missing, and no more. */
export function isNeeded({ message }: Problem): boolean {
  return message === NEEDED;
}

/** What would fit, without a full stop; `undefined` where only the author of the schema can say it. */
export function sentenceOf({ keyword, params }: SchemaError): string | undefined {
  return Object.hasOwn(sentences, keyword) ? sentences[keyword]?.(params) : undefined;
}

const NEEDED = 'This is needed';
const needed = () => NEEDED;
const tooMuch = () => 'There is no such field';

const sentences: Record<string, (params: SchemaError['params']) => string> = {
  required: needed,
  dependentRequired: needed,
  additionalProperties: tooMuch,
  unevaluatedProperties: tooMuch,
  type: ({ type }) => `This is not ${kinds[String(type)] ?? 'of the right type'}`,
  minLength: ({ limit }) => (limit === 1 ? 'This is empty' : `At least ${String(limit)} characters are needed`),
  maxLength: ({ limit }) => `At most ${String(limit)} characters`,
  const: ({ allowedValue }) => `Only ${JSON.stringify(allowedValue)} is taken here`,
  enum: ({ allowedValues }) => `One of ${(allowedValues as unknown[]).join(', ')}`,
  format: ({ format }) => `This is not ${formats[String(format)] ?? `of the format ${String(format)}`}`,
};

const kinds: Record<string, string> = { string: 'a text', object: 'a JSON object' };
const formats: Record<string, string> = { 'date-time': 'a date and time (RFC 3339)' };
