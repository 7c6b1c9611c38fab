/** The messengers of all chats on their doubles, without the app around them: for drawing any state at all. */
import { createHash } from 'node:crypto';
import type { Chat, Log } from '../../src/core/ports.ts';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import { startSlackDouble } from '../../src/dev/slack-double.ts';
import { startTeamsDouble } from '../../src/dev/teams-double.ts';
import { createSlackDirectory } from '../../src/directory/slack.ts';
import { createTeamsDirectory } from '../../src/directory/teams.ts';
import { createSlackClient } from '../../src/slack/client.ts';
import { createMessenger } from '../../src/slack/messenger.ts';
import { openStore } from '../../src/store/database.ts';
import { createConnector } from '../../src/teams/adapter/outbound.ts';
import { createTeamsMessenger } from '../../src/teams/messenger.ts';
import { createPlaces } from '../../src/teams/places.ts';
import { alice, bob, sampleTime, teamsConfig } from '../samples.ts';
import { wordsIn } from './same-words.ts';

/** A message as it is read, without what each chat draws in its own way. */
export interface Shown {
  words: string;
  buttons: string[];
  /** What a lock screen says. */
  notification: string;
}

export interface OpenChat {
  chat: Chat;
  /** Where approvers are asked. */
  channelId: string;
  channel(): Shown[];
  /** Bob's chat with Elevate. */
  approver(): Shown[];
  /** Alice's. */
  requester(): Shown[];
  stop(): Promise<void>;
}

const now = () => sampleTime;
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const hash = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
const tokens = { mint: async ({ id }: { id: string }) => `token-${id}` };

export async function openSlackChat(): Promise<OpenChat> {
  const workspace = 'T1ACME';
  const channelId = 'C02APPR';
  const secrets = { signingSecret: 'shh-shh-shh', botToken: 'xoxb-test' };
  const slack = await startSlackDouble({ ...secrets, now });
  const store = await openStore('sqlite::memory:');
  for (const { id, name } of [alice, bob]) slack.addUser({ id: `U1${name.charAt(0)}`, email: id, name });
  slack.addChannel({ id: channelId });
  const client = createSlackClient({ ...secrets, workspaces: [workspace], apiUrl: slack.apiUrl }, quiet);
  const directory = createSlackDirectory({ client, workspaces: [workspace], now });
  const seen = (channel: string): Shown[] =>
    slack.messagesIn(channel).map((message) => ({ ...readBy(message), notification: unescaped(message.text) }));
  const { cards } = store;
  return {
    chat: createMessenger({ client, cards, tokens, directory, hash, workspace, log: quiet, now }),
    channelId,
    channel: () => seen(channelId),
    approver: () => seen('DU1B'),
    requester: () => seen('DU1A'),
    stop: () => Promise.all([slack.stop(), store.close()]).then(() => undefined),
  };
}

export async function openTeamsChat(): Promise<OpenChat> {
  const { appId, tenants } = teamsConfig();
  const [tenant = ''] = tenants;
  const channelId = '19:approvals@thread.tacv2';
  const objectIds = { alice: 'a11ce000-0000-4000-8000-000000000000', bob: 'b0b00000-0000-4000-8000-000000000000' };
  const teams = await startTeamsDouble({ tenant, appId, now });
  const store = await openStore('sqlite::memory:');
  teams.addUser({ id: objectIds.alice, name: alice.name, upn: alice.id });
  teams.addUser({ id: objectIds.bob, name: bob.name, upn: bob.id });
  teams.addChannel({ id: channelId });
  const { endpoints, serviceUrl, token } = teams;
  const config = teamsConfig({ endpoints, serviceUrl, serviceHosts: [new URL(serviceUrl).hostname] });
  const connector = createConnector({ config, now, signIn: token });
  const { references, bindings, cards } = store;
  const conversations = () => [channelId];
  const rosters = { roster: connector.member, bindings, references, tenants, conversations, serviceUrl, now };
  const directory = createTeamsDirectory(rosters);
  const deps = { connector, cards, references, directory, tokens, hash, config, log: quiet, now };
  const seen = (conversation: string): Shown[] =>
    teams.messagesIn(conversation).map((message) => ({ ...readBy(message), notification: message.summary }));
  return {
    chat: createTeamsMessenger({ ...deps, places: createPlaces(deps) }),
    channelId,
    channel: () => seen(channelId),
    approver: () => seen(teams.personal(objectIds.bob)),
    requester: () => seen(teams.personal(objectIds.alice)),
    stop: () => Promise.all([teams.stop(), store.close()]).then(() => undefined),
  };
}

function readBy(message: object): Pick<Shown, 'words' | 'buttons'> {
  return { words: wordsIn(read(message)), buttons: buttonsOf(message) };
}

/** Slack's notifications are written in its markup. */
function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
