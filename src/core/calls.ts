/** What every HTTP call that we make has in common: how much of an answer is read, and what is said when none comes (T27). */

/** `undefined` if the body is longer; the rest is then left unread. @throws what the connection throws */
export async function bodyWithin(
  bytes: number,
  body: AsyncIterable<Uint8Array> | null,
): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, which closes the connection.
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > bytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Why no answer came, as the end of a sentence. Never quotes an address. */
export function failureOf(cause: unknown, timeoutMs: number): string {
  if (cause instanceof Error && cause.name === 'TimeoutError') return `did not answer within ${timeoutMs / 1000} s`;
  const code = codeOf(cause);
  return code === undefined ? 'could not be reached' : `could not be reached (${code})`;
}

/** Node's word for a failed connection, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  return cause instanceof Error ? codeOf(cause) : undefined;
}
