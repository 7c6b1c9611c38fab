/** P4: every caller, every call, in every state: who sees, who may act, and who is told that there is nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outcomes, phases } from '../../src/core/states.ts';
import { readHistory } from '../../src/dev/history.ts';
import { changeFile } from './behind-the-back.ts';
import { audrey, bob, carol, dana, type House, mallory, olga, openHouse, type Person } from './house.ts';
import { type Call, calls, readAnswer } from './ownership/calls.ts';
import { createEffects } from './ownership/effects.ts';
import {
  type Caller,
  callers,
  type Column,
  columns,
  type Effect,
  matrix,
  type Standing,
  standings,
} from './ownership/matrix.ts';
import { createStates, type Made, withBriefRole } from './ownership/states.ts';
import { createTally } from './ownership/tally.ts';

const people: Record<Exclude<Caller, 'owner'>, Person> = { bob, carol, dana, mallory, audrey, olga };
const allCalls: readonly Call[] = columns.flatMap((column) => calls[column]);
const tally = createTally(
  callers,
  allCalls.map(({ name }) => name),
);

let house: House;
let make: (standing: Standing) => Promise<Made>;
let requireEffect: ReturnType<typeof createEffects>;

beforeAll(async () => {
  house = await openHouse({
    adjust: (config) => withBriefRole({ ...config, identity: { ...config.identity, oneDirectory: true } }),
  });
  make = createStates(house);
  requireEffect = createEffects(house);
});
afterAll(async () => {
  console.info(tally.table().join('\n'));
  await house.stop();
});

describe.each(standings)('P4: an execution that is %s', (standing) => {
  let shared: Made;
  let before: unknown;
  beforeAll(async () => {
    shared = await make(standing);
    before = await passedOn(shared);
  });
  afterAll(() => shared.letGo());

  it.each(callers)('answers %s', async (caller) => {
    const row = matrix[standing][caller];
    const answers = columns.map((column, index) => answerOf(column, row[index]!, caller));
    expect(await Promise.all(answers)).toEqual(row);
  });

  it('has passed on nothing of what was refused', async () => {
    expect(await passedOn(shared)).toEqual(before);
  });

  /** GET and POST have one answer; where they differ, both are given. */
  async function answerOf(column: Column, expected: string | number, caller: Caller): Promise<string | number> {
    const answers = await Promise.all(calls[column].map((call) => answerTo(call, column, expected, caller)));
    return new Set(answers).size === 1 ? answers[0]! : answers.join(' or ');
  }

  /** What is to have an effect has an execution of its own, since none of the others is to see it. */
  async function answerTo(call: Call, column: Column, expected: string | number, caller: Caller) {
    const effect = isEffect(column, expected) ? expected : undefined;
    const made = effect === undefined ? shared : await make(standing);
    const by = caller === 'owner' ? made.owner : people[caller];
    const answer = await house.call(by, call.path(made), call.options?.(made));
    tally.count(caller, call.name, answer.status);
    if (answer.status !== 200 || effect === undefined) return readAnswer(column, made, answer);
    await requireEffect(effect, { made, standing, by });
    made.letGo();
    return effect;
  }
});

function isEffect(column: Column, expected: string | number): expected is Effect {
  return typeof expected === 'string' && !['list', 'listOf', 'approvals'].includes(column);
}

/** What Temporal was told about an execution: written down there before the answer. */
async function passedOn({ id }: Made): Promise<unknown> {
  const { names } = await readHistory(house.temporal, id);
  const told = names.filter((name) => /^WorkflowExecution(Signaled|CancelRequested|Terminated)$/.test(name));
  const end = await readHistory(house.temporal, `end_${id}`).catch(undefinedIfNotFound);
  return { told, isEndedByForce: end !== undefined };
}

function undefinedIfNotFound(error: unknown): undefined {
  if (!String(error).includes('NOT_FOUND')) throw error;
}

it('has every state, and no empty cell', () => {
  const notByName = ['awaiting_approval', 'unratified'];
  const others = Object.keys({ ...phases, ...outcomes }).filter((name) => !notByName.includes(name));
  expect(new Set(standings)).toEqual(new Set(['at stage 1', 'at stage 2', ...others]));
  for (const standing of standings) {
    for (const caller of callers) {
      const row: readonly unknown[] = matrix[standing][caller];
      expect(row.filter((cell) => cell !== undefined && cell !== '')).toHaveLength(columns.length);
    }
  }
});

