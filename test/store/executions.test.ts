import fc from 'fast-check';
import { CompiledQuery, Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { ElevateInput, State } from '../../workflows/contract.ts';
import type { Listed, Position, Row } from '../../src/core/ports.ts';
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
import { kinds, storesOf } from './stores.ts';

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
const listedIds = (rows: Listed[]) => rows.map(({ id }) => id);

async function everyPage(page: (after: { after?: Position }) => Promise<Listed[]>, limit: number): Promise<Position[]> {
  const told: Position[] = [];
  for (let last: Position | undefined; ; last = told.at(-1)) {
    const found = await page(last === undefined ? {} : { after: last });
    told.push(...found.map(({ createdAt, id }) => ({ at: createdAt, id })));
    if (found.length < limit) return told;
  }
}

/** Every third version is past the approval. */
function stateOfVersion(version: number): State {
  return version % 3 === 0 ? sampleState({ phase: 'active', version }) : sampleState({ version });
}

describe.each(kinds)('the read model on %s', (kind) => {
  const stores = storesOf(kind);

  describe('put', () => {
    it('writes a row that comes back as it was', async () => {
      const { executions } = await stores.open();
      const row = sampleRow({ state: sampleState({ phase: 'closed' }) });
      await executions.put(row);
      expect(await executions.get(sampleId())).toEqual(row);
      expect(await executions.get(sampleId(2))).toBeUndefined();
    });

    it('T23: leaves the row of another run alone, however new the state of this one is', async () => {
      const { executions } = await stores.open();
      const row = sampleRow({ run: 'run-1', state: sampleState({ version: 3 }) });
      await executions.put(row);
      await executions.put(sampleRow({ run: 'run-2', state: sampleState({ version: 9 }) }));
      expect(await executions.get(sampleId())).toEqual(row);
    });

    it.each([
      { written: 5, next: 6, kept: 6 },
      { written: 5, next: 5, kept: 5 },
      { written: 5, next: 4, kept: 5 },
    ])('P5: keeps version $kept when $next comes after $written', async ({ written, next, kept }) => {
      const { executions } = await stores.open();
      await executions.put(sampleRow({ state: sampleState({ version: written }), updatedAt: 1 }));
      await executions.put(sampleRow({ state: sampleState({ version: next }), updatedAt: 2 }));
      const row = await executions.get(sampleId());
      expect(row?.state.version).toBe(kept);
      expect(row?.updatedAt).toBe(next > written ? 2 : 1);
    });

    it('P5: ends at the greatest version, whatever the order and whichever connection', async () => {
      const [one, other] = await stores.openTwice();
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
          const isAsked = ids(await other.executions.waitingFor(bob.id, [], { limit: 1_000 })).includes(
            input.request.id,
          );
          expect(isAsked).toBe(greatest % 3 !== 0);
        }),
        { numRuns: 40 },
      );
    });
  });

  describe('create', () => {
    it('writes the first row and never changes one', async () => {
      const { executions } = await stores.open();
      await executions.create(sampleRow({ state: sampleState({ version: 1 }) }));
      await executions.put(sampleRow({ state: sampleState({ phase: 'active', version: 5 }) }));
      await executions.create(sampleRow({ state: sampleState({ version: 9 }) }));
      expect((await executions.get(sampleId()))?.state).toEqual(sampleState({ phase: 'active', version: 5 }));
      expect(await executions.waitingFor(bob.id, [], { limit: 10 })).toEqual([]);
    });
  });

  describe('ofOwner', () => {
    it('P4: lists the own executions alone, newest first, as many as wanted', async () => {
      const { executions } = await stores.open();
      for (const number of [2, 3, 1]) await executions.put(sampleRow({ input: inputOf(number) }));
      await executions.put(sampleRow({ input: inputOf(4, { requester: bob, beneficiary: alice }) }));
      expect(ids(await executions.ofOwner(alice.id, { limit: 10 }))).toEqual([3, 2, 1].map(sampleId));
      expect(ids(await executions.ofOwner(alice.id, { limit: 2 }))).toEqual([3, 2].map(sampleId));
      expect(ids(await executions.ofOwner(bob.id, { limit: 10 }))).toEqual([sampleId(4)]);
    });

    it('tells open from closed', async () => {
      const { executions } = await stores.open();
      await executions.put(sampleRow({ input: inputOf(1), state: sampleState({ phase: 'ending' }) }));
      await executions.put(sampleRow({ input: inputOf(2), state: sampleState({ phase: 'closed' }) }));
      expect(ids(await executions.ofOwner(alice.id, { open: true, limit: 10 }))).toEqual([sampleId(1)]);
      expect(ids(await executions.ofOwner(alice.id, { open: false, limit: 10 }))).toEqual([sampleId(2)]);
      expect(ids(await executions.ofOwner(alice.id, { limit: 10 }))).toEqual([2, 1].map(sampleId));
    });

    it.each(["alice@example.com' or '1'='1", 'ALICE@example.com', '%', ''])(
      'P4: finds nothing for %j',
      async (owner) => {
        const { executions } = await stores.open();
        await executions.put(sampleRow());
        expect(await executions.ofOwner(owner, { limit: 10 })).toEqual([]);
        expect(await executions.waitingFor(owner, [owner], { limit: 10 })).toEqual([]);
      },
    );
  });

  describe('list', () => {
    it('tells what a list shows, and no more', async () => {
      const { executions } = await stores.open();
      const items = [sampleItem(), sampleItem({ role: 'reader', provider: 'vpn' })];
      await executions.put(sampleRow({ input: inputOf(1, { items, workflow: 'other' }) }));
      await executions.put(
        sampleRow({
          input: inputOf(2, { beneficiary: bob }),
          state: sampleState({ phase: 'closed', outcome: 'denied', closedAt: 1_000 }),
          run: 'run-2',
        }),
      );
      const common = { run: 'run-1', owner: alice.id, workflow: 'default', about: 'admin on aws-prod' };
      expect(await executions.list({ owner: alice.id, limit: 10 })).toEqual([
        {
          ...common,
          id: sampleId(2),
          run: 'run-2',
          phase: 'closed',
          outcome: 'denied',
          createdAt: sampleTime + 2,
          closedAt: 1_000,
        },
        {
          ...common,
          id: sampleId(1),
          workflow: 'other',
          about: 'admin on aws-prod, reader on vpn',
          phase: 'awaiting_approval',
          createdAt: sampleTime + 1,
        },
      ]);
    });

    it('cuts what is asked for at 500 characters, so that any request has room in the index', async () => {
      const { executions } = await stores.open();
      const items = Array.from({ length: 100 }, (_, index) => sampleItem({ role: `role-${index}-${'é'.repeat(60)}` }));
      await executions.put(sampleRow({ input: inputOf(1, { items }) }));
      const [{ about } = { about: '' }] = await executions.list({ limit: 1 });
      expect(about).toHaveLength(500);
      expect(about).toMatch(/^role-0-é+ on aws-prod, role-1-.*…$/);
    });

    it('P4: lists the executions of one owner alone, or of all', async () => {
      const { executions } = await stores.open();
      await executions.put(sampleRow({ input: inputOf(1) }));
      await executions.put(sampleRow({ input: inputOf(2, { requester: bob, beneficiary: alice }) }));
      expect(listedIds(await executions.list({ owner: alice.id, limit: 10 }))).toEqual([sampleId(1)]);
      expect(listedIds(await executions.list({ owner: bob.id, limit: 10 }))).toEqual([sampleId(2)]);
      expect(listedIds(await executions.list({ limit: 10 }))).toEqual([2, 1].map(sampleId));
      for (const nobody of ['', '%', alice.id.toUpperCase(), `${alice.id}' or '1'='1`]) {
        expect(await executions.list({ owner: nobody, limit: 10 })).toEqual([]);
      }
    });

    it.each([
      { open: true, found: [1] },
      { open: false, found: [2] },
      { open: undefined, found: [2, 1] },
    ])('open $open finds $found, of one owner and of all', async ({ open, found }) => {
      const { executions } = await stores.open();
      await executions.put(sampleRow({ input: inputOf(1), state: sampleState({ phase: 'ending' }) }));
      await executions.put(sampleRow({ input: inputOf(2), state: sampleState({ phase: 'closed' }) }));
      const filter = { limit: 10, ...(open !== undefined && { open }) };
      expect(listedIds(await executions.list(filter))).toEqual(found.map(sampleId));
      expect(listedIds(await executions.list({ ...filter, owner: alice.id }))).toEqual(found.map(sampleId));
    });

    it('page by page it tells everything once, whatever was created at one instant', async () => {
      const { executions } = await stores.open();
      const instants = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(instants, fc.integer({ min: 1, max: 5 }), async (times, limit) => {
          const owner = { id: `person-${(round += 1)}@example.com`, name: '' };
          const inputs = times.map((at, index) =>
            inputOf(round * 100 + index, { requester: owner, beneficiary: owner, createdAt: at }),
          );
          for (const input of inputs) await executions.create(sampleRow({ input }));
          const told = await everyPage((after) => executions.list({ owner: owner.id, limit, ...after }), limit);
          const newestFirst = inputs
            .map(({ request }) => ({ at: request.createdAt, id: request.id }))
            .toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
          expect(told).toEqual(newestFirst);
        }),
        { numRuns: 15 },
      );
    });
  });

  describe('open', () => {
    it('P2: tells the ids of everything that is open here, page by page, once each', async () => {
      const { executions } = await stores.open();
      for (const number of [3, 1, 2, 5]) await executions.create(sampleRow({ input: inputOf(number) }));
      await executions.put(sampleRow({ input: inputOf(2), state: sampleState({ phase: 'ending' }) }));
      await executions.put(sampleRow({ input: inputOf(3), state: sampleState({ phase: 'closed' }) }));
      expect(await executions.open(undefined, 2)).toEqual([1, 2].map(sampleId));
      expect(await executions.open(sampleId(2), 2)).toEqual([sampleId(5)]);
      expect(await executions.open(sampleId(5), 2)).toEqual([]);
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
      const { executions } = await stores.open();
      await executions.create(sampleRow({ input: inputOf(1, {}, twoStages) }));
      expect(ids(await executions.waitingFor(bob.id, ['sre'], { limit: 10 }))).toEqual([sampleId(1)]);
      expect(ids(await executions.waitingFor('dana@example.com', ['audit', 'sre'], { limit: 10 }))).toEqual([
        sampleId(1),
      ]);
      expect(await executions.waitingFor('dana@example.com', ['audit'], { limit: 10 })).toEqual([]);
      expect(await executions.waitingFor(carol.id, [], { limit: 10 })).toEqual([]);
    });

    it('a group is no user of the same name', async () => {
      const { executions } = await stores.open();
      await executions.create(sampleRow());
      expect(await executions.waitingFor('sre', [], { limit: 10 })).toEqual([]);
      expect(await executions.waitingFor('dana@example.com', [bob.id], { limit: 10 })).toEqual([]);
    });

    it('follows the stage', async () => {
      const { executions } = await stores.open();
      await executions.create(sampleRow({ input: inputOf(1, {}, twoStages) }));
      await executions.put(
        sampleRow({ input: inputOf(1, {}, twoStages), state: sampleState({ stage: 1, version: 4 }) }),
      );
      expect(await executions.waitingFor(bob.id, ['sre'], { limit: 10 })).toEqual([]);
      expect(ids(await executions.waitingFor(carol.id, [], { limit: 10 }))).toEqual([sampleId(1)]);
    });

    it.each(['starting', 'active', 'ending', 'closed'] as const)('asks nobody once it is %s', async (phase) => {
      const { executions } = await stores.open();
      await executions.create(sampleRow());
      await executions.put(sampleRow({ state: sampleState({ phase }) }));
      expect(await executions.waitingFor(bob.id, ['sre'], { limit: 10 })).toEqual([]);
    });

    it.each([
      { who: 'requester', person: bob, request: { requester: bob, beneficiary: alice } },
      { who: 'beneficiary', person: carol, request: { requester: alice, beneficiary: carol } },
    ])('T10: does not ask the $who, unless the plan says so', async ({ person, request }) => {
      const { executions } = await stores.open();
      await executions.create(sampleRow({ input: inputOf(1, request) }));
      await executions.create(sampleRow({ input: inputOf(2, request, samplePlan({ selfApproval: true })) }));
      expect(ids(await executions.waitingFor(person.id, ['sre'], { limit: 10 }))).toEqual([sampleId(2)]);
      expect(ids(await executions.waitingFor('dana@example.com', ['sre'], { limit: 10 }))).toEqual(
        [2, 1].map(sampleId),
      );
    });

    it('is newest first, as many as wanted, and goes on after a place', async () => {
      const { executions } = await stores.open();
      for (const number of [2, 3, 1]) await executions.create(sampleRow({ input: inputOf(number) }));
      expect(ids(await executions.waitingFor(bob.id, ['sre'], { limit: 2 }))).toEqual([3, 2].map(sampleId));
      const after = { at: sampleTime + 2, id: sampleId(2) };
      expect(ids(await executions.waitingFor(bob.id, ['sre'], { limit: 2, after }))).toEqual([sampleId(1)]);
    });
  });

  describe('refusals', () => {
    const denied = sampleState({ phase: 'closed', outcome: 'denied', closedAt: 1_000 });

    it('T31: counts what this person was denied of this role since', async () => {
      const { executions } = await stores.open();
      const items = [
        sampleItem({ role: 'reader' }),
        sampleItem({ role: 'admin' }),
        sampleItem({ provider: 'aws-test' }),
      ];
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
      const { executions } = await stores.open();
      await executions.put(sampleRow({ state }));
      expect(await executions.refusals(alice.id, 'admin', 0)).toBe(0);
    });
  });
});

