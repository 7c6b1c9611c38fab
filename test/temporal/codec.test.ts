import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealingCodec } from '../../src/temporal/codec.ts';

const namespace = 'default';
const place: SerializationContext = { type: 'workflow', namespace, workflowId: 'wf_1' };
const oldKey = { kid: 'old00000', key: new Uint8Array(32).fill(1) };
const newKey = { kid: 'new00000', key: new Uint8Array(32).fill(2) };
const codec = createSealingCodec({ keys: [newKey, oldKey], namespace });
const marker = { unsealed: true };

async function seal(value: unknown, context: SerializationContext | undefined = place, by = codec): Promise<Payload> {
  const [sealed] = await by.encode([defaultPayloadConverter.toPayload(value)], context);
  return sealed ?? {};
}

async function open(payload: Payload, context: SerializationContext | undefined = place, by = codec): Promise<unknown> {
  const [opened] = await by.decode([payload], context);
  return defaultPayloadConverter.fromPayload(opened ?? {});
}

describe('the sealing codec', () => {
  it('T23: opens what it sealed, whatever it is', async () => {
    const values = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.uint8Array());
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const plain = defaultPayloadConverter.fromPayload(defaultPayloadConverter.toPayload(value));
        expect(await open(await seal(value))).toEqual(plain);
      }),
    );
  });

  it('T23: a payload with any one bit changed is the marker', async () => {
    const sealed = await seal({ until: 1 });
    const data = sealed.data ?? new Uint8Array();
    for (let bit = 0; bit < data.length * 8; bit++) {
      const changed = Uint8Array.from(data, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(await open({ ...sealed, data: changed }), `bit ${bit}`).toEqual(marker);
    }
  });

  it('T23: a payload cut short or made longer is the marker', async () => {
    const sealed = await seal('word');
    const data = Buffer.from(sealed.data ?? []);
    for (let length = 0; length < data.length; length++) {
      expect(await open({ ...sealed, data: data.subarray(0, length) })).toEqual(marker);
    }
    expect(await open({ ...sealed, data: Buffer.concat([data, Buffer.of(0)]) })).toEqual(marker);
  });

  const activity: SerializationContext = {
    type: 'activity',
    namespace,
    workflowId: 'wf_1',
    activityId: '1',
    isLocal: false,
  };
  it.each<[string, SerializationContext, SerializationContext | undefined]>([
    ['another workflow', place, { ...place, workflowId: 'wf_2' }],
    ['another namespace', place, { ...place, namespace: 'other' }],
    ['an activity of the same workflow', place, activity],
    ['another activity', activity, { ...activity, activityId: '2' }],
    ['an activity of another workflow', activity, { ...activity, workflowId: 'wf_2' }],
    ['no place', place, undefined],
  ])('T23: what was sealed for one place is the marker in %s', async (_, from, to) => {
    const sealed = await seal('word', from);
    expect(await open(sealed, from)).toBe('word');
    const [opened] = await codec.decode([sealed], to);
    expect(defaultPayloadConverter.fromPayload(opened ?? {})).toEqual(marker);
  });

  it('T23: what was sealed without a place is the marker everywhere', async () => {
    const [sealed] = await codec.encode([defaultPayloadConverter.toPayload('word')]);
    expect(Buffer.from(sealed?.data ?? []).toString('latin1')).not.toContain('word');
    expect(await open(sealed ?? {})).toEqual(marker);
  });

  it.each<[string, Payload]>([
    ['plain JSON', defaultPayloadConverter.toPayload({ what: 'decision' })],
    ['a payload of nothing', {}],
    ['a claim to be sealed without data', { metadata: { encoding: Buffer.from('binary/encrypted') } }],
  ])('T23: %s is the marker, not an exception', async (_, payload) => {
    expect(await open(payload)).toEqual(marker);
  });

  it('T23: a sealed payload that claims another encoding or key is the marker', async () => {
    const sealed = await seal('word');
    for (const metadata of [
      { ...sealed.metadata, encoding: Buffer.from('json/plain') },
      { ...sealed.metadata, 'encryption-key-id': Buffer.from('old00000') },
      { ...sealed.metadata, 'encryption-key-id': Buffer.from('unknown0') },
    ]) {
      expect(await open({ ...sealed, metadata })).toEqual(marker);
    }
  });

  it('rotation: the newest key seals, every listed key opens, a dropped one does not', async () => {
    const before = createSealingCodec({ keys: [oldKey], namespace });
    const after = createSealingCodec({ keys: [newKey], namespace });
    const early = await seal('early', place, before);
    const late = await seal('late');

    expect(Buffer.from(late.metadata?.['encryption-key-id'] ?? []).toString()).toBe('new00000');
    expect(await open(early)).toBe('early');
    expect(await open(late, place, after)).toBe('late');
    expect(await open(early, place, after)).toEqual(marker);
  });

  it('two seals of the same are different', async () => {
    expect((await seal('word')).data).not.toEqual((await seal('word')).data);
  });

  it('seals nothing without a key, or with one of the wrong size', () => {
    expect(() => createSealingCodec({ keys: [], namespace })).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    );
    const short = { kid: 'short', key: new Uint8Array(16) };
    expect(() => createSealingCodec({ keys: [short], namespace })).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    );
  });
});
