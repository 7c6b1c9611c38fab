import { describe, expect, it } from 'vitest';
import type { CardReference } from '../../src/core/ports.ts';
import { bob, sampleId } from '../samples.ts';
import { kinds, storesOf } from './stores.ts';

function sampleCard(overrides: Partial<CardReference> = {}): CardReference {
  return {
    execution: sampleId(),
    platform: 'chat',
    recipient: 'C02APPR',
    slot: 'card:0',
    address: { channel: 'C02APPR', ts: '1.0' },
    drawing: 'hash-1',
    ...overrides,
  };
}

describe.each(kinds)('cards on %s', (kind) => {
  const stores = storesOf(kind);

  it('P6: finds the messages of an execution on a platform', async () => {
    const { cards } = await stores.open();
    const here = [sampleCard(), sampleCard({ slot: 'note:12' }), sampleCard({ recipient: bob.id })];
    const elsewhere = [sampleCard({ execution: sampleId(2) }), sampleCard({ platform: 'other' })];
    for (const card of [...here, ...elsewhere]) await cards.save(card);
    expect(new Set(await cards.of(sampleId(), 'chat'))).toEqual(new Set(here));
    expect(await cards.of(sampleId(3), 'chat')).toEqual([]);
  });

  it('P6: a message that was drawn again takes the place of the old one', async () => {
    const { cards } = await stores.open();
    const redrawn = sampleCard({ address: { channel: 'C02APPR', ts: '2.0' }, drawing: 'hash-2' });
    await cards.save(sampleCard());
    await cards.save(redrawn);
    expect(await cards.of(sampleId(), 'chat')).toEqual([redrawn]);
  });
});
