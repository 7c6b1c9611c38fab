/** What the token tests share: offers of every kind, and a sealing of their own that owes nothing to the code under test. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { Offer, OfferData, What } from '../../workflows/contract.ts';

export const at = Date.UTC(2026, 10, 23, 17, 40);
export const deployment = 'default/elevate';
export const newest = { kid: 'new-kid1', key: new Uint8Array(32).fill(7) };
export const older = { kid: 'old-kid1', key: new Uint8Array(32).fill(8) };

const digest = 'd'.repeat(43);
const owner = 'alice@example.com';
const about = { digest, owner };

const offerData: OfferData = {
  decision: { choice: 'approve', stage: 0, ...about },
  release: about,
  extend: { until: '2026-11-23T19:40:00.000Z', ...about },
  claim: about,
  question: { stage: 1, ...about },
  answer: { question: 'q'.repeat(43), ...about },
  offer: { stage: 0, ...about },
  accept: { offer: 'o'.repeat(43), ...about },
  refuse: { offer: 'o'.repeat(43), ...about },
  end: about,
};

export const kinds = Object.keys(offerData) as What[];

export const offerOf = (what: What): Offer =>
  ({
    what,
    id: 'A'.repeat(43),
    execution: `wf_${'0'.repeat(26)}`,
    at,
    expiresAt: at + 3_600_000,
    data: offerData[what],
  }) as Offer;

/** The CloudEvent that a decision is written as, for tests that spoil one part of it. */
export const decisionEvent = {
  specversion: '1.0',
  id: 'A'.repeat(43),
  source: 'urn:elevate:default/elevate',
  type: 'io.elevate.decision.v1',
  subject: `wf_${'0'.repeat(26)}`,
  time: '2026-11-23T17:40:00.000Z',
  expirytime: '2026-11-23T18:40:00.000Z',
  datacontenttype: 'application/json',
  data: offerData.decision,
};

export const header = {
  alg: 'dir',
  enc: 'A256GCM',
  typ: 'elevate-offer+jwe',
  cty: 'cloudevents+json',
  kid: newest.kid,
};

export function seal(plaintext: string | Uint8Array, protectedHeader: object = header, key = newest.key): string {
  const encodedHeader = Buffer.from(JSON.stringify(protectedHeader)).toString('base64url');
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(encodedHeader));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return [encodedHeader, '', ...[iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join(
    '.',
  );
}

export function unseal(token: string, key = newest.key): { header: unknown; plaintext: string } {
  const [encodedHeader = '', , iv = '', ciphertext = '', tag = ''] = token.split('.');
  const bytes = (part: string) => Buffer.from(part, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(iv)).setAAD(Buffer.from(encodedHeader));
  decipher.setAuthTag(bytes(tag));
  const plaintext = Buffer.concat([decipher.update(bytes(ciphertext)), decipher.final()]).toString();
  return { header: JSON.parse(bytes(encodedHeader).toString()), plaintext };
}

const hash = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);
const instant = fc.integer({ min: at, max: at + 10 ** 11 });
const stage = fc.integer({ min: 0, max: 9 });
const anyAbout = { digest: hash, owner: fc.stringMatching(/^[a-z]{1,20}@example\.com$/) };

const anyData: { [W in What]: fc.Arbitrary<OfferData[W]> } = {
  decision: fc.record({ choice: fc.constantFrom('approve', 'deny', 'ratify'), stage, ...anyAbout }),
  release: fc.record(anyAbout),
  extend: fc.record({ until: instant.map((time) => new Date(time).toISOString()), ...anyAbout }),
  claim: fc.record(anyAbout),
  question: fc.record({ stage, ...anyAbout }),
  answer: fc.record({ question: hash, ...anyAbout }),
  offer: fc.record({ stage, ...anyAbout }),
  accept: fc.record({ offer: hash, ...anyAbout }),
  refuse: fc.record({ offer: hash, ...anyAbout }),
  end: fc.record(anyAbout),
};

/** Any offer of one kind that is not over before `at`. */
export const anyOffer = (what: What): fc.Arbitrary<Offer> =>
  fc.record({
    what: fc.constant(what),
    id: hash,
    execution: fc.stringMatching(/^wf_[0-9a-hjkmnp-tv-z]{26}$/),
    at: instant,
    expiresAt: instant.map((time) => time + 1),
    data: anyData[what] as fc.Arbitrary<unknown>,
  }) as fc.Arbitrary<Offer>;
