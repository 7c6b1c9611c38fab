/** Signing in by device code, keeping the login, renewing and forgetting it. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKeptLogins } from '../../src/client/login/kept.ts';
import { runCommand, runLogin, runLogout, type World } from '../../src/client/run.ts';
import { granted, type IssuerStub, refused, startIssuerStub } from './issuer-stub.ts';
import { type Stub, startStub } from './stub.ts';
import { createWorld } from './world.ts';

let stub: Stub;
let issuer: IssuerStub;
beforeEach(async () => {
  [stub, issuer] = await Promise.all([startStub(), startIssuerStub()]);
});
afterEach(() => Promise.all([stub.stop(), issuer.stop()]));

const minute = 60_000;
const nothing = { arguments: [], options: {} };
const resource = '/.well-known/oauth-protected-resource';

/** What the server says about signing in. */
function tellWhere(more: object = {}) {
  const json = {
    resource: stub.url,
    authorization_servers: [issuer.url],
    scopes_supported: ['elevate.decide'],
    elevate_client_id: 'elevate-cli',
    ...more,
  };
  stub.answerOnce(`GET ${resource}`, [200, json]);
}

async function signIn(around: { world: World }, ...grants: IssuerStub['grants']) {
  tellWhere();
  issuer.grants.push(...grants);
  return runLogin(nothing, around.world);
}

const tokenCalls = () => issuer.asked.filter(({ path }) => path === '/token').map(({ form }) => form);
const bearer = () => stub.seen.at(-1)?.headers.authorization;

