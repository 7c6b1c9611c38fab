/** The command line, as a process of its own: what it says, and how it ends. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { newKey } from '../../src/config/keys.ts';
import { runCli } from '../run-cli.ts';
import { teamsConfig } from '../samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'elevate-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { tenants, appId, endpoints } = teamsConfig();
/** All that elevate.yaml asks for; Teams' addresses are those of the public cloud, which nothing is said about. */
const secrets = {
  TEAMS_TENANT_ID: tenants[0] ?? '',
  TEAMS_APP_ID: appId,
  TEAMS_APP_PASSWORD: 'an-app-password',
  TEAMS_LOGIN_URL: endpoints.loginUrl,
  TEAMS_OAUTH_SCOPE: endpoints.oauthScope,
  TEAMS_TOKEN_ISSUER: endpoints.tokenIssuer,
  TEAMS_OAUTH_URL: endpoints.oauthUrl,
  TEAMS_OPENID_METADATA_URL: endpoints.openIdMetadataUrl,
  TEAMS_EMULATOR_OPENID_METADATA_URL: endpoints.emulatorOpenIdMetadataUrl,
  TEAMS_CALLER_ID: endpoints.callerId,
  TEAMS_SERVICE_URL: 'http://127.0.0.1:9097/teams/',
  ELEVATE_KEYS: newKey(),
  SLACK_SIGNING_SECRET: 'a-signing-secret',
  SLACK_BOT_TOKEN: 'xoxb-a-token',
  SANDBOX_SECRET: `whsec_${Buffer.alloc(24, 'sandbox').toString('base64')}`,
  ELEVATE_STORE: `sqlite:${join(folder, 'elevate.db')}`,
};

/** What is said of every elevate.yaml with two chats and one directory (T5). */
const warned = /^warning: \.\/elevate\.yaml:\d+:\d+ identity\.one_directory: [^\n]*\n/;

/** Runs `elevate` as it is installed, with nothing in its environment but what is said. */
function elevate(args: string[], env: Record<string, string> = {}) {
  return runCli(args, { env: { HOME: folder, ...env } });
}

async function closedPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

describe.concurrent('elevate config check', () => {
  it('says that a sound configuration is fine', async () => {
    expect(await elevate(['config', 'check'], secrets)).toEqual({
      code: 0,
      out: 'The configuration is fine.\n',
      err: expect.stringMatching(new RegExp(`${warned.source}$`)),
    });
  });

  it('names every variable that is not set, with its line, and nothing else', async () => {
    const { code, out, err } = await elevate(['config', 'check']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    const lines = err.trimEnd().split('\n');
    const names = Object.keys(secrets).filter((name) => name !== 'ELEVATE_STORE');
    expect(lines).toHaveLength(names.length);
    for (const name of names) {
      expect(lines.filter((line) => line.includes(`variable ${name} `))).toEqual([
        expect.stringMatching(/^\.\/elevate\.yaml:\d+:\d+ [\w.[\]]+: /),
      ]);
    }
  });

  it('P7: tells of a wrong secret without saying it', async () => {
    const { code, err } = await elevate(['config', 'check'], {
      ...secrets,
      ELEVATE_KEYS: 'hunter2-hunter2',
      SANDBOX_SECRET: 'hunter2',
    });
    expect(code).toBe(1);
    expect(err.trimEnd().split('\n')).toHaveLength(2);
    expect(err).not.toContain('hunter2');
  });

  it('names a file that is not there, or is no YAML', async () => {
    expect(await elevate(['config', 'check', '/nowhere.yaml'])).toEqual({
      code: 1,
      out: '',
      err: '/nowhere.yaml:1:1 cannot be read (ENOENT)\n',
    });
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, 'slack: [\n');
    const { code, err } = await elevate(['config', 'check'], { ELEVATE_CONFIG: broken });
    expect(code).toBe(1);
    expect(err).toMatch(/^\S+broken\.yaml:\d+:\d+ /);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe.concurrent('elevate config schema', () => {
  it('prints the schema for editors, and nothing else', async () => {
    const { code, out, err } = await elevate(['config', 'schema']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual(configJsonSchema());
  });
});

describe.concurrent('elevate keys', () => {
  it('new prints a key that can be used, a new one every time', async () => {
    const [one, other] = await Promise.all([elevate(['keys', 'new']), elevate(['keys', 'new'])]);
    for (const { code, out, err } of [one, other]) {
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^[\w-]{43}\n$/);
    }
    expect(one.out).not.toBe(other.out);
    expect((await elevate(['config', 'check'], { ...secrets, ELEVATE_KEYS: one.out.trim() })).code).toBe(0);
  });

  // Base64url begins with a hyphen once in 64 times.
  const hyphenated = Buffer.concat([Buffer.from([0xf8]), Buffer.alloc(31, 'elevate')]).toString('base64url');

  it.each([
    ['a key', secrets.ELEVATE_KEYS],
    ['one that begins with a hyphen', hyphenated],
  ])('rotate puts a new one in front of %s', async (_, key) => {
    const { code, out } = await elevate(['keys', 'rotate', key]);
    expect(code).toBe(0);
    expect(out).toMatch(/^[\w-]{43},[\w-]{43}\n$/);
    expect(out.trimEnd().endsWith(`,${key}`)).toBe(true);
    expect((await elevate(['config', 'check'], { ...secrets, ELEVATE_KEYS: out.trim() })).code).toBe(0);
  });
});

describe.concurrent('elevate start', () => {
  it('ends with 1 and one sentence where Temporal does not answer', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    const { code, err } = await elevate(['start'], { ...secrets, TEMPORAL_ADDRESS: address });
    expect(err.replace(warned, '')).toBe(
      `Temporal does not answer at ${address}. Start it, or set TEMPORAL_ADDRESS.\n`,
    );
    expect(code).toBe(1);
  });

  it('ends with 1 and every mistake where the configuration has some', async () => {
    const { code, out, err } = await elevate(['start', '--config', './elevate.yaml']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('ELEVATE_KEYS');
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('ends with 1 and one sentence where the store cannot be opened', async () => {
    const { code, err } = await elevate(['start'], { ...secrets, ELEVATE_STORE: 'sqlite:/nowhere/elevate.db' });
    expect(err.replace(warned, '')).toMatch(/^The store \/nowhere\/elevate\.db could not be opened\. [^\n]*\n$/);
    expect(code).toBe(1);
  });
});

describe.concurrent('elevate dev', () => {
  it.each([
    [['dev'], { NODE_ENV: 'production' }, 'NODE_ENV is "production". Use elevate start there.'],
    [
      ['dev', '--story'],
      { SLACK_BOT_TOKEN: 'xoxb-a' },
      'SLACK_BOT_TOKEN is set. Unset it here, or use elevate start with it.',
    ],
  ] as [string[], Record<string, string>, string][])(
    'T34: %j with %o ends with 1 and one sentence',
    async (args, env, why) => {
      expect(await elevate(args, env)).toEqual({ code: 1, out: '', err: `elevate dev can't run here: ${why}\n` });
    },
  );
});

describe.concurrent('elevate', () => {
  it.each([[['frobnicate']], [['config', 'frobnicate']], [['start', '--frobnicate']]])(
    '%j ends with 1, names what is wrong, and shows no trace',
    async (args) => {
      const { code, err } = await elevate(args);
      expect(code).toBe(1);
      expect(err).toMatch(/^error: .*frobnicate/);
      expect(err).not.toMatch(/\n\s+at /);
    },
  );
});
