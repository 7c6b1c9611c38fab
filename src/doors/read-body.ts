/** The body of a request that nobody has vouched for yet: so much of it, for so long, and not a byte more. */
import type { IncomingMessage } from 'node:http';

export interface BodyLimits {
  bodyBytes: number;
  /** Milliseconds within which a body must have arrived. */
  bodyMs: number;
}

/** Reads by events, since leaving a `for await` early would destroy the socket before the refusal is sent. */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<Buffer | 'too large' | 'too slow' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => finish('too slow'), limits.bodyMs);
    const finish = (result: Buffer | 'too large' | 'too slow' | 'aborted') => {
      clearTimeout(timer);
      request.removeListener('data', take);
      request.resume();
      resolve(result);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.bodyBytes) finish('too large');
      else chunks.push(chunk);
    };
    request.on('data', take);
    request.once('end', () => finish(Buffer.concat(chunks)));
    request.once('error', () => finish('aborted'));
    request.once('close', () => finish('aborted'));
  });
}
