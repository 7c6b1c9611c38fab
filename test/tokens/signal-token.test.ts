import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer } from '../../workflows/contract.ts';
import { createTokens } from '../../src/tokens/signal-token.ts';
import { anyOffer, at, decisionEvent, deployment, header, kinds, newest, offerOf, older, unseal } from './offers.ts';

const now = () => at;
const tokens = await createTokens({ keys: [newest, older], deployment, now });

describe('minting', () => {
  it.each(kinds)('T19: an offer of kind %s comes out of its token as it went in', async (what) => {
    await fc.assert(
      fc.asyncProperty(anyOffer(what), async (offer) => {
        expect(await tokens.open(await tokens.mint(offer))).toEqual(offer);
      }),
      { numRuns: 40 },
    );
  });

  it('T21: a token holds a structured CloudEvent under exactly the pinned header', async () => {
    const opened = unseal(await tokens.mint(offerOf('decision')));
    expect(opened.header).toEqual(header);
    expect(JSON.parse(opened.plaintext)).toEqual(decisionEvent);
  });

  it('P7: nothing of the offer can be read in the token', async () => {
    const readable = (await tokens.mint(offerOf('decision')))
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      .join();
    expect(readable).not.toContain('alice');
    expect(readable).not.toContain('wf_');
  });

  it('a usual token is far shorter than a button takes', async () => {
    expect((await tokens.mint(offerOf('decision'))).length).toBeLessThan(1_000);
  });

  it('two tokens of one offer differ, and both open', async () => {
    const [one, two] = [await tokens.mint(offerOf('release')), await tokens.mint(offerOf('release'))];
    expect(one).not.toBe(two);
    expect(await tokens.open(one)).toEqual(await tokens.open(two));
  });

  it('an offer that does not fit into 1,900 characters is refused', async () => {
    const long = await createTokens({ keys: [newest], deployment: `default/${'q'.repeat(480)}`, now });
    const wordy = {
      ...offerOf('answer'),
      id: 'i'.repeat(128),
      data: { question: 'q'.repeat(128), digest: 'd'.repeat(128), owner: `${'a'.repeat(242)}@example.com` },
    } as Offer;
    await expect(long.mint(wordy)).rejects.toMatchObject({ code: 'invalid_input' });
    expect((await tokens.mint(wordy)).length).toBeLessThanOrEqual(1_900);
  });

  it.each<[string, object]>([
    ['an execution id that is none', { execution: 'order-7' }],
    ['a time that is none', { at: Number.NaN }],
    ['a fraction of a millisecond', { expiresAt: at + 0.5 }],
    ['a year that RFC 3339 cannot write', { expiresAt: Date.UTC(12_026, 0) }],
    ['an unknown kind', { what: 'constructor' }],
    ['data of another kind', { what: 'extend' }],
    ['a choice that is none', { data: { ...decisionEvent.data, choice: 'maybe' } }],
    ['more data than its kind has', { data: { ...decisionEvent.data, reason: 'because' } }],
  ])('T21: an offer with %s is refused before it becomes a token', async (_, spoiled) => {
    const offer = { ...offerOf('decision'), ...spoiled };
    await expect(tokens.mint(offer)).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe('expiry', () => {
  const openAt = async (time: number) => {
    const later = await createTokens({ keys: [newest], deployment, now: () => time });
    return later.open(await tokens.mint(offerOf('decision')));
  };

  it('T21: a token opens until the last millisecond before it expires', async () => {
    expect(await openAt(offerOf('decision').expiresAt - 1)).toEqual(offerOf('decision'));
  });

  it('T21: an expired token says that it is too old, without grace', async () => {
    await expect(openAt(offerOf('decision').expiresAt)).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('T21: that a token is too old is told only when everything else is right', async () => {
    const elsewhere = await createTokens({ keys: [newest], deployment: 'default/other', now: () => at + 10 ** 9 });
    const token = await tokens.mint(offerOf('decision'));
    await expect(elsewhere.open(token)).rejects.toMatchObject({ code: 'token_invalid' });
  });
});

describe('keys', () => {
  it('T21: after a rotation, tokens of the old key still open and new ones carry the new key', async () => {
    const before = await createTokens({ keys: [older], deployment, now });
    const minted = await before.mint(offerOf('decision'));
    expect(unseal(minted, older.key).header).toMatchObject({ kid: older.kid });
    expect(await tokens.open(minted)).toEqual(offerOf('decision'));
    expect(unseal(await tokens.mint(offerOf('decision'))).header).toMatchObject({ kid: newest.kid });
  });

  it('T21: once the old key is removed, its tokens do not open', async () => {
    const before = await createTokens({ keys: [older], deployment, now });
    const after = await createTokens({ keys: [newest], deployment, now });
    await expect(after.open(await before.mint(offerOf('decision')))).rejects.toMatchObject({ code: 'token_invalid' });
  });

  it('later changes to the bytes that were handed in change nothing', async () => {
    const bytes = Uint8Array.from(newest.key);
    const own = await createTokens({ keys: [{ kid: newest.kid, key: bytes }], deployment, now });
    bytes.fill(0);
    expect(await tokens.open(await own.mint(offerOf('end')))).toEqual(offerOf('end'));
  });

  it.each([
    ['no key', []],
    ['a short key', [{ kid: 'k', key: new Uint8Array(16) }]],
    ['two keys of one name', [newest, { kid: newest.kid, key: older.key }]],
  ])('%s is refused at the start', async (_, keys) => {
    await expect(createTokens({ keys, deployment, now })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('T21: namespace and task queue may hold any character, and still tell deployments apart', async () => {
    const odd = await createTokens({ keys: [newest], deployment: 'näme space/que#ue?', now });
    const token = await odd.mint(offerOf('decision'));
    expect(await odd.open(token)).toEqual(offerOf('decision'));
    await expect(tokens.open(token)).rejects.toMatchObject({ code: 'token_invalid' });
  });
});
