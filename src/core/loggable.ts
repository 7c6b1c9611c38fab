/** What may be logged of an error. Those of databases and HTTP clients carry values, bodies and addresses; none is kept (P7). */

export interface Loggable {
  name: string;
  message: string;
  code?: string;
  at?: string[];
  cause?: Loggable;
}

/** More that is safe to say of an error of a kind that the caller knows. */
export type Remarks = (error: Error) => object;

/** Fields for a log line: names, messages and places, three causes deep. */
export function loggable(error: unknown, remarks: Remarks = () => ({})): { error: Loggable } {
  return { error: describe(error, remarks, 3) };
}

function describe(error: unknown, remarks: Remarks, depth: number): Loggable {
  if (!(error instanceof Error)) return { name: typeof error, message: 'not an error' };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    name,
    // A parser quotes what it could not read.
    message: error instanceof SyntaxError ? 'could not be parsed' : message,
    ...(typeof code === 'string' ? { code } : {}),
    ...remarks(error),
    ...(stack === undefined ? {} : { at: placesOf(stack) }),
    ...(cause instanceof Error && depth > 1 ? { cause: describe(cause, remarks, depth - 1) } : {}),
  };
}

function placesOf(stack: string): string[] {
  const lines = stack.split('\n').filter((line) => line.startsWith('    at '));
  return lines.slice(0, 8).map((line) => line.trim());
}
