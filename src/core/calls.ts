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

export type Json = Record<string, unknown>;

/**
 * A JSON document at a public address, without redirects; `undefined` where there is none (404).
 * @param within ends all that is read together, after `within.ms`
 * @throws a plain Error whose message is fit for the log
 */
export async function documentAt(
  url: string,
  request: typeof globalThis.fetch,
  within: { signal: AbortSignal; ms: number; bytes: number },
): Promise<Json | undefined> {
  const { signal, ms, bytes } = within;
  const tooSlow = `it does not answer within ${ms / 1000} s`;
  const failed = (otherwise: string) => (cause: unknown) => {
    throw new Error(signal.aborted ? tooSlow : otherwise, { cause });
  };
  const headers = { accept: 'application/json' };
  const response = await request(url, { headers, redirect: 'manual', signal }).catch(failed('it cannot be reached'));
  if (response.status !== 200) {
    await response.body?.cancel().catch(() => undefined);
    if (response.status === 404) return undefined;
    throw new Error(`it answers ${response.status}`);
  }
  const read = await bodyWithin(bytes, response.body).catch(failed('its answer broke off'));
  if (read === undefined) throw new Error(`it answers more than ${bytes / 1024} KiB`);
  const json = parsed(read.toString());
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('it does not answer in JSON');
  return json as Json;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
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
