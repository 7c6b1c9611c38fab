/** JSON as it arrives, of which nothing is known. */
export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that is an object, or an empty one. */
export function objectIn(json: Json, field: string): Json {
  const value = json[field];
  return isObject(value) ? value : {};
}

/** A field that is a string with something in it. */
export function textIn(json: Json, field: string): string | undefined {
  const value = json[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A field's objects. */
export function listIn(json: Json, field: string): Json[] {
  const value = json[field];
  return Array.isArray(value) ? value.filter(isObject) : [];
}
