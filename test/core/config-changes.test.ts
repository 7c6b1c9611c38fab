import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config, RoleConfig, StageConfig } from '../../src/config/config.ts';
import { type Authority, authorityOf, changesBetween } from '../../src/core/config-changes.ts';
import { apiConfig, teamsConfig } from '../samples.ts';

const secrets = [
  'key-hunter2',
  'signing-hunter2',
  'xoxb-hunter2',
  'whsec_hunter2',
  'db-hunter2',
  'path-hunter2',
  'app-hunter2',
];
const [
  key = '',
  signingSecret = '',
  botToken = '',
  webhookSecret = '',
  password = '',
  pathSecret = '',
  appPassword = '',
] = secrets;

function stage(overrides: Partial<StageConfig> = {}): StageConfig {
  return {
    name: 'on-call',
    approvers: { users: ['dana@example.com'], groups: ['ops'] },
    quorum: 1,
    withinMs: 3_600_000,
    ask: { channels: {}, dm: 'all' },
    ...overrides,
  };
}

function role(overrides: Partial<RoleConfig> = {}): RoleConfig {
  return {
    title: 'Administrator',
    providers: ['vpn'],
    risk: 'normal',
    howTo: undefined,
    requestGroups: ['ops'],
    reason: { required: true, min: 5, pattern: undefined, hint: undefined },
    duration: { defaultMs: 3_600_000, maxMs: 4 * 3_600_000 },
    approval: [stage()],
    selfApproval: false,
    ...overrides,
  };
}

function configWith(overrides: Partial<Config> = {}): Config {
  return {
    server: { host: '127.0.0.1', port: 8080, publicUrl: undefined },
    temporal: { taskQueue: 'elevate' },
    store: `postgres://u:${password}@db.example.com/elevate`,
    keys: [key],
    api: apiConfig('https://id.example.com'),
    slack: { workspaces: ['T01ACME'], signingSecret, botToken, apiUrl: 'https://slack.com/api/' },
    teams: teamsConfig({ app: { type: 'SingleTenant', password: appPassword } }),
    operators: { users: ['dana@example.com'], groups: [] },
    auditors: { users: [], groups: ['ops'] },
    identity: { domains: ['example.com'], oneDirectory: false, aliases: [], links: {} },
    limits: { openPerPerson: 5, perHour: 20 },
    groups: { ops: { users: ['bob@example.com'], platformGroups: { chat: 'S0123ABC' } } },
    providers: {
      vpn: {
        type: 'webhook',
        url: `https://vpn.example.com/${pathSecret}`,
        secrets: [webhookSecret],
        inspects: false,
        timeoutMs: 10_000,
      },
      paper: { type: 'log', timeoutMs: 10_000 },
    },
    roles: { admin: role() },
    workflows: { default: { title: 'Temporary access', enabled: true, performs: 'access', input: undefined } },
    digest: 'd'.repeat(64),
    ...overrides,
  };
}

const config = configWith();
/** As the audit gives it back. */
const kept = (of: Config): Authority => JSON.parse(JSON.stringify(authorityOf(of))) as Authority;
const changesTo = (overrides: Partial<Config>) => changesBetween(kept(config), authorityOf(configWith(overrides)));
const admin = (overrides: Partial<RoleConfig>) => changesTo({ roles: { admin: role(overrides) } });
const api = (overrides: Partial<NonNullable<Config['api']>>) =>
  changesTo({ api: { ...(config.api as NonNullable<Config['api']>), ...overrides } });
const identity = (overrides: Partial<Config['identity']>) =>
  changesTo({ identity: { ...config.identity, ...overrides } });