describe('elevate login', () => {
  it('prints where to go and the code, waits, and keeps the login', async () => {
    const around = createWorld({ url: stub.url });
    const pending = refused('authorization_pending');
    expect(await signIn(around, pending, pending, granted('token-alice', 'refresh-1'))).toBe(0);
    expect(around.out()).toContain(`Open ${issuer.url}/activate and enter ABCD-EFGH`);
    expect(tokenCalls()).toHaveLength(3);
    expect(await runCommand('whoami', nothing, around.world)).toBe(0);
    expect(bearer()).toBe('Bearer token-alice');
  });

  it('asks for what is needed, for this server', async () => {
    await signIn(createWorld({ url: stub.url }), granted('token-alice'));
    expect(issuer.asked.find(({ path }) => path === '/device')!.form).toEqual({
      client_id: 'elevate-cli',
      scope: 'openid email profile groups offline_access elevate.decide',
      resource: stub.url,
    });
    expect(tokenCalls()[0]).toMatchObject({ client_id: 'elevate-cli', device_code: 'device-code', resource: stub.url });
  });

  it('leaves out usual scopes that the issuer says it has not', async () => {
    issuer.metadata['scopes_supported'] = ['openid', 'email'];
    await signIn(createWorld({ url: stub.url }), granted('token-alice'));
    expect(issuer.asked.find(({ path }) => path === '/device')!.form['scope']).toBe('openid email elevate.decide');
  });

  it('P7: keeps it readable by its owner alone, and says no token', async () => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('access-secret', 'refresh-secret'));
    expect(statSync(around.loginsFile).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(around.loginsFile)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(around.loginsFile))).toEqual(['logins.json']);
    expect(around.out() + around.err()).not.toMatch(/access-secret|refresh-secret|device-code/);
    const kept = JSON.parse(readFileSync(around.loginsFile, 'utf8')) as object;
    expect(Object.keys(kept)).toEqual([stub.url]);
  });

  it.each([
    ['access_denied', 1, 'The login was refused.'],
    ['expired_token', 1, 'Nobody signed in in time.'],
    ['invalid_scope', 1, 'refuses: invalid_scope'],
  ])('%s ends with %d, and nothing is kept', async (error, code, sentence) => {
    const around = createWorld({ url: stub.url });
    expect(await signIn(around, refused(error))).toBe(code);
    expect(around.err()).toContain(sentence);
    expect(around.err()).not.toContain('device-code');
    expect(await runCommand('whoami', nothing, around.world)).toBe(3);
  });

  it('does not wait past the life of the code', async () => {
    const around = createWorld({ url: stub.url });
    issuer.device['expires_in'] = 1;
    issuer.device['interval'] = 1.5;
    expect(await signIn(around)).toBe(1);
    expect(around.err()).toBe('Nobody signed in in time.');
  });

  it.each<[string, object, string]>([
    ['no issuer', { authorization_servers: [] }, 'offers no login'],
    ['no client', { elevate_client_id: undefined }, 'offers no login'],
    ['an issuer over plain http', { authorization_servers: ['http://id.example.com'] }, 'is plain http'],
    ['an issuer with a password', { authorization_servers: ['https://a:b@id.example.com'] }, 'password'],
    ['another server as the resource', { resource: 'https://elevate.example.com' }, 'login to another server'],
    ['another port as the resource', { resource: 'http://127.0.0.1:1' }, 'login to another server'],
    ['a resource that is no address', { resource: 'elevate' }, 'login to another server'],
  ])('refuses %s, and asks no issuer', async (_, more, sentence) => {
    const around = createWorld({ url: stub.url });
    tellWhere(more);
    expect(await runLogin(nothing, around.world)).toBe(1);
    expect(around.err()).toContain(sentence);
    expect(issuer.asked).toEqual([]);
  });

  it('takes localhost and 127.0.0.1 for one machine', async () => {
    const around = createWorld({ url: stub.url });
    tellWhere({ resource: stub.url.replace('127.0.0.1', 'localhost') });
    issuer.grants.push(granted('token-alice'));
    expect(await runLogin(nothing, around.world)).toBe(0);
  });

  it.each<[string, object, object]>([
    ['a token endpoint elsewhere', { token_endpoint: 'http://id.example.com/token' }, {}],
    ['a device endpoint elsewhere', { device_authorization_endpoint: 'http://10.0.0.1/' }, {}],
    ['another issuer in its metadata', { issuer: 'https://id.example.com' }, {}],
    ['a page elsewhere', {}, { verification_uri: 'http://id.example.com/activate' }],
    ['a page that is no address', {}, { verification_uri: '\u001b[2Jhttps://a' }],
  ])('refuses an issuer with %s', async (_, metadata, device) => {
    const around = createWorld({ url: stub.url });
    const called: string[] = [];
    const listening = async (url: string, init: RequestInit) => {
      called.push(new URL(url).hostname);
      return fetch(url, init);
    };
    Object.assign(issuer.metadata, metadata);
    Object.assign(issuer.device, device);
    expect(await signIn({ world: { ...around.world, fetch: listening } }, granted('token-alice'))).not.toBe(0);
    expect(new Set(called)).toEqual(new Set(['127.0.0.1']));
    expect(around.out()).not.toContain('signed in');
    expect(around.out() + around.err()).not.toContain('\u001b');
  });

  it('says so where the server offers none, and which code it shows is clean', async () => {
    const around = createWorld({ url: stub.url });
    stub.answerOnce(`GET ${resource}`, [404, {}]);
    expect(await runLogin(nothing, around.world)).toBe(1);
    expect(around.err()).toContain('Set ELEVATE_TOKEN instead');
    issuer.device['user_code'] = 'AB\u001b[2JCD';
    await signIn(around, granted('token-alice'));
    expect(around.out()).not.toContain('\u001b');
  });
});

