import { describe, expect, it } from 'vitest';
import { apiOnlyText, apiSection, changed, load, mistakesIn, sampleText } from './sample.ts';

const both = `${sampleText}${apiSection}`;
const issuer = 'issuer: https://id.example.com';
const inApi = (from: string, to: string, text = both) => {
  expect(text).toContain(from);
  return text.replace(from, () => to);
};

describe('the section api', () => {
  it('has our names and the defaults', () => {
    const { config, warnings } = load(both);
    expect(warnings).toEqual([]);
    expect(config.api).toEqual({
      issuer: 'https://id.example.com',
      audience: 'elevate',
      tokenTypes: ['at+jwt'],
      principalClaim: 'email',
      groupsClaim: 'groups',
      emailTrusted: false,
      decideScope: 'elevate.decide',
      clientId: undefined,
    });
  });

  it('takes what is said', () => {
    const said =
      'token_types: [AT+JWT, JWT, at+jwt]\n  principal_claim: upn\n  groups_claim: roles\n  email_trusted: true\n  client_id: cli';
    expect(load(inApi(issuer, `${issuer}\n  ${said}`)).config.api).toMatchObject({
      tokenTypes: ['at+jwt', 'jwt'],
      principalClaim: 'upn',
      groupsClaim: 'roles',
      emailTrusted: true,
      clientId: 'cli',
    });
  });

  it.each(['https://id.example.com/', 'https://ID.example.com/realms/a', 'http://127.0.0.1:9098', 'http://[::1]:1/x'])(
    'keeps the issuer %s as it is written, since tokens are compared with it',
    (written) => expect(load(inApi(issuer, `issuer: "${written}"`)).config.api?.issuer).toBe(written),
  );

  it.each([
    ['http://id.example.com', 'plain http to another machine'],
    ['https://id.example.com?', 'has a query'],
    ['https://id.example.com/?a=b', 'has a query'],
    ['https://id.example.com/#', 'has a fragment'],
    ['https://user:pw@id.example.com', 'user name or password'],
    ['id.example.com', 'is not a URL'],
    ['', 'must be a URL'],
  ])('T27: the issuer %j is refused', (written, says) => {
    const mistakes = mistakesIn(inApi(issuer, `issuer: "${written}"`));
    expect(mistakes).toMatchObject([{ path: 'api.issuer', message: expect.stringContaining(says) }]);
  });

  it.each([
    ['token_types: []', 'api.token_types', 'must list at least 1'],
    ['token_types: [id_token]', 'api.token_types[0]', 'must be at+jwt or jwt'],
    ['token_types: jwt', 'api.token_types', 'must be a list'],
    ['decide_scope_: x', 'api.decide_scope_', 'unknown key'],
    ['principal_claim: ""', 'api.principal_claim', 'the name of a claim'],
    ['client_id: "a b"', 'api.client_id', 'the id of a client'],
  ])('%s is refused', (line, path, says) => {
    expect(mistakesIn(inApi(issuer, `${issuer}\n  ${line}`))).toMatchObject([
      { path, message: expect.stringContaining(says) },
    ]);
  });

  it.each(['', 'a b', 'a"b', 'a\\b', '\u00e9'])('T18: %j is no scope', (scope) => {
    const text = inApi('decide_scope: elevate.decide', `decide_scope: '${scope}'`);
    expect(mistakesIn(text)).toMatchObject([{ path: 'api.decide_scope', message: expect.stringContaining('a scope') }]);
  });
});

describe('warnings about the API', () => {
  it('T18: without decide_scope, anybody with a token may decide', () => {
    const { warnings } = load(inApi('  decide_scope: elevate.decide\n', ''));
    expect(warnings).toMatchObject([
      {
        path: 'api',
        message: "anybody's person token may decide",
        hint: 'set api.decide_scope, for example elevate.decide',
      },
    ]);
  });

  it.each(['jwt', 'JWT'])('%s is the type of ID tokens as well', (type) => {
    const { warnings } = load(inApi(issuer, `${issuer}\n  token_types: [at+jwt, ${type}]`));
    expect(warnings).toMatchObject([{ path: 'api.token_types[1]', message: expect.stringContaining('ID tokens') }]);
  });

  it('T3: an address that the issuer does not confirm', () => {
    const { warnings } = load(inApi(issuer, `${issuer}\n  email_trusted: true`));
    expect(warnings).toMatchObject([{ path: 'api.email_trusted' }]);
    expect(load(inApi(issuer, `${issuer}\n  email_trusted: false`)).warnings).toEqual([]);
  });
});

