/** Teams' messages and clicks, beside a bare bot. */
import { type TeamsDouble, startTeamsDouble } from '../../src/dev/teams-double.ts';
import type { Outcome } from '../../src/dev/teams-double/outcome.ts';
import { timed } from '../measure/figures.ts';
import { startBareBot } from './bare-bot.ts';
import { type Chat, type Load, tokenLike } from './chat.ts';
import { withElevate } from './with-elevate.ts';

const tenant = '0ac3e000-0000-4000-8000-000000000001';
const appId = '0e1e7a7e-0000-4000-8000-000000000002';
const bob = 'b0b00000-0000-4000-8000-000000000000';
/** Elevate writes no more than 30 in half a minute into one conversation, so that the cards go into many. */
const CARDS_PER_CHANNEL = 10;

export const teamsChat: Chat = {
  bareName: 'a bare CloudAdapter bot',

  async bare(load) {
    const teams = await openTeams(load.count);
    const { url, close } = await startBareBot(teams);
    teams.sendTo(`${url}/api/messages`);
    await meetBob(teams);
    const command = await answered(load, (index) => teams.command({ user: userOf(index), text: 'admin' }));
    const click = await answered(load, (index) => teams.send({ user: userOf(index), activity: clickOf() }));
    await close();
    await teams.stop();
    return { command, click };
  },

  async elevate(load, ground) {
    const teams = await openTeams(load.count);
    const channels = channelsFor(load.count);
    const asked = Object.fromEntries(channels.map(({ role, id }) => [role, { teams: [id], dm: 'none' }]));
    const chat = `teams: ${JSON.stringify(sectionOf(teams))}`;
    const env = { PASSWORD: 'never used' };
    try {
      return await withElevate({ ...ground, chat, env, asked, teamsSignIn: teams.token }, async (url) => {
        teams.sendTo(`${url}/api/messages`);
        for (const { id } of channels) await teams.install({ user: bob, conversation: id });
        await meetBob(teams);
        const command = await answered(load, (index) =>
          teams.command({ user: userOf(index), text: `${channelOf(index).role} for 1h because of the bench` }),
        );
        const cards = await cardsIn(teams, load.count);
        const click = await answered(load, (index) => teams.click({ user: bob, label: 'Approve', ...cards[index]! }));
        return { command, click };
      });
    } finally {
      await teams.stop();
    }
  },
};

/**
 * What Teams waits for: not the making of its own token, which it uses again and again.
 * @throws what Teams calls an error, and what a clicker is refused, since that is told with 200 too
 */
async function answered(
  { count, atOnce }: Load,
  task: (index: number) => Promise<Pick<Outcome, 'ackMs' | 'problems' | 'told'>>,
): Promise<number[]> {
  const took: number[] = [];
  await timed(count, atOnce, async (index) => {
    const { ackMs, problems, told = 'Recorded' } = await task(index);
    if (problems.length > 0) throw new Error(problems.join(', '));
    if (!/^(Recorded|Still working)/.test(told)) throw new Error(told);
    took.push(ackMs);
  });
  return took;
}

const userOf = (index: number) => `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;

function channelOf(index: number): { role: string; id: string } {
  const number = Math.floor(index / CARDS_PER_CHANNEL);
  return { role: `admin-${number}`, id: `19:approvals-${number}@thread.tacv2` };
}

function channelsFor(count: number): { role: string; id: string }[] {
  return Array.from({ length: Math.ceil(count / CARDS_PER_CHANNEL) }, (_, number) =>
    channelOf(number * CARDS_PER_CHANNEL),
  );
}

async function openTeams(count: number): Promise<TeamsDouble> {
  const teams = await startTeamsDouble({ tenant, appId });
  for (let index = 0; index < count; index += 1)
    teams.addUser({ id: userOf(index), upn: `person-${index}@example.com` });
  teams.addUser({ id: bob, upn: 'bob@example.com' });
  for (const { id } of channelsFor(count)) teams.addChannel({ id });
  return teams;
}

/** From here on nothing waits for the keys of Teams, and the approver is known. */
async function meetBob(teams: TeamsDouble): Promise<void> {
  const { problems } = await teams.command({ user: bob, text: 'list' });
  if (problems.length > 0) throw new Error(problems.join(', '));
}

/** One for everybody, when all are there. */
async function cardsIn(teams: TeamsDouble, count: number): Promise<{ conversation: string; message: string }[]> {
  const channels = channelsFor(count);
  const isAllThere = () => {
    let left = count;
    for (const { id } of channels) left -= teams.messagesIn(id).length;
    return left <= 0;
  };
  await teams.until(isAllThere, 'a card for everybody', 300_000);
  return channels.flatMap(({ id }) => teams.messagesIn(id).map((each) => ({ conversation: id, message: each.id })));
}

function clickOf() {
  const action = { type: 'Action.Execute', verb: 'offer', title: 'Approve', data: { token: tokenLike } };
  return { type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } };
}

function sectionOf({ endpoints, serviceUrl }: TeamsDouble) {
  return {
    tenants: [tenant],
    app_id: appId,
    app_type: 'SingleTenant',
    app_password: '${PASSWORD}',
    endpoints: {
      login_url: endpoints.loginUrl,
      oauth_scope: endpoints.oauthScope,
      token_issuer: endpoints.tokenIssuer,
      oauth_url: endpoints.oauthUrl,
      openid_metadata_url: endpoints.openIdMetadataUrl,
      emulator_openid_metadata_url: endpoints.emulatorOpenIdMetadataUrl,
      caller_id: endpoints.callerId,
    },
    service_hosts: ['127.0.0.1'],
    service_url: serviceUrl,
  };
}