describe('a login that was kept', () => {
  it('is renewed when it has ended, once, with the new refresh token kept', async () => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('token-old', 'refresh-1'));
    issuer.grants.push(granted('token-alice', 'refresh-2'), granted('token-bob', 'refresh-3'));
    around.pass(5 * minute);
    await runCommand('whoami', nothing, around.world);
    await runCommand('whoami', nothing, around.world);
    expect(bearer()).toBe('Bearer token-alice');
    around.pass(5 * minute);
    await runCommand('whoami', nothing, around.world);
    expect(bearer()).toBe('Bearer token-bob');
    expect(tokenCalls().slice(1)).toMatchObject([
      { grant_type: 'refresh_token', refresh_token: 'refresh-1', resource: stub.url },
      { grant_type: 'refresh_token', refresh_token: 'refresh-2' },
    ]);
  });

  it('goes on with the old refresh token where the issuer gives no new one', async () => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('token-old', 'refresh-1'));
    issuer.grants.push(granted('token-alice'), granted('token-alice'));
    for (let times = 0; times < 2; times++) {
      around.pass(5 * minute);
      expect(await runCommand('whoami', nothing, around.world)).toBe(0);
    }
    expect(tokenCalls().map(({ refresh_token: token }) => token)).toEqual([undefined, 'refresh-1', 'refresh-1']);
  });

  it.each([
    ['the issuer takes it no more', 'refresh-1'],
    ['there is nothing to renew it with', undefined],
  ])('asks for a new login where %s', async (_, refreshToken) => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('token-alice', refreshToken));
    around.pass(5 * minute);
    expect(await runCommand('whoami', nothing, around.world)).toBe(3);
    expect(around.err()).toContain(`elevate login --url ${stub.url}`);
  });

  it('is kept while the issuer is away', async () => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('token-alice', 'refresh-1'));
    issuer.grants.push({ status: 500, json: {} }, granted('token-bob', 'refresh-2'));
    around.pass(5 * minute);
    expect(await runCommand('whoami', nothing, around.world)).toBe(4);
    expect(await runCommand('whoami', nothing, around.world)).toBe(0);
  });

  it('that another command has just renewed is taken from there', async () => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('token-old', 'refresh-1'));
    around.pass(5 * minute);
    const kept = createKeptLogins(around.loginsFile, () => 'id');
    const login = (await kept.get(stub.url))!;
    const meanwhile = async (url: string, init: RequestInit) => {
      if (url.endsWith('/token')) await kept.put(stub.url, { ...login, accessToken: 'token-alice' });
      return fetch(url, init);
    };
    expect(await runCommand('whoami', nothing, { ...around.world, fetch: meanwhile })).toBe(0);
    expect(bearer()).toBe('Bearer token-alice');
  });

  it('serves its own server alone, and is the default if it is the only one', async () => {
    const around = createWorld();
    tellWhere();
    issuer.grants.push(granted('token-alice'));
    expect(await runLogin({ arguments: [], options: { url: stub.url } }, around.world)).toBe(0);
    expect(await runCommand('whoami', nothing, around.world)).toBe(0);
    const other = await startStub();
    expect(await runCommand('whoami', { arguments: [], options: { url: other.url } }, around.world)).toBe(3);
    expect(other.seen).toEqual([]);
    await other.stop();
  });

  it('is not used where ELEVATE_TOKEN is set, which needs a server by name', async () => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('token-alice'));
    const { environment } = around.world;
    const bob = { ...around.world, environment: { ...environment, token: 'token-bob' } };
    await runCommand('whoami', nothing, bob);
    expect(bearer()).toBe('Bearer token-bob');
    const nowhere = { ...bob, environment: { ...bob.environment, url: undefined } };
    expect(await runCommand('whoami', nothing, nowhere)).toBe(2);
  });

  it('is forgotten by elevate logout, and the issuer is told', async () => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('token-alice', 'refresh-1'));
    expect(await runLogout(nothing, around.world)).toBe(0);
    expect(issuer.asked.at(-1)).toMatchObject({ path: '/revoke', form: { token: 'refresh-1' } });
    expect(readFileSync(around.loginsFile, 'utf8')).toBe('{}\n');
    expect(await runLogout(nothing, around.world)).toBe(0);
    expect(around.out()).toContain('You were not signed in');
  });

  it('is forgotten even if the issuer is away', async () => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('token-alice', 'refresh-1'));
    const away = () => Promise.reject(new Error('away'));
    expect(await runLogout(nothing, { ...around.world, fetch: away })).toBe(0);
    expect(readFileSync(around.loginsFile, 'utf8')).not.toContain('token-alice');
  });
});

describe('the file of logins', () => {
  it('that is damaged is named, and not overwritten', async () => {
    const around = createWorld({ url: stub.url });
    await signIn(around, granted('token-alice'));
    writeFileSync(around.loginsFile, '{"half');
    expect(await runCommand('whoami', nothing, around.world)).toBe(1);
    expect(around.err()).toContain(`${around.loginsFile} is damaged`);
    expect(readFileSync(around.loginsFile, 'utf8')).toBe('{"half');
  });

  it('holds several servers', async () => {
    const kept = createKeptLogins(createWorld().loginsFile, () => 'id');
    const login = { issuer: 'https://a', clientId: 'c', resource: 'r', accessToken: 't' };
    await kept.put('https://one', login);
    await kept.put('https://two', login);
    await kept.put('https://one', undefined);
    expect(await kept.servers()).toEqual(['https://two']);
  });
});
