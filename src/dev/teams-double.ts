/**
 * A Teams of our own, in this process: a connector over real HTTP that keeps Teams' documented limits, an issuer that
 * vouches for what it sends, and people who write, mention and click. For tests and for `elevate dev`.
 *
 * @example
 * const teams = await startTeamsDouble({ tenant, appId });
 * teams.addUser({ id: '8f2c…', upn: 'ann@example.com' });
 * // start the app with teams.endpoints, teams.serviceUrl and teams.token, then
 * teams.sendTo('http://127.0.0.1:8080/api/messages');
 * const { waitForReply } = await teams.command({ user: '8f2c…', text: 'list' });
 */
import { randomBytes } from 'node:crypto';
import type { TeamsEndpoints } from '../config/config.ts';
import { createIssuer, type Issuer, issuerName, metadataPath } from './teams-double/issuer.ts';
import { createPeople, type People } from './teams-double/people.ts';
import type { Fault } from './teams-double/faults.ts';
import { type Call, servicePath, startTeamsServer } from './teams-double/server.ts';
import { createSigner, type Delivered, type DeliveryOptions } from './teams-double/signer.ts';
import {
  createTenant,
  personalId,
  seenBy,
  type ShownMessage,
  splitThread,
  type TeamsConversation,
  type TeamsUser,
} from './teams-double/tenant.ts';

export type { ShownMessage } from './teams-double/tenant.ts';

export interface TeamsDouble extends People {
  /** Entra's id of the tenant. */
  tenant: string;
  appId: string;
  /** For `teams.endpoints`; where the bot would sign in is nowhere, see {@link TeamsDouble.token}. */
  endpoints: TeamsEndpoints;
  /** Where the bot writes to; ends in a slash. */
  serviceUrl: string;
  /** The bot's own token for the connector, in place of one from Entra. */
  token(): Promise<string>;
  /** Where the bot takes what Teams sends. Can be set again. */
  sendTo(botUrl: string): void;
  stop(): Promise<void>;

  /** By Entra object id. Their personal chat is there with them, and the app in it unless something else is said. */
  addUser(user: Partial<TeamsUser> & { id: string }): void;
  /** A channel of a team, or a group chat; everybody but guests is in it unless it says who. */
  addChannel(channel: Partial<TeamsConversation> & { id: string }): void;
  /** The id of somebody's personal chat. */
  personal(user: string): string;

  /** Every call of the connector in order, without tokens. */
  calls: readonly Call[];
  /** Makes coming calls go wrong. */
  fault(fault: Fault): void;
  /** Nothing goes wrong any more; the connections of what hangs break. */
  mend(): void;
  /** Signs with a new key from here on. */
  rotate: Issuer['rotate'];
  /** What the bot wrote into a conversation, or into one thread of it; views and targeted messages are those of `user`. */
  messagesIn(conversation: string, user?: string): ShownMessage[];
  latest(conversation: string, user?: string): ShownMessage | undefined;
  /** Looks now and after every change until there is something. Rejects after `withinMs` (5 s). */
  until<T>(look: () => T | undefined | false, what: string, withinMs?: number): Promise<T>;

  /** Sends this activity, vouched for. */
  deliver(activity: Record<string, unknown>, options?: DeliveryOptions): Promise<Delivered>;
}

export async function startTeamsDouble(options: {
  /** Entra tenant id. */
  tenant: string;
  appId: string;
  now?: () => number;
}): Promise<TeamsDouble> {
  const { appId, now = Date.now } = options;
  const tenant = createTenant({ id: options.tenant, appId, now });
  const token = randomBytes(24).toString('base64url');
  const calls: Call[] = [];
  const faults: Fault[] = [];
  const issuer = await createIssuer({ now });
  const mayCall = (authorization?: string) => authorization === `Bearer ${token}`;
  const server = await startTeamsServer({ tenant, issuer, mayCall, calls, faults });
  const serviceUrl = `${server.origin}${servicePath}`;
  const openIdMetadataUrl = `${server.origin}${metadataPath}`;
  let address: string | undefined;
  const signer = createSigner({
    issuer,
    appId,
    serviceUrl,
    botUrl: () => {
      if (address === undefined) throw new Error('Say first where the bot is, with sendTo.');
      return address;
    },
  });

  function messagesIn(conversation: string, user?: string): ShownMessage[] {
    const { base, thread } = splitThread(conversation);
    return tenant.messages
      .filter((each) => each.conversation === base && (thread === undefined || thread === (each.thread ?? each.id)))
      .flatMap((each) => seenBy(tenant, each, user) ?? []);
  }

  return {
    ...createPeople({ tenant, signer, serviceUrl }),
    tenant: tenant.id,
    appId,
    endpoints: {
      loginUrl: 'https://login.invalid/nowhere',
      oauthScope: 'https://api.invalid/.default',
      tokenIssuer: issuerName,
      oauthUrl: server.origin,
      openIdMetadataUrl,
      emulatorOpenIdMetadataUrl: openIdMetadataUrl,
      callerId: 'urn:elevate:teams-double',
    },
    serviceUrl,
    token: async () => token,
    sendTo: (url) => void (address = url),
    stop: server.close,
    addUser: (user) => void tenant.users.set(user.id, { ...colleague(user, tenant.id), ...user }),
    addChannel: (channel) => void tenant.conversations.set(channel.id, { ...openChannel, ...channel }),
    personal: personalId,
    calls,
    fault: (fault) => void faults.push({ ...fault }),
    mend() {
      faults.length = 0;
      server.release();
    },
    rotate: issuer.rotate,
    messagesIn,
    latest: (conversation, user) => messagesIn(conversation, user).at(-1),
    until: tenant.until,
    deliver: signer.deliver,
  };
}

function colleague({ id, upn }: { id: string; upn?: string | undefined }, tenant: string): Omit<TeamsUser, 'id'> {
  return { member: `29:1${id}`, name: upn ?? id, email: upn, upn, tenant, role: 'user', app: 'installed' };
}

const openChannel: Omit<TeamsConversation, 'id'> = {
  kind: 'channel',
  name: 'a channel',
  team: '19:team@thread.tacv2',
  channelType: 'standard',
  members: undefined,
  installed: true,
};
