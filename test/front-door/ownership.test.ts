/** P4: every caller, every call, in every state: who sees, who may act, and who is told that there is nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeFile } from './behind-the-back.ts';
import { approvals, audrey, bob, carol, dana, type House, mallory, olga, openHouse, type Person } from './house.ts';

let house: House;
let owner: Person;

beforeAll(async () => {
  house = await openHouse({
    adjust: (config) => ({ ...config, identity: { ...config.identity, oneDirectory: true } }),
  });
  owner = house.newcomer();
});
afterAll(() => house.stop());

/** One execution in each state, with the tokens that its first stage was decided with. */
interface Case {
  id: string;
  approve: string;
}

async function asked(): Promise<Case> {
  const owns = house.newcomer();
  const created = await house.call(owns, 'POST /execution', {
    body: { workflow: 'default', input: { role: 'staged', reason: 'the deploy is stuck' } },
  });
  expect(created.status).toBe(201);
  owner = owns;
  const id = created.body.workflow_id as string;
  await house.sees(approvals, id, '[Approve]');
  return { id, approve: (await tokensOf(bob, id)).approve };
}

async function tokensOf(person: Person, id: string): Promise<{ approve: string; deny: string }> {
  const { body } = await house.call(person, 'GET /approvals');
  return body.approvals.find((waiting: { workflow_id: string }) => waiting.workflow_id === id).tokens;
}

async function decide(person: Person, id: string, choice: 'approve' | 'deny'): Promise<void> {
  const tokens = await tokensOf(person, id);
  const { status } = await house.call(person, `POST /execution/${id}/signal`, { body: { input: tokens[choice] } });
  expect(status).toBe(200);
}

const states: Record<string, (made: Case) => Promise<unknown>> = {
  'waits for stage 1': async () => {},
  'waits for stage 2': async ({ id }) => {
    await decide(bob, id, 'approve');
    await house.sees(dana, id, '[Approve]');
  },
  active: async ({ id }) => {
    await decide(bob, id, 'approve');
    await house.sees(dana, id, '[Approve]');
    await decide(dana, id, 'approve');
    await house.inPhase(id, 'active');
  },
  denied: async ({ id }) => {
    await decide(bob, id, 'deny');
    await house.inPhase(id, 'closed');
    await house.ended(id);
  },
  withdrawn: async ({ id }) => {
    expect((await house.call(owner, `POST /execution/${id}/cancel`)).status).toBe(200);
    await house.inPhase(id, 'closed');
    await house.ended(id);
  },
  terminated: async ({ id }) => {
    expect((await house.call(owner, `POST /execution/${id}/terminate`)).status).toBe(200);
    await house.inPhase(id, 'closed');
    await house.ended(id);
  },
};

/**
 * Columns: get, cancel, terminate, signal (approve, stage 1), release; then whether it is listed, and whether it waits.
 * What changes the state comes last in its row, and rows of those who may change it come last.
 */
const matrix: Record<string, string> = {
  'waits for stage 1 / mallory': '404 404 404 404 404 - -',
  'waits for stage 1 / olga': '404 404 404 404 404 - -',
  'waits for stage 1 / dana': '404 404 404 404 404 - -',
  'waits for stage 1 / audrey': '200 403 403 403 403 - -',
  'waits for stage 1 / owner': '200 . . 403 200 listed -',
  'waits for stage 1 / carol': '200 403 403 . 403 - waits',
  'waits for stage 1 / bob': '200 403 403 200 403 - waits',
  'waits for stage 2 / mallory': '404 404 404 404 404 - -',
  'waits for stage 2 / olga': '404 404 404 404 404 - -',
  'waits for stage 2 / audrey': '200 403 403 403 403 - -',
  'waits for stage 2 / owner': '200 . . 403 200 listed -',
  'waits for stage 2 / carol': '404 404 404 200 404 - -',
  'waits for stage 2 / bob': '200 403 403 200 403 - -',
  'waits for stage 2 / dana': '200 403 403 403 403 - waits',
  'active / mallory': '404 404 404 404 404 - -',
  'active / olga': '404 404 404 404 404 - -',
  'active / audrey': '200 403 403 403 403 - -',
  'active / carol': '404 404 404 200 404 - -',
  'active / bob': '200 403 403 200 403 - -',
  'active / dana': '200 403 403 403 403 - -',
  'active / owner': '200 . . 403 200 listed -',
  'denied / mallory': '404 404 404 404 404 - -',
  'denied / audrey': '200 403 403 409 403 - -',
  'denied / carol': '404 404 404 409 404 - -',
  'denied / dana': '404 404 404 404 404 - -',
  'denied / bob': '200 403 403 409 403 - -',
  'denied / owner': '200 409 409 409 409 listed -',
  'withdrawn / mallory': '404 404 404 404 404 - -',
  'withdrawn / audrey': '200 403 403 409 403 - -',
  'withdrawn / bob': '404 404 404 409 404 - -',
  'withdrawn / dana': '404 404 404 404 404 - -',
  'withdrawn / owner': '200 409 409 409 409 listed -',
  'terminated / mallory': '404 404 404 404 404 - -',
  'terminated / audrey': '200 403 403 409 403 - -',
  'terminated / bob': '404 404 404 409 404 - -',
  'terminated / owner': '200 409 409 409 409 listed -',
};

const people: Record<string, () => Person> = {
  owner: () => owner,
  bob: () => bob,
  carol: () => carol,
  dana: () => dana,
  mallory: () => mallory,
  audrey: () => audrey,
  olga: () => olga,
};

describe.each(Object.keys(states))('P4: an execution that %s', (state) => {
  let made: Case;
  beforeAll(async () => {
    made = await asked();
    await states[state]!(made);
  });

  const rows = Object.entries(matrix).filter(([name]) => name.startsWith(`${state} / `));
  it.each(rows)('%s: %s', async (name, expected) => {
    const person = people[name.split(' / ')[1]!]!();
    const columns = expected.split(' ');
    const { id, approve } = made;
    const release = {
      specversion: '1.0',
      id: 'release-1',
      source: 'test',
      type: 'io.elevate.release.v1',
    };
    const calls = [
      () => house.call(person, `GET /execution/${id}`),
      () => house.call(person, `GET /execution/${id}/cancel`),
      () => house.call(person, `GET /execution/${id}/terminate`),
      () => house.call(person, `POST /execution/${id}/signal`, { body: { input: approve } }),
      () =>
        house.call(person, `POST /execution/${id}/signal`, {
          body: release,
          headers: { 'content-type': 'application/cloudevents+json' },
        }),
    ];
    // Before anything is done, since that changes what waits.
    const listed = await house.call(person, 'GET /executions?status=all');
    const ids = (list: { workflow_id: string }[]) => list.map(({ workflow_id }) => workflow_id);
    const isListed = ids(listed.body.executions).includes(id) ? 'listed' : '-';
    const waiting = await house.call(person, 'GET /approvals');
    const waits = ids(waiting.body.approvals).includes(id) ? 'waits' : '-';
    const got: string[] = [];
    for (const [index, call] of calls.entries()) {
      if (columns[index] === '.') got.push('.');
      else {
        const { status, body } = await call();
        got.push(String(status));
        if (status === 404) expect(body.code).toBe('unknown_execution');
      }
    }
    expect([...got, isListed, waits].join(' ')).toBe(expected);
  });
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

let kept: Promise<Case> | undefined;
async function existing(): Promise<Case> {
  kept ??= asked();
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
