/**
 * How long Slack waits for its acknowledgement of a command and of a click, beside the ceiling in the same run: a
 * bare Bolt app's acknowledgement, and the raw gRPC calls that ours makes.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '@slack/bolt';
import { Client } from '@temporalio/client';
import { pino } from 'pino';
import { startApp } from '../src/app.ts';
import { newKey } from '../src/config/keys.ts';
import { loadConfig } from '../src/config/load.ts';
import { startAccessSystem } from '../src/dev/access-system.ts';
import { approvals } from '../src/dev/people.ts';
import { type SlackDouble, startSlackDouble } from '../src/dev/slack-double.ts';
import { findTemporal, startTemporal } from '../src/dev/temporal.ts';
import { createServer } from '../src/http/server.ts';
import { createReceiver } from '../src/slack/receiver.ts';
import { connectLazily } from '../src/temporal/connect.ts';
import type { Measurement } from './measure/budgets.ts';
import { percentile, round, timed } from './measure/figures.ts';

const COUNT = 500;
const AT_ONCE = 20;
const secrets = { signingSecret: randomBytes(24).toString('hex'), botToken: 'xoxb-bench' };
const team = { id: 'T01ACME', domain: 'acme' };
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function benchAcks(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'elevate-bench-'));
  const path = await findTemporal({ env: process.env, log: console, onProgress: console.info });
  const temporal = await startTemporal({ path, dbFile: join(folder, 'temporal.db'), log: quiet });
  try {
    const bare = await bareBolt();
    const raw = await rawCalls(temporal.address);
    const ours = await elevate(temporal.address, folder);
    const ceiling = { command: sum(bare.command, raw.start), click: sum(bare.click, raw.click) };
    console.table([
      row('command: a bare Bolt app', bare.command),
      row('command: raw gRPC (one start)', raw.start),
      row('command: Elevate', ours.command, ceiling.command),
      row('click: a bare Bolt app', bare.click),
      row('click: raw gRPC (describe, signal)', raw.click),
      row('click: Elevate', ours.click, ceiling.click),
    ]);
    console.info(`${COUNT} each, ${AT_ONCE} at once.`);
    return (['command', 'click'] as const).map((what) => ({
      budget: 'ack',
      where: what,
      value: percentile(ours[what], 0.99) / ceiling[what].p99,
    }));
  } finally {
    await temporal.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(what: string, took: number[], ceiling?: { p50: number; p99: number }) {
  const p50 = percentile(took, 0.5);
  const p99 = percentile(took, 0.99);
  const ratios =
    ceiling === undefined
      ? {}
      : { 'p50 / ceiling': round(p50 / ceiling.p50), 'p99 / ceiling': round(p99 / ceiling.p99) };
  return { what, 'p50 ms': round(p50), 'p99 ms': round(p99), ...ratios };
}

function sum(a: number[], b: number[]): { p50: number; p99: number } {
  return { p50: percentile(a, 0.5) + percentile(b, 0.5), p99: percentile(a, 0.99) + percentile(b, 0.99) };
}

const userOf = (index: number) => `U${String(index).padStart(6, '0')}`;

async function openSlack(): Promise<SlackDouble> {
  const slack = await startSlackDouble({ ...secrets, team });
  for (let index = 0; index < COUNT; index += 1)
    slack.addUser({ id: userOf(index), email: `person-${index}@example.com` });
  slack.addUser({ id: 'U0BOB', email: 'bob@example.com' });
  slack.addChannel(approvals);
  return slack;
}

/** Bolt on our receiver and server, with listeners that only acknowledge. */
async function bareBolt(): Promise<{ command: number[]; click: number[] }> {
  const slack = await openSlack();
  const receiver = createReceiver({ signingSecret: secrets.signingSecret, log: quiet, now: Date.now });
  const authorize = async () => ({ botToken: secrets.botToken, botId: 'B1', botUserId: 'U1' });
  const app = new App({ receiver: receiver.receiver, authorize, convoStore: false });
  app.command('/elevate', ({ ack }) => ack({ text: 'ok' }));
  app.action(/.*/, ({ ack }) => ack());
  const server = createServer({
    slack: receiver,
    ready: async () => ({ ok: true, checks: {} }),
    log: pino({ level: 'silent' }),
  });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  slack.sendTo(`${url}/slack/events`);
  const command = await timed(COUNT, AT_ONCE, (index) => slack.command({ user: userOf(index), text: 'admin' }));
  const payload = (index: number) =>
    `payload=${encodeURIComponent(
      JSON.stringify({
        type: 'block_actions',
        team,
        user: { id: userOf(index), team_id: team.id },
        container: { type: 'message', message_ts: '1.1', channel_id: approvals.id },
        channel: { id: approvals.id },
        response_url: `${slack.apiUrl}none`,
        trigger_id: `${index}`,
        actions: [{ type: 'button', action_id: 'offer:0', block_id: 'b', value: 'x'.repeat(740) }],
      }),
    )}`;
  const click = await timed(COUNT, AT_ONCE, (index) => slack.deliver(payload(index)));
  await server.close();
  await slack.stop();
  return { command, click };
}

