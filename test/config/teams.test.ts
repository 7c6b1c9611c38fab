import { describe, expect, it } from 'vitest';
import { whyRestart } from '../../src/config/reload.ts';
import { teamsConfig } from '../samples.ts';
import { apiOnlyText, changed, load, mistakesIn, sampleEnv, sampleText, slackSection, teamsSection } from './sample.ts';

const tenant = '0ac3e000-0000-4000-8000-000000000001';
const bob = 'b0b00000-0000-4000-8000-000000000000';
const both = `${sampleText}${teamsSection}`;
/** The sample with Teams in place of Slack. */
const teamsOnly = sampleText
  .replace(slackSection, teamsSection)
  .replace(/ {2}links:.*\n/, '')
  .replace(/ {2}oncall:.*\n/, '')
  .replace('ask: { slack: [C02APPR]', 'ask: { teams: ["19:appr@thread.tacv2"]');
const ours = teamsConfig({ app: { type: 'SingleTenant', password: 'not-a-real-app-password' } });

function edited(from: string, to: string, text = both): string {
  expect(text).toContain(from);
  return text.replace(from, () => to);
}

const type = '  app_type: SingleTenant\n';
const withPart = (lines: string) => edited(type, `${type}${lines}`);
const endpoints = {
  login_url: 'https://login.microsoftonline.us/MicrosoftServices.onmicrosoft.us',
  oauth_scope: 'https://api.botframework.us',
  token_issuer: 'https://api.botframework.us',
  oauth_url: 'https://api.botframework.azure.us',
  openid_metadata_url: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
  emulator_openid_metadata_url: 'http://127.0.0.1:9097/openid',
  caller_id: 'urn:botframework:azureusgov',
};
const withEndpoints = (changes: Record<string, string | undefined>) =>
  withPart(`  endpoints: ${JSON.stringify({ ...endpoints, ...changes })}\n`);

