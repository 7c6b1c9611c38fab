import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { startIdentityProvider } from '../../src/dev/identity-provider.ts';
import { createAuth } from '../../src/http/auth.ts';
import { apiConfig } from '../samples.ts';

const said: unknown[] = [];
for (const how of ['log', 'info', 'warn', 'error'] as const)
  vi.spyOn(console, how).mockImplementation((...words) => void said.push(...words));

const alice = { email: 'alice@example.com', name: 'Alice', groups: ['sre'] };
const provider = await startIdentityProvider({ people: [alice], audience: 'elevate' });
afterAll(provider.stop);
const { issuer, deviceClientId, clientId } = provider;

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const invalid = { code: 'unauthenticated', details: { reason: 'invalid_token' } };

function authOf(at = issuer, now = Date.now) {
  const { authenticate } = createAuth({ config: apiConfig(at), now, log: silent });
  return (token: string) => authenticate(`Bearer ${token}`);
}

async function post(path: string, form: Record<string, string>) {
  const answer = await fetch(`${issuer}${path}`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

describe('an access token of the embedded identity provider', () => {
  it('is one as RFC 9068 has them, and lets its person in', async () => {
    const token = await provider.tokenFor(alice.email);
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    expect(await authOf()(token)).toMatchObject({
      signIn: { name: 'Alice', email: alice.email, emailConfirmed: true, groups: ['sre'] },
      isPerson: true,
      scopes: ['elevate.decide'],
    });
  });

  it('has the scopes, the groups and the time that are asked for', async () => {
    const token = await provider.tokenFor(alice.email, { scopes: [], groups: ['oncall'], ttlSeconds: 60 });
    expect(await authOf()(token)).toMatchObject({ signIn: { groups: ['oncall'] }, scopes: [] });
    const { exp = 0, iat = 0 } = decodeJwt(token);
    expect(exp - iat).toBe(60);
    await expect(authOf(issuer, () => (exp + 30) * 1_000)(token)).rejects.toMatchObject({
      details: { reason: 'expired_token' },
    });
  });

  it('is for anybody who is named, always in the same account', async () => {
    const [first, again] = await Promise.all([1, 2].map(() => provider.tokenFor('nora@example.com').then(authOf())));
    expect(first).toMatchObject({ signIn: { email: 'nora@example.com', groups: [] }, isPerson: true });
    expect(again?.signIn.actor).toEqual(first?.signIn.actor);
    const other = await authOf()(await provider.tokenFor('Nora@example.com'));
    expect(other.signIn.actor).not.toEqual(first?.signIn.actor);
  });

  it('is issued at the time that it is told', async () => {
    const at = Date.UTC(2030, 0, 1);
    const later = await startIdentityProvider({ people: [], audience: 'elevate', now: () => at });
    try {
      const token = await later.tokenFor('nora@example.com');
      expect(await authOf(later.issuer, () => at)(token)).toMatchObject({ signIn: { at } });
      await expect(authOf(later.issuer)(token)).rejects.toMatchObject(invalid);
    } finally {
      await later.stop();
    }
  });

  it('opens nothing at another audience, nor one of another provider here', async () => {
    const other = await startIdentityProvider({ people: [], audience: 'other' });
    try {
      await expect(authOf()(await other.tokenFor(alice.email))).rejects.toMatchObject(invalid);
      await expect(authOf(other.issuer)(await other.tokenFor(alice.email))).rejects.toMatchObject(invalid);
    } finally {
      await other.stop();
    }
  });

  it('T18: is no person’s if it is a program’s', async () => {
    const bearer = await authOf()(await provider.clientToken());
    expect(bearer).toMatchObject({ signIn: { actor: { user: clientId }, email: undefined }, isPerson: false });
  });
});

describe('a login by device code (RFC 8628)', () => {
  const scope = 'openid email groups elevate.decide offline_access';
  const resource = 'http://127.0.0.1:8080';
  const begin = () => post('/device/auth', { client_id: deviceClientId, scope, resource });
  const poll = (code = '') =>
    post('/token', {
      client_id: deviceClientId,
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: code,
      resource,
    });

  it('waits for the person, then gives a token of theirs, once, and another one for its refresh token', async () => {
    const { body: device } = await begin();
    expect((await poll(device['device_code'])).body).toMatchObject({ error: 'authorization_pending' });
    await provider.approveDevice(device['user_code'] ?? '', alice.email);
    const { status, body } = await poll(device['device_code']);
    expect(status).toBe(200);
    expect(await authOf()(body['access_token'] ?? '')).toMatchObject({
      signIn: { email: alice.email, groups: ['sre'] },
      isPerson: true,
      scopes: ['elevate.decide'],
    });

    const again = await post('/token', {
      client_id: deviceClientId,
      grant_type: 'refresh_token',
      refresh_token: body['refresh_token'] ?? '',
      resource,
    });
    expect(await authOf()(again.body['access_token'] ?? '')).toMatchObject({ signIn: { email: alice.email } });
    expect((await poll(device['device_code'])).body).toMatchObject({ error: 'invalid_grant' });
  });

  it('goes on after the keys have changed', async () => {
    const { body: device } = await begin();
    await provider.rotate();
    await provider.approveDevice(device['user_code'] ?? '', alice.email);
    expect((await poll(device['device_code'])).status).toBe(200);
  });

  it('can be approved on the page that the person is shown', async () => {
    const { body: device } = await begin();
    const url = device['verification_uri_complete'] ?? '';
    const page = await fetch(url);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain(alice.email);
    const form = { user_code: device['user_code'] ?? '', email: alice.email };
    const done = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers: { origin: issuer } });
    expect(await done.text()).toContain('Signed in as Alice');
    expect((await poll(device['device_code'])).status).toBe(200);
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['from a page of somebody else', { origin: 'https://evil.example' }, {}],
    ['from a page that hides where it is', { origin: 'null' }, {}],
    ['from no page at all', {}, {}],
    ['for somebody who is not listed', { origin: issuer }, { email: 'mallory@example.com' }],
    ['for another code', { origin: issuer }, { user_code: 'AAAA-AAAA' }],
    ['with far too much', { origin: issuer }, { padding: 'x'.repeat(10_000) }],
  ])('cannot be approved %s', async (_, headers, change) => {
    const { body: device } = await begin();
    const form = { user_code: device['user_code'] ?? '', email: alice.email, ...change };
    const answer = await fetch(`${issuer}/device`, { method: 'POST', body: new URLSearchParams(form), headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect((await poll(device['device_code'])).body).toMatchObject({ error: 'authorization_pending' });
  });

  it('shows nothing on its page that a link could have put there', async () => {
    const page = await fetch(`${issuer}/device?user_code=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(await page.text()).not.toContain('<script');
  });

  it('is approved by nobody for a code that nobody was shown', async () => {
    await expect(provider.approveDevice('AAAA-AAAA', alice.email)).rejects.toThrow('no such code');
  });
});

describe('the keys of the embedded identity provider', () => {
  it('change when they are told to, and what they signed before is good no more', async () => {
    const old = await provider.tokenFor(alice.email);
    await authOf()(old);
    await provider.rotate();
    await expect(authOf()(old)).rejects.toMatchObject(invalid);
    expect(await authOf()(await provider.tokenFor(alice.email))).toMatchObject({ isPerson: true });
  });
});

it('the embedded identity provider says nothing on the terminal', () => {
  expect(said).toEqual([]);
});
