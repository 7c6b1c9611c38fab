import { describe, expect, it } from 'vitest';
import { changed, errorOf, mistakesIn, sampleEnv, sampleKeys, sampleText, slackSection } from './sample.ts';

/** What is changed, into what, and of the one mistake: its path, part of its message or hint, and of its line. */
type Case = [from: string, to: string, path: string, says: string | RegExp, line: string];

function expectOne([from, to, path, says, line]: Case): void {
  const text = changed(from, to);
  const mistakes = mistakesIn(text);
  expect(mistakes.map((mistake) => mistake.path)).toEqual([path]);
  expect(`${mistakes[0]?.message} (${mistakes[0]?.hint})`).toMatch(says);
  expect(text.split('\n')[(mistakes[0]?.line ?? 0) - 1]).toContain(line);
}

const sre = 'groups: [sre] }';
const stage = 'roles.admin.approval[0]';

describe('a document of the wrong shape', () => {
  it.each<Case>([
    ['    title: Adm', '    tittle: Adm', 'roles.admin.tittle', 'unknown key "tittle" (did you mean title?)', 'tittle'],
    ['keys:', 'Keys: x\nkeys:', 'Keys', 'did you mean keys?', 'Keys: x'],
    ['  bot_token:', '  botToken: x\n  bot_token:', 'slack.botToken', 'did you mean bot_token?', 'botToken'],
    ['quorum: 2', 'quorum: 2\n        zzzzzz: 1', `${stage}.zzzzzz`, 'known here: name, approvers, quorum', 'zzzzzz'],
    ['url: https', 'uri: x, url: https', 'providers.vpn.uri', 'did you mean url?', 'vpn:'],
    ['S0123ABC }', 'S0123ABC, usres: [] }', 'groups.oncall.usres', 'did you mean users?', 'oncall'],
    ['keys: ${ELEVATE_KEYS}', '', '', 'keys is missing', ''],
    ['  bot_token: ${SLACK_BOT_TOKEN}\n', '', 'slack', 'bot_token is missing', 'slack:'],
    [', secret: "${VPN_SECRET}"', '', 'providers.vpn', 'secret is missing', 'vpn:'],
    ['quorum: 2', 'quorum: two', `${stage}.quorum`, 'a whole number from 1 to 20', 'quorum'],
    ['quorum: 2', 'quorum: 0', `${stage}.quorum`, 'a whole number from 1 to 20', 'quorum'],
    ['quorum: 2', 'quorum: 1.5', `${stage}.quorum`, 'a whole number from 1 to 20', 'quorum'],
    ['within: 4h', 'within: 4', `${stage}.within`, 'put it in quotes', 'within'],
    ['within: 4h', 'within: "4"', `${stage}.within`, 'a length of time such as 4h', 'within'],
    ['within: 4h', 'within: P1M', `${stage}.within`, 'a length of time', 'within'],
    ['title: Administrator', 'self_approval: yes', 'roles.admin.self_approval', 'must be true or false', 'self_app'],
    ['title: Administrator', 'risk: hihg', 'roles.admin.risk', 'must be low, normal or high', 'hihg'],
    ['title: Administrator', 'title:', 'roles.admin.title', 'there is nothing here', 'title:'],
    ['providers: [vpn]', 'providers: vpn', 'roles.admin.providers', 'must be a list', 'providers: vpn'],
    ['providers: [vpn]', 'providers: []', 'roles.admin.providers', 'must list at least 1', 'providers: []'],
    ['providers: [vpn]', 'providers: [vpn, vpn]', 'roles.admin.providers', 'lists the same twice', 'vpn, vpn'],
    ['type: webhook', 'type: webhok', 'providers.vpn', 'must be a provider of type log or webhook', 'vpn:'],
    ['{ slack_usergroup: S0123ABC }', '12', 'groups.oncall', 'must be a list of e-mails, or {', 'oncall: 12'],
    ['S0123ABC', 'oncall', 'groups.oncall.slack_usergroup', 'must be the id of a Slack user group', 'oncall: {'],
    ['C02APPR', '@approvals', '', 'not valid YAML', 'approvals'],
    ['C02APPR', '"#approvals"', `${stage}.ask.slack[0]`, 'must be the id of a Slack channel', 'approvals'],
    ['performs: access', 'performs: magic', 'workflows.default.performs', 'must be access', 'magic'],
    ['slack:\n', 'slack:\n  mode: socket\n', 'slack.mode', 'must be http', 'socket'],
    ['slack:\n', 'store: mysql://u:hunter2@db/x\nslack:\n', 'store', 'must be sqlite: and a path, or', 'store'],
    ['slack:\n', 'include: groups.yaml\nslack:\n', 'include', 'must be a list (a list of paths)', 'include'],
    ['slack:\n', 'include: [5]\nslack:\n', 'include[0]', 'must be a path', 'include'],
    ['slack:\n', 'server: { port: 65536 }\nslack:\n', 'server.port', 'a whole number from 0 to 65535', 'port'],
    ['slack:\n', 'server: { port: "65536" }\nslack:\n', 'server.port', 'at most 65535', 'port'],
    ['"${VPN_SECRET}"', 'hunter2hunter2', 'providers.vpn.secret', 'whsec_ and 24 to 64 bytes', 'vpn:'],
  ])('%j as %j', (...one) => expectOne(one));

  it('a list, a word or nothing in place of a document is one mistake', () => {
    for (const text of ['- a', 'a', '', '# nothing', 'null', '5']) {
      expect(mistakesIn(text)).toMatchObject([{ line: 1, path: '', message: 'must be a section with keys' }]);
    }
  });

  it.each(['Admin', 'ad_min', '-admin', 'a'.repeat(64), '__proto__', '"ad min"', '"admin\\u202e"'])(
    'the role name %s is refused',
    (name) => {
      const [mistake, ...others] = mistakesIn(changed('  admin:', `  ${name}:`));
      expect(others).toEqual([]);
      expect(mistake).toMatchObject({ line: 17, message: expect.stringContaining('lower-case letters, digits') });
    },
  );
});