describe('the section teams', () => {
  it('has our names, and the defaults of the public cloud', () => {
    const { config, warnings } = load(both);
    expect(warnings).toEqual([]);
    expect(config.teams).toEqual(ours);
    expect(load(sampleText).config.teams).toBeUndefined();
  });

  it('T1: has ids in lower case, as they are in activities', () => {
    const env = { ...sampleEnv, TEAMS_TENANT_ID: tenant.toUpperCase(), TEAMS_APP_ID: ours.appId.toUpperCase() };
    expect(load(both, env).config.teams).toEqual(ours);
  });

  it('signs in with the identity of the machine, and then with no password', () => {
    const managed = edited('SingleTenant', 'UserAssignedMsi').replace(/ {2}app_password:.*\n/, '');
    expect(load(managed).config.teams).toEqual({ ...ours, app: { type: 'UserAssignedMsi' } });
  });

  it('T5: is warned of where one directory is vouched for, since it knows people by another address', () => {
    const vouched = (text: string) =>
      load(edited('  domains: [example.com]\n', '  domains: [example.com]\n  one_directory: true\n', text)).warnings;
    expect(vouched(both)).toMatchObject([
      { path: 'identity.one_directory', message: expect.stringContaining('user principal name') },
    ]);
    expect(vouched(sampleText)).toEqual([]);
    expect(vouched(teamsOnly)).toEqual([]);
  });

  it('P4: answers in front of others for one person alone only where it says so', () => {
    expect(load(withPart('  targeted_messages: true\n')).config.teams?.targetedMessages).toBe(true);
  });

  it('takes all endpoints of another cloud, with a warning, since they decide who people are', () => {
    const { config, warnings } = load(withEndpoints({}));
    expect(warnings).toMatchObject([{ path: 'teams.endpoints', message: expect.stringContaining('public cloud') }]);
    expect(config.teams).toMatchObject({
      standardEndpoints: false,
      endpoints: {
        loginUrl: endpoints.login_url,
        oauthScope: endpoints.oauth_scope,
        tokenIssuer: endpoints.token_issuer,
        oauthUrl: endpoints.oauth_url,
        openIdMetadataUrl: endpoints.openid_metadata_url,
        emulatorOpenIdMetadataUrl: endpoints.emulator_openid_metadata_url,
        callerId: endpoints.caller_id,
      },
    });
  });

  it('knows the public cloud where somebody writes it out', () => {
    const { loginUrl, oauthScope, tokenIssuer, oauthUrl, openIdMetadataUrl, emulatorOpenIdMetadataUrl, callerId } =
      ours.endpoints;
    const written = withEndpoints({
      login_url: loginUrl,
      oauth_scope: oauthScope,
      token_issuer: tokenIssuer,
      oauth_url: oauthUrl,
      openid_metadata_url: openIdMetadataUrl,
      emulator_openid_metadata_url: emulatorOpenIdMetadataUrl,
      caller_id: callerId,
    });
    expect(load(written)).toMatchObject({ warnings: [], config: { teams: ours } });
  });

  it('has hosts in lower case and the address of the service with a slash at its end', () => {
    const lines =
      '  service_hosts: [SMBA.example.com, "*.Example.com", smba.example.com]\n  service_url: https://smba.example.com/x\n';
    expect(load(withPart(lines)).config.teams).toMatchObject({
      serviceHosts: ['smba.example.com', '*.example.com'],
      serviceUrl: 'https://smba.example.com/x/',
    });
  });

  it('is enough without any other way in', () => {
    const { config, warnings } = load(teamsOnly);
    expect(warnings).toEqual([]);
    expect(config.slack).toBeUndefined();
    expect(config.roles['admin']?.approval[0]?.ask).toEqual({
      channels: { teams: ['19:appr@thread.tacv2'] },
      dm: 'none',
    });
  });

  it('P7: its password in the file itself is warned about, without saying it', () => {
    const { warnings } = load(edited('"${TEAMS_APP_PASSWORD}"', 'hunter2-in-the-file'));
    expect(warnings).toMatchObject([{ path: 'teams.app_password' }]);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });

  it.each([
    ['the tenants', edited(`["\${TEAMS_TENANT_ID}"]`, `["\${TEAMS_TENANT_ID}", ${bob}]`)],
    ['the password', edited('"${TEAMS_APP_PASSWORD}"', 'hunter2-in-the-file')],
    ['whether it is there', sampleText],
  ])('cannot be changed by a reload: %s', (_what, text) => {
    const why = whyRestart(load(both).config, load(text).config);
    expect(why).toContain('cannot change teams.');
    expect(why).not.toContain('hunter2');
  });
});

/** What is changed, into what, and of the one mistake: its path, part of its message or hint, and of its line. */
type Case = [from: string, to: string, path: string, says: string, line: string];

function expectOne([from, to, path, says, line]: Case): void {
  const text = edited(from, to);
  const mistakes = mistakesIn(text);
  expect(mistakes.map((mistake) => mistake.path)).toEqual([path]);
  expect(`${mistakes[0]?.message} (${mistakes[0]?.hint})`).toContain(says);
  expect(text.split('\n')[(mistakes[0]?.line ?? 0) - 1]).toContain(line);
  expect(JSON.stringify(mistakes)).not.toContain('hunter2');
}

const tenants = 'tenants: ["${TEAMS_TENANT_ID}"]';
const password = '  app_password: "${TEAMS_APP_PASSWORD}"\n';

