import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/core/ports.ts';
import { createSlackDirectory } from '../../src/directory/slack.ts';
import { type SlackDouble, startSlackDouble } from '../../src/dev/slack-double.ts';

const workspace = 'T1ACME';
const ann = { platform: 'slack', tenant: workspace, user: 'U1ANN' };

let slack: SlackDouble;
let now: number;
let directory: Directory;

beforeEach(async () => {
  now = Date.UTC(2026, 10, 25);
  slack = await startSlackDouble({ signingSecret: 'shh', botToken: 'xoxb-test' });
  slack.addUser({ id: 'U1ANN', name: 'Ann Adams', email: 'Ann@example.com' });
  directory = directoryAt(slack.apiUrl);
});
afterEach(() => slack.stop());

const silent = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {}, getLevel: () => 'error' };

function directoryAt(slackApiUrl: string, timeoutMs?: number): Directory {
  const client = new webApi.WebClient('xoxb-test', {
    slackApiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent as unknown as webApi.Logger,
  });
  return createSlackDirectory({
    client,
    workspaces: [workspace],
    now: () => now,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

const callsOf = (method: string) => slack.calls.filter((call) => call.method === method).length;

/** A Web API that answers every call with this, for fields that Slack leaves out. */
async function answering(answer: unknown): Promise<{ directory: Directory; server: Server }> {
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { directory: directoryAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), server };
}

describe('an account', () => {
  it('T3: of a full, confirmed member is what Slack says of it', async () => {
    expect(await directory.account(ann)).toEqual({
      actor: ann,
      name: 'Ann Adams',
      email: 'Ann@example.com',
      emailConfirmed: true,
      member: true,
      active: true,
    });
  });

  it.each([
    ['not confirmed', { is_email_confirmed: false }, { emailConfirmed: false }],
    ['deactivated', { deleted: true }, { active: false }],
    ['a bot', { is_bot: true }, { member: false }],
    ['a guest', { is_restricted: true }, { member: false }],
    ['a single-channel guest', { is_ultra_restricted: true }, { member: false }],
    ['a stranger', { is_stranger: true }, { member: false }],
    ['of another workspace', { team_id: 'T9OTHER' }, { member: false }],
  ])('T3: that is %s says so', async (_, user, expected) => {
    slack.addUser({ id: 'U1EVE', email: 'eve@example.com', ...user });
    expect(await directory.account({ ...ann, user: 'U1EVE' })).toMatchObject(expected);
  });

  it.each(['is_bot', 'is_restricted', 'is_ultra_restricted', 'deleted', 'is_email_confirmed', 'team_id'])(
    'T3: without the field %s is refused',
    async (field) => {
      const user: Record<string, unknown> = {
        id: 'U1ANN',
        team_id: workspace,
        deleted: false,
        is_bot: false,
        is_restricted: false,
        is_ultra_restricted: false,
        is_email_confirmed: true,
        profile: { email: 'ann@example.com', real_name: 'Ann Adams' },
      };
      const whole = await answering({ ok: true, user });
      const lacking = await answering({ ok: true, user: { ...user, [field]: undefined } });
      try {
        const isFine = async (one: Directory) => {
          const { member, active, emailConfirmed } = (await one.account(ann)) ?? {};
          return member === true && active === true && emailConfirmed === true;
        };
        expect([await isFine(whole.directory), await isFine(lacking.directory)]).toEqual([true, false]);
      } finally {
        whole.server.close();
        lacking.server.close();
      }
    },
  );

  it('T1: that Slack answers with another one for is nobody', async () => {
    const { directory: odd, server } = await answering({ ok: true, user: { id: 'U1BOSS', team_id: workspace } });
    expect(await odd.account(ann)).toBeUndefined();
    server.close();
  });

  it.each([
    ['unknown', { ...ann, user: 'U1NOBODY' }],
    ['of a workspace that is not listed', { ...ann, tenant: 'T9OTHER' }],
    ['of another platform', { ...ann, platform: 'other' }],
  ])('T2: that is %s is nobody', async (_, actor) => {
    expect(await directory.account(actor)).toBeUndefined();
  });

  it('is asked for at most once a minute', async () => {
    await directory.account(ann);
    slack.addUser({ id: 'U1ANN', email: 'ann@example.com', deleted: true });
    now += 59_000;
    expect(await directory.account(ann)).toMatchObject({ active: true });
    expect(callsOf('users.info')).toBe(1);
    now += 2_000;
    expect(await directory.account(ann)).toMatchObject({ active: false });
  });
});

describe('finding somebody by e-mail', () => {
  it('T4: goes by the whole address, in lower case', async () => {
    expect(await directory.find('ann@example.com')).toEqual(ann);
    expect(await directory.find('ANN@example.com')).toEqual(ann);
  });

  it.each([
    ['an address with a Kelvin sign', 'an\u212A@example.com'],
    ['an unknown address', 'zoe@example.com'],
    ['no address', ''],
  ])('T4: finds nobody for %s', async (_, email) => {
    expect(await directory.find(email)).toBeUndefined();
  });

  it('T4: finds nobody if Slack answers with an account of another address', async () => {
    const user = {
      id: 'U1ANN',
      team_id: workspace,
      deleted: false,
      is_bot: false,
      is_restricted: false,
      is_ultra_restricted: false,
      is_email_confirmed: true,
    };
    const { directory: odd, server } = await answering({
      ok: true,
      user: { ...user, profile: { email: 'ann@example.com.evil.example' } },
    });
    expect(await odd.find('ann@example.com')).toBeUndefined();
    server.close();
  });

  it.each([{ is_email_confirmed: false }, { is_bot: true }, { is_restricted: true }, { team_id: 'T9OTHER' }])(
    'T3: finds nobody who is %j',
    async (user) => {
      slack.addUser({ id: 'U1EVE', email: 'eve@example.com', ...user });
      expect(await directory.find('eve@example.com')).toBeUndefined();
    },
  );
});

describe('members of a user group', () => {
  it('are accounts of the workspace', async () => {
    slack.addUsergroup('S1', ['U1ANN', 'U1BOB']);
    expect(await directory.members('S1')).toEqual([ann, { ...ann, user: 'U1BOB' }]);
    expect(await directory.members('S2')).toBeUndefined();
  });

  it('count again after a minute', async () => {
    slack.addUsergroup('S1', ['U1ANN']);
    await directory.members('S1');
    slack.addUsergroup('S1', []);
    now += 59_000;
    expect(await directory.members('S1')).toHaveLength(1);
    now += 2_000;
    expect(await directory.members('S1')).toEqual([]);
  });
});

describe('when Slack can not be asked', () => {
  const asks: [string, string, (one: Directory) => Promise<unknown>][] = [
    ['account', 'users.info', (one) => one.account(ann)],
    ['find', 'users.lookupByEmail', (one) => one.find('ann@example.com')],
    ['members', 'usergroups.users.list', (one) => one.members('S1')],
  ];

  it.each(asks)('%s fails closed, keeps the cause, and is asked again next time', async (_, method, ask) => {
    slack.addUsergroup('S1', ['U1ANN']);
    for (const fault of [{ status: 500 }, { retryAfter: 30 }, { error: 'missing_scope' }]) {
      slack.fail({ method, ...fault });
      await expect(ask(directory)).rejects.toMatchObject({ code: 'unavailable', cause: expect.any(Error) });
    }
    expect(await ask(directory)).toBeDefined();
  });

  it.each(asks)('%s does not wait for ever', async (_, method, ask) => {
    slack.fail({ method, hangMs: 60_000 });
    await expect(ask(directoryAt(slack.apiUrl, 50))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
