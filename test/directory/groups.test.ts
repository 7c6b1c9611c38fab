import { describe, expect, it } from 'vitest';
import type { Actor } from '../../workflows/contract.ts';
import { ElevateError } from '../../src/core/errors.ts';
import type { Directory } from '../../src/core/ports.ts';
import { createGroups } from '../../src/directory/groups.ts';

const ann: Actor = { platform: 'chat', tenant: 'T1', user: 'U1ANN' };
const principal = { id: 'ann@example.com' };

function directoryOf(members: Directory['members']): Directory {
  return { account: async () => undefined, find: async () => undefined, members };
}

const chat = directoryOf(async (group) => ({ S1: [ann], S2: [] })[group]);
const groups = createGroups({
  groups: {
    sre: { users: ['ann@example.com', 'bob@example.com'], platformGroups: {} },
    oncall: { users: [], platformGroups: { chat: 'S1' } },
    quiet: { users: ['bob@example.com'], platformGroups: { chat: 'S2', elsewhere: 'S1' } },
    gone: { users: [], platformGroups: { chat: 'S9' } },
  },
  directories: { chat },
});

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
    const broken = createGroups({
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
    const own = createGroups({ groups: { sre: { users: [principal.id], platformGroups: {} } }, directories: {} });
    expect(await own.of(principal, ann)).toEqual(['sre']);
  });
});

describe('the members of a group', () => {
  it('T11: are principals and accounts, as a plan keeps them', async () => {
    expect(await groups.members('sre')).toEqual(['ann@example.com', 'bob@example.com']);
    expect(await groups.members('oncall')).toEqual(['chat:T1/U1ANN']);
    expect(await groups.members('quiet')).toEqual(['bob@example.com']);
  });

  it.each(['gone', 'nothing', 'toString', '__proto__'])('are none for %s', async (name) => {
    expect(await groups.members(name)).toEqual([]);
  });
});
