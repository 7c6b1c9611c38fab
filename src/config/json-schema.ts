/** elevate.yaml for editors: completion, and marks under what the loader would refuse. */
import type { JsonSchema } from '../core/json-schema.ts';
import { documentSchema } from './schema.ts';

/** From the same source as the loader. Every text may also be, or contain, a variable. */
export function configJsonSchema(): JsonSchema {
  const schema = withVariables(JSON.parse(JSON.stringify(documentSchema)) as JsonSchema);
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Configuration of Elevate', ...schema };
}

const variable: JsonSchema = { type: 'string', pattern: '\\$\\{' };

function withVariables(schema: JsonSchema): JsonSchema {
  if (schema['type'] === 'string' && schema['const'] === undefined) return orVariable(schema);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inside(value)]));
}

function orVariable({ description, format: _ours, ...schema }: JsonSchema): JsonSchema {
  return { ...(description === undefined ? {} : { description }), anyOf: [schema, variable] };
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside);
  return typeof value === 'object' && value !== null ? withVariables(value as JsonSchema) : value;
}