describe('parts that do not fit together', () => {
  it.each<Case>([
    [sre, 'groups: [srr] }', `${stage}.approvers.groups[0]`, 'no group of this name (did you mean sre?)', 'srr'],
    ['title: Administrator', 'request: { groups: [ops] }', 'roles.admin.request.groups[0]', 'add it under', 'ops'],
    ['slack:\n', 'operators: { groups: [ops] }\nslack:\n', 'operators.groups[0]', 'no group of this name', 'ops'],
    ['providers: [vpn]', 'providers: [vnp]', 'roles.admin.providers[0]', 'did you mean vpn?', 'vnp'],
    ['providers: [vpn]', 'providers: [constructor]', 'roles.admin.providers[0]', 'no provider', 'constructor'],
    ['quorum: 2', 'quorum: 3', `${stage}.quorum`, 'asks for 3 approvers where 2 could approve', 'quorum'],
    [sre, 'users: [bob@example.com] }', `${stage}.quorum`, '2 approvers where 1 could', 'quorum'],
    [sre, 'users: [BOB@example.com], groups: [sre] }', '', 'undefined', ''],
    [sre, 'users: [carol@example.com, caroline@example.com] }', `${stage}.quorum`, 'where 1 could', 'quorum'],
    [sre, '}', `${stage}.quorum`, 'names no approver', 'quorum'],
    ['sre: [bob@example.com, carol@example.com]', 'sre: []', `${stage}.quorum`, 'nobody is in', 'quorum'],
    ['{ slack: [C02APPR], dm: none }', '{ dm: none }', `${stage}.ask`, 'nobody is asked', 'ask'],
    ['{ slack: [C02APPR], dm: none }', '{ slack: [], dm: none }', `${stage}.ask`, 'nobody is asked', 'ask'],
    ['within: 4h', 'within: 31d', `${stage}.within`, 'at most 30d', 'within'],
    ['default: 1h, max: 4h', 'default: 5h, max: 4h', 'roles.admin.duration.default', 'longer than max', 'default'],
    ['default: 1h, max: 4h', 'default: 5h', 'roles.admin.duration.default', 'max is 4h where it is left out', '5h'],
    ['default: 1h, max: 4h', 'max: 59s', 'roles.admin.duration.max', 'from 1m to 30d', '59s'],
    ['default: 1h, max: 4h', 'max: 30d1s', 'roles.admin.duration.max', 'from 1m to 30d', '30d1s'],
    ['default: 1h, max: 4h', 'default: 1s, max: 4h', 'roles.admin.duration.default', 'at least 1m', '1s'],
    [', secret:', ', timeout: 31s, secret:', 'providers.vpn.timeout', 'at most 30s', 'vpn'],
    ['INC-[0-9]+', '(INC', 'roles.admin.reason.pattern', 'not a valid regular expression', 'pattern'],
    ['INC-[0-9]+', '([a-z]+)+$', 'roles.admin.reason.pattern', 'can take for ever', 'pattern'],
    ['performs: access }', 'performs: access, input: { type: objekt } }', 'workflows.default.input', 'object', 'def'],
    [
      'performs: access }',
      'performs: access, input: { type: object, propertys: {} } }',
      'workflows.default.input',
      'not a JSON Schema',
      'def',
    ],
    [
      'performs: access }',
      'performs: access, input: { type: object, $async: true } }',
      'workflows.default.input',
      'async',
      'def',
    ],
    [
      'performs: access }',
      'performs: access, input: { type: object, properties: { reason: { type: string, pattern: (a+)+ } } } }',
      'workflows.default.input.properties.reason.pattern',
      'can take for ever',
      'def',
    ],
  ])('%j as %j', (...one) => {
    if (one[2] === '') expect(mistakesIn(changed(one[0], one[1]))).toEqual([]);
    else expectOne(one);
  });

  it('a quorum is not judged where only the chat knows who is in the group', () => {
    expect(mistakesIn(changed(sre, 'groups: [oncall] }').replace('quorum: 2', 'quorum: 9'))).toEqual([]);
  });

  it.each(
    (
      'elevate roles run list show done extend cancel approvals approve deny question answer offer again nudge ' +
      'emergency explain whoami link unlink help terminate on for at because all'
    )
      .split(' ')
      .concat('1h', '30m'),
  )('nothing may be called %s, for nobody could ask for it', (name) => {
    const role = mistakesIn(changed('  admin:', `  ${name}:`));
    expect(role).toMatchObject([{ path: `roles.${name}`, line: 17, message: expect.stringContaining('this name') }]);
    const workflow = mistakesIn(changed('  default:', `  ${name}:`));
    expect(workflow).toMatchObject([{ path: `workflows.${name}`, line: 28 }]);
    const provider = mistakesIn(changed('  vpn:', `  ${name}:`).replace('[vpn]', `["${name}"]`));
    expect(provider).toMatchObject([{ path: `providers.${name}`, line: 15 }]);
  });
});

