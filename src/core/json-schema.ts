/** A JSON Schema document (draft 2020-12), as written in a configuration. */
export type JsonSchema = Record<string, unknown>;
