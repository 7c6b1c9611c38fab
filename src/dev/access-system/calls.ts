/** What arrives at the access system: proven to be signed, and read. */
import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import Type from 'typebox';
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

const eventSchema = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Type.String(),
  type: Type.Union([
    Type.Literal('io.elevate.access.grant.v1'),
    Type.Literal('io.elevate.access.revoke.v1'),
    Type.Literal('io.elevate.access.inspect.v1'),
  ]),
  subject: Type.String(),
  data: Type.Object({
    beneficiary: Type.String(),
    sequence: Type.Integer(),
    target: Type.Object({ grant: Type.String() }),
  }),
});

const verbs = {
  'io.elevate.access.grant.v1': 'grant',
  'io.elevate.access.revoke.v1': 'revoke',
  'io.elevate.access.inspect.v1': 'inspect',
} as const;

/** @throws an Error that says why the call is not one that Elevate may make */
export function readCall(secret: string, headers: IncomingHttpHeaders, body: string): AccessCall {
  if (headers['content-type'] !== 'application/cloudevents+json; charset=utf-8') throw new Error('the content type');
  const id = header(headers, 'webhook-id');
  const event = new Webhook(secret).verify(body, {
    'webhook-id': id,
    'webhook-timestamp': header(headers, 'webhook-timestamp'),
    'webhook-signature': header(headers, 'webhook-signature'),
  });
  if (!Value.Check(eventSchema, event)) throw new Error('the event');
  if (event.id !== id) throw new Error('the event is not the one of the headers');
  const { type, subject, data } = event;
  return {
    id,
    verb: verbs[type],
    execution: subject,
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

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string' || value === '') throw new Error(`the header ${name}`);
  return value;
}
