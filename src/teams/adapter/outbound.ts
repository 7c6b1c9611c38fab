/** What the bot does in Teams, through the Bot Framework's client of the connector. */
import { ConnectorClient, type ConnectorClientOptions, type ServiceClientCredentials } from 'botframework-connector';
import type { TeamsConfig } from '../../config/config.ts';
import { failureOf } from '../../core/calls.ts';
import { ElevateError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { isUrlAt } from '../../core/urls.ts';
import { baseOf } from '../activity.ts';
import {
  type Connector,
  ConnectorRefusal,
  type Member,
  type MembersPage,
  type Place,
  type Sent,
} from '../connector.ts';
import { isObject, type Json, textIn } from '../json.ts';
import type { TeamsMessage } from '../message.ts';
import { createCredentials, type SignIn } from './authentication.ts';
import { createHttpClient } from './http-client.ts';

/** For a whole call, signing in included. */
const TIMEOUT_MS = 10_000;

/** The most that Teams gives of a team's roster at once. */
const PAGE_SIZE = 500;
/** A chat's roster comes as a whole, with up to a thousand people. */
const ROSTER_LIMIT = 1024 * 1024;

/** As the service is asked to show a message to one person alone. */
const targeted = 'isTargetedActivity';

type Conversations = ConnectorClient['conversations'];
type Work<T> = (conversations: Conversations) => Promise<T>;

export function createConnector(deps: {
  config: TeamsConfig;
  /** Gives the bot's token; left out, it signs in with the configuration's credentials. */
  signIn?: SignIn;
  now: Clock;
  fetch?: typeof globalThis.fetch;
  timeoutMs?: number;
}): Connector {
  const { config, signIn, now, fetch = globalThis.fetch, timeoutMs = TIMEOUT_MS } = deps;
  let credentials: Promise<ServiceClientCredentials> | undefined;

  /** One call, to a host that may have our token. */
  async function call<T>(serviceUrl: string, work: Work<T>, sizeLimit?: number): Promise<T> {
    if (!isUrlAt(serviceUrl, config.serviceHosts))
      throw new ElevateError('unavailable', 'This service address of Teams is none that may be called.');
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await Promise.race([asked(serviceUrl, work, { signal, sizeLimit }), overdue(signal)]);
    } catch (error) {
      if (error instanceof ConnectorRefusal || error instanceof ElevateError) throw error;
      const cause = signal.aborted ? signal.reason : error;
      throw new ElevateError('unavailable', `Teams ${failureOf(cause, timeoutMs)}.`, { cause: error });
    }
  }

  async function asked<T>(
    baseUri: string,
    work: Work<T>,
    limits: { signal: AbortSignal; sizeLimit: number | undefined },
  ) {
    credentials ??= createCredentials(config, signIn);
    const httpClient = createHttpClient({ fetch, now, ...limits }) as unknown as ConnectorClientOptions['httpClient'];
    const client = new ConnectorClient(await credentials, { baseUri, ...(httpClient && { httpClient }) });
    return work(client.conversations);
  }

  return {
    async send(place, message) {
      const activity = activityOf(message);
      const answer = await call(place.serviceUrl, (all) => all.sendToConversation(place.conversation, activity));
      return sent(place, answer);
    },

    async sendTargeted(place, user, message) {
      const activity = { ...activityOf(message), recipient: { id: user, name: '' } };
      const url = withQuery(place.serviceUrl, targeted, 'true');
      return sent(place, await call(url, (all) => all.sendToConversation(place.conversation, activity)));
    },

    async edit({ serviceUrl, conversation, activity }, message) {
      await call(serviceUrl, (all) => all.updateActivity(conversation, activity, activityOf(message)));
    },

    async openPersonal({ serviceUrl, tenant, user }) {
      const wish = {
        isGroup: false,
        bot: { id: `28:${config.appId}`, name: '' },
        members: [{ id: user, name: '' }],
        tenantId: tenant,
        channelData: { tenant: { id: tenant } },
      };
      const { id } = await call(serviceUrl, (all) => all.createConversation(wish as never));
      return { serviceUrl, conversation: named(id) };
    },

    async member({ serviceUrl, conversation }, user) {
      try {
        const found = await call(serviceUrl, (all) => all.getConversationMember(baseOf(conversation), user));
        return memberOf(found as unknown as Json);
      } catch (error) {
        if (isNoMember(error)) return undefined;
        throw error;
      }
    },

    async members({ serviceUrl, conversation }, page) {
      const wish = { pageSize: PAGE_SIZE, ...(page !== undefined && { continuationToken: page }) };
      const ask: Work<unknown> = (all) => all.getConversationPagedMembers(baseOf(conversation), wish as never);
      return membersPageOf((await call(serviceUrl, ask, ROSTER_LIMIT)) as Json);
    },
  };
}

function activityOf({ summary, card }: TeamsMessage) {
  const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }];
  return { type: 'message', summary, attachments };
}

/** The SDK keeps the query of the address that it calls below. */
function withQuery(serviceUrl: string, name: string, value: string): string {
  const url = URL.parse(serviceUrl);
  url?.searchParams.set(name, value);
  return url?.href ?? serviceUrl;
}

/** A message without a name can't be edited; sending it again would be worse. */
function sent({ serviceUrl, conversation }: Place, { id = '' }: { id?: string }): Sent {
  return { serviceUrl, conversation, activity: id };
}

function named(id: string | undefined): string {
  if (id === undefined || id === '') throw new ElevateError('unavailable', 'Teams did not say what it made.');
  return id;
}

/** The service documents the object id under one name, and uses another too. */
function memberOf(found: Json): Member {
  const objectId = textIn(found, 'aadObjectId') ?? textIn(found, 'objectId');
  const tenant = textIn(found, 'tenantId');
  const rest = ['name', 'userPrincipalName', 'userRole'].map((field) => [field, textIn(found, field)] as const);
  return {
    id: named(textIn(found, 'id')),
    ...(objectId !== undefined && { objectId }),
    ...(tenant !== undefined && { tenant }),
    ...Object.fromEntries(rest.filter(([, value]) => value !== undefined)),
  };
}

/** Nobody is left out: what can't be read may be a stranger, or a page of them. */
function membersPageOf({ members, continuationToken: next }: Json): MembersPage {
  const isLast = next === undefined || next === null || next === '';
  if (!Array.isArray(members) || !members.every(isObject) || !(isLast || typeof next === 'string'))
    throw new ElevateError('unavailable', 'Teams did not say who is there.');
  return { members: members.map(memberOf), ...(!isLast && { next }) };
}

/** The conversation itself may be what is not there. */
function isNoMember(error: unknown): boolean {
  return error instanceof ConnectorRefusal && error.status === 404 && error.word !== 'ConversationNotFound';
}

/** Rejects when the time is over. */
function overdue(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
