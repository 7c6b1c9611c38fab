/** The four calls of the API that are measured, each beside the raw gRPC calls that it needs. */
import { randomBytes, randomUUID } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { names } from '../../workflows/contract.ts';
import { memoField } from '../../src/temporal/describe.ts';
import { createTokens } from '../../src/tokens/signal-token.ts';
import type { Caller } from './caller.ts';
import type { Range } from './fill.ts';
import { alice, bob, idOf, inputFor, memoFor, namespace, OF_ALICE, ownerOf, role, ROLES } from './sample.ts';
import type { Api, World } from './world.ts';

export interface Pair {
  name: 'list' | 'get' | 'create' | 'signal';
  count: number;
  /** Both are given a number that rises from 0, and is given once to each. */
  raw(index: number): Promise<unknown>;
  ours(index: number): Promise<unknown>;
}

export interface Deps {
  world: World;
  api: Api;
  caller: Caller;
}

export const LIST_PATH = '/executions?limit=100';
/** The first events of a history, as many as the API shows. */
const EVENTS = 500;

/** @param count how many of it will be done on each side */
export async function listing({ world: { client, tokenOf }, caller }: Deps, count: number): Promise<Pair> {
  const token = await tokenOf(alice.id);
  const query = `WorkflowType = '${names.elevate}' AND ExecutionStatus = 'Running'`;
  return {
    name: 'list',
    count,
    raw: () => client.workflowService.listWorkflowExecutions({ namespace, pageSize: 100, query }),
    ours: () => caller.call({ path: LIST_PATH, token, expect: 200 }),
  };
}

export async function getting({ world: { client, tokenOf }, caller }: Deps, count: number): Promise<Pair> {
  const token = await tokenOf(alice.id);
  return {
    name: 'get',
    count,
    async raw(index) {
      const execution = { workflowId: idOf(index % OF_ALICE) };
      const { workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution({
        namespace,
        execution,
      });
      const { runId } = workflowExecutionInfo?.execution ?? {};
      await client.workflowService.getWorkflowExecutionHistory({
        namespace,
        execution: { ...execution, runId: runId ?? '' },
        maximumPageSize: EVENTS,
      });
    },
    ours: (index) => caller.call({ path: `/execution/${idOf(index % OF_ALICE)}`, token, expect: 200 }),
  };
}

/** Both starts are run by Elevate's worker, so that it has the same to do meanwhile. Askers are known already. */
export async function creating({ world: { client, tokenOf }, api, caller }: Deps, count: number): Promise<Pair> {
  const round = randomUUID().slice(0, 8);
  const askers = Array.from({ length: Math.ceil(count / ROLES) }, (_, index) => `asker-${round}-${index}@example.com`);
  const tokens = await Promise.all(askers.map(tokenOf));
  for (const token of tokens) await caller.call({ path: '/whoami', token, expect: 200 });
  return {
    name: 'create',
    count,
    async raw(index) {
      const id = `wf_${randomBytes(13).toString('hex')}`;
      const input = inputFor(id, { id: askers[index % askers.length] ?? '', name: 'An asker' }, Date.now());
      await client.workflow.start(names.elevate, {
        taskQueue: api.taskQueue,
        workflowId: id,
        args: [input],
        memo: { [memoField]: memoFor(input) },
      });
    },
    ours: (index) =>
      caller.call({
        method: 'POST',
        path: '/execution',
        token: tokens[index % tokens.length] ?? '',
        body: { workflow: 'default', input: { role: role(Math.floor(index / tokens.length)), reason: 'the bench' } },
        expect: 201,
      }),
  };
}

/** @param among executions that nothing was sent to yet: half of them are signalled raw, half over the API */
export async function signalling({ world: { client, keys, tokenOf }, api, caller }: Deps, among: Range): Promise<Pair> {
  const count = Math.floor((among.to - among.from) / 2);
  const token = await tokenOf(bob.id);
  const tokens = await createTokens({ keys: keys.tokens, deployment: `${namespace}/${api.taskQueue}`, now: Date.now });
  const inputs = await Promise.all(Array.from({ length: count }, (_, index) => offer(among.from + index)));
  return {
    name: 'signal',
    count,
    async raw(index) {
      const workflowExecution = { workflowId: idOf(among.from + count + index) };
      await client.workflowService.describeWorkflowExecution({ namespace, execution: workflowExecution });
      await client.workflowService.signalWorkflowExecution({
        namespace,
        workflowExecution,
        signalName: names.eventSignal,
        requestId: randomUUID(),
        input: { payloads: [defaultPayloadConverter.toPayload(EVENT_SIZE)] },
      });
    },
    ours: (index) =>
      caller.call({
        method: 'POST',
        path: `/execution/${idOf(among.from + index)}/signal`,
        token,
        body: { input: inputs[index] },
        expect: 200,
      }),
  };

  function offer(number: number): Promise<string> {
    const { request } = inputFor(idOf(number), ownerOf(number), 0);
    const at = Date.now();
    return tokens.mint({
      what: 'decision',
      id: `offer-${number}`,
      execution: request.id,
      at,
      expiresAt: at + 60 * 60_000,
      data: { choice: 'approve', stage: 0, digest: request.digest, owner: request.requester.id },
    });
  }
}

/** As long as a sealed event. */
const EVENT_SIZE = 'x'.repeat(800);
