import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AskInput, Command } from '../../src/core/command.ts';
import { formatAsk, HELP, parseCommand } from '../../src/core/command.ts';

const vocabulary = {
  roles: ['admin', 'reader', 'Billing-Admin'],
  providers: { admin: ['aws-prod', 'vpn'], reader: ['aws-prod', 'aws-test'], 'Billing-Admin': ['stripe'] },
  workflows: ['default', 'restart-service'],
};
const parse = (text: string) => parseCommand(text, vocabulary);
const asked = (input: AskInput): Command => ({ verb: 'ask', workflow: 'default', input });
const id = 'wf_0123456789abcdefghjkmnpqrs';

describe('asking', () => {
  const full = { role: 'admin', provider: 'aws-prod', duration: '1h', reason: 'deploy is stuck' };

  it.each<[string, AskInput]>([
    ['', {}],
    ['   ', {}],
    ['/elevate', {}],
    ['admin', { role: 'admin' }],
    ['admin on aws-prod for 1h because deploy is stuck', full],
    ['admin for 1h on aws-prod because deploy is stuck', full],
    ['/elevate admin on aws-prod for 1h because deploy is stuck', full],
    ['admin aws-prod 1h deploy is stuck', full],
    ['admin 1h aws-prod deploy is stuck', full],
    ['admin aws-prod for 1h deploy is stuck', full],
    ['ADMIN On AWS-Prod FOR 1H Because deploy is stuck', full],
    ['“admin” on ‘aws-prod’ for "1h" because deploy is stuck', full],
    ['\u00a0admin\u00a0on  aws-prod\tfor\n1h because\u00a0deploy is stuck ', full],
    ['billing-admin', { role: 'Billing-Admin' }],
    ['admin for 90 min', { role: 'admin', duration: '1h30m' }],
    ['admin for 2 hours', { role: 'admin', duration: '2h' }],
    ['admin for 1 day', { role: 'admin', duration: '1d' }],
    ['admin 1 hour 30 minutes', { role: 'admin', duration: '1h30m' }],
    ['admin PT1H30M', { role: 'admin', duration: '1h30m' }],
    ['admin 90 min vpn', { role: 'admin', duration: '1h30m', provider: 'vpn' }],
    ['admin on vpn', { role: 'admin', provider: 'vpn' }],
    ['admin because', { role: 'admin' }],
    ['admin deploy is stuck', { role: 'admin', reason: 'deploy is stuck' }],
    ['admin 1h INC-123', { role: 'admin', duration: '1h', reason: 'INC-123' }],
    ['admin vpn INC-123', { role: 'admin', provider: 'vpn', reason: 'INC-123' }],
  ])('%j', (typed, input) => {
    expect(parse(typed)).toEqual(asked(input));
  });

  it.each([
    ['because the reader on vpn for 2h is stuck', 'the reader on vpn for 2h is stuck'],
    ['because “quoted”  and   spaced', '“quoted”  and   spaced'],
    ['because because', 'because'],
    ['because list all', 'list all'],
    ['because line one\nline two', 'line one\nline two'],
    ['because a &amp; b <@U123|bob>', 'a &amp; b <@U123|bob>'],
  ])('all after because is the reason, as it stands: %j', (typed, reason) => {
    expect(parse(`admin on vpn ${typed}`)).toEqual(asked({ role: 'admin', provider: 'vpn', reason }));
  });

  it('once provider and duration are there, the rest is the reason, whatever words it has', () => {
    const reason = 'disk of aws-prod full for 2 days because of logs';
    expect(parse(`admin vpn 1h ${reason}`)).toEqual(asked({ role: 'admin', provider: 'vpn', duration: '1h', reason }));
  });
});

describe('other commands', () => {
  it.each<[string, Command]>([
    ['list', { verb: 'list', all: false }],
    ['LIST All', { verb: 'list', all: true }],
    ['show', { verb: 'show' }],
    [`show ${id}`, { verb: 'show', id }],
    [`show ${id.toUpperCase()}`, { verb: 'show', id }],
    [`cancel ${id.slice(3)}`, { verb: 'cancel', id }],
    ['cancel', { verb: 'cancel' }],
    ['done 012345', { verb: 'done', id: 'wf_012345' }],
    ['done “wf_012345”', { verb: 'done', id: 'wf_012345' }],
    ['terminate wf_012345', { verb: 'terminate', id: 'wf_012345' }],
    ['approvals', { verb: 'approvals' }],
    ['whoami', { verb: 'whoami' }],
    ['roles', { verb: 'roles' }],
    ['roles Prod', { verb: 'roles', word: 'Prod' }],
    ['help', { verb: 'help' }],
    ['help me please', { verb: 'help' }],
    ['/elevate whoami', { verb: 'whoami' }],
  ])('%j', (typed, command) => {
    expect(parse(typed)).toEqual(command);
  });
});

