/** Sends what Slack would send to the app: signed, or wrong in the way a test asks for. */
import { createHmac } from 'node:crypto';

export interface DeliveryOptions {
  /** Sign with another secret. */
  secret?: string;
  /** Seconds since the epoch in place of now. */
  timestamp?: number;
  /** The signature header in place of the right one. */
  signature?: string;
  contentType?: string;
  /** As the Events API marks what it sends again. */
  retry?: { num: number; reason: string };
  /** These bytes in place of what Slack would send; signed like them. */
  body?: string | Uint8Array<ArrayBuffer>;
}

export interface Delivered {
  status: number;
  /** Parsed if it is JSON, else text; `undefined` if empty. */
  body: unknown;
  /** Milliseconds until the answer was there. */
  ackMs: number;
  /** Sends the same once more, signed anew, as a duplicate. */
  resend(options?: DeliveryOptions): Promise<Delivered>;
}

export interface Signer {
  deliver: (body: string, options?: DeliveryOptions) => Promise<Delivered>;
}

export function createSigner(deps: { signingSecret: string; appUrl: () => string; now: () => number }): Signer {
  async function deliver(body: string, options: DeliveryOptions = {}): Promise<Delivered> {
    const sent = options.body ?? body;
    const timestamp = String(options.timestamp ?? Math.floor(deps.now() / 1000));
    const startedAt = performance.now();
    const response = await fetch(deps.appUrl(), {
      method: 'POST',
      body: sent,
      headers: {
        'content-type': options.contentType ?? 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': options.signature ?? sign(options.secret ?? deps.signingSecret, timestamp, sent),
        ...(options.retry === undefined
          ? {}
          : { 'x-slack-retry-num': String(options.retry.num), 'x-slack-retry-reason': options.retry.reason }),
      },
    });
    const text = await response.text();
    return {
      status: response.status,
      body: parse(text, response.headers.get('content-type') ?? ''),
      ackMs: performance.now() - startedAt,
      resend: (again = {}) => deliver(body, { ...options, ...again }),
    };
  }
  return { deliver };
}

/** `v0=` and the HMAC over version, time and body. */
export function sign(secret: string, timestamp: string, body: string | Uint8Array): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}

function parse(text: string, contentType: string): unknown {
  if (text === '') return undefined;
  return contentType.includes('json') ? (JSON.parse(text) as unknown) : text;
}
