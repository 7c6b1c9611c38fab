/** What may be logged of an error. Errors of HTTP clients carry bodies, headers and addresses; none of that is kept (P7). */

interface Loggable {
  name: string;
  message: string;
  code?: string;
  /** Slack's own word for what was wrong, such as `invalid_blocks`. */
  slack?: string;
  /** Slack's remarks, which point into blocks and quote no content. */
  remarks?: string[];
  at?: string[];
  cause?: Loggable;
}

/** Fields for a log line: names, messages and places, three causes deep. */
export function loggable(error: unknown): { error: Loggable } {
  return { error: describe(error, 3) };
}

function describe(error: unknown, depth: number): Loggable {
  if (!(error instanceof Error)) return { name: typeof error, message: 'not an error' };
  const { code, data } = error as { code?: unknown; data?: SlackAnswer };
  return {
    name: error.name,
    // A parser quotes what it could not read.
    message: error instanceof SyntaxError ? 'could not be parsed' : error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof data?.error === 'string' ? { slack: data.error } : {}),
    ...(Array.isArray(data?.response_metadata?.messages) ? { remarks: data.response_metadata.messages } : {}),
    ...(error.stack === undefined ? {} : { at: placesOf(error.stack) }),
    ...(error.cause instanceof Error && depth > 1 ? { cause: describe(error.cause, depth - 1) } : {}),
  };
}

interface SlackAnswer {
  error?: unknown;
  response_metadata?: { messages?: string[] };
}

function placesOf(stack: string): string[] {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 8)
    .map((line) => line.trim());
}
