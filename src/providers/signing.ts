/** Signatures by the rules of Standard Webhooks. */
import { Webhook } from 'standardwebhooks';
import { ElevateError } from '../core/errors.ts';

export type SignedHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>;

/**
 * Signs with every secret, newest first, so that a receiver that knows either accepts.
 * @throws `invalid_input` if a secret is not base64
 */
export function createSigning(
  provider: string,
  secrets: readonly string[],
): (id: string, body: string, at: number) => SignedHeaders {
  const signers = secrets.map((secret) => signerOf(provider, secret));
  if (signers.length === 0) {
    throw new ElevateError('invalid_input', `The provider ${provider} has no secret. Give it one.`);
  }
  return (id, body, at) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': signers.map((signer) => signer.sign(id, new Date(at), body)).join(' '),
  });
}

function signerOf(provider: string, secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    // No cause: it may quote the secret.
    const message = `The secret of the provider ${provider} cannot sign. Use whsec_ and 24 to 64 bytes in base64.`;
    throw new ElevateError('invalid_input', message);
  }
}