describe('the API without a chat', () => {
  it('is enough; stages need not ask anybody', () => {
    const { config, warnings } = load(apiOnlyText);
    expect(warnings).toEqual([]);
    expect(config.slack).toBeUndefined();
    expect(load(apiOnlyText.replace('quorum: 2', 'quorum: 2\n        ask: { dm: none }')).warnings).toEqual([]);
  });

  it('with a chat beside it, a stage still has to ask somebody', () => {
    const silent = both.replace('{ slack: [C02APPR], dm: none }', '{ dm: none }');
    expect(mistakesIn(silent)).toMatchObject([{ path: 'roles.admin.approval[0].ask', message: 'nobody is asked' }]);
  });

  it.each([
    ['quorum: 2', 'quorum: 2\n        ask: { slack: [C02APPR] }', 'roles.admin.approval[0].ask.slack'],
    ['groups:\n', 'groups:\n  oncall: { slack_usergroup: S0123ABC }\n', 'groups.oncall.slack_usergroup'],
  ])('what counts on a chat is refused: %j as %j', (from, to, path) => {
    expect(mistakesIn(inApi(from, to, apiOnlyText))).toMatchObject([{ path, message: 'there is no section slack' }]);
  });

  it('links to accounts of a chat are refused', () => {
    const text = inApi('aliases:', 'links: { "slack:T01ACME/U02BOB": bob@example.com }\n  aliases:', apiOnlyText);
    expect(mistakesIn(text)).toMatchObject([{ message: 'is not an account of a chat that is configured' }]);
  });

  it('T11: a quorum is not judged where tokens may bring people into the group', () => {
    expect(mistakesIn(apiOnlyText.replace('quorum: 2', 'quorum: 9'))).toEqual([]);
    expect(mistakesIn(apiOnlyText.replace('[bob@example.com, carol@example.com]', '[]'))).toEqual([]);
    const byName = apiOnlyText.replace('groups: [sre] }', 'users: [bob@example.com] }');
    expect(mistakesIn(byName)).toMatchObject([{ path: 'roles.admin.approval[0].quorum' }]);
  });
});

describe('links of accounts of the API', () => {
  const linked = (account: string, more = '') =>
    both.replace('links: {', () => `links: { ${JSON.stringify(account)}: bob@example.com, ${more}`);

  it('T5: are kept under platform, issuer and subject', () => {
    const account = 'api:https://id.example.com/auth0|5f:7/x';
    expect(load(linked(account)).config.identity.links[account]).toBe('bob@example.com');
  });

  it.each([
    ['api:https://evil.example.com/sub', 'is not an account of api.issuer'],
    ['api:https://id.example.com.evil.com/sub', 'is not an account of api.issuer'],
    ['api:https://id.example.com', 'is not an account of api.issuer'],
    ['api:https://id.example.com/', 'does not end with a subject'],
    [`api:https://id.example.com/${'s'.repeat(256)}`, 'does not end with a subject'],
    ['api:https://id.example.com/a b', 'must be named platform:tenant/user'],
    ['api:https://id.example.com/\u00e9', 'must be named platform:tenant/user'],
    ['api:T01ACME/U02BOB', 'is not an account of api.issuer'],
  ])('T3: %s is refused', (account, says) => {
    const [mistake, ...others] = mistakesIn(linked(account));
    expect(others).toEqual([]);
    expect(mistake?.message).toContain(says);
  });

  it('T3: and without the API, all of them', () => {
    expect(mistakesIn(changed('links: {', 'links: { "api:https://id.example.com/s": bob@example.com,'))).toMatchObject([
      { message: 'is an account of the API, which is not configured' },
    ]);
  });

  it('T7: a person has one account of the API, under whatever address, and may have one in a chat as well', () => {
    const one = '"api:https://id.example.com/2": carol@example.com,';
    expect(mistakesIn(linked('api:https://id.example.com/1', one))).toEqual([]);
    const two = `${one} "api:https://id.example.com/3": caroline@example.com,`;
    expect(mistakesIn(linked('api:https://id.example.com/1', two))).toMatchObject([
      { message: 'is a second account of this person of the API' },
    ]);
  });

  it('are not judged by an issuer that is wrong itself', () => {
    const text = linked('api:https://id.example.com/1').replace(issuer, 'issuer: 5');
    expect(mistakesIn(text)).toMatchObject([{ path: 'api.issuer' }]);
  });
});
