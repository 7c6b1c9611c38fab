import { beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../workflows/contract.ts';
import { ElevateError } from '../../src/core/errors.ts';
import type { Binding, ConversationReference, Directory } from '../../src/core/ports.ts';
import { createTeamsDirectory, type Roster } from '../../src/directory/teams.ts';
import { ConnectorRefusal, type Connector, type Member } from '../../src/teams/connector.ts';
import { sampleTime } from '../samples.ts';

const tenant = '0ac3e000-0000-4000-8000-000000000001';
const other = '0ac3e000-0000-4000-8000-00000000000f';
const ann: Actor = { platform: 'teams', tenant, user: 'a2200000-0000-4000-8000-000000000000' };
const eve: Actor = { ...ann, user: 'e1e00000-0000-4000-8000-000000000000' };
const approvals = '19:approvals@thread.tacv2';
const personal = 'a:1ann';
const home = 'https://smba.example.com/emea/';

function member(overrides: Partial<Record<keyof Member, string | undefined>> = {}): Member {
  const whole = {
    id: '29:1ann',
    objectId: ann.user,
    tenant,
    name: 'Ann Adams',
    email: 'changed.by.herself@example.com',
    userPrincipalName: 'Ann@example.com',
    userRole: 'user',
    ...overrides,
  };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)) as unknown as Member;
}

/** Conversations by service and id, with whom they hold. */
let rosters: Record<string, Member[]>;
/** What goes wrong in a conversation. */
let faults: Record<string, () => Promise<never>>;
let asked: string[];
let references: ConversationReference[];
let bindings: Binding[];
let conversations: string[];
let now: number;
let directory: Directory;

const roster: Connector['member'] = async ({ serviceUrl, conversation }, user) => {
  asked.push(`${serviceUrl} ${conversation} ${user}`);
  await faults[conversation]?.();
  const isNamed = ({ id, objectId, userPrincipalName }: Member) =>
    [id, objectId, userPrincipalName?.toLowerCase()].includes(user);
  return rosters[`${serviceUrl} ${conversation}`]?.find(isNamed);
};

function directoryWith(overrides: { roster?: Roster; timeoutMs?: number } = {}): Directory {
  return createTeamsDirectory({
    roster,
    references: {
      get: async (key) =>
        references.find((each) => (['platform', 'tenant', 'kind', 'key'] as const).every((k) => each[k] === key[k])),
    },
    bindings: {
      ofPrincipal: async (principal, platform) =>
        bindings.filter((each) => each.principal === principal && each.actor.platform === platform),
    },
    tenants: [tenant],
    conversations: () => conversations,
    serviceUrl: 'https://smba.example.com/teams/',
    now: () => now,
    ...overrides,
  });
}

function heard(overrides: Partial<ConversationReference> = {}): ConversationReference {
  return {
    platform: 'teams',
    tenant,
    kind: 'personal',
    key: ann.user,
    address: { serviceUrl: home, conversation: personal },
    seenAt: sampleTime,
    ...overrides,
  };
}

/** Where a person was heard last, under the id that Teams has for them. */
function sighted(overrides: Partial<ConversationReference> = {}): ConversationReference {
  const address = { serviceUrl: home, conversation: '19:team@thread.tacv2', member: '29:1ann' };
  return heard({ kind: 'sighting', address, ...overrides });
}

const refusal = (status: number, word: string) => async (): Promise<never> => {
  throw new ConnectorRefusal({ status, word });
};

beforeEach(() => {
  rosters = { [`${home} ${personal}`]: [member()] };
  faults = {};
  asked = [];
  references = [heard()];
  bindings = [];
  conversations = [approvals];
  now = sampleTime;
  directory = directoryWith();
});

