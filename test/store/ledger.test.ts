import { describe, expect, it } from 'vitest';
import { alice, bob, sampleId, sampleItem, sampleTime } from '../samples.ts';
import { kinds, storesOf } from './stores.ts';

const { target } = sampleItem();
const lease = { execution: sampleId(1), item: 0, beneficiary: alice.id, target, at: sampleTime };
const other = { ...lease, execution: sampleId(2) };

describe.each(kinds)('ledger on %s', (kind) => {
  const stores = storesOf(kind);

  it('T25: opening again is the same as opening once', async () => {
    const { ledger } = await stores.open();
    expect(await ledger.open(lease)).toEqual({ mayGrant: true, othersOpen: false });
    expect(await ledger.open({ ...lease, at: sampleTime + 1 })).toEqual({ mayGrant: true, othersOpen: false });
  });

  it('P2: what was taken back is not given again', async () => {
    const { ledger } = await stores.open();
    await ledger.open(lease);
    await ledger.close(lease.execution, lease.item, sampleTime + 1);
    await ledger.close(lease.execution, lease.item, sampleTime + 2);
    expect(await ledger.open(lease)).toEqual({ mayGrant: false, othersOpen: false });
  });

  it('P2: what was closed before it was opened is not given either', async () => {
    const { ledger } = await stores.open();
    await ledger.close(lease.execution, lease.item, sampleTime);
    expect(await ledger.open(lease)).toEqual({ mayGrant: false, othersOpen: false });
    expect(await ledger.open({ ...lease, item: 1 })).toEqual({ mayGrant: true, othersOpen: false });
  });

  it('T25: sees that another execution holds the same access, until it is taken back', async () => {
    const { ledger } = await stores.open();
    await ledger.open(lease);
    expect(await ledger.open(other)).toEqual({ mayGrant: true, othersOpen: true });
    await ledger.close(lease.execution, lease.item, sampleTime);
    expect(await ledger.open(other)).toEqual({ mayGrant: true, othersOpen: false });
  });

  it.each([
    { what: 'beneficiary', row: { beneficiary: bob.id } },
    { what: 'type', row: { target: { ...target, type: 'webhook' } } },
    { what: 'system', row: { target: { ...target, system: 'aws-test' } } },
    { what: 'grant', row: { target: { ...target, grant: 'reader' } } },
    { what: 'way to split the names', row: { target: { ...target, system: 'aws', grant: `-prod${target.grant}` } } },
    { what: 'item of the same execution', row: { execution: lease.execution, item: 1 } },
  ])('T25: another $what is not another execution with this access', async ({ row }) => {
    const { ledger } = await stores.open();
    await ledger.open(lease);
    expect(await ledger.open({ ...other, ...row })).toMatchObject({ othersOpen: false });
  });

  it('T25: of two that open at the same time, at least the later sees the other', async () => {
    const [one, two] = await stores.openTwice();
    const results = await Promise.all([one.ledger.open(lease), two.ledger.open(other)]);
    expect(results.filter(({ othersOpen }) => othersOpen)).toHaveLength(1);
  });
});
