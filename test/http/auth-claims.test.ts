import { describe, expect, it } from 'vitest';
import type { ApiConfig } from '../../src/config/config.ts';
import { sampleTime } from '../samples.ts';
import { claims, newKey, openAuth, signed, startIssuer } from './issuer.ts';

const issuer = await startIssuer();
const key = await newKey('key-1');
issuer.publish([key]);

async function bearerWith(overrides: Record<string, unknown> = {}, config: Partial<ApiConfig> = {}) {
  const token = await signed(claims(issuer, overrides), key);
  return openAuth(issuer.url, config).bearer(token);
}

async function signInWith(overrides: Record<string, unknown>, config?: Partial<ApiConfig>) {
  return (await bearerWith(overrides, config)).signIn;
}

describe('a token of a person', () => {
  it('T1: says who it is', async () => {
    expect(await bearerWith({ groups: ['sre'], scope: 'openid elevate.decide' })).toEqual({
      signIn: {
        actor: { platform: 'api', tenant: issuer.url, user: 'alice-1' },
        name: 'Alice Archer',
        email: 'alice@example.com',
        emailConfirmed: true,
        groups: ['sre'],
        at: sampleTime,
      },
      isPerson: true,
      scopes: ['openid', 'elevate.decide'],
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['its subject is its client', { sub: 'elevate-cli' }],
    ['its subject is the authorized party', { azp: 'alice-1' }],
    ['its subject is the application', { appid: 'alice-1' }],
    ['its subject is the client by a shorter name', { cid: 'alice-1' }],
    ['it was granted to client credentials', { gty: 'client-credentials' }],
    ['it was granted to client credentials, among others', { gty: ['password', 'client_credentials'] }],
    ['it names the grant type', { grant_type: 'client_credentials' }],
    ['it is of the type of applications', { idtyp: 'app' }],
    ['a program acts for the person', { act: { sub: 'robot' } }],
    ['its subject is named as a client', { sub: 'robot@clients' }],
    ['it is of a service account', { preferred_username: 'service-account-robot' }],
    ['it has no address', { email: undefined }],
    ['its address is no text', { email: ['alice@example.com'] }],
    ['its address is empty', { email: '' }],
  ])('T18: is none if %s', async (_, overrides) => {
    expect(await bearerWith(overrides)).toMatchObject({ isPerson: false });
  });

  it.each<[string, Record<string, unknown>]>([
    ['another client was authorized', { azp: 'elevate-cli', appid: 'elevate-cli', cid: 'elevate-cli' }],
    ['it was granted to a device', { gty: 'device_code', grant_type: 'urn:ietf:params:oauth:grant-type:device_code' }],
    ['it is of the type of users', { idtyp: 'user' }],
  ])('T18: is one if %s', async (_, overrides) => {
    expect(await bearerWith(overrides)).toMatchObject({ isPerson: true });
  });
});

describe('the address in a token', () => {
  it.each([[undefined], [false], ['true'], [1], [null], [['true']], [{}]])(
    'T3: is not confirmed by %j',
    async (email_verified) => {
      expect(await signInWith({ email_verified })).toMatchObject({
        email: 'alice@example.com',
        emailConfirmed: false,
      });
    },
  );

  it('T3: is confirmed where the configuration trusts the issuer with that', async () => {
    expect(await signInWith({ email_verified: undefined }, { emailTrusted: true })).toMatchObject({
      emailConfirmed: true,
    });
    expect(await signInWith({ email: undefined }, { emailTrusted: true })).toMatchObject({
      email: undefined,
      emailConfirmed: false,
    });
  });

  it('T3: is taken from the claim that is configured, of which email_verified says nothing', async () => {
    const upn = { upn: 'alice@corp.example.com' };
    const config = { principalClaim: 'upn' };
    expect(await signInWith(upn, config)).toMatchObject({ email: 'alice@corp.example.com', emailConfirmed: false });
    expect(await signInWith({ upn: 'alice@example.com' }, config)).toMatchObject({ emailConfirmed: true });
    expect(await signInWith(upn, { ...config, emailTrusted: true })).toMatchObject({ emailConfirmed: true });
  });

  it('is left as it is, so that what looks alike stays apart', async () => {
    for (const email of ['Alice@Example.com', 'alice@example.com.', '"alice"@example.com', '\u212Aate@example.com'])
      expect(await signInWith({ email })).toMatchObject({ email });
  });
});

describe('the name in a token', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['the user name if there is no name', { name: undefined, preferred_username: 'alice.a' }, 'alice.a'],
    ['the first part of the address if there is neither', { name: undefined }, 'alice'],
    ['that too if the name is nothing to be seen', { name: '\u200b \u2800' }, 'alice'],
    ['that too if the name is no text', { name: { first: 'Alice' } }, 'alice'],
    ['200 characters long at most', { name: 'a'.repeat(300) }, 'a'.repeat(200)],
  ])('is %s', async (_, overrides, name) => {
    expect(await signInWith(overrides)).toMatchObject({ name });
  });

  it('T28: has nothing unseen in it, and nothing that looks like an address', async () => {
    const { name } = await signInWith({ name: 'Al\u202eice\n <bob@example.com>' });
    expect(name).toBe('Alice bob example.com');
  });
});

describe('the groups in a token', () => {
  it.each<[string, unknown, string[]]>([
    ['a list', ['sre', 'oncall'], ['sre', 'oncall']],
    ['one text', 'sre', ['sre']],
    ['a list with other things in it', ['sre', 7, null, ['oncall'], { name: 'oncall' }, ''], ['sre']],
    ['the same twice', ['sre', 'sre'], ['sre']],
    ['a number', 7, []],
    ['an object', { sre: true }, []],
    ['true', true, []],
    ['a name of 256 characters', ['g'.repeat(256)], ['g'.repeat(256)]],
    ['a name of 257 characters', ['g'.repeat(257), 'sre'], ['sre']],
    ['nothing', undefined, []],
  ])('T11: are taken from %s', async (_, groups, taken) => {
    expect((await signInWith({ groups })).groups).toEqual(taken);
  });

  it('T11: are a thousand at most', async () => {
    const groups = Array.from({ length: 1_100 }, (_, index) => index.toString(36));
    expect((await signInWith({ groups })).groups).toEqual(groups.slice(0, 1_000));
  });

  it('T11: are taken from the claim that is configured', async () => {
    const overrides = { groups: ['sre'], roles: ['oncall'] };
    expect((await signInWith(overrides, { groupsClaim: 'roles' })).groups).toEqual(['oncall']);
    expect((await signInWith(overrides, { groupsClaim: 'constructor' })).groups).toEqual([]);
  });
});

describe('the scopes of a token', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['scope', { scope: 'openid elevate.decide' }, ['openid', 'elevate.decide']],
    ['scp as a text', { scp: 'elevate.decide openid' }, ['elevate.decide', 'openid']],
    ['scp as a list', { scp: ['elevate.decide'] }, ['elevate.decide']],
    ['nothing', {}, []],
    ['what is no text', { scope: 7, scp: { 'elevate.decide': true } }, []],
    ['scope with much space', { scope: '  openid   elevate.decide ' }, ['openid', 'elevate.decide']],
  ])('T18: are taken from %s', async (_, overrides, scopes) => {
    expect((await bearerWith(overrides)).scopes).toEqual(scopes);
  });
});
