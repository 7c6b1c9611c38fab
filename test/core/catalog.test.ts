/** What an input may say, by workflow and role, and what is told of one that does not fit: all of it at once. */
import { describe, expect, it, vi } from 'vitest';
import type { RoleConfig, WorkflowConfig } from '../../src/config/config.ts';
import { type Catalog, createCatalog } from '../../src/core/catalog.ts';
import { ElevateError } from '../../src/core/errors.ts';
import { hour } from '../samples.ts';

function role(overrides: Partial<RoleConfig> = {}): RoleConfig {
  return {
    title: 'Sample',
    providers: ['sandbox'],
    risk: 'normal',
    howTo: undefined,
    requestGroups: undefined,
    reason: { required: true, min: 5, pattern: undefined, hint: undefined },
    duration: { defaultMs: hour, maxMs: 4 * hour },
    approval: [],
    selfApproval: false,
    ...overrides,
  };
}

function workflow(input?: object, enabled = true): WorkflowConfig {
  return { title: 'Sample', enabled, performs: 'access', input: input as WorkflowConfig['input'] };
}

const roles = {
  admin: role(),
  reader: role({ providers: ['sandbox', 'mirror'], reason: { ...role().reason, required: false } }),
  'db-admin': role({ reason: { required: true, min: 5, pattern: 'INC-[0-9]+', hint: 'the incident' } }),
};
const maintenance = {
  type: 'object',
  required: ['reason'],
  properties: {
    role: { enum: ['admin'] },
    reason: { type: 'string', minLength: 20, pattern: '^OPS', description: 'the change, as OPS-1 and its title.' },
    duration: { enum: ['1h', '2h'] },
  },
};
const workflows = {
  default: workflow(),
  maintenance: workflow(maintenance),
  paused: workflow(maintenance, false),
};
const catalog = createCatalog({ workflows, roles });

/** What is told of an input that is refused, in order. */
function told(input: unknown, name = 'default', of: Catalog = catalog): [pointer: string, message: string][] {
  const error = refusal(() => of.validate(name, input));
  expect(error).toMatchObject({ code: 'invalid_input' });
  expect(of.problemsOf(name, input)).toEqual(error.details.problems);
  return (error.details.problems ?? []).map(({ pointer, message }) => [pointer, message]);
}

function refusal(work: () => unknown): ElevateError {
  try {
    work();
  } catch (error) {
    if (error instanceof ElevateError) return error;
  }
  throw new Error('it was not refused');
}

/** A catalog with one more workflow, `own`. */
function asking({ properties, ...schema }: { properties?: object; [keyword: string]: unknown }): Catalog {
  const text = { type: 'string' };
  const input = { type: 'object', properties: { provider: text, duration: text, ...properties }, ...schema };
  return createCatalog({ workflows: { ...workflows, own: workflow(input) }, roles });
}

const noRole = 'There is no role "nothing". Ask for one that is offered to you';
const anotherRole = 'This workflow is not for this role. Take another role, or another workflow';
const noDuration = 'This is not a duration. Say for example 1h30m';
const noReason = 'A reason is needed: add "because …"';
const noText = 'This is not a text';
const noField = 'There is no such field';

describe('an input that fits', () => {
  it.each([
    ['default', { role: 'admin', reason: 'the deploy' }, { durationMs: hour, provider: 'sandbox' }],
    ['default', { role: 'reader', provider: 'mirror', duration: 'PT90M' }, { durationMs: 1.5 * hour, reason: '' }],
    ['default', { role: 'db-admin', reason: 'for\nINC-42 ' }, { reason: 'for INC-42' }],
    ['maintenance', { role: 'admin', reason: 'OPS-1: a new certificate' }, { role: 'admin' }],
  ])('%s: %j is read in full', (name, input, expected) => {
    expect(catalog.problemsOf(name, input)).toEqual([]);
    const wish = catalog.validate(name, input);
    expect(wish).toMatchObject({ ...expected, roleConfig: roles[input.role as keyof typeof roles] });
  });
});