describe('T32: what a configuration changes', () => {
  it.each<[string, string[], string[]]>([
    [
      'an approving group for a person',
      admin({ approval: [stage({ approvers: { users: [], groups: ['ops', 'sre'] } })] }),
      ['role admin: approvers of stage on-call: added group sre, removed dana@example.com'],
    ],
    ['the quorum', admin({ approval: [stage({ quorum: 2 })] }), ['role admin: quorum of stage on-call: 1 → 2']],
    ['self-approval', admin({ selfApproval: true }), ['role admin: self-approval: no → yes']],
    [
      'who may ask',
      admin({ requestGroups: undefined }),
      ['role admin: may be asked for by: added everyone, removed group ops'],
    ],
    ['how long', admin({ duration: { defaultMs: 1, maxMs: 86_400_000 } }), ['role admin: longest duration: 4h → 1d']],
    ['what it opens', admin({ providers: ['vpn', 'paper'] }), ['role admin: providers: added paper']],
    ['the risk', admin({ risk: 'high' }), ['role admin: risk: normal → high']],
    [
      'a stage more',
      admin({ approval: [stage(), stage({ name: 'owner', quorum: 2 })] }),
      [
        'role admin: stages: on-call → on-call, then owner',
        'role admin: approvers of stage owner: added dana@example.com, group ops',
        'role admin: quorum of stage owner: 2',
      ],
    ],
    ['a limit', changesTo({ limits: { openPerPerson: 5, perHour: 5 } }), ['limits.per_hour: 20 → 5']],
    [
      'a group',
      changesTo({ groups: { ops: { users: ['erin@example.com'], platformGroups: { chat: 'S0123ABC' } } } }),
      ['group ops: added erin@example.com, removed bob@example.com'],
    ],
    [
      'a group of a platform',
      changesTo({ groups: { ops: { users: ['bob@example.com'], platformGroups: { chat: 'S9' } } } }),
      ['group ops: added chat group S9, removed chat group S0123ABC'],
    ],
    ['a group less', changesTo({ groups: {} }), ['group ops: removed']],
    [
      'a new group',
      changesTo({ groups: { ...config.groups, constructor: { users: ['x@example.com'], platformGroups: {} } } }),
      ['group constructor: new', 'group constructor: added x@example.com'],
    ],
    [
      'operators',
      changesTo({ operators: { users: [], groups: ['ops'] } }),
      ['operators: added group ops, removed dana@example.com'],
    ],
    ['auditors', changesTo({ auditors: { users: [], groups: [] } }), ['auditors: removed group ops']],
    [
      'a provider',
      changesTo({
        providers: {
          ...config.providers,
          paper: {
            type: 'webhook',
            url: 'https://a.example.com:8443/x?y=z',
            secrets: [],
            inspects: true,
            timeoutMs: 1,
          },
        },
      }),
      ['provider paper: log → webhook at a.example.com:8443'],
    ],
    ['a role less', changesTo({ roles: {} }), ['role admin: removed']],
    ['the API', changesTo({ api: undefined }), ['api: removed']],
    ['T18: the scope', api({ decideScope: 'elevate.decide' }), ['api: scope for deciding: none → elevate.decide']],
    [
      'the issuer',
      api({ issuer: 'https://id2.example.com' }),
      ['api: issuer: https://id.example.com → https://id2.example.com'],
    ],
    ['T3: addresses', api({ emailTrusted: true }), ['api: unconfirmed addresses count: no → yes']],
    ['token types', api({ tokenTypes: ['at+jwt', 'jwt'] }), ['api: token types: added jwt']],
    [
      'T5: a link',
      identity({ links: { 'chat:T1/U1': 'bob@example.com' } }),
      ['identity.links: added chat:T1/U1 = bob@example.com'],
    ],
    [
      'T5: aliases',
      identity({ aliases: [['a@example.com', 'b@example.com']] }),
      ['identity.aliases: added a@example.com = b@example.com'],
    ],
    ['T5: one directory', identity({ oneDirectory: true }), ['identity.one_directory: no → yes']],
    ['T4: a domain', identity({ domains: ['example.com', 'example.org'] }), ['identity.domains: added example.org']],
  ])('%s', (_what, changes, expected) => expect(changes).toEqual(expected));

  it('a new role is told with all that counts', () => {
    expect(changesTo({ roles: { admin: role(), reader: role({ requestGroups: undefined }) } })).toEqual([
      'role reader: new',
      'role reader: providers: added vpn',
      'role reader: may be asked for by: added everyone',
      'role reader: risk: normal',
      'role reader: longest duration: 4h',
      'role reader: self-approval: no',
      'role reader: stages: on-call',
      'role reader: approvers of stage on-call: added dana@example.com, group ops',
      'role reader: quorum of stage on-call: 1',
    ]);
  });

  it('stages of one name are told apart', () => {
    const twice = (quorum: number) =>
      configWith({ roles: { admin: role({ approval: [stage(), stage({ quorum })] }) } });
    expect(changesBetween(authorityOf(twice(1)), authorityOf(twice(2)))).toEqual([
      'role admin: quorum of stage 2 (on-call): 1 → 2',
    ]);
  });

  it('T28: the name of a stage is one line of visible characters', () => {
    const [changed] = admin({ approval: [stage({ name: 'on\u202e-\u200bcall\nrole x: removed' })] });
    expect(changed).toBe('role admin: stages: on-call → on-call role x: removed');
  });

  it('order, titles and everything else that gives nobody anything are no change', () => {
    expect(
      changesTo({
        digest: 'e'.repeat(64),
        server: { host: '0.0.0.0', port: 1, publicUrl: undefined },
        groups: { ops: { platformGroups: { chat: 'S0123ABC' }, users: ['bob@example.com'] } },
        roles: { admin: role({ title: 'Other', howTo: 'x', approval: [stage({ withinMs: 1 })] }) },
        providers: Object.fromEntries(Object.entries(config.providers).toReversed()),
      }),
    ).toEqual([]);
  });

  it('the first one on record says only that', () => {
    expect(changesBetween(undefined, authorityOf(config))).toEqual(['the first configuration on record']);
  });

  it('what an older version wrote down is no reason to fail', () => {
    const older: Authority = { operators: [], 'limits.per_hour': 20, 'role admin': { 'self-approval': 'maybe' } };
    const changes = changesBetween(older, authorityOf(config));
    expect(changes).toContain('operators: added dana@example.com');
    expect(changes).toContain('role admin: self-approval: maybe → no');
  });

  it('is bounded: 200 sentences, 20 names in each', () => {
    const people = Array.from({ length: 5_000 }, (_, n) => `p${n}@example.com`);
    const groups = Object.fromEntries(people.map((_, n) => [`g${n}`, { users: [], platformGroups: {} }]));
    const changes = changesTo({ groups: { ...groups, ...config.groups }, operators: { users: people, groups: [] } });
    expect(changes).toHaveLength(201);
    expect(changes.at(-1)).toBe('… and 4801 more');
    expect(changes[0]).toMatch(/^operators: added p0@.*, … and 4980 more, removed dana@example\.com$/);
  });
});

