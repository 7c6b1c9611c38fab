import { describe, expect, it } from 'vitest';
import type { Actor } from '../../workflows/contract.ts';
import { ElevateError } from '../../src/core/errors.ts';
import type { Directory, KnownSignIn } from '../../src/core/ports.ts';
import { createGroups } from '../../src/directory/groups.ts';
import { minute, sampleTime } from '../samples.ts';

const ann: Actor = { platform: 'chat', tenant: 'T1', user: 'U1ANN' };
const principal = { id: 'ann@example.com' };

function directoryOf(members: Directory['members']): Directory {
  return { account: async () => undefined, find: async () => undefined, members };
}

const chat = directoryOf(async (group) => ({ S1: [ann], S2: [] })[group]);

/** What tokens said, newest first. */
function tokens(...signIns: Pick<KnownSignIn, 'principal' | 'groups' | 'at'>[]) {
  const known = signIns.map((each) => ({
    actor: { platform: 'api', tenant: 'https://id.example.com', user: each.principal },
    name: '',
    email: each.principal,
    emailConfirmed: true,
    ...each,
  }));
  return {
    ofPrincipal: async (id: string) => known.filter((each) => each.principal === id),
    inGroup: async (name: string) => known.filter((each) => each.groups.includes(name)).map((each) => each.principal),
  };
}

function groupsWith(deps: Partial<Parameters<typeof createGroups>[0]> = {}) {
  return createGroups({
    groups: {
      sre: { users: ['ann@example.com', 'bob@example.com'], platformGroups: {} },
      oncall: { users: [], platformGroups: { chat: 'S1' } },
      quiet: { users: ['bob@example.com'], platformGroups: { chat: 'S2', elsewhere: 'S1' } },
      gone: { users: [], platformGroups: { chat: 'S9' } },
    },
    directories: { chat },
    signIns: tokens(),
    now: () => sampleTime,
    ...deps,
  });
}

const groups = groupsWith();

describe('the groups of a person', () => {
  it('are those that name them and those that their account is in now', async () => {
    expect(await groups.of(principal, ann)).toEqual(['sre', 'oncall']);
  });

  it.each([
    ['user', { ...ann, user: 'U1EVE' }],
    ['tenant', { ...ann, tenant: 'T9' }],
    ['platform', { ...ann, platform: 'elsewhere' }],
  ])('T1: take nothing from an account of another %s', async (_, actor) => {
    expect(await groups.of({ id: 'eve@example.com' }, actor)).toEqual([]);
  });

  it('T8: are not known while a directory is not, which is not the same as none', async () => {
    const broken = groupsWith({
      groups: { oncall: { users: [], platformGroups: { chat: 'S1' } } },
      directories: {
        chat: directoryOf(async () => {
          throw new ElevateError('unavailable', 'No.');
        }),
      },
    });
    await expect(broken.of(principal, ann)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(broken.members('oncall')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('do not need a directory that they do not ask', async () => {
    const own = groupsWith({ groups: { sre: { users: [principal.id], platformGroups: {} } }, directories: {} });
    expect(await own.of(principal, ann)).toEqual(['sre']);
  });
});

describe('T11: the groups in the token of a person', () => {
  const at = sampleTime;
  const eve = { ...ann, user: 'U1EVE' };
  const named = (groupNames: string[], age: number) =>
    groupsWith({ signIns: tokens({ principal: 'eve@example.com', groups: groupNames, at: at - age }) });

  it('count on every platform alike', async () => {
    for (const actor of [eve, { ...eve, platform: 'api' }, { ...eve, platform: 'elsewhere' }])
      expect(await named(['quiet'], 0).of({ id: 'eve@example.com' }, actor)).toEqual(['quiet']);
  });

  it('count for fifteen minutes after it was issued', async () => {
    expect(await named(['sre'], 15 * minute).of({ id: 'eve@example.com' }, eve)).toEqual(['sre']);
    expect(await named(['sre'], 15 * minute + 1).of({ id: 'eve@example.com' }, eve)).toEqual([]);
  });

  it.each([['root'], ['toString'], ['__proto__'], ['SRE'], ['sre '], ['']])(
    'count only by a name that is configured: not %j',
    async (name) => {
      expect(await named([name], 0).of({ id: 'eve@example.com' }, eve)).toEqual([]);
    },
  );

  it('count for that person alone', async () => {
    expect(await named(['sre'], 0).of({ id: 'eve@example.org' }, eve)).toEqual([]);
  });

  it('are not known while sign-ins are not, which is not the same as none', async () => {
    const unknown = async () => Promise.reject(new ElevateError('unavailable', 'No.'));
    const broken = groupsWith({ signIns: { ofPrincipal: unknown, inGroup: unknown } });
    await expect(broken.of(principal, ann)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(broken.members('sre')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('the members of a group', () => {
  it('T11: are principals and accounts, as a plan keeps them', async () => {
    expect(await groups.members('sre')).toEqual(['ann@example.com', 'bob@example.com']);
    expect(await groups.members('oncall')).toEqual(['chat:T1/U1ANN']);
    expect(await groups.members('quiet')).toEqual(['bob@example.com']);
  });

  it('T11: are also those whose newest token names it, however old, once each', async () => {
    const signIns = tokens(
      { principal: 'eve@example.com', groups: ['sre'], at: 0 },
      { principal: 'bob@example.com', groups: ['sre', 'root'], at: sampleTime },
    );
    expect(await groupsWith({ signIns }).members('sre')).toEqual([
      'ann@example.com',
      'bob@example.com',
      'eve@example.com',
    ]);
    expect(await groupsWith({ signIns }).members('root')).toEqual([]);
  });

  it.each(['gone', 'nothing', 'toString', '__proto__'])('are none for %s', async (name) => {
    expect(await groups.members(name)).toEqual([]);
  });
});
