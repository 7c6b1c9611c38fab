/**
 * An offer as a structured CloudEvent 1.0, and back. The schema is our own and strict: the CloudEvents SDK invents
 * what is missing and lets other versions pass, so it never sees an event that this file has not judged.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { CloudEvent } from 'cloudevents';
import Type from 'typebox';
import type { Static, TProperties } from 'typebox';
import type { Offer, OfferData, What } from '../../workflows/contract.ts';

const id = Type.String({ pattern: '^[A-Za-z0-9._:-]{1,128}$' });
const person = Type.String({ pattern: '^[\\x21-\\x7e]{1,254}$' });
const stage = Type.Integer({ minimum: 0, maximum: 99 });
const instant = Type.String({ format: 'utc-instant' });
const about = { digest: id, owner: person };

const closed = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false });

const dataSchemas = {
  decision: closed({ choice: Type.Enum(['approve', 'deny', 'ratify']), stage, ...about }),
  release: closed(about),
  extend: closed({ until: instant, ...about }),
  claim: closed(about),
  question: closed({ stage, ...about }),
  answer: closed({ question: id, ...about }),
  offer: closed({ stage, ...about }),
  accept: closed({ offer: id, ...about }),
  refuse: closed({ offer: id, ...about }),
  end: closed(about),
};

type DataRead = { [W in What]: Static<(typeof dataSchemas)[W]> };

/** A CloudEvent that carries an offer, as it stands in JSON. */
type OfferEvent<D = DataRead[What]> = {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  expirytime: string;
  datacontenttype: 'application/json';
  data: D;
};

const eventSchema = (what: What) =>
  closed({
    specversion: Type.Literal('1.0'),
    id,
    source: Type.String({ minLength: 1, maxLength: 512 }),
    type: Type.Literal(typeOf(what)),
    subject: Type.String({ pattern: '^wf_[0-9a-z]{26}$' }),
    time: instant,
    expirytime: instant,
    datacontenttype: Type.Literal('application/json'),
    data: dataSchemas[what],
  });

const ajv = new Ajv2020({ strict: true, ownProperties: true, formats: { 'utc-instant': isUtcInstant } });

const kinds = Object.keys(dataSchemas) as What[];
const readers = new Map<unknown, { what: What; matches: ValidateFunction<OfferEvent> }>(
  kinds.map((what) => [typeOf(what), { what, matches: ajv.compile<OfferEvent>(eventSchema(what)) }]),
);

/** CloudEvents type of an offer: `io.elevate.decision.v1`, … */
function typeOf(what: What): string {
  return `io.elevate.${what}.v1`;
}

/** RFC 3339 in UTC with at most milliseconds, and a day that exists. */
function isUtcInstant(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(text)) return false;
  const time = Date.parse(text);
  // Date.parse makes 2 March of 30 February.
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text.slice(0, 19));
}

/**
 * The offer as CloudEvents JSON.
 * @throws `RangeError` for a time that is none, `TypeError` for what {@link readOffer} would refuse
 */
export function writeOffer(offer: Offer, source: string): string {
  if (!Number.isSafeInteger(offer.at) || !Number.isSafeInteger(offer.expiresAt)) {
    throw new RangeError('The times of an offer are whole milliseconds');
  }
  const event: OfferEvent<OfferData[What]> = {
    specversion: '1.0',
    id: offer.id,
    source,
    type: typeOf(offer.what),
    subject: offer.execution,
    time: new Date(offer.at).toISOString(),
    expirytime: new Date(offer.expiresAt).toISOString(),
    datacontenttype: 'application/json',
    data: offer.data,
  };
  const text = JSON.stringify(event);
  readOffer(text, source);
  return text;
}

/**
 * The offer that CloudEvents JSON carries, if it is exactly one of ours and comes from `source`.
 * @throws `TypeError` or the SDK's `ValidationError`; neither quotes the event, since causes are logged (P7)
 */
export function readOffer(text: string, source: string): Offer {
  const event = parsed(text);
  const reader = readers.get(typeIn(event));
  if (reader === undefined || !reader.matches(event)) throw new TypeError('Not an offer');
  if (event.source !== source) throw new TypeError('An offer of another deployment');

  const { id: offer, subject, time, expirytime, data } = new CloudEvent(event).toJSON() as OfferEvent;
  return {
    what: reader.what,
    id: offer,
    execution: subject,
    at: Date.parse(time),
    expiresAt: Date.parse(expirytime),
    data: data satisfies OfferData[What],
  } as Offer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('Not JSON');
  }
}

function typeIn(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'type' in event ? event.type : undefined;
}
