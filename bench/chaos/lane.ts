/** One Elevate in a process of its own, with a Slack and an access system of its own, on a shared Temporal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '../../src/config/keys.ts';
import { type AccessSystem, startAccessSystem } from '../../src/dev/access-system.ts';
import { startWorkspace } from '../../src/dev/people.ts';
import type { SlackDouble } from '../../src/dev/slack-double.ts';
import { freePort, ready } from '../measure/elevate.ts';

export interface Lane {
  name: string;
  slack: SlackDouble;
  system: AccessSystem;
  /** Kills the process as `kill -9` does, and starts it again. Resolves when it is ready. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

export async function openLane(name: string, options: { folder: string; temporal: string }): Promise<Lane> {
  const secrets = {
    signingSecret: randomBytes(24).toString('hex'),
    botToken: `xoxb-${randomBytes(12).toString('hex')}`,
  };
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const slack = await startWorkspace(secrets);
  const system = await startAccessSystem({ secret });
  const port = await freePort();
  const config = join(options.folder, `${name}.yaml`);
  writeFileSync(config, configuration(name, port, options.folder));
  slack.sendTo(`http://127.0.0.1:${port}/slack/events`);
  const env = {
    PATH: process.env['PATH'],
    TEMPORAL_ADDRESS: options.temporal,
    ELEVATE_KEYS: newKey(),
    SLACK_SIGNING_SECRET: secrets.signingSecret,
    SLACK_BOT_TOKEN: secrets.botToken,
    SLACK_API_URL: slack.apiUrl,
    SYSTEM_URL: system.url,
    SYSTEM_SECRET: secret,
  };
  const log = openSync(join(options.folder, `${name}.log`), 'a');
  const start = () =>
    spawn(process.execPath, ['src/cli.ts', 'start', '--config', config], { env, stdio: ['ignore', log, log] });

  let child: ChildProcess = start();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  process.once('exit', () => child.kill('SIGKILL'));
  await ready(`http://127.0.0.1:${port}`);
  return {
    name,
    slack,
    system,
    async killAndRestart() {
      await kill();
      child = start();
      await ready(`http://127.0.0.1:${port}`);
    },
    async stop() {
      await kill();
      await slack.stop();
      await system.stop();
    },
  };
}

function configuration(name: string, port: number, folder: string): string {
  return `
server: { port: ${port} }
temporal: { task_queue: chaos-${name} }
store: "sqlite:${join(folder, `${name}.db`)}"
keys: "\${ELEVATE_KEYS}"
slack:
  workspaces: [T01ACME]
  signing_secret: "\${SLACK_SIGNING_SECRET}"
  bot_token: "\${SLACK_BOT_TOKEN}"
  api_url: "\${SLACK_API_URL}"
identity: { domains: [example.com] }
limits: { open_per_person: 100, per_hour: 1000 }
groups: { sre: [bob@example.com] }
providers:
  system: { type: webhook, url: "\${SYSTEM_URL}", secret: "\${SYSTEM_SECRET}", inspects: true, timeout: 1s }
roles:
  admin:
    title: Administrator
    providers: [system]
    approval: [{ name: on-call, approvers: { groups: [sre] }, ask: { slack: [C02APPR], dm: none } }]
`;
}
