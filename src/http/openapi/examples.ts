/** Examples of whole answers for the OpenAPI document, put together from those of their fields. */
import type { TSchema } from 'typebox';

interface Shape {
  $ref?: string;
  $id?: string;
  const?: unknown;
  examples?: unknown[];
  type?: string;
  properties?: Record<string, TSchema>;
  required?: string[];
  items?: TSchema;
}

/** What is always there; what depends on the case is left out. @param all schemas that are referred to, by name */
export function exampleOf(schema: TSchema, all: ReadonlyMap<string, TSchema>): unknown {
  const { $ref, const: constant, examples, type, properties = {}, required = [], items } = schema as Shape;
  if ($ref !== undefined) return exampleOf(all.get($ref.replace('#', '')) ?? {}, all);
  if (constant !== undefined) return constant;
  if (examples !== undefined) return examples[0];
  if (type === 'array') return items === undefined ? [] : [exampleOf(items, all)];
  if (type === 'boolean') return true;
  if (type === 'string') return 'text';
  return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {}, all)]));
}