describe('an account', () => {
  it('T3: of a member of our tenant is known by its user principal name, whatever its mail says', async () => {
    expect(await directory.account(ann)).toEqual({
      actor: ann,
      name: 'Ann Adams',
      email: 'Ann@example.com',
      emailConfirmed: true,
      member: true,
      active: true,
    });
    expect(asked).toEqual([`${home} ${personal} ${ann.user}`]);
  });

  it.each<[string, Partial<Record<keyof Member, string>>, object]>([
    ['a guest', { userRole: 'guest' }, { member: false, emailConfirmed: false }],
    ['a guest in other letters', { userRole: 'Guest' }, { member: false, emailConfirmed: false }],
    ['somebody anonymous', { userRole: 'anonymous' }, { member: false, emailConfirmed: false }],
    ['something that is no user', { userRole: 'bot' }, { member: false, emailConfirmed: false }],
    [
      'a guest by name alone',
      { userPrincipalName: 'ann_home.example#EXT#@example.com' },
      { member: false, emailConfirmed: false },
    ],
    [
      'a guest by name alone, in other letters',
      { userPrincipalName: 'ann_home.example#ext#@example.com' },
      { member: false, emailConfirmed: false },
    ],
    ['of another tenant', { tenant: other }, { member: false, emailConfirmed: false }],
    ['named with a Kelvin sign', { userPrincipalName: '\u212Aate@example.com' }, { emailConfirmed: false }],
    ['named with a Cyrillic letter', { userPrincipalName: '\u0430nn@example.com' }, { emailConfirmed: false }],
    ['named with nothing', { userPrincipalName: '' }, { emailConfirmed: false }],
  ])('T3, T4: that is %s is refused', async (_, overrides, expected) => {
    rosters = { [`${home} ${personal}`]: [member(overrides)] };
    expect(await directory.account(ann)).toMatchObject(expected);
  });

  it.each(['tenant', 'userPrincipalName', 'userRole'] as const)(
    'T3: without the field %s is refused',
    async (field) => {
      rosters = { [`${home} ${personal}`]: [member({ [field]: undefined })] };
      expect(await directory.account(ann)).toMatchObject({ member: false, emailConfirmed: false });
    },
  );

  it.each([
    ['no object id', undefined],
    ['the object id of somebody else', eve.user],
  ])('T1: that Teams answers with an entry with %s for is nobody', async (_, objectId) => {
    directory = directoryWith({ roster: async () => member({ objectId }) });
    expect(await directory.account(ann)).toBeUndefined();
  });

  it('T1: ids are compared in lower case, as actors have them', async () => {
    directory = directoryWith({
      roster: async () => member({ objectId: ann.user.toUpperCase(), tenant: tenant.toUpperCase() }),
    });
    expect(await directory.account(ann)).toMatchObject({ actor: ann, member: true, emailConfirmed: true });
  });

  it.each([
    ['of a tenant that is not listed', { ...ann, tenant: other }],
    ['of another platform', { ...ann, platform: 'slack' }],
  ])('T2: that is %s is nobody, and nobody is asked', async (_, actor) => {
    references = [heard(actor.tenant === other ? { tenant: other } : {})];
    expect(await directory.account(actor)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('T9: that is gone from every roster is nobody', async () => {
    rosters = {};
    references = [heard(), sighted()];
    expect(await directory.account(ann)).toBeUndefined();
    expect(asked).toHaveLength(3);
  });

  it('that has a name no longer has none', async () => {
    rosters = { [`${home} ${personal}`]: [member({ name: undefined })] };
    expect(await directory.account(ann)).toMatchObject({ name: '' });
  });
});

describe('where an account is looked up', () => {
  beforeEach(() => {
    rosters = {
      [`${home} 19:team@thread.tacv2`]: [member({ name: 'from the team' })],
      [`https://smba.example.com/teams/ ${approvals}`]: [member({ name: 'from the approvals' })],
    };
    references = [heard(), sighted()];
  });

  it('where it was heard last, if not in a chat of its own; by the id that Teams gave it there', async () => {
    expect(await directory.account(ann)).toMatchObject({ name: 'from the team' });
    expect(asked).toEqual([`${home} ${personal} ${ann.user}`, `${home} 19:team@thread.tacv2 29:1ann`]);
  });

  it.each([
    ['was buried', () => void (references = [heard({ dead: 'MessageWritesBlocked' }), sighted()])],
    ['is closed to the bot', () => void (faults = { [personal]: refusal(403, 'BotNotInConversationRoster') })],
    ['is no more', () => void (faults = { [personal]: refusal(404, 'ConversationNotFound') })],
  ])('elsewhere, if its own chat %s', async (_, happens) => {
    happens();
    expect(await directory.account(ann)).toMatchObject({ name: 'from the team' });
  });

  it('where approvers are asked, if it was never heard', async () => {
    references = [];
    expect(await directory.account(ann)).toMatchObject({ name: 'from the approvals' });
    references = [heard({ key: eve.user }), sighted({ key: eve.user })];
    expect(await directory.account(ann)).toMatchObject({ name: 'from the approvals' });
  });

  it('at the address where a conversation was heard last', async () => {
    const moved = { serviceUrl: 'https://smba.example.com/amer/', conversation: approvals };
    references = [heard({ kind: 'conversation', key: approvals, address: moved })];
    rosters = { [`${moved.serviceUrl} ${approvals}`]: [member({ name: 'from over there' })] };
    expect(await directory.account(ann)).toMatchObject({ name: 'from over there' });
  });

  it('not in a conversation that is dead', async () => {
    const address = { serviceUrl: home, conversation: approvals };
    references = [heard({ kind: 'conversation', key: approvals, address, dead: 'BotNotInConversationRoster' })];
    expect(await directory.account(ann)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('in ten conversations at most, as they are configured now', async () => {
    references = [];
    rosters = {};
    conversations = Array.from({ length: 30 }, (_, index) => `19:c${index}@thread.tacv2`);
    expect(await directory.account(ann)).toBeUndefined();
    expect(asked).toHaveLength(10);
    conversations = [];
    expect(await directory.account(eve)).toBeUndefined();
    expect(asked).toHaveLength(10);
  });

  it('in the other conversations, if one of them fails', async () => {
    references = [];
    conversations = ['19:broken@thread.tacv2', approvals];
    faults = { '19:broken@thread.tacv2': refusal(502, '') };
    expect(await directory.account(ann)).toMatchObject({ name: 'from the approvals' });
    await expect(directory.account(eve)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('finding somebody by e-mail', () => {
  const service = 'https://smba.example.com/teams/';
  beforeEach(() => {
    references = [];
    rosters = { [`${service} ${approvals}`]: [member()] };
  });

  it('T4: goes by the whole user principal name, in lower case', async () => {
    expect(await directory.find('ann@example.com')).toEqual(ann);
    expect(await directory.find('ANN@example.com')).toEqual(ann);
  });

  it.each([
    ['an address with a Kelvin sign', 'an\u212A@example.com'],
    ['an unknown address', 'zoe@example.com'],
    ['the mail of somebody', 'changed.by.herself@example.com'],
    ['no address', ''],
  ])('T4: finds nobody for %s', async (_, email) => {
    expect(await directory.find(email)).toBeUndefined();
  });

  it('T4: finds nobody if Teams answers with an account of another address', async () => {
    directory = directoryWith({ roster: async () => member({ userPrincipalName: 'ann@example.com.evil.example' }) });
    expect(await directory.find('ann@example.com')).toBeUndefined();
  });

  it.each([
    { userRole: 'guest' },
    { userRole: undefined },
    { tenant: other },
    { tenant: undefined },
    { objectId: undefined },
    { userPrincipalName: undefined },
  ])('T3: finds nobody who is %j', async (overrides) => {
    directory = directoryWith({ roster: async () => member(overrides) });
    expect(await directory.find('ann@example.com')).toBeUndefined();
  });

  it('finds who is known by a binding, in a chat of their own as well', async () => {
    rosters = { [`${home} ${personal}`]: [member()] };
    references = [heard()];
    expect(await directory.find('ann@example.com')).toBeUndefined();
    bindings = [{ actor: ann, principal: 'ann@example.com', boundAt: sampleTime }];
    expect(await directory.find('ann@example.com')).toEqual(ann);
  });

  it('T3: finds nobody for an address that another account has now', async () => {
    bindings = [{ actor: ann, principal: 'ann@example.com', boundAt: sampleTime }];
    rosters = { [`${service} ${approvals}`]: [member({ objectId: eve.user })] };
    expect(await directory.find('ann@example.com')).toBeUndefined();
  });

  it('T3: finds nobody who was bound to the address and has another one now', async () => {
    bindings = [{ actor: ann, principal: 'ann@example.com', boundAt: sampleTime }];
    rosters = { [`${service} ${approvals}`]: [member({ userPrincipalName: 'ann.young@example.com' })] };
    expect(await directory.find('ann@example.com')).toBeUndefined();
  });

  it('T2: a binding of a tenant that is not listed any more does not count', async () => {
    bindings = [{ actor: { ...ann, tenant: other }, principal: 'ann@example.com', boundAt: sampleTime }];
    expect(await directory.find('ann@example.com')).toEqual(ann);
  });
});

it('there are no groups of people in Teams', async () => {
  expect(await directory.members('sre')).toBeUndefined();
});

describe('an answer', () => {
  it.each([
    ['account', (one: Directory) => one.account(ann)],
    ['find', (one: Directory) => one.find('ann@example.com')],
  ])('of %s is at most a minute old', async (_, ask) => {
    rosters = { [`https://smba.example.com/teams/ ${approvals}`]: [member()] };
    references = [];
    expect(await ask(directory)).toBeDefined();
    rosters = {};
    now += 59_000;
    expect(await ask(directory)).toBeDefined();
    expect(asked).toHaveLength(1);
    now += 2_000;
    expect(await ask(directory)).toBeUndefined();
  });

  it('that somebody is unknown ends when they are heard', async () => {
    references = [];
    expect(await directory.account(ann)).toBeUndefined();
    references = [heard()];
    expect(await directory.account(ann)).toMatchObject({ member: true });
  });

  it('that the bot is not there any more is not kept', async () => {
    faults = { [personal]: refusal(403, 'BotNotInConversationRoster') };
    expect(await directory.account(ann)).toBeUndefined();
    faults = {};
    expect(await directory.account(ann)).toMatchObject({ member: true });
  });
});

describe('when Teams can not be asked', () => {
  const asks: [string, (one: Directory) => Promise<unknown>][] = [
    ['account', (one) => one.account(ann)],
    ['find', (one) => one.find('ann@example.com')],
  ];
  const down = async (): Promise<never> => {
    throw new TypeError('fetch failed');
  };

  it.each(asks)('%s fails closed, keeps the cause, and is asked again next time', async (_, ask) => {
    references = [];
    rosters = { [`https://smba.example.com/teams/ ${approvals}`]: [member()] };
    for (const fault of [down, refusal(429, ''), refusal(502, ''), refusal(401, 'Unauthorized'), refusal(403, '')]) {
      faults = { [approvals]: fault };
      await expect(ask(directory)).rejects.toMatchObject({ code: 'unavailable', cause: expect.any(Error) });
    }
    faults = {};
    expect(await ask(directory)).toBeDefined();
  });

  it.each(asks)('%s does not wait for ever', async (_, ask) => {
    const slow = directoryWith({ roster: () => new Promise(() => {}), timeoutMs: 20 });
    await expect(ask(slow)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('T3: somebody whose own chat can not be asked is not looked for elsewhere', async () => {
    faults = { [personal]: down };
    rosters = { [`https://smba.example.com/teams/ ${approvals}`]: [member()] };
    await expect(directory.account(ann)).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toHaveLength(1);
  });

  it('says what the store says, if it is the store that does not answer', async () => {
    const cause = new ElevateError('unavailable', 'The store did not answer.');
    directory = createTeamsDirectory({
      roster,
      references: { get: () => Promise.reject(cause) },
      bindings: { ofPrincipal: async () => [] },
      tenants: [tenant],
      conversations: () => [],
      serviceUrl: home,
      now: () => now,
    });
    await expect(directory.account(ann)).rejects.toBe(cause);
  });
});
