/** What keeps `elevate dev` from standing at a real door (T34), and its story. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config, ProviderConfig, TeamsConfig } from '../../src/config/config.ts';
import { requireDevConfig } from '../../src/dev/guard.ts';
import { type Embedded, startEmbedded } from '../../src/dev/embedded.ts';
import { playStory } from '../../src/dev/story.ts';
import { apiConfig } from '../samples.ts';

const realCredentials = [
  'SLACK_SIGNING_SECRET',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'TEAMS_APP_PASSWORD',
  'TEMPORAL_API_KEY',
];

const log = pino({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'elevate-dev-'));
const ownConfig = join(import.meta.dirname, '../../elevate.yaml');
/** Nothing of Elevate's, Slack's or Temporal's. */
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] };

const noChats = { api: undefined, slack: undefined, teams: undefined };
const onAnyPort = (config: Config): Config => ({ ...config, server: { ...config.server, port: 0 } });

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('elevate dev does not start', () => {
  it.each([
    ['NODE_ENV', 'production', 'NODE_ENV is "production". Use elevate start there.'],
    ...realCredentials.map((name) => [
      name,
      'a-real-one',
      `${name} is set. Unset it here, or use elevate start with it.`,
    ]),
  ])('T34: with %s=%s, and starts nothing of its own before it looks', async (name = '', value, why) => {
    const nowhere = join(folder, `never-${name}`);
    const starting = startEmbedded({ config: ownConfig, folder: nowhere, log, env: { ...env, [name]: value } });
    await expect(starting).rejects.toMatchObject({
      code: 'invalid_input',
      message: `elevate dev can't run here: ${why}`,
    });
    expect(existsSync(nowhere)).toBe(false);
  });

  it('T34: with a provider on another machine, and stops what it had started', async () => {
    const config = join(folder, 'elevate.yaml');
    const text = readFileSync(ownConfig, 'utf8').replace(
      /url: "\$\{SANDBOX_URL[^"]*"/,
      'url: https://vpn.example.com/x',
    );
    expect(text).toContain('vpn.example.com');
    writeFileSync(config, text);
    const starting = startEmbedded({ config, folder: join(folder, 'real'), log, env, adjust: onAnyPort });
    await expect(starting).rejects.toMatchObject({
      code: 'invalid_input',
      message:
        "elevate dev can't run here: The provider sandbox is not on this machine. Only log and webhooks on 127.0.0.1 may grant here.",
    });
  });

  it.each([
    'https://127.0.0.1.example.com/x',
    'https://localhost.example.com/x',
    'https://example.com/127.0.0.1',
    'https://128.0.0.1/x',
    'https://[2001:db8::1]/x',
    'https://0.0.0.0/x',
  ])('T34: with a provider at %s', (url) => {
    const provider: ProviderConfig = { type: 'webhook', url, secrets: [], inspects: false, timeoutMs: 1_000 };
    const server = { host: '127.0.0.1', port: 0, publicUrl: undefined };
    expect(() => requireDevConfig({ providers: { provider }, server, ...noChats })).toThrow('is not on this machine');
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'elevate.example.com', '127.0.0.1.example.com'])(
    'T34: listening on %s',
    (host) => {
      const server = { host, port: 0, publicUrl: undefined };
      expect(() => requireDevConfig({ providers: {}, server, ...noChats })).toThrow('server.host must be');
    },
  );
});

it.each(['https://id.example.com', 'https://127.0.0.1.example.com'])(
  'T34: with an identity provider at %s',
  (issuer) => {
    const api = apiConfig(issuer);
    const server = { host: '127.0.0.1', port: 0, publicUrl: undefined };
    expect(() => requireDevConfig({ providers: {}, server, ...noChats, api })).toThrow(
      'api.issuer must be on this machine',
    );
  },
);

it.each(['https://slack.com/api/', 'https://127.0.0.1.example.com/api/'])('T34: with a Slack at %s', (apiUrl) => {
  const slack = { workspaces: ['T01ACME'], signingSecret: 'a secret', botToken: 'a token', apiUrl };
  const server = { host: '127.0.0.1', port: 0, publicUrl: undefined };
  expect(() => requireDevConfig({ providers: {}, server, ...noChats, slack })).toThrow(
    'slack.api_url must be that of the embedded Slack',
  );
});

it.each(['https://login.botframework.com/v1/keys', 'https://127.0.0.1.example.com/keys'])(
  'T34: with a Teams whose keys are at %s',
  (openIdMetadataUrl) => {
    const teams = { endpoints: { openIdMetadataUrl } } as TeamsConfig;
    const server = { host: '127.0.0.1', port: 0, publicUrl: undefined };
    expect(() => requireDevConfig({ providers: {}, server, ...noChats, teams })).toThrow(
      'teams.endpoints must be those of the embedded Teams',
    );
  },
);

describe('elevate dev', () => {
  let embedded: Embedded;
  beforeAll(async () => {
    embedded = await startEmbedded({ config: ownConfig, folder: join(folder, 'dev'), log, env, adjust: onAnyPort });
  });
  afterAll(() => embedded.stop());

  /** `fetch` would not send another host than the one it calls. */
  async function statusOf(headers: Record<string, string>, path = '/healthz', method = 'GET'): Promise<number> {
    const sent = request(`${embedded.app.url}${path}`, { method, headers });
    sent.end(method === 'POST' ? 'a=b' : undefined);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response.statusCode ?? 0;
  }

  it.each(['localhost:8080', '127.0.0.1', '127.0.0.1:9999', '[::1]:8080'])(
    'T34: answers this machine under the name %s',
    async (host) => {
      expect(await statusOf({ host })).toBe(200);
    },
  );

  it.each([
    { host: 'elevate.example.com' },
    { host: '127.0.0.1.example.com' },
    { host: 'localhost.example.com:8080' },
    { host: '10.0.0.1:8080' },
    { 'x-forwarded-for': '203.0.113.7' },
    { 'x-forwarded-host': 'elevate.example.com' },
    { 'x-forwarded-proto': 'https' },
    { forwarded: 'for=203.0.113.7' },
  ] as Record<string, string>[])('T34: refuses what came with %o, at every door', async (headers) => {
    expect(await statusOf(headers)).toBe(421);
    expect(await statusOf(headers, '/readyz')).toBe(421);
    expect(await statusOf(headers, '/slack/events', 'POST')).toBe(421);
    expect(await statusOf(headers, '/api/messages', 'POST')).toBe(421);
  });

  it.each(['slack', 'teams'] as const)('plays its story in %s, and every step holds', async (chat) => {
    const lines: string[] = [];
    const held = await playStory(embedded, chat, (line) => void lines.push(line));
    expect(lines.filter((line) => line.includes('✗'))).toEqual([]);
    expect(held).toBe(true);
    expect(lines.filter((line) => line.includes('✓')).length).toBeGreaterThan(15);
  });

  it('keeps keys and databases for its owner alone, and goes on with them', async () => {
    const key = readFileSync(join(folder, 'dev', 'keys'), 'utf8');
    const modes = [join(folder, 'dev'), join(folder, 'dev', 'keys')].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
    expect(embedded.config.keys).toEqual([key]);
    await embedded.stop();
    embedded = await startEmbedded({ config: ownConfig, folder: join(folder, 'dev'), log, env, adjust: onAnyPort });
    expect(embedded.config.keys).toEqual([key]);
    const { body } = await embedded.slack.command({ user: 'U01ALICE', text: 'list all' });
    expect(JSON.stringify(body)).toMatch(/admin on sandbox for 1 hour.*Ended/);
  });
});
