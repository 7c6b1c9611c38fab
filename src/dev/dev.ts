/** `elevate dev`: Elevate on this machine, with Temporal, Slack and Teams embedded. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { quoted } from '../client/shell-words.ts';
import { talk } from './conversation.ts';
import { startEmbedded } from './embedded.ts';
import { characters } from './people.ts';
import { playStory, type StoryPlace } from './story.ts';

/** Of a token that is printed, in seconds. */
const TOKEN_LASTS = 3_600;

/** @returns the exit code */
export async function runDev({ config, story }: { config: string; story: StoryPlace | undefined }): Promise<number> {
  return story === undefined ? runUntilTold(config) : runStory(config, story);
}

/** In a folder of its own that is thrown away, so that every story begins alike. */
async function runStory(config: string, where: StoryPlace): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'elevate-story-'));
  const log = pino({ level: 'silent' });
  try {
    const embedded = await startEmbedded({ config, folder, log, adjust: onAnyPort });
    try {
      return (await playStory(embedded, where, (line) => console.info(line))) ? 0 : 1;
    } finally {
      await embedded.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runUntilTold(config: string): Promise<number> {
  const folder = '.elevate';
  const log = pino({ level: 'warn' });
  const embedded = await startEmbedded({ config, folder, log });
  const { app, temporal, slack, teams, sandbox, identityProvider } = embedded;
  const token = (email: string) => identityProvider.tokenFor(email, { ttlSeconds: TOKEN_LASTS });
  console.info(`
Elevate is ready. Nothing real is granted here.

  Elevate      ${app.url} (health at /healthz, readiness at /readyz; /slack/events, /api/messages)
  API          ${app.url}/api/v1 (described at ${app.url}/openapi.json)
  Sign-in      ${identityProvider.issuer} (embedded)
  Temporal     ${temporal.connectionOptions.address}, namespace ${temporal.namespace}
  Slack        ${slack.apiUrl} (embedded)
  Teams        ${teams.serviceUrl} (embedded)
  Sandbox      ${sandbox.url} (what the roles open)
  Kept in      ${folder}/ (keys and databases)

People: ${characters.map(({ name }) => name).join(', ')}. Try:

  alice /elevate admin for 1h because the deploy is stuck
  bob click Approve
  alice /elevate list
  alice click I'm done
  carol@teams /elevate list
  bob token

The API, as Alice, for an hour:

  export ELEVATE_URL=${app.url} ELEVATE_TOKEN=${await token(characters[0].email)}
  curl -H "Authorization: Bearer $ELEVATE_TOKEN" $ELEVATE_URL/api/v1/executions
  curl -H "Authorization: Bearer $ELEVATE_TOKEN" $ELEVATE_URL/api/v1/execution \\
    --json '{"workflow":"default","input":{"role":"admin","reason":"the deploy is stuck"}}'
  ${ownCommand()} list
`);
  try {
    await Promise.race([
      talk({ slack, teams, token }, process.stdin, (line) => console.info(line)),
      untilStopped(),
      app.failed,
    ]);
  } finally {
    await embedded.stop();
  }
  return 0;
}

/** For a shell where neither this Node nor `elevate` need be in the path. */
function ownCommand(): string {
  return [process.execPath, process.argv[1]].map((path) => quoted(path ?? '')).join(' ');
}

function untilStopped(): Promise<void> {
  return new Promise((stop) => {
    process.once('SIGINT', () => stop());
    process.once('SIGTERM', () => stop());
  });
}

function onAnyPort<T extends { server: { port: number } }>(config: T): T {
  return { ...config, server: { ...config.server, port: 0 } };
}