describe('mistakes in the section teams', () => {
  it.each<Case>([
    [tenants, 'tenants: []', 'teams.tenants', 'must list at least 1', 'tenants'],
    [`  ${tenants}\n`, '', 'teams', 'tenants is missing', 'teams:'],
    [tenants, `tenants: ${tenant}`, 'teams.tenants', 'must be a list', 'tenants'],
    [tenants, 'tenants: [acme.onmicrosoft.com]', 'teams.tenants[0]', 'the id of an Entra tenant', 'onmicrosoft'],
    [tenants, 'tenants: [common]', 'teams.tenants[0]', 'the id of an Entra tenant', 'common'],
    [tenants, `tenants: [${tenant}, ${tenant.toUpperCase()}]`, 'teams.tenants', 'the same twice', 'tenants'],
    ['"${TEAMS_APP_ID}"', '""', 'teams.app_id', 'must be the application id of the bot', 'app_id'],
    ['"${TEAMS_APP_ID}"', 'elevate', 'teams.app_id', '32 hex digits with hyphens', 'app_id'],
    ['  app_id: "${TEAMS_APP_ID}"\n', '', 'teams', 'app_id is missing', 'teams:'],
    [type, '', 'teams', 'app_type is missing', 'teams:'],
    ['SingleTenant', 'MultiTenant', 'teams.app_type', 'must be SingleTenant or UserAssignedMsi', 'app_type'],
    ['SingleTenant', 'singletenant', 'teams.app_type', 'must be SingleTenant or UserAssignedMsi', 'app_type'],
    [password, '', 'teams', 'app_password is missing (SingleTenant signs in with it)', 'teams:'],
    [password, '  app_password: ""\n', 'teams.app_password', 'must be the client secret', 'app_password'],
    [
      'SingleTenant',
      'UserAssignedMsi',
      'teams.app_password',
      'not used with UserAssignedMsi (leave it out)',
      'app_pass',
    ],
    [password, `${password}  app_secret: hunter2\n`, 'teams.app_secret', 'unknown key', 'app_secret'],
  ])('T2: %j as %j', (...one) => expectOne(one));

  it.each(Object.keys(endpoints))('endpoints without %s are refused, and it is named', (name) => {
    expect(mistakesIn(withEndpoints({ [name]: undefined }))).toMatchObject([
      {
        path: 'teams.endpoints',
        message: `${name} is missing`,
        hint: 'all seven endpoints, or left out for the public cloud',
      },
    ]);
  });

  it('endpoints of which only one is given are refused for each of the other six', () => {
    const alone = mistakesIn(withPart('  endpoints: { token_issuer: https://api.botframework.com }\n'));
    expect(alone.map(({ message }) => message)).toEqual(
      Object.keys(endpoints)
        .filter((name) => name !== 'token_issuer')
        .map((name) => `${name} is missing`),
    );
    expect(mistakesIn(withPart('  endpoints: {}\n'))).toHaveLength(7);
  });

  it.each([
    ['login_url', 'http://127.0.0.1:9097/hunter2', 'is plain http'],
    ['login_url', 'http://login.example.com/', 'is plain http to another machine'],
    ['login_url', 'login.example.com', 'is not a URL'],
    ['oauth_scope', 'http://api.example.com', 'is plain http to another machine'],
    ['token_issuer', 'hunter2', 'is not a URL'],
    ['oauth_url', 'http://api.example.com', 'is plain http to another machine'],
    ['openid_metadata_url', 'http://keys.example.com/', 'is plain http to another machine'],
    ['openid_metadata_url', 'https://u:hunter2@keys.example.com/', 'has a user name or password in it'],
    ['emulator_openid_metadata_url', 'http://keys.example.com/', 'is plain http to another machine'],
    ['emulator_openid_metadata_url', '', 'must be a URL'],
    ['caller_id', 'a b', 'must be a name without spaces'],
  ])('T27: the endpoint %s at %j is refused', (name, url, says) => {
    const mistakes = mistakesIn(withEndpoints({ [name]: url }));
    expect(mistakes).toMatchObject([{ path: `teams.endpoints.${name}`, message: expect.stringContaining(says) }]);
    expect(JSON.stringify(mistakes)).not.toContain('hunter2');
  });

  it.each([
    ['[]', 'teams.service_hosts', 'must list at least 1'],
    ['["*"]', 'teams.service_hosts[0]', 'a host name'],
    ['["*.com"]', 'teams.service_hosts[0]', 'a domain of two parts or more'],
    ['["a.*.com"]', 'teams.service_hosts[0]', 'a host name'],
    ['["https://smba.trafficmanager.net"]', 'teams.service_hosts[0]', 'a host name'],
    ['["smba.trafficmanager.net:443"]', 'teams.service_hosts[0]', 'a host name'],
    ['["*.trafficmanager.net"]', 'teams.service_hosts[0]', 'lets in everybody who has a name there'],
    ['["*.TrafficManager.net"]', 'teams.service_hosts[0]', 'lets in everybody who has a name there'],
    ['["*.botframework.com"]', 'teams.service_hosts', 'does not list smba.trafficmanager.net'],
  ])('T27: the hosts %s are refused', (hosts, path, says) => {
    const mistakes = mistakesIn(withPart(`  service_hosts: ${hosts}\n`)).filter((each) => each.path === path);
    expect(mistakes).toMatchObject([{ message: expect.stringContaining(says) }]);
  });

  it.each([
    ['https://smba.example.com/teams/', 'is at none of the service_hosts'],
    ['https://smba.trafficmanager.net.example.com/', 'is at none of the service_hosts'],
    ['https://botframework.com/', 'is at none of the service_hosts'],
    ['https://evilbotframework.com/', 'is at none of the service_hosts'],
    ['http://smba.trafficmanager.net/teams/', 'is plain http to another machine'],
    ['https://smba.trafficmanager.net/teams/?hunter2', 'has a query'],
    ['smba.trafficmanager.net', 'is not a URL'],
  ])('T27: first messages do not go to %s', (url, says) => {
    const mistakes = mistakesIn(withPart(`  service_url: ${url}\n`));
    expect(mistakes).toMatchObject([{ path: 'teams.service_url', message: expect.stringContaining(says) }]);
    expect(JSON.stringify(mistakes)).not.toContain('hunter2');
  });

  it.each([
    'https://smba.trafficmanager.net/emea/',
    'https://a.b.botframework.com',
    'https://SMBA.trafficmanager.net/',
  ])('T27: they may go to %s', (url) => expect(mistakesIn(withPart(`  service_url: ${url}\n`))).toEqual([]));

  it('one mistake does not bring others with it', () => {
    expect(
      mistakesIn(withPart('  service_hosts: smba.example.com\n  service_url: https://smba.example.com/\n')),
    ).toHaveLength(1);
    expect(mistakesIn(withPart('  service_hosts: [smba.example.com, "*"]\n'))).toHaveLength(1);
    expect(mistakesIn(edited('"${TEAMS_APP_PASSWORD}"', '"${NOT_SET}"'))).toMatchObject([
      { path: 'teams.app_password' },
    ]);
  });
});