describe('people', () => {
  const bob = 'sre: [bob@example.com';
  it.each<Case>([
    [bob, 'sre: [bob@examp1e.com', 'groups.sre[0]', 'outside identity.domains (did you mean example.com?)', 'examp1e'],
    [bob, 'sre: [bob@evil.example.com', 'groups.sre[0]', 'outside identity.domains', 'evil'],
    [bob, 'sre: [bob@example.com@evil.com', 'groups.sre[0]', /outside|not an e-mail/, 'evil'],
    [bob, 'sre: [bob', 'groups.sre[0]', 'is not an e-mail address', 'bob,'],
    [bob, 'sre: ["<bob @example.com"', 'groups.sre[0]', 'has letters', 'bob @'],
    [sre, `users: [eve@other.com], ${sre}`, `${stage}.approvers.users[0]`, 'outside identity.domains', 'eve'],
    ['[[carol@', '[[carol@other.com, carol@', 'identity.aliases[0][0]', 'outside identity.domains', 'aliases'],
    ['U02BOB": bob@example', 'U02BOB": bob@other', 'identity.links["slack:T01ACME/U02BOB"]', 'outside', 'links'],
    ['U02BOB": bob@example', 'U02BOB": b\u00f6b@example', 'identity.links["slack:T01ACME/U02BOB"]', 'ASCII', 'links'],
    ['domains: [example.com]', 'domains: []', 'identity.domains', 'must list at least 1', 'domains'],
    ['domains: [example.com]', 'domains: ["*.com", example.com]', 'identity.domains[0]', 'must be a domain', 'domains'],
    ['slack:T01ACME/U02BOB', 'slack:T99EVIL/U02BOB', 'identity.links["slack:T99EVIL/U02BOB"]', 'workspaces', 'links'],
    ['slack:T01ACME/U02BOB', 'teams:T01ACME/U02BOB', 'identity.links["teams:T01ACME/U02BOB"]', 'chat', 'links'],
    ['slack:T01ACME/U02BOB', 'slack:T01ACME/bob', 'identity.links["slack:T01ACME/bob"]', 'id of a Slack user', 'links'],
    ['slack:T01ACME/U02BOB', 'U02BOB', 'identity.links.U02BOB', 'named platform:tenant/user', 'links'],
    [
      'caroline@example.com]]',
      'a@example.com], [A@example.com, b@example.com]]',
      'identity.aliases[1][0]',
      'already',
      'al',
    ],
    ['workspaces: [T01ACME]', 'workspaces: []', 'slack.workspaces', 'must list at least 1', 'workspaces'],
  ])('T2, T3, T4, T5: %j as %j', (...one) => expectOne(one));

  it('T4: an address with a Kelvin sign is refused, though it lower-cases to an ordinary one', () => {
    const kate = '\u212Aate@example.com';
    expect(kate.toLowerCase()).toBe('kate@example.com');
    expectOne([bob, `sre: [${kate}`, 'groups.sre[0]', 'ASCII', kate]);
  });

  it('T7: a person has one account in a workspace, under whatever address', () => {
    const twice = changed(
      'links: {',
      'links: { "slack:T01ACME/U1": carol@example.com, "slack:T01ACME/U2": caroline@example.com,',
    );
    expect(mistakesIn(twice)).toMatchObject([{ path: 'identity.links["slack:T01ACME/U2"]', line: 10 }]);
  });
});

