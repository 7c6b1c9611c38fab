/** What operators are told of Teams when Elevate starts. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Parts } from '../../src/app/parts.ts';
import { openTeams, type TeamsSignIn } from '../../src/app/teams.ts';
import type { Config, TeamsConfig } from '../../src/config/config.ts';
import type { ConversationReference, References } from '../../src/core/ports.ts';
import { startTeamsDouble, type TeamsDouble } from '../../src/dev/teams-double.ts';
import { teamsConfig } from '../samples.ts';

const [home, other] = ['5c1c2f4e-0f0a-4d0e-9a54-5a2f6d1f0001', '5c1c2f4e-0f0a-4d0e-9a54-5a2f6d1f0002'];
const config = teamsConfig({ tenants: [home, other], app: { type: 'SingleTenant', password: 'hush-hush' } });
const { endpoints } = config;

const approval = (...channels: string[]) => [{ ask: { channels: { teams: channels, slack: ['C1'] }, dm: 'none' } }];
const rolesAsking = (...channels: string[]) =>
  ({
    admin: { approval: approval(...channels) },
    reader: { approval: approval(...channels) },
  }) as unknown as Config['roles'];

const heard = (key: string, tenant: string, change: Partial<ConversationReference> = {}): ConversationReference => ({
  platform: 'teams',
  tenant,
  kind: 'conversation',
  key,
  address: {},
  seenAt: 1,
  ...change,
});

function open(change: Partial<TeamsConfig> = {}, known: ConversationReference[] = [], signIn?: TeamsSignIn) {
  const told: { fields: object; message: string }[] = [];
  const log = {
    debug() {},
    info() {},
    error() {},
    warn: (fields: object, message: string) => void told.push({ fields, message }),
  };
  const get: References['get'] = async ({ tenant, kind, key }) =>
    known.find((each) => each.tenant === tenant && each.kind === kind && each.key === key);
  const parts = { store: { references: { get } }, tokens: {}, ids: {}, now: Date.now, log } as unknown as Parts;
  const room = openTeams({ ...config, ...change }, parts, { roles: () => ({}), signIn });
  return { room, told };
}

describe('at the start', () => {
  it('T1: addresses other than those of the public cloud are named, and no password with them', () => {
    expect(open().told).toEqual([]);
    const { told } = open({ standardEndpoints: false });
    expect(told).toEqual([
      {
        fields: { endpoints },
        message: 'teams.endpoints are not those of the public cloud: whoever answers there says who people are',
      },
    ]);
    expect(JSON.stringify(told)).not.toContain('hush-hush');
  });

  describe('in a Teams that answers', () => {
    let teams: TeamsDouble;
    beforeEach(async () => {
      teams = await startTeamsDouble({ tenant: home, appId: config.appId });
      teams.addUser({ id: 'ann', upn: 'ann@example.com' });
      teams.addUser({ id: 'gus', role: 'guest' });
    });
    afterEach(() => teams.stop());

    const openTo = (known: ConversationReference[]) => {
      const { serviceUrl } = teams;
      return open({ serviceUrl, serviceHosts: ['127.0.0.1'] }, known, teams.token);
    };
    const named = (told: { fields: object }[]) =>
      told.toSorted((a, b) => JSON.stringify(a.fields).localeCompare(JSON.stringify(b.fields)));

    it('T30, P6: every conversation is named once where others may read along, or that cannot be reached', async () => {
      for (const id of ['19:a', '19:b', '19:shared', '19:new']) teams.addChannel({ id });
      teams.addChannel({ id: '19:guests', members: ['ann', 'gus'] });
      teams.addChannel({ id: '19:out', installed: false });
      const known = [
        heard('19:a', home),
        heard('19:b', other),
        heard('19:dead', other, { dead: 'AppRemoved' }),
        heard('19:shared', home, { address: { channelType: 'shared' } }),
        heard('19:out', home),
      ];
      const { room, told } = openTo(known);
      const conversations = [...known.map(({ key }) => key), '19:new', '19:guests', '19:nowhere'];
      await room.warnOfChannels(rolesAsking(...conversations));
      await vi.waitFor(() => expect(told).toHaveLength(5));
      const others = 'no card goes to this conversation: others may read along';
      const unreachable = 'this conversation cannot be reached';
      expect(named(told)).toEqual([
        { fields: { conversation: '19:dead', word: 'AppRemoved' }, message: unreachable },
        { fields: { conversation: '19:guests', word: 'foreign_members' }, message: others },
        {
          fields: { conversation: '19:nowhere', word: 'ConversationNotFound' },
          message: 'never heard from this conversation: is the app in it?',
        },
        { fields: { conversation: '19:out', word: 'BotNotInConversationRoster' }, message: unreachable },
        { fields: { conversation: '19:shared', word: 'shared_channel' }, message: others },
      ]);
    });

    it('P6: the start neither waits for Teams nor fails with it', async () => {
      teams.addChannel({ id: '19:a' });
      teams.fault({ on: 'members', hangMs: 60_000, status: 500 });
      const { room, told } = openTo([heard('19:a', home)]);
      await room.warnOfChannels(rolesAsking('19:a'));
      await teams.until(() => teams.calls.length === 1, 'the question');
      expect(told).toEqual([]);
      teams.mend();
      await vi.waitFor(() => expect(told).toHaveLength(1));
      const message = 'this conversation cannot be reached';
      expect(told).toEqual([{ fields: { conversation: '19:a', word: 'unavailable' }, message }]);
    });
  });
});