describe('asking in Teams', () => {
  const asking = (ask: string, text = both) => edited('ask: { slack: [C02APPR], dm: none }', `ask: ${ask}`, text);
  const path = 'roles.admin.approval[0].ask';

  it.each(['19:appr@thread.tacv2', '19:a_B-9.x@thread.v2', '19:0a1b2c@thread.skype'])('%s is a conversation', (id) => {
    const { config } = load(asking(`{ slack: [C02APPR], teams: ["${id}"], dm: none }`));
    expect(config.roles['admin']?.approval[0]?.ask.channels).toEqual({ slack: ['C02APPR'], teams: [id] });
  });

  it.each([
    '19:appr@thread.tacv2;messageid=1700000000000',
    'a:1pers-onal_chat',
    '19:one_other@unq.gbl.spaces',
    'approvals',
    '19:appr@thread.tacv2/x',
    'https://teams.microsoft.com/l/channel/19%3aappr%40thread.tacv2/approvals',
  ])('%s is none', (id) => {
    expect(mistakesIn(asking(`{ teams: ["${id}"], dm: none }`))).toMatchObject([
      { path: `${path}.teams[0]`, message: expect.stringContaining('19:abc@thread.tacv2, without ;messageid=') },
    ]);
  });

  it.each(['{ teams: [], dm: none }', '{ dm: none }'])('somebody has to be asked: %s', (ask) => {
    const text = teamsOnly.replace(/ask: .*/, `ask: ${ask}`);
    expect(mistakesIn(text)).toMatchObject([{ path, message: 'nobody is asked' }]);
  });

  it('without Teams is a mistake, whatever else is there', () => {
    const said = { path: `${path}.teams`, message: 'there is no section teams', hint: 'add one, or leave this out' };
    const ask = '{ slack: [C02APPR], teams: ["19:appr@thread.tacv2"] }';
    expect(mistakesIn(asking(ask, sampleText))).toMatchObject([said]);
    const api = apiOnlyText.replace('quorum: 2', 'quorum: 2\n        ask: { teams: ["19:appr@thread.tacv2"] }');
    expect(mistakesIn(api)).toMatchObject([said]);
  });

  it('what counts in Slack is a mistake where only Teams is', () => {
    const text = teamsOnly
      .replace('ask: {', 'ask: { slack: [C02APPR],')
      .replace('groups:\n', 'groups:\n  oncall: { slack_usergroup: S0123ABC }\n');
    expect(mistakesIn(text)).toMatchObject([
      { path: 'groups.oncall.slack_usergroup', message: 'there is no section slack' },
      { path: `${path}.slack`, message: 'there is no section slack' },
    ]);
  });
});