describe('addresses', () => {
  const url = 'https://vpn.example.com/grants';
  it.each([
    'http://vpn.example.com/grants',
    'http://localhost.example.com/',
    'http://127.0.0.1.example.com/',
    'http://128.0.0.1/',
    'http://0.0.0.0/',
    'https://user:pw@vpn.example.com/',
    'https://user@vpn.example.com/',
    'https://vpn.example.com/#part',
    'https://vpn.example.com/#',
    'ftp://vpn.example.com/',
    'vpn.example.com',
    'https://',
    'https://vpn .example.com',
    'file:///etc/passwd',
  ])('T27: a webhook is not called at %s', (bad) => {
    const mistakes = mistakesIn(changed(url, `"${bad}"`));
    expect(mistakes).toMatchObject([{ path: 'providers.vpn.url', line: 15 }]);
    expect(mistakes[0]?.message).not.toContain('example');
  });

  it.each([
    'http://127.0.0.1:9/x',
    'http://127.9.8.7',
    'http://localhost:80/',
    'http://[::1]/',
    'https://10.0.0.1/?a=b',
  ])('T27: a webhook may be called at %s', (good) => expect(mistakesIn(changed(url, `"${good}"`))).toEqual([]));

  it.each([
    ['slack.api_url', changed('slack:\n', 'slack:\n  api_url: http://slack.example.com/api/\n')],
    ['server.public_url', changed('slack:\n', 'server: { public_url: http://elevate.example.com }\nslack:\n')],
  ])('%s is held to the same', (path, text) => expect(mistakesIn(text)).toMatchObject([{ path }]));
});