// ── any configuration ────────────────────────────────────────────────────────────────────────────────────

const email = fc.constantFrom('a', 'b', 'c', 'd').map((name) => `${name}@example.com`);
const emails = fc.uniqueArray(email, { maxLength: 3 });
const groupName = fc.constantFrom('ops', 'sre', 'constructor', '__proto__');
const groupNames = fc.uniqueArray(groupName, { maxLength: 3 });
const approvers = fc.record({ users: emails, groups: groupNames });
const stages = fc.array(
  fc
    .record({ name: fc.constantFrom('one', 'two', '__proto__'), approvers, quorum: fc.integer({ min: 1, max: 3 }) })
    .map(stage),
  { minLength: 1, maxLength: 3 },
);
const roles = fc
  .record({
    providers: fc.uniqueArray(fc.constantFrom('vpn', 'paper'), { minLength: 1 }),
    risk: fc.constantFrom('low' as const, 'normal' as const, 'high' as const),
    requestGroups: fc.option(groupNames, { nil: undefined }),
    duration: fc.integer({ min: 1, max: 40 }).map((hours) => ({ defaultMs: 1, maxMs: hours * 3_600_000 })),
    approval: stages,
    selfApproval: fc.boolean(),
  })
  .map(role);
const maps = <T>(value: fc.Arbitrary<T>) => fc.dictionary(fc.constantFrom('one', 'two', 'constructor'), value);
const groups = maps(
  fc.record({
    users: emails,
    platformGroups: fc.dictionary(fc.constantFrom('chat', 'other'), fc.constantFrom('S1', 'S2')),
  }),
);
const limits = fc.record({ openPerPerson: fc.integer({ min: 1, max: 9 }), perHour: fc.integer({ min: 1, max: 9 }) });
const any: fc.Arbitrary<Config> = fc
  .record({ operators: approvers, auditors: approvers, roles: maps(roles), groups, limits })
  .map(configWith);

/** Puts another value in the place of one leaf of what was recorded. */
function withOneOther(authority: Authority, which: number): Authority {
  const copy = structuredClone(authority);
  const places = Object.entries(copy).flatMap(([subject, said]): [Record<string, unknown>, string][] =>
    typeof said === 'object' && !Array.isArray(said)
      ? Object.keys(said).map((name) => [said, name])
      : [[copy, subject]],
  );
  const [holder, name] = places[which % places.length] ?? [{}, ''];
  const value = holder[name];
  holder[name] = Array.isArray(value) ? [...(value as string[]), 'zoe@example.com'] : `${String(value)} and more`;
  return copy;
}

describe('T32: of any two configurations', () => {
  it('equal ones differ in nothing, also after they were stored', () => {
    fc.assert(
      fc.property(any, (one) => {
        expect(changesBetween(kept(one), authorityOf(structuredClone(one)))).toEqual([]);
        expect(kept(one)).toEqual(authorityOf(one));
      }),
      { numRuns: 200 },
    );
  });

  it('whatever single fact differs is told, in either direction, and names its subject', () => {
    fc.assert(
      fc.property(any, fc.nat(), (one, which) => {
        const before = authorityOf(one);
        const after = withOneOther(before, which);
        expect(changesBetween(before, after)).toHaveLength(1);
        expect(changesBetween(after, before)).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it('there is a change exactly where what is recorded differs', () => {
    fc.assert(
      fc.property(any, any, (one, other) => {
        const [before, after] = [kept(one), kept(other)];
        const same = JSON.stringify(sorted(before)) === JSON.stringify(sorted(after));
        expect(changesBetween(before, after).length > 0).toBe(!same);
      }),
      { numRuns: 300 },
    );
  });

  it('P7: no secret is in what is recorded or told', () => {
    fc.assert(
      fc.property(any, any, (one, other) => {
        const all = JSON.stringify([authorityOf(one), changesBetween(authorityOf(one), authorityOf(other))]);
        for (const secret of secrets) expect(all).not.toContain(secret);
      }),
      { numRuns: 100 },
    );
  });
});

/** Keys in the order of the alphabet, since theirs is nobody's business. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, entry]) => [name, sorted(entry)]);
}
