/** What arrives at the access system: proven to be signed, and read. */
import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';

export type Verb = 'grant' | 'revoke' | 'inspect';

export interface AccessCall {
  /** `webhook-id`: the same on every retry. */
  id: string;
  verb: Verb;
  execution: string;
  sequence: number;
  beneficiary: string;
  grant: string;
  at: number;
  headers: IncomingHttpHeaders;
  /** The body as it was signed. */
  body: string;
  event: Record<string, unknown>;
  /** The id had been answered before, so nothing was done and the first answer was given again. */
  repeated: boolean;
}

/** @throws an Error that says why the call is not one that Elevate may make */
export function readCall(secret: string, headers: IncomingHttpHeaders, body: string): AccessCall {
  if (headers['content-type'] !== 'application/cloudevents+json; charset=utf-8') throw new Error('the content type');
  const id = header(headers, 'webhook-id');
  const event = new Webhook(secret).verify(body, {
    'webhook-id': id,
    'webhook-timestamp': header(headers, 'webhook-timestamp'),
    'webhook-signature': header(headers, 'webhook-signature'),
  }) as Record<string, unknown>;
  if (event['specversion'] !== '1.0' || event['id'] !== id) throw new Error('the event is not the one of the headers');
  const data = event['data'] as { beneficiary: string; sequence: number; target: { grant: string } };
  return {
    id,
    verb: verbOf(event['type']),
    execution: String(event['subject']),
    sequence: data.sequence,
    beneficiary: data.beneficiary,
    grant: data.target.grant,
    at: Date.now(),
    headers,
    body,
    event,
    repeated: false,
  };
}

function verbOf(type: unknown): Verb {
  const verb = /^io\.elevate\.access\.(grant|revoke|inspect)\.v1$/.exec(String(type))?.[1];
  if (verb === undefined) throw new Error('the type of the event');
  return verb as Verb;
}

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string' || value === '') throw new Error(`the header ${name}`);
  return value;
}
