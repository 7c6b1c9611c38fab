import fc from 'fast-check';
import { CompiledQuery, Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { ElevateInput, State } from '../../workflows/contract.ts';
import type { Row } from '../../src/core/ports.ts';
import { createExecutions } from '../../src/store/executions.ts';
import { migrate } from '../../src/store/migrations.ts';
import type { Tables } from '../../src/store/schema.ts';
import { sqliteDialect } from '../../src/store/sqlite.ts';
import {
  alice,
  bob,
  carol,
  sampleId,
  sampleInput,
  sampleItem,
  samplePlan,
  sampleStage,
  sampleState,
  sampleTime,
} from '../samples.ts';
import { open, openTwice } from './stores.ts';

function sampleRow({
  input = sampleInput(),
  state = sampleState(),
  run = 'run-1',
  updatedAt = sampleTime,
}: Partial<Row> = {}): Row {
  return { input, state, run, updatedAt };
}

function inputOf(number: number, request: Partial<ElevateInput['request']> = {}, plan = samplePlan()): ElevateInput {
  return sampleInput({ request: { id: sampleId(number), createdAt: sampleTime + number, ...request }, plan });
}

const ids = (rows: Row[]) => rows.map((row) => row.input.request.id);

describe('put', () => {
  it('writes a row that comes back as it was', async () => {
    const { executions } = await open();
    const row = sampleRow({ state: sampleState({ phase: 'closed' }) });
    await executions.put(row);
    expect(await executions.get(sampleId())).toEqual(row);
    expect(await executions.get(sampleId(2))).toBeUndefined();
  });

  it.each([
    { written: 5, next: 6, kept: 6 },
    { written: 5, next: 5, kept: 5 },
    { written: 5, next: 4, kept: 5 },
  ])('P5: keeps version $kept when $next comes after $written', async ({ written, next, kept }) => {
    const { executions } = await open();
    await executions.put(sampleRow({ state: sampleState({ version: written }), updatedAt: 1 }));
    await executions.put(sampleRow({ state: sampleState({ version: next }), updatedAt: 2 }));
    const row = await executions.get(sampleId());
    expect(row?.state.version).toBe(kept);
    expect(row?.updatedAt).toBe(next > written ? 2 : 1);
  });

  it('P5: ends at the greatest version, whatever the order and whichever connection', async () => {
    const [one, other] = await openTwice();
    const versions = fc.array(fc.record({ version: fc.integer({ min: 1, max: 12 }), here: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(versions, async (puts) => {
        const input = inputOf((number += 1));
        await Promise.all(
          puts.map(({ version, here }) =>
            (here ? one : other).executions.put(
              sampleRow({ input, state: stateOfVersion(version), updatedAt: version }),
            ),
          ),
        );
        const greatest = Math.max(...puts.map(({ version }) => version));
        const row = await one.executions.get(input.request.id);
        expect(row).toEqual(sampleRow({ input, state: stateOfVersion(greatest), updatedAt: greatest }));
        const isAsked = ids(await other.executions.waitingFor(bob.id, [], 1_000)).includes(input.request.id);
        expect(isAsked).toBe(greatest % 3 !== 0);
      }),
      { numRuns: 40 },
    );
  });
});

/** Every third version is past the approval. */
function stateOfVersion(version: number): State {
  return version % 3 === 0 ? sampleState({ phase: 'active', version }) : sampleState({ version });
}

describe('create', () => {
  it('writes the first row and never changes one', async () => {
    const { executions } = await open();
    await executions.create(sampleRow({ state: sampleState({ version: 1 }) }));
    await executions.put(sampleRow({ state: sampleState({ phase: 'active', version: 5 }) }));
    await executions.create(sampleRow({ state: sampleState({ version: 9 }) }));
    expect((await executions.get(sampleId()))?.state).toEqual(sampleState({ phase: 'active', version: 5 }));
    expect(await executions.waitingFor(bob.id, [], 10)).toEqual([]);
  });
});

describe('ofOwner', () => {
  it('P4: lists the own executions alone, newest first, as many as wanted', async () => {
    const { executions } = await open();
    for (const number of [2, 3, 1]) await executions.put(sampleRow({ input: inputOf(number) }));
    await executions.put(sampleRow({ input: inputOf(4, { requester: bob, beneficiary: alice }) }));
    expect(ids(await executions.ofOwner(alice.id, { limit: 10 }))).toEqual([3, 2, 1].map(sampleId));
    expect(ids(await executions.ofOwner(alice.id, { limit: 2 }))).toEqual([3, 2].map(sampleId));
    expect(ids(await executions.ofOwner(bob.id, { limit: 10 }))).toEqual([sampleId(4)]);
  });

  it('tells open from closed', async () => {
    const { executions } = await open();
    await executions.put(sampleRow({ input: inputOf(1), state: sampleState({ phase: 'ending' }) }));
    await executions.put(sampleRow({ input: inputOf(2), state: sampleState({ phase: 'closed' }) }));
    expect(ids(await executions.ofOwner(alice.id, { open: true, limit: 10 }))).toEqual([sampleId(1)]);
    expect(ids(await executions.ofOwner(alice.id, { open: false, limit: 10 }))).toEqual([sampleId(2)]);
    expect(ids(await executions.ofOwner(alice.id, { limit: 10 }))).toEqual([2, 1].map(sampleId));
  });

  it.each(["alice@example.com' or '1'='1", 'ALICE@example.com', '%', ''])('P4: finds nothing for %j', async (owner) => {
    const { executions } = await open();
    await executions.put(sampleRow());
    expect(await executions.ofOwner(owner, { limit: 10 })).toEqual([]);
    expect(await executions.waitingFor(owner, [owner], 10)).toEqual([]);
  });
});

describe('waitingFor', () => {
  const twoStages = samplePlan({
    stages: [
      sampleStage({ approvers: { users: [bob.id], groups: ['sre'] } }),
      sampleStage({ approvers: { users: [carol.id], groups: [] } }),
    ],
  });

  it('P4: names who is asked in the current stage, by id or group, once each', async () => {
    const { executions } = await open();
    await executions.create(sampleRow({ input: inputOf(1, {}, twoStages) }));
    expect(ids(await executions.waitingFor(bob.id, ['sre'], 10))).toEqual([sampleId(1)]);
    expect(ids(await executions.waitingFor('dana@example.com', ['audit', 'sre'], 10))).toEqual([sampleId(1)]);
    expect(await executions.waitingFor('dana@example.com', ['audit'], 10)).toEqual([]);
    expect(await executions.waitingFor(carol.id, [], 10)).toEqual([]);
  });

  it('a group is no user of the same name', async () => {
    const { executions } = await open();
    await executions.create(sampleRow());
    expect(await executions.waitingFor('sre', [], 10)).toEqual([]);
    expect(await executions.waitingFor('dana@example.com', [bob.id], 10)).toEqual([]);
  });

  it('follows the stage', async () => {
    const { executions } = await open();
    await executions.create(sampleRow({ input: inputOf(1, {}, twoStages) }));
    await executions.put(sampleRow({ input: inputOf(1, {}, twoStages), state: sampleState({ stage: 1, version: 4 }) }));
    expect(await executions.waitingFor(bob.id, ['sre'], 10)).toEqual([]);
    expect(ids(await executions.waitingFor(carol.id, [], 10))).toEqual([sampleId(1)]);
  });

  it.each(['starting', 'active', 'ending', 'closed'] as const)('asks nobody once it is %s', async (phase) => {
    const { executions } = await open();
    await executions.create(sampleRow());
    await executions.put(sampleRow({ state: sampleState({ phase }) }));
    expect(await executions.waitingFor(bob.id, ['sre'], 10)).toEqual([]);
  });

  it.each([
    { who: 'requester', person: bob, request: { requester: bob, beneficiary: alice } },
    { who: 'beneficiary', person: carol, request: { requester: alice, beneficiary: carol } },
  ])('T10: does not ask the $who, unless the plan says so', async ({ person, request }) => {
    const { executions } = await open();
    await executions.create(sampleRow({ input: inputOf(1, request) }));
    await executions.create(sampleRow({ input: inputOf(2, request, samplePlan({ selfApproval: true })) }));
    expect(ids(await executions.waitingFor(person.id, ['sre'], 10))).toEqual([sampleId(2)]);
    expect(ids(await executions.waitingFor('dana@example.com', ['sre'], 10))).toEqual([2, 1].map(sampleId));
  });

  it('is newest first, as many as wanted', async () => {
    const { executions } = await open();
    for (const number of [2, 3, 1]) await executions.create(sampleRow({ input: inputOf(number) }));
    expect(ids(await executions.waitingFor(bob.id, ['sre'], 2))).toEqual([3, 2].map(sampleId));
  });
});

describe('refusals', () => {
  const denied = sampleState({ phase: 'closed', outcome: 'denied', closedAt: 1_000 });

  it('T31: counts what this person was denied of this role since', async () => {
    const { executions } = await open();
    const items = [sampleItem({ role: 'reader' }), sampleItem({ role: 'admin' }), sampleItem({ provider: 'aws-test' })];
    await executions.put(sampleRow({ input: inputOf(1, { items }), state: denied }));
    await executions.put(sampleRow({ input: inputOf(2, { requester: bob, beneficiary: alice }), state: denied }));
    await executions.put(sampleRow({ input: inputOf(3, { beneficiary: bob }), state: denied }));
    await executions.put(sampleRow({ input: inputOf(4, { items: [sampleItem({ role: 'other' })] }), state: denied }));
    expect(await executions.refusals(alice.id, 'admin', 1_000)).toBe(2);
    expect(await executions.refusals(alice.id, 'reader', 0)).toBe(1);
    expect(await executions.refusals(alice.id, 'admin', 1_001)).toBe(0);
    expect(await executions.refusals(bob.id, 'admin', 0)).toBe(1);
  });

  it.each([
    sampleState({ phase: 'closed', outcome: 'expired', closedAt: 1_000 }),
    sampleState({ phase: 'ending', outcome: 'denied' }),
    sampleState(),
  ])('T31: does not count $phase $outcome', async (state) => {
    const { executions } = await open();
    await executions.put(sampleRow({ state }));
    expect(await executions.refusals(alice.id, 'admin', 0)).toBe(0);
  });
});

it('no list reads the rows of other people', async () => {
  const queries: { sql: string; parameters: readonly unknown[] }[] = [];
  const dialect = sqliteDialect(':memory:');
  const db = new Kysely<Tables>({ dialect, log: ({ query }) => void queries.push(query) });
  await migrate(db);
  const executions = createExecutions(db);
  queries.length = 0;
  await executions.get(sampleId());
  await executions.ofOwner(alice.id, { limit: 10 });
  await executions.ofOwner(alice.id, { open: true, limit: 10 });
  await executions.waitingFor(bob.id, ['sre'], 10);
  await executions.refusals(alice.id, 'admin', 0);
  const plans: string[][] = [];
  for (const { sql, parameters } of queries.splice(0)) {
    const question = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
    const { rows } = await db.executeQuery<{ detail: string }>(question);
    plans.push(rows.map(({ detail }) => detail));
  }
  expect(plans).toHaveLength(5);
  expect(plans.flat().filter((step) => step.startsWith('SCAN'))).toEqual([]);
  expect(
    plans
      .slice(1, 3)
      .flat()
      .filter((step) => step.includes('TEMP B-TREE')),
  ).toEqual([]);
  await db.destroy();
});