/** The calls that a command and a click make, by the client alone, on executions that no worker runs. */
async function rawCalls(address: string): Promise<{ start: number[]; click: number[] }> {
  const connection = connectLazily({ connectionOptions: { address }, namespace: 'default' });
  const client = new Client({ connection });
  const id = (index: number) => `raw-${index}`;
  const payload = { text: 'x'.repeat(3_000) };
  const start = await timed(COUNT, AT_ONCE, (index) =>
    client.workflow.start('Nobody', { taskQueue: 'raw', workflowId: id(index), args: [payload], memo: { payload } }),
  );
  const click = await timed(COUNT, AT_ONCE, async (index) => {
    await client.workflow.getHandle(id(index)).describe();
    await client.workflow.getHandle(id(index)).signal('event', payload);
  });
  await connection.close();
  return { start, click };
}

async function elevate(address: string, folder: string): Promise<{ command: number[]; click: number[] }> {
  const slack = await openSlack();
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const system = await startAccessSystem({ secret });
  const { config } = loadConfig(
    { text: configuration(folder) },
    {
      KEYS: newKey(),
      SIGNING_SECRET: secrets.signingSecret,
      BOT_TOKEN: secrets.botToken,
      API_URL: slack.apiUrl,
      SYSTEM_URL: system.url,
      SYSTEM_SECRET: secret,
    },
  );
  const temporal = { connectionOptions: { address }, namespace: 'default' };
  const app = await startApp({ config, temporal, log: pino({ level: 'silent' }) });
  slack.sendTo(`${app.url}/slack/events`);
  try {
    const command = await timed(COUNT, AT_ONCE, (index) =>
      slack.command({ user: userOf(index), text: 'admin for 1h because of the bench' }),
    );
    await slack.until(() => slack.messagesIn(approvals.id).length >= COUNT, 'a card for everybody', 300_000);
    const cards = slack.messagesIn(approvals.id);
    const click = await timed(COUNT, AT_ONCE, (index) =>
      slack.click({ user: 'U0BOB', channel: approvals.id, ts: cards[index]?.ts ?? '', label: 'Approve' }),
    );
    return { command, click };
  } finally {
    await app.stop();
    await slack.stop();
    await system.stop();
  }
}

function configuration(folder: string): string {
  return `
server: { port: 0 }
temporal: { task_queue: bench-${randomUUID()} }
store: "sqlite:${join(folder, 'bench.db')}"
keys: "\${KEYS}"
slack: { workspaces: [T01ACME], signing_secret: "\${SIGNING_SECRET}", bot_token: "\${BOT_TOKEN}", api_url: "\${API_URL}" }
identity: { domains: [example.com] }
limits: { open_per_person: 100, per_hour: 1000 }
groups: { sre: [bob@example.com] }
providers: { system: { type: webhook, url: "\${SYSTEM_URL}", secret: "\${SYSTEM_SECRET}" } }
roles:
  admin:
    title: Administrator
    providers: [system]
    approval: [{ name: on-call, approvers: { groups: [sre] }, ask: { slack: [C02APPR], dm: none } }]
`;
}
