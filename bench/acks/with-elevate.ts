/** Elevate, server and worker, in this process, with one chat and an access system. */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import { type AppOptions, startApp } from '../../src/app.ts';
import { newKey } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load.ts';
import { startAccessSystem } from '../../src/dev/access-system.ts';
import type { Ground } from './chat.ts';

/**
 * Runs some work while Elevate runs; what it is given is where that listens.
 * @param options.chat a section of the configuration, with names of `env` in it
 * @param options.asked by role, where its approvers are asked; they are one person, bob@example.com
 */
export async function withElevate<T>(
  options: Ground & {
    chat: string;
    env: Record<string, string>;
    asked: Record<string, object>;
    teamsSignIn?: NonNullable<AppOptions['teamsSignIn']>;
  },
  work: (url: string) => Promise<T>,
): Promise<T> {
  const { address, env, teamsSignIn } = options;
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const system = await startAccessSystem({ secret });
  const { config } = loadConfig(
    { text: configuration(options) },
    { ...env, KEYS: newKey(), SYSTEM_URL: system.url, SYSTEM_SECRET: secret },
  );
  const app = await startApp({
    config,
    temporal: { connectionOptions: { address }, namespace: 'default' },
    log: pino({ level: 'silent' }),
    ...(teamsSignIn && { teamsSignIn }),
  });
  try {
    return await work(app.url);
  } finally {
    await app.stop();
    await system.stop();
  }
}

function configuration({ folder, chat, asked }: Ground & { chat: string; asked: Record<string, object> }): string {
  const role = ([name, ask]: [string, object]) => `
  ${name}:
    title: Administrator
    providers: [system]
    approval: [{ name: on-call, approvers: { groups: [sre] }, ask: ${JSON.stringify(ask)} }]`;
  return `
server: { port: 0 }
temporal: { task_queue: bench-${randomUUID()} }
store: "sqlite:${join(folder, 'bench.db')}"
keys: "\${KEYS}"
${chat}
identity: { domains: [example.com] }
limits: { open_per_person: 100, per_hour: 1000 }
groups: { sre: [bob@example.com] }
providers: { system: { type: webhook, url: "\${SYSTEM_URL}", secret: "\${SYSTEM_SECRET}" } }
roles:${Object.entries(asked).map(role).join('')}
`;
}