it('has every call about executions that there is', async () => {
  const { paths } = (await (await fetch(`${house.app.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { operationId: string; tags: string[] }>>;
  };
  const there = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(
        ([, { tags, operationId }]) => /executions|approvals/.test(tags.join()) && operationId !== 'createExecution',
      )
      .map(([method]) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
  );
  expect(new Set(allCalls.map(({ operation }) => operation))).toEqual(new Set(there));
});

it('docs/figures.md has the counts', () => {
  const figures = readFileSync(join(import.meta.dirname, '../../docs/figures.md'), 'utf8');
  const section = figures.split(/^## /m).find((each) => each.startsWith('Ownership')) ?? '';
  const squeezed = section.split('\n').map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---'));
  expect(squeezed.filter((line) => line.startsWith('|'))).toEqual(tally.table());
});

describe('P4: callers that are nobody here', () => {
  it.each([
    'GET /executions',
    'GET /approvals',
    'GET /roles',
    'GET /whoami',
    'POST /execution',
    'GET /execution/ID',
    'GET /execution/ID/cancel',
    'GET /execution/ID/terminate',
    'GET /execution/ID/signal?input=x',
    'GET /operator/index/rebuild',
  ])('%s: without a token 401, from outside the company 403', async (request) => {
    const { id } = await existing();
    const [method = '', path = ''] = request.replace('ID', id).split(' ');
    const without = await fetch(`${house.app.url}/api/v1${path}`, { method });
    expect(without.status).toBe(401);
    const options =
      method === 'POST' ? { body: { workflow: 'default', input: { role: 'staged', reason: 'no reason' } } } : {};
    const outsider = await house.call({ email: 'eve@evil.example' }, `${method} ${path}`, options);
    expect({ status: outsider.status, code: outsider.body.code }).toEqual({ status: 403, code: 'unknown_identity' });
  });

  it.each([
    'ALICE@example.com',
    'alice+x@example.com',
    '\u0430lice@example.com',
    'alice@example.com.',
    'alice@EXAMPLE.com.evil.example',
  ])('T4: %s is not alice', async (lookAlike) => {
    const alice = { user: 'U1ALICE', email: 'alice@example.com' };
    const created = await house.call(alice, 'POST /execution', {
      body: { workflow: 'default', input: { role: 'admin', reason: 'the deploy is stuck' } },
    });
    expect([200, 201]).toContain(created.status);
    const { status } = await house.call({ email: lookAlike }, `GET /execution/${created.body.workflow_id}`);
    expect([403, 404]).toContain(status);
  });
});

let kept: Promise<Made> | undefined;
async function existing(): Promise<Made> {
  kept ??= make('at stage 1');
  return kept;
}

describe('T33: what auditors read', () => {
  let nora: Person;
  let id: string;
  beforeAll(async () => {
    nora = house.newcomer();
    for (const role of ['admin', 'quiet']) {
      const body = { workflow: 'default', input: { role, reason: 'the deploy is stuck' } };
      id = (await house.call(nora, 'POST /execution', { body })).body.workflow_id;
    }
  });

  it('is everything; others may not', async () => {
    const all = await house.call(audrey, 'GET /executions?scope=all&status=all&limit=100');
    expect(all.body.executions.map(({ workflow_id }: { workflow_id: string }) => workflow_id)).toContain(id);
    expect((await house.call(bob, 'GET /executions?scope=all')).body).toMatchObject({
      code: 'not_allowed',
      reason: 'not_auditor',
    });
  });

  it('is written down: one execution', async () => {
    expect((await house.call(audrey, `GET /execution/${id}`)).status).toBe(200);
    const reads = (await house.audited(id)).filter(({ kind }) => kind === 'read');
    expect(reads).toMatchObject([{ principal: audrey.email, details: { call: 'get' } }]);
  });

  it.each([
    ['everybody', () => 'scope=all', () => 'all'],
    ['one person', () => `owner=${nora.email}`, () => nora.email],
  ])('is written down: the executions of %s, page by page', async (_, query, of) => {
    const page = `GET /executions?${query()}&status=all&limit=1`;
    const line = { principal: audrey.email, details: { call: 'list', status: 'all', of: of() } };
    const first = await house.call(audrey, page);
    const written = await house.lastAudited('read');
    expect(written).toMatchObject(line);
    const second = await house.call(audrey, `${page}&cursor=${first.body.next_cursor}`);
    expect(second.body.executions).toHaveLength(1);
    const next = await house.lastAudited('read');
    expect(next).toMatchObject(line);
    expect(next?.id).not.toBe(written?.id);
  });

  describe('while it cannot be written down', () => {
    beforeAll(() =>
      changeFile(
        house.config.store,
        "create trigger full before insert on audit when new.kind = 'read' begin select raise(abort, 'full'); end",
      ),
    );
    afterAll(() => changeFile(house.config.store, 'drop trigger full'));

    it.each([
      ['an execution', () => `GET /execution/${id}`],
      ['everybody’s', () => 'GET /executions?scope=all'],
      ['one person’s', () => `GET /executions?owner=${nora.email}`],
    ])('is nothing: %s', async (_, request) => {
      const { status, body } = await house.call(audrey, request());
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
      expect(body).not.toHaveProperty('executions');
      expect(JSON.stringify(body)).not.toContain(id);
    });

    it('does not keep owners from what is theirs', async () => {
      expect((await house.call(nora, `GET /execution/${id}`)).status).toBe(200);
      expect((await house.call(nora, 'GET /executions')).body.executions).toHaveLength(2);
    });
  });
});
