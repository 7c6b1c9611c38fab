/** What is done in Temporal itself, past Elevate: the lists are right soon after, and nothing that is gone is made up. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ElevateInput } from '../../workflows/contract.ts';
import { approvals, bob, carol, type House, mallory, openHouse, PATIENCE, type Person } from './house.ts';
import { type InTemporal, inTemporal } from './in-temporal.ts';
import { newId } from '../workflows/scene.ts';

/** The promise is a minute, with the Schedule that Elevate keeps. */
const MINUTE = 60_000;

let house: House;
let temporal: InTemporal;
beforeAll(async () => {
  house = await openHouse();
  temporal = inTemporal(house);
});
afterAll(async () => {
  await temporal.close();
  await house.stop();
});

/** Asked by somebody new, with everybody asked who is to be asked. */
async function asked(): Promise<{ owner: Person; id: string; approve: string; deny: string }> {
  const owner = house.newcomer();
  const body = { workflow: 'default', input: { role: 'admin', reason: 'the deploy is stuck' } };
  const created = await house.call(owner, 'POST /execution', { body });
  expect(created.status).toBe(201);
  const id = created.body.workflow_id as string;
  await askedAbout(id);
  const { body: waits } = await house.call(bob, 'GET /approvals');
  return { owner, id, ...waits.approvals.find((each: { workflow_id: string }) => each.workflow_id === id).tokens };
}

/** Nothing is left to be written of it until somebody decides. */
async function askedAbout(id: string): Promise<void> {
  for (const place of [approvals, bob, carol]) await house.sees(place, id, '[Approve]');
}

/** The same request under another id, of somebody else's. */
function forSomebodyElse(input: ElevateInput, { email }: Person): ElevateInput {
  const requester = { ...input.request.requester, id: email };
  const own = { id: newId(), requester, beneficiary: requester, createdAt: Date.now() };
  return { ...input, request: { ...input.request, ...own } };
}

async function decide(id: string, input: string): Promise<void> {
  expect((await house.call(bob, `POST /execution/${id}/signal`, { body: { input } })).status).toBe(200);
}

/** Each of their executions, as the list tells it. */
async function listOf(person: Person): Promise<string[]> {
  const { body } = await house.call(person, 'GET /executions?status=all');
  return body.executions.map((each: { workflow_id: string; status: string; state: string }) =>
    [each.workflow_id, each.status, each.state].join(' '),
  );
}

// Beside the others, since all of them mostly wait for Temporal.
it.concurrent(
  'P2, P6: what was ended and started past Elevate is in the lists as it is, within a minute',
  { timeout: 3 * MINUTE },
  async () => {
    const [ended, again, starter] = [await asked(), await asked(), house.newcomer()];
    await decide(ended.id, ended.approve);
    await house.inPhase(ended.id, 'active');
    const { input } = await house.inPhase(again.id, 'awaiting_approval');
    const started = forSomebodyElse(input, starter);
    await temporal.start(started);
    await askedAbout(started.request.id);
    await house.loseRow(started.request.id);
    expect(await listOf(starter)).toEqual([]);
    await temporal.terminate(again.id);
    await temporal.startAgain(again.id);
    await temporal.terminate(ended.id);

    const lists = () => Promise.all([ended.owner, again.owner, starter].map(listOf));
    const right = [
      [`${ended.id} terminated closed`],
      [`${again.id} terminated closed`],
      [`${started.request.id} running awaiting_approval`],
    ];
    await vi.waitFor(async () => expect(await lists()).toEqual(right), { timeout: MINUTE, interval: 500 });
    expect(house.sandbox.has(ended.owner.email)).toBe(false);
    await vi.waitFor(async () => expect(await temporal.isOpen(again.id)).toBe(false), PATIENCE);
    expect((await house.audited(started.request.id)).map(({ kind }) => kind)).toContain('mended');
  },
);

describe.concurrent('what Temporal keeps nothing of any more', () => {
  const everyCall = (id: string, input: string) =>
    [
      [`GET /execution/${id}`],
      [`POST /execution/${id}/cancel`],
      [`POST /execution/${id}/terminate`],
      [`POST /execution/${id}/signal`, { input }],
    ] as const;

  const answersTo = async (person: Person, id: string, token: string) => {
    const answers = [];
    for (const [request, body] of everyCall(id, token)) {
      const { status, body: answer } = await house.call(person, request, body && { body });
      answers.push(status === 200 ? status : `${status} ${answer.code}`);
    }
    return answers;
  };

  it(
    'P4: is told as its row says, to those who may see it, and cannot be changed',
    { timeout: 3 * MINUTE },
    async () => {
      const { owner, id, approve, deny } = await asked();
      await decide(id, deny);
      await house.inPhase(id, 'closed');
      await house.ended(id);
      const { body: before } = await house.call(owner, `GET /execution/${id}`);
      expect(before).toMatchObject({ status: 'completed', outcome: 'denied', history_complete: true });
      await temporal.forget(id);

      const { status, body } = await house.call(owner, `GET /execution/${id}`);
      expect({ status, body }).toEqual({ status: 200, body: { ...before, history: [], history_complete: false } });
      expect(await listOf(owner)).toEqual([`${id} completed closed`]);
      const over = '409 execution_closed';
      const unknown = '404 unknown_execution';
      expect(await answersTo(owner, id, approve)).toEqual([200, over, over, over]);
      expect(await answersTo(bob, id, approve)).toEqual([200, '403 not_allowed', '403 not_allowed', over]);
      expect(await answersTo(mallory, id, approve)).toEqual([unknown, unknown, unknown, unknown]);
    },
  );

  it(
    'T22: a key is answered with the execution that it began, however long ago: no id is ever used again',
    { timeout: 3 * MINUTE },
    async () => {
      const owner = house.newcomer();
      const wish = {
        body: { workflow: 'default', input: { role: 'quiet' } },
        headers: { 'idempotency-key': 'long ago' },
      };
      const { body: first } = await house.call(owner, 'POST /execution', wish);
      await house.call(owner, `POST /execution/${first.workflow_id}/cancel`);
      await house.inPhase(first.workflow_id, 'closed');
      await house.ended(first.workflow_id);
      await temporal.forget(first.workflow_id);
      const { status, body } = await house.call(owner, 'POST /execution', wish);
      expect({ status, body }).toEqual({ status: 200, body: { ...first, status: 'canceled' } });
      expect(await temporal.isOpen(first.workflow_id)).toBeUndefined();
      const other = { ...wish, body: { ...wish.body, input: { role: 'quiet', reason: 'something else' } } };
      expect(await house.call(owner, 'POST /execution', other)).toMatchObject({
        status: 409,
        body: { code: 'conflict' },
      });
    },
  );

  it('is not there for anybody, if it was open', async () => {
    const { owner, id, approve } = await asked();
    await temporal.forget(id);
    const unknown = '404 unknown_execution';
    for (const person of [owner, bob, mallory]) {
      expect(await answersTo(person, id, approve)).toEqual([unknown, unknown, unknown, unknown]);
    }
  });
});
