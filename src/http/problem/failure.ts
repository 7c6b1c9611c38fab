/** What may be logged of an error. Those of databases and HTTP clients carry values and addresses; none is kept (P7). */

interface Loggable {
  name: string;
  message: string;
  code?: string;
  at?: string[];
  cause?: Loggable;
}

/** Fields for a log line: names, messages and places, three causes deep. */
export function loggable(error: unknown): { error: Loggable } {
  return { error: describe(error, 3) };
}

function describe(error: unknown, depth: number): Loggable {
  if (!(error instanceof Error)) return { name: typeof error, message: 'not an error' };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack === undefined ? {} : { at: placesOf(stack) }),
    ...(cause instanceof Error && depth > 1 ? { cause: describe(cause, depth - 1) } : {}),
  };
}

function placesOf(stack: string): string[] {
  const lines = stack.split('\n').filter((line) => line.startsWith('    at '));
  return lines.slice(0, 8).map((line) => line.trim());
}
