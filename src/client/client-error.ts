/** What ends a command early: a sentence for whoever typed it, and the number that the process ends with. */

/** As `--help` lists them. */
export const exit = { refused: 1, usage: 2, signedOut: 3, unavailable: 4 } as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** `message` may have several lines. It holds no token, and of what a server said only cleaned text. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly exitCode: ExitCode;
  /** How long the server asks to wait before the next try, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    exitCode: ExitCode,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.exitCode = exitCode;
    this.retryAfterMs = options.retryAfterMs;
  }
}
