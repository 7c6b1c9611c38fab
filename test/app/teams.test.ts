/** What operators are told of Teams when Elevate starts. */
import { describe, expect, it } from 'vitest';
import type { Parts } from '../../src/app/parts.ts';
import { openTeams } from '../../src/app/teams.ts';
import type { Config, TeamsConfig } from '../../src/config/config.ts';
import type { ConversationReference, References } from '../../src/core/ports.ts';
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

const heard = (key: string, tenant: string, dead?: string): ConversationReference => ({
  platform: 'teams',
  tenant,
  kind: 'conversation',
  key,
  address: {},
  seenAt: 1,
  ...(dead === undefined ? {} : { dead }),
});

function open(change: Partial<TeamsConfig> = {}, known: ConversationReference[] = []) {
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
  const room = openTeams({ ...config, ...change }, parts, { roles: () => ({}), signIn: undefined });
  return { room, told };
}

describe('at the start', () => {
  it('T1: addresses other than those of the public cloud are named, and no password with them', () => {
    expect(open().told).toEqual([]);
    const { told } = open({ standardEndpoints: false });
    expect(told).toEqual([
      { fields: { endpoints }, message: "people are believed who come from other addresses than Microsoft's" },
    ]);
    expect(JSON.stringify(told)).not.toContain('hush-hush');
  });

  it('P6: every conversation is named once that was never heard from or cannot be reached, in whatever tenant', async () => {
    const known = [heard('19:a', home), heard('19:b', other), heard('19:c', other, 'BotNotInConversationRoster')];
    const { room, told } = open({}, known);
    await room.warnOfChannels(rolesAsking('19:a', '19:b', '19:c', '19:d'));
    expect(told).toEqual([
      {
        fields: { conversation: '19:c', word: 'BotNotInConversationRoster' },
        message: 'this conversation cannot be reached',
      },
      { fields: { conversation: '19:d' }, message: 'never heard from this conversation: is the app in it?' },
    ]);
  });
});
