/**
 * A Slack of our own, in this process: a Web API over real HTTP that keeps Slack's documented limits, and people who
 * type, click and fill in forms through signed requests. For tests and for `elevate dev`.
 *
 * @example
 * const slack = await startSlackDouble({ signingSecret: 'shh', botToken: 'xoxb-test' });
 * slack.addUser({ id: 'U1ANN', email: 'ann@example.com' });
 * // start the app with slack.apiUrl, then
 * slack.sendTo('http://127.0.0.1:8080/slack/events');
 * const { status, body } = await slack.command({ user: 'U1ANN', text: 'list' });
 */
import { eventBody } from './slack-double/payloads.ts';
import { createPeople, type People } from './slack-double/people.ts';
import { type Call, type Fault, startApiServer } from './slack-double/server.ts';
import { createSigner, type Delivered, type DeliveryOptions } from './slack-double/signer.ts';
import { createWorkspace, type SlackChannel, type SlackMessage, type SlackUser } from './slack-double/workspace.ts';

export type { Outcome } from './slack-double/people.ts';
export type { SlackMessage } from './slack-double/workspace.ts';

export interface SlackDouble extends People {
  /** For `slack.api_url`; ends in a slash. */
  apiUrl: string;
  /** Where the app takes what Slack sends. Can be set again. */
  sendTo(appUrl: string): void;
  stop(): Promise<void>;

  addUser(user: Partial<SlackUser> & { id: string }): void;
  addChannel(channel: Partial<SlackChannel> & { id: string }): void;
  addUsergroup(id: string, users: string[]): void;

  /** Every call of the Web API and of response addresses, in order, without tokens. */
  calls: readonly Call[];
  /** Makes coming calls go wrong. */
  fail(fault: Fault): void;
  /** What is in a channel; ephemeral messages only for `seenBy`. */
  messagesIn(channel: string, seenBy?: string): SlackMessage[];
  latest(channel: string, seenBy?: string): SlackMessage | undefined;
  /** The messages of the bot's direct message with somebody. */
  dm(user: string): SlackMessage[];
  /** Looks now and after every change until there is something. Rejects after `withinMs` (5 s). */
  until<T>(look: () => T | undefined | false, what: string, withinMs?: number): Promise<T>;

  /** Sends these bytes, signed. */
  deliver(body: string, options?: DeliveryOptions): Promise<Delivered>;
  /** Sends an event of the Events API. */
  event(event: Record<string, unknown>, options?: DeliveryOptions): Promise<Delivered>;
}

export async function startSlackDouble(options: {
  signingSecret: string;
  botToken: string;
  team?: { id: string; domain: string };
  now?: () => number;
}): Promise<SlackDouble> {
  const { signingSecret, botToken, team = { id: 'T1ACME', domain: 'acme' }, now = Date.now } = options;
  const workspace = createWorkspace({ team, now });
  const calls: Call[] = [];
  const faults: Fault[] = [];
  const server = await startApiServer({ workspace, botToken, calls, faults });
  let appUrl: string | undefined;
  const signer = createSigner({
    signingSecret,
    now,
    appUrl: () => {
      if (appUrl === undefined) throw new Error('Say first where the app is, with sendTo.');
      return appUrl;
    },
  });

  function messagesIn(channel: string, seenBy?: string): SlackMessage[] {
    const isSeen = (message: SlackMessage) => message.onlyFor === undefined || message.onlyFor === seenBy;
    return workspace.messages.filter((message) => message.channel === channel && isSeen(message));
  }

  return {
    ...createPeople({ workspace, signer, origin: server.origin }),
    apiUrl: `${server.origin}/api/`,
    sendTo: (url) => void (appUrl = url),
    stop: server.close,
    addUser: (user) =>
      void workspace.users.set(user.id, { ...memberOf(team.id), name: user.id.toLowerCase(), ...user }),
    addChannel: (channel) =>
      void workspace.channels.set(channel.id, { ...openChannel, name: channel.id.toLowerCase(), ...channel }),
    addUsergroup: (id, users) => void workspace.usergroups.set(id, users),
    calls,
    fail: (fault) => void faults.push({ ...fault }),
    messagesIn,
    latest: (channel, seenBy) => messagesIn(channel, seenBy).at(-1),
    dm: (user) => messagesIn(`D${user}`, user),
    until: workspace.until,
    deliver: signer.deliver,
    event: (event, delivery) =>
      signer.deliver(eventBody(workspace, event), { contentType: 'application/json', ...delivery }),
  };
}

function memberOf(team_id: string): Omit<SlackUser, 'id' | 'name'> {
  return {
    email: '',
    is_email_confirmed: true,
    deleted: false,
    is_bot: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_stranger: false,
    team_id,
    tz: 'Europe/Berlin',
  };
}

const openChannel: Omit<SlackChannel, 'id' | 'name'> = {
  im: undefined,
  is_member: true,
  is_private: false,
  is_archived: false,
  is_ext_shared: false,
};