describe('the workflow', () => {
  const wrong = { role: 5, colour: 'red' };

  it.each([
    ['nothing', 'unknown_workflow', 'There is no workflow "nothing".'],
    ['constructor', 'unknown_workflow', 'There is no workflow "constructor".'],
    ['paused', 'workflow_disabled', 'The workflow "paused" is switched off.'],
  ])('%s is %s, before anything is said of the input', (name, code, message) => {
    for (const input of [wrong, { role: 'admin', reason: 'OPS-1: a new certificate' }, null]) {
      const error = refusal(() => catalog.validate(name, input));
      expect(error).toMatchObject({ code, message });
      expect(error.details.problems).toBeUndefined();
    }
    expect(refusal(() => catalog.requireEnabled(name))).toMatchObject({ code });
  });

  it('that is open is no problem', () => {
    expect(() => catalog.requireEnabled('maintenance')).not.toThrow();
  });

  it('may have the $id of another in its schema', () => {
    const named = { $id: 'same', ...maintenance };
    const both = createCatalog({ workflows: { one: workflow(named), two: workflow(named) }, roles });
    expect(told({ role: 'admin' }, 'two', both)).toEqual([['/reason', noReason]]);
  });
});

describe('every mistake at once, one for each place, in the order of the fields', () => {
  it.each<[object, [string, string][]]>([
    [
      { colour: 'red', reason: 'no', duration: '9h', role: 'admin' },
      [
        ['/duration', 'The longest duration for this role is 4 hours'],
        ['/reason', 'The reason needs at least 5 characters'],
        ['/colour', noField],
      ],
    ],
    [
      { role: 'reader', duration: '30s' },
      [
        ['/provider', 'Choose where: sandbox, mirror'],
        ['/duration', 'The shortest duration is 1 minute, the longest here 4 hours'],
      ],
    ],
    [
      { role: 'db-admin', reason: 'no' },
      [['/reason', 'The reason needs at least 5 characters and the form that this role asks for (the incident)']],
    ],
    [{ role: 'db-admin', reason: ' ' }, [['/reason', 'A reason is needed (the incident): add "because …"']]],
  ])('%j', (input, expected) => {
    expect(told(input)).toEqual(expected);
  });

  it('the order is the same, however it was sent', () => {
    const input = { role: 'admin', provider: 'moon', duration: 'soon', reason: 'no', colour: 'red' };
    const turned = Object.fromEntries(Object.entries(input).toReversed());
    expect(told(turned)).toEqual(told(input));
    expect(told(input).map(([pointer]) => pointer)).toEqual(['/provider', '/duration', '/reason', '/colour']);
  });

  it.each<[object, [string, string][]]>([
    [
      { role: 'nothing', duration: 'soon' },
      [
        ['/role', noRole],
        ['/duration', noDuration],
      ],
    ],
    [
      { duration: '1s', provider: 'moon' },
      [
        ['/role', 'This is needed'],
        ['/duration', 'The shortest duration is 1 minute'],
      ],
    ],
    [{ role: 'constructor' }, [['/role', noRole.replace('nothing', 'constructor')]]],
  ])('%j: without a role, what holds for every role', (input, expected) => {
    expect(told(input)).toEqual(expected);
  });

  it.each<[string, object, [string, string][]]>([
    [
      'a reason',
      { role: 'admin', reason: true, duration: 'soon' },
      [
        ['/duration', noDuration],
        ['/reason', noText],
      ],
    ],
    [
      'a duration',
      { role: 'admin', duration: 60 },
      [
        ['/duration', noText],
        ['/reason', noReason],
      ],
    ],
    [
      'a role and a provider',
      { role: 5, duration: 'soon', provider: '' },
      [
        ['/role', noText],
        ['/provider', 'This is empty'],
        ['/duration', noDuration],
      ],
    ],
    ['a long reason', { role: 'db-admin', reason: 'x'.repeat(2_001) }, [['/reason', 'At most 2000 characters']]],
  ])('%s, wrong by itself, is told that alone, and hides no other', (_, input, expected) => {
    expect(told(input)).toEqual(expected);
  });

  it.each([null, [[]], 'text', 5, undefined])('%j is no input', (input) => {
    expect(told(input)).toEqual([['', 'This is not a JSON object']]);
  });

  it('T28: names are shown clean, as pointers; very many are not shown in full', () => {
    expect(told({ role: 'reader', provider: 'mirror', 'a/b~\u202ec\n': 1 })).toEqual([['/a~1b~0c', noField]]);
    const flood = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`f${index}`, 1]));
    const found = told({ ...flood, role: 'nothing' });
    expect(found).toHaveLength(50);
    expect(found[0]).toEqual(['/role', noRole]);
  });
});

