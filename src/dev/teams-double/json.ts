export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string as it is; anything else is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