describe('links of accounts in Teams', () => {
  const linked = (account: string, email = 'bob@example.com', more = '') =>
    edited('links: {', `links: { ${JSON.stringify(account)}: ${email}, ${more}`);

  it.each([`teams:${tenant}/${bob}`, `teams:${tenant.toUpperCase()}/${bob.toUpperCase()}`])(
    'T3: %s is kept as actors are named',
    (account) => expect(load(linked(account)).config.identity.links[`teams:${tenant}/${bob}`]).toBe('bob@example.com'),
  );

  it.each([
    [`teams:${tenant}/bob`, 'does not end with the object id of a person in Entra'],
    [`teams:${tenant}/${bob}0`, 'does not end with the object id of a person in Entra'],
    [`teams:${bob}/${bob}`, 'is in a tenant that teams.tenants does not list'],
    [`teams:acme/${bob}`, 'is in a tenant that teams.tenants does not list'],
    [`Teams:${tenant}/${bob}`, 'must be named platform:tenant/user'],
  ])('T3: %s is refused', (account, says) => {
    const [mistake, ...others] = mistakesIn(linked(account));
    expect(others).toEqual([]);
    expect(mistake?.message).toContain(says);
  });

  it('T3: without Teams, all of them are', () => {
    const text = changed('links: {', `links: { "teams:${tenant}/${bob}": bob@example.com,`);
    expect(mistakesIn(text)).toMatchObject([{ message: 'is not an account of a chat that is configured' }]);
  });

  it('T7: a person has one account in a tenant, under whatever address, and may have one in Slack as well', () => {
    const carol = 'ca201000-0000-4000-8000-000000000000';
    const twice = linked(
      `teams:${tenant}/${bob}`,
      'carol@example.com',
      `"teams:${tenant}/${carol}": caroline@example.com,`,
    );
    expect(mistakesIn(twice)).toMatchObject([
      {
        path: `identity.links["teams:${tenant}/${carol}"]`,
        message: 'is a second account of this person in this tenant',
      },
    ]);
  });

  it('T3: an account is linked once, in whatever letters it is written', () => {
    const upper = `teams:${tenant}/${bob.toUpperCase()}`;
    expect(
      mistakesIn(linked(`teams:${tenant}/${bob}`, 'carol@example.com', `"${upper}": bob@example.com,`)),
    ).toMatchObject([{ path: `identity.links["${upper}"]`, message: 'is linked already, in other letters' }]);
  });
});
