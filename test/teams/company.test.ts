/** T30: whose people read along in a conversation, by its roster. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ElevateError } from '../../src/core/errors.ts';
import { createCompany, type Company } from '../../src/teams/company.ts';
import type { Member } from '../../src/teams/connector.ts';
import { minute, sampleTime } from '../samples.ts';
import { createFakeConnector } from './fake-connector.ts';

const home = '0ac3e000-0000-4000-8000-000000000001';
const second = '0ac3e000-0000-4000-8000-000000000002';
const place = { serviceUrl: 'https://smba.trafficmanager.net/emea/', conversation: '19:ops@thread.tacv2' };
const ann: Member = { id: '29:1ann', tenant: home, userRole: 'user', userPrincipalName: 'ann@example.com' };
const foreign = { why: 'shared', word: 'foreign_members' };

let teams: ReturnType<typeof createFakeConnector>;
let company: Company;
let now: number;

beforeEach(() => {
  now = sampleTime;
  teams = createFakeConnector({ tenant: home });
  company = createCompany({ connector: teams.connector, tenants: [home, second], now: () => now });
});

const look = () => company.problemIn(place);
const seat = (...pages: Member[][]) => void teams.rosters.set(place.conversation, pages);

describe('T30: a conversation', () => {
  it.each<[string, Member[][]]>([
    ['of our own people', [[ann, { ...ann, id: '29:1ben' }]]],
    ['of several tenants of ours', [[ann, { ...ann, tenant: second }]]],
    ['whose tenant is written in capitals', [[{ ...ann, tenant: home.toUpperCase(), userRole: 'User' }]]],
    ['of people without a user principal name', [[{ id: '29:1ann', tenant: home, userRole: 'user' }]]],
    ['on several pages', [[ann], [], [ann]]],
    ['on as many pages as are read', Array.from({ length: 10 }, () => [ann])],
  ])('%s is ours', async (_, pages) => {
    seat(...pages);
    expect(await look()).toBeUndefined();
    expect(teams.calls).toHaveLength(pages.length);
  });

  it.each<[string, Partial<Member>]>([
    ['of another tenant', { tenant: '0ac3e000-0000-4000-8000-00000000beef' }],
    ['of no tenant', { tenant: undefined } as never],
    ['who is a guest in our tenant', { userRole: 'guest' }],
    ['who is anonymous', { userRole: 'anonymous' }],
    ['of no role', { userRole: undefined } as never],
    ['who is a guest by their name in Entra', { userPrincipalName: 'eve_other.test#EXT#@example.com' }],
  ])('with one person %s is not, on whatever page they are', async (_, stranger) => {
    seat([ann], [ann, { ...ann, ...stranger }], [ann]);
    expect(await look()).toEqual(foreign);
  });

  it('of nobody, as Teams says, is not known to be ours', async () => {
    seat([]);
    expect(await look()).toEqual({ why: 'shared', word: 'no_members' });
  });

  it('with too long a roster is not known to be ours, and no more of it is read', async () => {
    seat(...Array.from({ length: 11 }, () => [ann]));
    expect(await look()).toEqual({ why: 'shared', word: 'too_many_members' });
    expect(teams.calls).toHaveLength(10);
  });
});

describe('T30: an answer', () => {
  it('is remembered for ten minutes, whatever it was', async () => {
    expect(await look()).toBeUndefined();
    seat([{ ...ann, userRole: 'guest' }]);
    now += 9 * minute;
    expect(await look()).toBeUndefined();
    now += 2 * minute;
    expect(await look()).toEqual(foreign);
    seat([ann]);
    now += 9 * minute;
    expect(await look()).toEqual(foreign);
    now += 2 * minute;
    expect(await look()).toBeUndefined();
    expect(teams.calls).toHaveLength(3);
  });

  it('is of one conversation', async () => {
    teams.rosters.set('19:other@thread.tacv2', [[{ ...ann, tenant: 'another' }]]);
    expect(await look()).toBeUndefined();
    expect(await company.problemIn({ ...place, conversation: '19:other@thread.tacv2' })).toEqual(foreign);
  });

  it.each([
    [403, 'BotNotInConversationRoster'],
    [403, 'ForbiddenOperationException'],
    [404, 'ConversationNotFound'],
    [400, 'BadArgument'],
  ])('%i %s: the conversation cannot be reached, until it can', async (status, word) => {
    teams.fail({ call: 'members', status, word });
    expect(await look()).toEqual({ why: 'unreachable', word });
    expect(await look()).toBeUndefined();
  });

  it.each([
    ['trouble at Teams', { status: 500 }],
    ['a gateway', { status: 502 }],
    ['a wrong key', { status: 401, word: 'BotNotRegistered' }],
    ['another cloud', { status: 403, word: 'InvalidBotApiHost' }],
    ['a proxy', { status: 403 }],
    ['too many calls, without saying for how long', { status: 429, word: 'Throttled' }],
    ['an outage', { error: new ElevateError('unavailable', 'Teams did not answer.') }],
  ])('that is %s says nothing, and is not remembered', async (_, fault) => {
    seat([ann], [ann]);
    teams.fail({ call: 'members', ...fault });
    await expect(look()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await look()).toBeUndefined();
  });

  it('that asks to wait says for how long', async () => {
    teams.fail({ call: 'members', status: 429, word: 'Throttled', retryAfterMs: 7_000 });
    await expect(look()).rejects.toMatchObject({ name: 'ChatBusy', retryAfterMs: 7_000 });
  });
});
