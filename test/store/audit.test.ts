import { describe, expect, it } from 'vitest';
import type { AuditLine } from '../../src/core/ports.ts';
import { alice, sampleActor, sampleId, sampleTime } from '../samples.ts';
import { kinds, storesOf } from './stores.ts';

function entry(seq: number, overrides: Partial<AuditLine> = {}): AuditLine {
  const execution = sampleId();
  return { id: `${execution}/${seq}`, at: sampleTime, kind: 'voted', execution, details: {}, ...overrides };
}

describe.each(kinds)('audit on %s', (kind) => {
  const stores = storesOf(kind);

  it('T33: gives back a line as it was written', async () => {
    const { audit } = await stores.open();
    const full = entry(1, { principal: alice.id, actor: sampleActor(), details: { why: ['a', { b: null }], n: 1 } });
    const bare = entry(2);
    await audit.write([full, bare]);
    expect(await audit.of(sampleId())).toEqual([full, bare]);
  });

  it('T33: writing a line again changes nothing, also from another connection', async () => {
    const [one, other] = await stores.openTwice();
    await one.audit.write([entry(1, { details: { first: true } })]);
    await Promise.all([
      one.audit.write([entry(1, { kind: 'forged' }), entry(2)]),
      other.audit.write([entry(1, { details: { first: false } }), entry(2)]),
    ]);
    expect(await one.audit.of(sampleId())).toEqual([entry(1, { details: { first: true } }), entry(2)]);
  });

  it('tells lines of one instant in the order of their numbers, and earlier ones first', async () => {
    const { audit } = await stores.open();
    const numbers = [10, 9, 100, 1, 2];
    await audit.write([...numbers.map((seq) => entry(seq)), entry(11, { at: sampleTime - 1 })]);
    expect((await audit.of(sampleId())).map((line) => line.id)).toEqual(
      [11, 1, 2, 9, 10, 100].map((seq) => `${sampleId()}/${seq}`),
    );
  });

  it('takes ids of other forms', async () => {
    const { audit } = await stores.open();
    const lines = [
      entry(1, { id: 'read-1' }),
      entry(1, { id: `${sampleId()}/x` }),
      entry(1, { id: `${sampleId()}/99999999999` }),
    ];
    await audit.write(lines);
    expect(new Set(await audit.of(sampleId()))).toEqual(new Set(lines));
  });

  it('P4: tells an execution its own lines alone', async () => {
    const { audit } = await stores.open();
    const { execution: _, ...config } = entry(1, { id: 'config/1', kind: 'config' });
    await audit.write([entry(1), config, entry(1, { id: 'x/1', execution: sampleId(2) })]);
    expect(await audit.of(sampleId())).toEqual([entry(1)]);
  });

  it('writes all lines of a call or none', async () => {
    const { audit } = await stores.open();
    const unwritable = entry(2, { details: { huge: 1n } });
    await expect(audit.write([entry(1), unwritable])).rejects.toMatchObject({ code: 'unavailable' });
    expect(await audit.of(sampleId())).toEqual([]);
    await audit.write([entry(1)]);
    expect(await audit.of(sampleId())).toEqual([entry(1)]);
  });

  it('T32: names the newest line of a kind', async () => {
    const { audit } = await stores.open();
    expect(await audit.last('config')).toBeUndefined();
    const { execution: _, ...line } = entry(0, { kind: 'config' });
    const lines = [2, 30, 3].map((at) => ({ ...line, id: `config/${at}`, at: sampleTime + at }));
    await audit.write([...lines, entry(1, { at: sampleTime + 99 })]);
    expect(await audit.last('config')).toEqual(lines[1]);
    expect(await audit.last('CONFIG')).toBeUndefined();
  });

  it('of lines of one kind and instant, the newest is the one told last', async () => {
    const { audit } = await stores.open();
    await audit.write([9, 10, 2].map((seq) => entry(seq)));
    expect(await audit.last('voted')).toEqual(entry(10));
  });

  it('takes no lines and a thousand', async () => {
    const { audit } = await stores.open();
    await audit.write([]);
    await audit.write(Array.from({ length: 1_000 }, (_, index) => entry(index + 1)));
    expect(await audit.of(sampleId())).toHaveLength(1_000);
  });
});