describe('a mistake names its problem and the nearest valid command', () => {
  it.each<[string, string, string]>([
    // words
    ['lst', 'unknown_word', '/elevate list'],
    ['approv', 'unknown_word', '/elevate approvals'],
    ['xyzzy', 'unknown_word', '/elevate help'],
    ['""', 'unknown_word', '/elevate help'],
    ['list everything', 'extra_words', '/elevate list'],
    ['list all now', 'extra_words', '/elevate list all'],
    ['whoami really', 'extra_words', '/elevate whoami'],
    ['roles prod test', 'extra_words', '/elevate roles prod'],
    [`show ${id} ${id}`, 'extra_words', `/elevate show ${id}`],
    // ids
    ['show wf_123', 'bad_id', '/elevate show'],
    ['cancel 12345', 'bad_id', '/elevate cancel'],
    [`done ${id}0`, 'bad_id', '/elevate done'],
    ['cancel everything!', 'bad_id', '/elevate cancel'],
    // roles
    ['admn on vpn for 1h because x', 'unknown_role', '/elevate admin on vpn for 1h because x'],
    ['adm', 'unknown_role', '/elevate admin'],
    ['admn aws-prd for 1h because x', 'unknown_role', '/elevate admin on aws-prod for 1h because x'],
    ['superuser on vpn', 'unknown_role', '/elevate help'],
    ['admin, reader on aws-prod', 'several_roles', '/elevate admin on aws-prod'],
    ['admin,reader for 1h', 'several_roles', '/elevate admin for 1h'],
    ['admin and reader 1h', 'several_roles', '/elevate admin for 1h'],
    ['admin reader', 'several_roles', '/elevate admin'],
    ['on vpn for 1h because x', 'missing_role', '/elevate admin on vpn for 1h because x'],
    ['stripe 1h', 'missing_role', '/elevate Billing-Admin on stripe for 1h'],
    ['for 1h', 'missing_role', '/elevate roles'],
    ['2 hours', 'missing_role', '/elevate roles'],
    ['because I can', 'missing_role', '/elevate roles'],
    // providers
    ['admin on aws-prdo for 1h', 'unknown_provider', '/elevate admin on aws-prod for 1h'],
    ['admin on aws for 1h', 'unknown_provider', '/elevate admin on aws-prod for 1h'],
    ['admin on gcp', 'unknown_provider', '/elevate roles admin'],
    ['admin on', 'unknown_provider', '/elevate roles admin'],
    ['admin on stripe', 'unknown_provider', '/elevate roles admin'],
    // durations
    ['admin on vpn for ages because x', 'bad_duration', '/elevate admin on vpn for 1h because x'],
    ['admin on vpn for 60 because x', 'bad_duration', '/elevate admin on vpn for 1h because x'],
    ['admin for 90 minuts because x', 'bad_duration', '/elevate admin for 1h30m because x'],
    ['admin for', 'bad_duration', '/elevate admin for 1h'],
    ['admin for 0m', 'bad_duration', '/elevate admin for 1h'],
    ['admin for 999999 weeks', 'bad_duration', '/elevate help'],
    // not in this version
    ['admin for @bob', 'not_available', '/elevate help'],
    ['admin on vpn for 1h for <@U123|bob> because x', 'not_available', '/elevate help'],
    ['admin on vpn for 1h at 14:00 because x', 'not_available', '/elevate help'],
    ['restart-service', 'not_available', '/elevate help'],
    ['run restart-service', 'not_available', '/elevate help'],
    ['approve wf_012345', 'not_available', '/elevate approvals'],
    ['extend 1h', 'not_available', '/elevate help'],
  ])('%j: %s, %j', (typed, kind, suggestion) => {
    expect(parse(typed)).toMatchObject({ verb: 'mistake', problem: { kind }, suggestion });
  });

  it.each([
    ['a misspelt provider', 'admin aws-prdo deploy is stuck', 'unknown_provider'],
    ['a provider of another role', 'admin stripe deploy is stuck', 'unknown_provider'],
    ['a single word where the provider belongs', 'admin gcp', 'unknown_provider'],
    ['a word before because', 'admin gcp because deploy is stuck', 'unclear'],
    ['a word before the provider', 'admin the vpn 1h', 'unclear'],
    ['a word before the duration', 'admin gcp 1h deploy is stuck', 'unclear'],
    ['a word before for and the duration', 'admin vpn urgently for 2 hours', 'unclear'],
  ])('P1: %s is not taken for a reason: %j', (_, typed, kind) => {
    expect(parse(typed)).toMatchObject({ verb: 'mistake', problem: { kind } });
  });

  it('what may be a reason is offered as one, for the person to say', () => {
    expect(parse('admin disk full since 2 days')).toMatchObject({
      problem: { kind: 'unclear' },
      suggestion: '/elevate admin because disk full since 2 days',
    });
  });

  it('more than 4,000 characters are refused, 4,000 are read', () => {
    const reason = 'x'.repeat(4_000 - 'admin because '.length);
    expect(parse(`admin because ${reason}`)).toEqual(asked({ role: 'admin', reason }));
    expect(parse(`admin because ${reason}x`)).toMatchObject({
      problem: { kind: 'too_long' },
      suggestion: '/elevate help',
    });
  });

  it('T28: the sentence and the suggestion repeat nothing that hides or breaks the line', () => {
    const mistake = parse('admin on \u202eaws-prdo\u200b because one\ntwo\u2066');
    expect(mistake).toMatchObject({
      problem: { sentence: 'The role admin is given on aws-prod or vpn. There is no “aws-prdo” for it.' },
      suggestion: '/elevate admin on aws-prod because one two',
    });
  });

  it('words out of the prototype are unknown like any other', () => {
    const odd = { roles: ['constructor'], providers: {}, workflows: [] };
    expect(parseCommand('constructor on name', odd)).toMatchObject({ problem: { kind: 'unknown_provider' } });
    expect(parse('__proto__')).toMatchObject({ problem: { kind: 'unknown_word' } });
  });
});