describe('keys and chats', () => {
  const [key = '', other = ''] = sampleKeys;
  it.each([
    ['', 'must be one or more keys'],
    [key.slice(1), 'key 1 of 1 is not 32 bytes'],
    [`${key},`, 'key 2 of 2 is not 32 bytes'],
    [`${key},${other},${key}`, 'the same key twice'],
    ['A'.repeat(43), 'the same byte 32 times'],
  ])('P7: keys %j are refused without being quoted', (keys, says) => {
    const [mistake, ...others] = mistakesIn(sampleText, { ...sampleEnv, ELEVATE_KEYS: keys });
    expect(others).toEqual([]);
    expect(mistake).toMatchObject({ path: 'keys', line: 2, message: expect.stringContaining(says) });
    expect(JSON.stringify(mistake)).not.toContain(key.slice(2, 12));
  });

  it('a configuration with neither a chat nor the API is refused, and that is all that is said', () => {
    const silent = sampleText.replace(slackSection, '').replace(/ {2}links:.*\n/, '');
    expect(mistakesIn(silent)).toMatchObject([
      { path: '', line: 2, message: 'there is nobody to talk to', hint: 'add a section slack, teams or api' },
    ]);
  });
});

describe('many mistakes', () => {
  const text = sampleText
    .replace('${SLACK_BOT_TOKEN}', '${NOT_SET}')
    .replace('[example.com]', '[example.com]\n  domians: []')
    .replace('carol@example.com]\n', 'carol@example.com]\n  sre: [bob@example.com, carol@example.com]\n')
    .replace('https://vpn', 'http://vpn')
    .replace('providers: [vpn]', 'providers: [vpn, wiki]')
    .replace('within: 4h', 'within: soon')
    .replace('quorum: 2', 'quorum: 3')
    .replace('dm: none', 'dm: oncall');

  it('are all reported at once, in the order of the file', () => {
    expect(mistakesIn(text).map(({ line, path }) => `${line} ${path}`)).toEqual([
      '6 slack.bot_token',
      '9 identity.domians',
      '14 ',
      '17 providers.vpn.url',
      '21 roles.admin.providers[1]',
      '26 roles.admin.approval[0].quorum',
      '27 roles.admin.approval[0].ask.dm',
      '28 roles.admin.approval[0].within',
    ]);
  });

  it('are printed one a line, each with its place and its remedy', () => {
    const lines = errorOf(text)?.message.split('\n') ?? [];
    expect(lines).toHaveLength(8);
    expect(lines[1]).toBe('elevate.yaml:9:3 identity.domians: unknown key "domians" (did you mean domains?)');
  });

  it('one mistake does not bring others with it', () => {
    expect(mistakesIn(changed('sre: [bob@example.com, carol@example.com]', 'sre: 5'))).toHaveLength(1);
    expect(mistakesIn(changed('approvers: { groups: [sre] }', 'approvers: sre'))).toHaveLength(1);
    expect(mistakesIn(changed('max: 4h', 'max: four hours'))).toHaveLength(1);
    expect(mistakesIn(changed('type: webhook', 'type: 5'))).toHaveLength(1);
  });

  it('a hostile name is shown as harmless text', () => {
    const [mistake] = mistakesIn(changed('keys:', '"\\u001b[31m\\u202eA": 1\nkeys:'));
    expect(mistake?.message).toBe('unknown key "?[31m?A"');
  });
});
