/** What goes wrong, and one life through it: asked, approved, held, given back. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Verb } from '../../src/dev/access-system.ts';
import { approvals, characters } from '../../src/dev/people.ts';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import type { Lane } from './lane.ts';

export const scenarios = ['recorded', 'before grant', 'after grant', 'revoke', 'terminated'] as const;
export type Scenario = (typeof scenarios)[number];

export const what: Record<Scenario, string> = {
  recorded: 'kill -9 right after "recorded"',
  'before grant': 'kill -9 between lease start and grant',
  'after grant': 'kill -9 between grant and its recorded result',
  revoke: 'kill -9 during revoke',
  terminated: 'terminated from outside while held',
};

export interface Life {
  scenario: Scenario;
  execution: string;
  /** It was answered "recorded" and Temporal does not know it, or it never came to an end. */
  lost: boolean;
  /** Access was still there at the end. */
  leftBehind: boolean;
  /** How often its access was made to come; 1 is right. */
  grants: number;
}

const [alice, bob] = characters;
const PATIENCE = 120_000;

/** Lives one life in a lane; access is looked at when the execution has ended. */
export async function live(scenario: Scenario, lane: Lane, client: Client): Promise<Life> {
  const { slack, system } = lane;
  const asked = await slack.command({ user: alice.user, text: 'admin for 1h because the deploy is stuck' });
  const idIn = (answer: unknown) => /wf_[0-9a-z]{26}/.exec(JSON.stringify(answer ?? ''))?.[0];
  // A busy Elevate says that it is still working on it, and tells the outcome when it is there.
  const execution = idIn(asked.body) ?? idIn(await asked.waitForResponse((post) => idIn(post) !== undefined, PATIENCE));
  if (execution === undefined) throw new Error(`Not recorded: ${read(asked.body)}`);
  if (scenario === 'recorded') await lane.killAndRestart();

  const killed = killOn(scenario, lane);
  await approve(lane, execution);
  await killed.before;
  await slack.until(() => system.has(alice.email), 'access', PATIENCE).catch(() => undefined);
  await holds(() => system.has(alice.email), 'access');

  if (scenario === 'terminated') await client.workflow.getHandle(execution).terminate('chaos');
  else await giveBack(lane, execution);
  await killed.after;
  await holds(() => !system.has(alice.email), 'no access');
  const ended = await endOf(client, execution);
  return {
    scenario,
    execution,
    lost: !ended,
    leftBehind: system.has(alice.email),
    grants: system.effectiveGrants(execution),
  };
}

/** Where a verb's moment comes, the process dies; the answer of that call is lost with it. */
function killOn(scenario: Scenario, lane: Lane): { before: Promise<void>; after: Promise<void> } {
  const at: Partial<Record<Scenario, [Verb, 'before' | 'after']>> = {
    'before grant': ['inspect', 'before'],
    'after grant': ['grant', 'after'],
    revoke: ['revoke', Math.random() < 0.5 ? 'before' : 'after'],
  };
  const moment = at[scenario];
  if (moment === undefined) return { before: Promise.resolve(), after: Promise.resolve() };
  const [verb, when] = moment;
  const restarted = new Promise<void>((resolve, reject) => {
    const off = lane.system.on(verb, async (_, now) => {
      if (now !== when) return;
      off();
      const restarting = lane.killAndRestart();
      restarting.then(resolve, reject);
      await pause(50);
    });
  });
  return verb === 'revoke'
    ? { before: Promise.resolve(), after: restarted }
    : { before: restarted, after: Promise.resolve() };
}

async function approve({ slack }: Lane, execution: string): Promise<void> {
  const card = await slack.until(
    () => slack.messagesIn(approvals.id).find((m) => read(m).includes(execution) && buttonsOf(m).includes('Approve')),
    'the card',
    PATIENCE,
  );
  await repeated(() => slack.click({ user: bob.user, channel: approvals.id, ts: card.ts, label: 'Approve' }));
}

/** Types `done` until it is recorded: the card may not be redrawn yet. */
async function giveBack({ slack }: Lane, execution: string): Promise<void> {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    const answer = await slack.command({ user: alice.user, text: `done ${execution}` }).catch(() => undefined);
    if (answer !== undefined && read(answer.body).includes('Recorded')) {
      const story = await slack.command({ user: alice.user, text: `show ${execution}` }).catch(() => undefined);
      if (story !== undefined && /are done|Ended|Ending/.test(read(story.body))) return;
    }
    await pause(500);
  }
}

async function repeated(work: () => Promise<{ status: number }>): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const outcome = await work().catch(() => undefined);
    if (outcome?.status === 200) return;
    await pause(500);
  }
}

async function holds(look: () => boolean, something: string): Promise<void> {
  const until = Date.now() + PATIENCE;
  while (!look()) {
    if (Date.now() > until) throw new Error(`Waited two minutes for ${something}.`);
    await pause(50);
  }
}

/** Whether Temporal has the execution and it has come to an end. */
async function endOf(client: Client, execution: string): Promise<boolean> {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    if (await isClosed(client, execution)) return true;
    await pause(200);
  }
  return false;
}

/** Asked raw: a client without keys cannot read the memo, and need not. */
async function isClosed({ connection, options }: Client, workflowId: string): Promise<boolean> {
  const asked = { namespace: options.namespace, execution: { workflowId } };
  const answer = await connection.workflowService.describeWorkflowExecution(asked).catch(() => undefined);
  return Boolean(answer?.workflowExecutionInfo?.closeTime);
}