describe("a workflow's own schema", () => {
  it('is told together with everything else, in plain words', () => {
    expect(told({ role: 'admin', provider: 'moon', reason: 'no', duration: '9h', colour: 1 }, 'maintenance')).toEqual([
      ['/provider', 'Choose where: sandbox'],
      ['/duration', 'One of 1h, 2h. The longest duration for this role is 4 hours'],
      [
        '/reason',
        'At least 20 characters are needed. This does not fit. Asked for: the change, as OPS-1 and its title. The reason needs at least 5 characters',
      ],
      ['/colour', noField],
    ]);
  });

  it('says nothing of a field that is wrong by itself', () => {
    expect(told({ role: 'admin', reason: 5, duration: '' }, 'maintenance')).toEqual([
      ['/duration', 'This is empty'],
      ['/reason', noText],
    ]);
  });

  it('runs no pattern on a text that is longer than a field may be', () => {
    const long = 'x'.repeat(60_000);
    const properties = { reason: { type: 'string', pattern: '^OPS' } };
    const own = asking({ properties, propertyNames: { pattern: '^[a-z]+$' } });
    const tested = vi.spyOn(RegExp.prototype, 'test');
    const found = told({ role: 'admin', reason: long, [long]: 1 }, 'own', own);
    const longest = Math.max(...tested.mock.calls.map(([text]) => text.length));
    tested.mockRestore();
    expect(found).toEqual([
      ['/reason', 'At most 2000 characters'],
      [`/${'x'.repeat(100)}`, noField],
    ]);
    expect(longest).toBeLessThanOrEqual(2_000);
  });

  it('names no role, and hides which ones there are', () => {
    for (const name of ['reader', 'db-admin', 'nothing'])
      expect(told({ role: name, reason: 'OPS-1: a new certificate' }, 'maintenance')).toEqual([['/role', anotherRole]]);
  });

  const timeOrPlace = ['duration', 'provider'].map((name) => ({ required: [name], properties: { [name]: true } }));

  it.each<[Parameters<typeof asking>[0], object, [string, string][]]>([
    [{ required: ['provider'] }, {}, [['/provider', 'This is needed']]],
    [{ required: ['provider'] }, { role: 'reader' }, [['/provider', 'Choose where: sandbox, mirror']]],
    [{ dependentRequired: { role: ['duration'] } }, {}, [['/duration', 'This is needed']]],
    [
      { properties: { provider: { const: 'mirror' } } },
      { provider: 'sandbox' },
      [['/provider', 'Only "mirror" is taken here']],
    ],
    [{ properties: { reason: { type: 'string', maxLength: 5 } } }, {}, [['/reason', 'At most 5 characters']]],
    [
      { properties: { reason: { type: 'string', format: 'email' } } },
      {},
      [['/reason', 'This is not of the format email']],
    ],
    [
      { properties: { reason: { type: 'string', pattern: 'INC' } } },
      {},
      [['/reason', 'This does not fit what the workflow asks for']],
    ],
    [
      { anyOf: timeOrPlace, description: 'how long, or where' },
      {},
      [['', 'This does not fit. Asked for: how long, or where']],
    ],
    [
      { if: { properties: { role: { const: 'reader' } } }, else: timeOrPlace[0] },
      {},
      [['/duration', 'This is needed']],
    ],
  ])('%j is told in words of ours, or of its author', (schema, input, expected) => {
    expect(told({ role: 'admin', reason: 'the deploy', ...input }, 'own', asking(schema))).toEqual(expected);
  });

  it('refuses what it can only be unclear about', () => {
    const own = asking({ anyOf: [{ const: 'x' }, true], properties: { reason: { $ref: '#/anyOf/0' } } });
    expect(told({ role: 'admin', reason: 'the deploy' }, 'own', own)).toEqual([['/reason', 'Only "x" is taken here']]);
  });

  it('says nothing of the whole while a part is wrong', () => {
    const own = asking({ anyOf: timeOrPlace });
    expect(told({ role: 'admin', reason: 'the deploy', provider: 5 }, 'own', own)).toEqual([['/provider', noText]]);
  });
});

describe('without a workflow that could be asked for', () => {
  const input = { role: 'nothing', duration: 'soon' };

  it.each([undefined, 5, 'nothing', 'paused'])(
    '%j: the input is held to what the default workflow asks for',
    (name) => {
      expect(catalog.problemsOf(name, input).map(({ pointer }) => pointer)).toEqual(['/role', '/duration']);
      expect(catalog.problemsOf(name, { role: 'admin', reason: 'not by OPS' })).toEqual([]);
    },
  );

  it.each([
    ['switched off', workflow(undefined, false)],
    ['for one role alone', workflow(maintenance)],
  ])('nobody learns which roles there are where the default workflow is %s', (_, changed) => {
    const strict = createCatalog({ workflows: { ...workflows, default: changed }, roles });
    for (const name of ['admin', 'reader', 'nothing'])
      expect(strict.problemsOf(undefined, { role: name, duration: 'soon' })).toEqual([
        { pointer: '/duration', message: noDuration },
      ]);
  });
});
