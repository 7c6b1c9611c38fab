import { describe, expect, it } from 'vitest';
import { alice, bob, hour, sampleId, sampleTime } from '../samples.ts';
import { ended, kinds, runApart, storesOf } from './stores.ts';

/** The `number`th execution, asking for something of its own. */
function wish(number: number, overrides: object = {}) {
  const at = sampleTime + number;
  const execution = sampleId(number);
  return { execution, owner: alice.id, fingerprint: `f${number}`, at, openPerPerson: 5, perHour: 20, ...overrides };
}

describe.each(kinds)('limits on %s', (kind) => {
  const stores = storesOf(kind);

  describe('admit', () => {
    it('T31: admits the same execution again, even at the limit', async () => {
      const { limits } = await stores.open();
      expect(await limits.admit(wish(1, { openPerPerson: 1, perHour: 1 }))).toEqual({ admitted: true });
      expect(await limits.admit(wish(1, { openPerPerson: 1, perHour: 1 }))).toEqual({ admitted: true, again: true });
    });

    it('T31: names the open execution that asks for the same, even at the limit', async () => {
      const { limits } = await stores.open();
      await limits.admit(wish(1));
      const again = wish(2, { fingerprint: 'f1', openPerPerson: 1, perHour: 1 });
      expect(await limits.admit(again)).toEqual({ admitted: false, same: sampleId(1) });
      await limits.release(sampleId(1));
      expect(await limits.admit({ ...again, perHour: 20 })).toEqual({ admitted: true });
    });

    it('T22: names again what a delivery was answered with, over or not, and what it had asked for', async () => {
      const { limits } = await stores.open();
      await limits.admit(wish(1));
      const again = wish(2, { fingerprint: 'f1' });
      const answered = { answered: sampleId(1), fingerprint: 'asked' };
      await limits.keepAnswer(again.execution, answered);
      // The first answer stays.
      await limits.keepAnswer(again.execution, { answered: sampleId(3), fingerprint: 'other' });
      await limits.release(sampleId(1));
      expect(await limits.admit(again)).toEqual({ admitted: false, ...answered });
      expect(await limits.openOf(alice.id)).toEqual([]);
    });

    it('P4: does not name the execution of somebody else', async () => {
      const { limits } = await stores.open();
      await limits.admit(wish(1));
      expect(await limits.admit(wish(2, { owner: bob.id, fingerprint: 'f1' }))).toEqual({ admitted: true });
    });

    it('T31: limits what is open per person, before the hour', async () => {
      const { limits } = await stores.open();
      for (const number of [1, 2]) await limits.admit(wish(number));
      const third = wish(3, { openPerPerson: 2, perHour: 2 });
      expect(await limits.admit(third)).toEqual({ admitted: false, limit: 'open', retryAfterMs: expect.any(Number) });
      expect(await limits.admit({ ...third, owner: bob.id })).toEqual({ admitted: true });
      await limits.release(sampleId(1));
      expect(await limits.admit(wish(4, { openPerPerson: 2 }))).toEqual({ admitted: true });
    });

    it('T31: limits what was created in an hour, over or not, until the oldest leaves it', async () => {
      const { limits } = await stores.open();
      await limits.admit(wish(1));
      await limits.admit(wish(2));
      await limits.release(sampleId(1));
      await limits.release(sampleId(2));
      const at = sampleTime + 10;
      const refused = { admitted: false, limit: 'hour', retryAfterMs: hour - 9 };
      expect(await limits.admit(wish(3, { perHour: 2, at }))).toEqual(refused);
      expect(await limits.admit(wish(3, { perHour: 2, at: at + hour - 10 }))).toEqual({ ...refused, retryAfterMs: 1 });
      expect(await limits.admit(wish(3, { perHour: 2, at: at + hour - 9 }))).toEqual({ admitted: true });
    });

    it('T31: waits for enough to leave when the limit was lowered', async () => {
      const { limits } = await stores.open();
      for (const number of [1, 2, 3]) await limits.admit(wish(number));
      const refused = { admitted: false, limit: 'hour', retryAfterMs: hour - 7 };
      expect(await limits.admit(wish(10, { perHour: 1 }))).toEqual(refused);
    });

    it.each([{ openPerPerson: 0 }, { perHour: 0 }])('T31: a limit of nothing admits nothing: %j', async (none) => {
      const { limits } = await stores.open();
      expect(await limits.admit(wish(1, none))).toMatchObject({ admitted: false, retryAfterMs: expect.any(Number) });
    });

    it('a refused execution is not counted', async () => {
      const { limits } = await stores.open();
      await limits.admit(wish(1));
      for (const number of [2, 3, 4]) await limits.admit(wish(number, { openPerPerson: 1 }));
      expect(await limits.admit(wish(5, { openPerPerson: 2, perHour: 2 }))).toEqual({ admitted: true });
    });

    it('T31: of two for the same at one time, one is admitted and the other gets it', async () => {
      const [one, other] = await stores.openTwice();
      for (let number = 1; number < 20; number += 2) {
        const fingerprint = `same${number}`;
        const many = { fingerprint, openPerPerson: 100, perHour: 100 };
        const results = await Promise.all([
          one.limits.admit(wish(number, many)),
          other.limits.admit(wish(number + 1, many)),
        ]);
        const first = results[0].admitted ? number : number + 1;
        expect(results).toContainEqual({ admitted: true });
        expect(results).toContainEqual({ admitted: false, same: sampleId(first) });
      }
    });

    it('T31: processes that race never exceed the limit', async () => {
      const url = await stores.freshUrl();
      const { limits } = await stores.open(url);
      const racers = [0, 1].map((racer) =>
        runApart(`import { openStore } from './src/store/database.ts';
        const { limits } = await openStore('${url}');
        for (let n = 0; n < 20; n += 1) await limits.admit({ execution: 'e${racer}-' + n, owner: 'alice@example.com',
          fingerprint: 'f${racer}-' + n, at: ${sampleTime}, openPerPerson: 7, perHour: 20 });`),
      );
      expect(await Promise.all(racers.map(ended))).toEqual([0, 0]);
      expect(await limits.admit(wish(1, { openPerPerson: 8 }))).toEqual({ admitted: true });
      expect(await limits.admit(wish(2, { openPerPerson: 8 }))).toMatchObject({ limit: 'open' });
    });

    it('T31: of twenty at once, on two connections, exactly as many are admitted as may be', async () => {
      const [one, other] = await stores.openTwice();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? one : other).limits.admit(wish(index, { openPerPerson: 7 })),
        ),
      );
      expect(answers.filter(({ admitted }) => admitted)).toHaveLength(7);
      expect(await one.limits.openOf(alice.id)).toHaveLength(7);
    });
  });

  describe('release', () => {
    it('takes an unknown execution, and one twice', async () => {
      const { limits } = await stores.open();
      await limits.release(sampleId(1));
      await limits.admit(wish(1));
      await limits.release(sampleId(1));
      await limits.release(sampleId(1));
      expect(await limits.admit(wish(2, { openPerPerson: 1 }))).toEqual({ admitted: true });
    });
  });
});