it('no list reads the rows of other people, and those of the API no texts', async () => {
  const queries: { sql: string; parameters: readonly unknown[] }[] = [];
  const dialect = sqliteDialect(':memory:');
  const db = new Kysely<Tables>({ dialect, log: ({ query }) => void queries.push(query) });
  await migrate(db);
  const executions = createExecutions(db);
  const after = { at: sampleTime, id: sampleId() };
  const planOf = async (ask: Promise<unknown>) => {
    await ask;
    const [{ sql, parameters } = { sql: '', parameters: [] }] = queries.splice(0).slice(-1);
    const question = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
    const { rows } = await db.executeQuery<{ detail: string }>(question);
    queries.length = 0;
    return rows.map(({ detail }) => detail);
  };
  const found = [
    await planOf(executions.get(sampleId())),
    await planOf(executions.waitingFor(bob.id, ['sre'], { limit: 10, after })),
    await planOf(executions.refusals(alice.id, 'admin', 0)),
  ];
  const ordered = [
    await planOf(executions.ofOwner(alice.id, { limit: 10 })),
    await planOf(executions.ofOwner(alice.id, { open: true, limit: 10 })),
    await planOf(executions.list({ limit: 10, after })),
    await planOf(executions.list({ open: true, limit: 10, after })),
  ];
  const covered = [
    await planOf(executions.list({ owner: alice.id, limit: 10, after })),
    await planOf(executions.list({ owner: alice.id, open: true, limit: 10, after })),
    await planOf(executions.open(sampleId(), 10)),
    await planOf(executions.open(undefined, 10)),
  ];
  await db.destroy();
  for (const plan of [...found, ...ordered, ...covered])
    expect(plan.filter((step) => step.startsWith('SCAN'))).toEqual([]);
  for (const plan of [...ordered, ...covered])
    expect(plan).toEqual([expect.stringContaining('SEARCH executions USING')]);
  for (const plan of covered) expect(plan).toEqual([expect.stringContaining('COVERING INDEX')]);
});
