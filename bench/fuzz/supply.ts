/** Keeps executions in every state while a fuzzer ends them: asks for new ones, approves some, and tells what there is. */
import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';

/** Of each kind: own ones that wait, own ones that are active, and others' that wait for the caller. */
const KEPT = 4;
/** Executions that are over, the newest of them. */
const OVER = 8;

interface Listed {
  workflow_id: string;
  state: string;
}

interface Waiting {
  workflow_id: string;
  tokens: { approve: string; deny: string };
}

/** What tops everything up, and writes down what there is: executions, and the tokens that the caller may send to them. */
export function createSupply(options: {
  url: string;
  tokens: { caller: string; approver: string };
  tokenOf: (email: string) => Promise<string>;
  roles: readonly string[];
  /** The file that it is written to. */
  path: string;
}): () => Promise<void> {
  const { url, tokens, tokenOf, roles, path } = options;
  let turn = 0;

  return async () => {
    const own = await listed('running');
    const waiting = own.filter(({ state }) => state === 'awaiting_approval');
    const active = own.filter(({ state }) => state === 'active');
    for (let missing = KEPT - waiting.length; missing > 0; missing -= 1) await ask(tokens.caller);
    for (let missing = KEPT - active.length; missing > 0; missing -= 1) await approve(await ask(tokens.caller));
    const others = await approvals(tokens.caller);
    for (let missing = KEPT - others.length; missing > 0; missing -= 1)
      await ask(await tokenOf(`asker-${randomUUID().slice(0, 8)}@example.com`));
    await writeSupply();
  };

  async function writeSupply(): Promise<void> {
    const own = await listed('all');
    const others = await approvals(tokens.caller);
    const open = own.filter(({ state }) => state !== 'closed');
    const over = own.filter(({ state }) => state === 'closed').slice(0, OVER);
    const held = open.filter(({ state }) => state === 'active');
    const releases = await Promise.all(held.map(async ({ workflow_id: id }) => [id, await releasesOf(id)] as const));
    const decisions = others.map((each) => [each.workflow_id, Object.values(each.tokens)] as const);
    const executions = [...others, ...open, ...over].map(({ workflow_id: id }) => id);
    const content = {
      executions,
      roles,
      tokens: Object.fromEntries([...releases, ...decisions].filter(([, those]) => those.length > 0)),
    };
    // Whoever reads it meanwhile reads all of it.
    writeFileSync(`${path}.new`, JSON.stringify(content));
    renameSync(`${path}.new`, path);
  }

  async function listed(status: 'running' | 'all'): Promise<Listed[]> {
    const { executions } = await call<{ executions: Listed[] }>(
      'GET',
      `/executions?limit=50&status=${status}`,
      tokens.caller,
    );
    return executions;
  }

  async function approvals(token: string): Promise<Waiting[]> {
    const answer = await call<{ approvals: Waiting[] }>('GET', '/approvals?limit=100', token);
    return answer.approvals;
  }

  async function releasesOf(id: string): Promise<string[]> {
    const { tokens: own } = await call<{ tokens?: { release: string } }>('GET', `/execution/${id}`, tokens.caller);
    return own === undefined ? [] : [own.release];
  }

  async function ask(token: string): Promise<string> {
    turn += 1;
    const input = { role: roles[turn % roles.length], reason: 'so that there is something' };
    const answer = await call<{ workflow_id: string }>('POST', '/execution', token, { workflow: 'default', input });
    return answer.workflow_id;
  }

  async function approve(id: string): Promise<void> {
    const found = (await approvals(tokens.approver)).find(({ workflow_id: each }) => each === id);
    // It may be decided already: the same request again is the one that was open.
    if (found === undefined) return;
    await call('POST', `/execution/${id}/signal`, tokens.approver, { input: found.tokens.approve });
  }

  async function call<T>(method: string, route: string, token: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${url}/api/v1${route}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as T;
  }
}