describe('whatever is typed', () => {
  const usual = 'admin reader billing-admin on for because at and , aws-prod aws-prdo vpn stripe 1h 90 min 0m deploy x';
  const other = 'list all show roles approve restart-service wf_012345 /elevate @bob <@U1|bob> 14:00 “ " \u200b \ud800';
  const word = fc.constantFrom('\u00a0', '\n', '2 hours', ...usual.split(' '), ...other.split(' '));
  const typed = fc.oneof(
    fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    fc.array(word, { maxLength: 6 }).map((words) => words.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.integer({ min: 3_980, max: 4_010 }).map((length) => 'admin because'.padEnd(length, ' x')),
  );

  it('a command comes out, and a mistake suggests one that is valid', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const command = parse(text);
        if (command.verb !== 'mistake') return;
        expect(command.suggestion).toMatch(/^\/elevate(?: |$)/u);
        expect(parse(command.suggestion).verb).not.toBe('mistake');
        expect(command.problem.sentence).toMatch(/^[^\p{Cc}\p{Cf}]+\.$/u);
      }),
      { numRuns: 1_000 },
    );
  });

  it('only names of the vocabulary come out, spelled as there', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const command = parse(`reader ${text}`);
        if (command.verb !== 'ask' || command.input.role === undefined) return;
        const { role, provider } = command.input;
        expect(vocabulary.roles).toContain(role);
        const given = vocabulary.providers[role as keyof typeof vocabulary.providers];
        if (provider !== undefined) expect(given).toContain(provider);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a request written as a command and read again is the same request', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const command = parse(`admin ${text}`);
        if (command.verb === 'ask' && text.length < 3_900) expect(parse(formatAsk(command.input))).toEqual(command);
      }),
      { numRuns: 1_000 },
    );
  });

  it('any request written as a command is read as that request', () => {
    const input = fc.constantFrom(...vocabulary.roles).chain((role) =>
      fc.record(
        {
          role: fc.constant(role),
          provider: fc.constantFrom(...vocabulary.providers[role as keyof typeof vocabulary.providers]),
          duration: fc.constantFrom('45s', '30m', '1h30m', '2d', '1d2h3m4s'),
          reason: fc
            .string({ unit: 'binary', minLength: 1 })
            .map((text) => text.trim())
            .filter((text) => text !== ''),
        },
        { requiredKeys: ['role'] },
      ),
    );
    fc.assert(
      fc.property(input, (ask) => {
        expect(parse(formatAsk(ask))).toEqual(asked(ask));
      }),
      { numRuns: 1_000 },
    );
  });

  it('what follows because is kept to the letter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (reason) => {
        fc.pre(reason.trim() !== '');
        expect(parse(`admin on vpn for 1h because ${reason}`)).toEqual(
          asked({ role: 'admin', provider: 'vpn', duration: '1h', reason: reason.trim() }),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('help', () => {
  it('lists every command that it can do, but terminate', () => {
    const verbs = HELP.map(({ typed }) => typed.split(' ')[1]);
    expect(verbs).toEqual(['<role>', 'roles', 'list', 'show', 'cancel', 'done', 'approvals', 'whoami', 'help']);
  });

  it.each(HELP.slice(1).map(({ typed }) => typed.replaceAll(/\[(\w+)\]/gu, (_, part) => (part === 'id' ? id : part))))(
    '%j is a command',
    (typed) => {
      expect(parse(typed).verb).not.toBe('mistake');
    },
  );

  it('the example in it is a request', () => {
    const [, example = ''] = HELP[0]?.does.split(': ') ?? [];
    expect(parse(example)).toMatchObject({ verb: 'ask', input: { role: 'admin', duration: '1h' } });
  });
});
