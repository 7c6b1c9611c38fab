/** Sends what Teams would send to the bot: vouched for by its issuer, or wrong in the way a test asks for. */
import type { Issuer } from './issuer.ts';
import type { Json } from './json.ts';

export interface DeliveryOptions {
  /** Changes the claims of the token; those that are undefined are left out. */
  claims?: Record<string, unknown>;
  /** Signed with a key that nobody knows, under the name of the right one. */
  forged?: boolean;
  /** This header in place of a token; null: none. */
  authorization?: string | null;
  contentType?: string;
  /** These bytes in place of what Teams would send. */
  body?: string | Uint8Array<ArrayBuffer>;
}

export interface Delivered {
  status: number;
  /** Parsed if it is JSON, else text; `undefined` if empty. */
  body: unknown;
  /** Milliseconds until the answer was there. */
  ackMs: number;
  /** Sends the same activity once more, as Teams does when it is impatient. */
  resend(options?: DeliveryOptions): Promise<Delivered>;
}

export interface Signer {
  deliver: (activity: Json, options?: DeliveryOptions) => Promise<Delivered>;
}

export function createSigner(deps: {
  issuer: Issuer;
  appId: string;
  serviceUrl: string;
  botUrl: () => string;
}): Signer {
  const { issuer, appId, serviceUrl, botUrl } = deps;

  async function authorizationFor({ authorization, claims = {}, forged = false }: DeliveryOptions) {
    if (authorization !== undefined) return authorization;
    return `Bearer ${await issuer.sign({ aud: appId, serviceurl: serviceUrl, ...claims }, { forged })}`;
  }

  async function deliver(activity: Json, options: DeliveryOptions = {}): Promise<Delivered> {
    const authorization = await authorizationFor(options);
    const startedAt = performance.now();
    const response = await fetch(botUrl(), {
      method: 'POST',
      body: options.body ?? JSON.stringify(activity),
      headers: {
        'content-type': options.contentType ?? 'application/json; charset=utf-8',
        ...(authorization === null ? {} : { authorization }),
      },
    });
    const text = await response.text();
    return {
      status: response.status,
      body: parse(text, response.headers.get('content-type') ?? ''),
      ackMs: performance.now() - startedAt,
      resend: (again = {}) => deliver(activity, { ...options, ...again }),
    };
  }
  return { deliver };
}

function parse(text: string, contentType: string): unknown {
  if (text === '') return undefined;
  return contentType.includes('json') ? (JSON.parse(text) as unknown) : text;
}
