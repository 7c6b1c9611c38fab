/** The commands over the API as processes of their own. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';
import { granted, type IssuerStub, startIssuerStub } from './issuer-stub.ts';
import { type Stub, startStub } from './stub.ts';

const folder = mkdtempSync(join(tmpdir(), 'elevate-process-'));
let stub: Stub;
let broken: Stub;
let issuer: IssuerStub;
beforeAll(async () => {
  [stub, broken, issuer] = await Promise.all([startStub(), startStub({ faults: ['message'] }), startIssuerStub()]);
});
afterAll(async () => {
  await Promise.all([stub.stop(), broken.stop(), issuer.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function elevate(args: string[], env: Record<string, string> = {}) {
  return runCli(args, { cwd: folder, env: { HOME: folder, TZ: 'Europe/Berlin', ...env } });
}

const alice = () => ({ ELEVATE_URL: stub.url, ELEVATE_TOKEN: 'token-alice' });

describe('elevate, as it is typed', () => {
  it('asks, lists and cancels', async () => {
    const asked = await elevate(['ask', 'admin on aws-prod for 1h because deploy is stuck'], alice());
    expect(asked).toMatchObject({ code: 0, err: '' });
    const listed = await elevate(['list', '--url', stub.url], { ELEVATE_TOKEN: 'token-alice' });
    expect(listed.out).toMatch(/^ID .*\nwf_\w+ .*11:30 CET \(10:30 UTC\)\n$/);
    expect((await elevate(['cancel'], alice())).code).toBe(0);
    expect(JSON.parse((await elevate(['list', '--json'], alice())).out)).toEqual({ executions: [] });
  });

  it('denies with all that follows because', async () => {
    stub.open('wf_denied00000000000000000000');
    const bob = { ...alice(), ELEVATE_TOKEN: 'token-bob' };
    expect(await elevate(['deny', 'denied', 'because', 'not', 'today'], bob)).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(stub.seen.at(-1)!.body)).toMatchObject({ reason: 'not today' });
  });

  it('rebuilds the index', async () => {
    expect((await elevate(['index', 'rebuild', '--json'], alice())).code).toBe(0);
    expect(stub.seen.at(-1)).toMatchObject({ method: 'POST', path: '/api/v1/operator/index/rebuild' });
  });

  it.each<[string[], number, RegExp]>([
    [['ask', 'amdin'], 2, /Try: elevate ask "admin"\n$/],
    [['deny'], 2, /missing required argument/],
    [['list', '--frobnicate'], 2, /unknown option/],
    [['show', 'zzzzzz'], 1, /None of your requests/],
    [['list', '--url', 'http://elevate.example.com'], 2, /plain http/],
  ])('%j ends with %d, and says why on standard error', async (args, code, sentence) => {
    const ended = await elevate(args, alice());
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(sentence);
    expect(ended.err).not.toMatch(/\n\s+at /);
  });

  it('ends with 3 without a login, and with 4 without a server', async () => {
    expect((await elevate(['list'], { ELEVATE_URL: stub.url })).code).toBe(3);
    expect((await elevate(['list'], { ...alice(), ELEVATE_URL: 'http://127.0.0.1:9' })).code).toBe(4);
  });

  it.each([[['--help']], [['deny', '--help']], [['conformance', '--help']]])(
    '%j lists the exit codes',
    async (args) => {
      const { code, out } = await elevate(args);
      expect(code).toBe(0);
      for (const meaning of ['0 done', '1 refused', '2 wrong usage', '3 not signed in', '4 the server']) {
        expect(out).toContain(meaning);
      }
    },
  );

  it('signs in and out', async () => {
    const env = { ELEVATE_URL: stub.url, XDG_STATE_HOME: join(folder, 'state') };
    const more = { resource: stub.url, authorization_servers: [issuer.url], elevate_client_id: 'elevate-cli' };
    stub.answerOnce('GET /.well-known/oauth-protected-resource', [200, more]);
    issuer.grants.push(granted('token-alice', 'refresh-secret'));
    const login = await elevate(['login'], env);
    expect(login).toMatchObject({ code: 0, err: '' });
    expect(login.out).toContain('ABCD-EFGH');
    expect(login.out).not.toMatch(/token-alice|refresh-secret/);
    expect(readdirSync(join(folder, 'state/elevate'))).toEqual(['logins.json']);
    expect((await elevate(['whoami'], { XDG_STATE_HOME: env.XDG_STATE_HOME })).out).toContain('alice@example.com');
    expect((await elevate(['logout'], env)).code).toBe(0);
    expect((await elevate(['whoami'], env)).code).toBe(3);
  });

  it('conformance passes a sound server and fails a broken one', async () => {
    const people = ['--token', 'token-alice', '--other-token', 'token-carol', '--approver-token', 'token-bob'];
    const sound = await elevate(['conformance', stub.url, ...people, '--disabled-workflow', 'off']);
    expect(sound).toMatchObject({ code: 0, err: '' });
    expect(sound.out).toMatch(/ passed, 0 failed, 0 not run\.\n$/);
    const unsound = await elevate(['conformance', broken.url, ...people]);
    expect(unsound.code).toBe(1);
    expect(unsound.out).toMatch(/^fail +GET \/execution\/\{id\}\/cancel +message: /m);
    expect(unsound.out).toMatch(/ passed, 1 failed, 1 not run\.\n$/);
  });
});
