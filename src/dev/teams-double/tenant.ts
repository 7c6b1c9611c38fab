/** What a stand-in tenant holds: people, conversations with what was posted there, and who has the app. */
import { createWatching, type Watching } from '../watching.ts';

export interface TeamsUser {
  /** Entra object id. */
  id: string;
  /** Teams' own id of the person towards this bot: `29:…`. */
  member: string;
  name: string;
  email: string | undefined;
  /** User principal name. */
  upn: string | undefined;
  /** The person's home tenant. */
  tenant: string;
  role: 'user' | 'guest' | 'anonymous';
  /** What the person has done with the app in their personal chats. */
  app: 'installed' | 'absent' | 'blocked';
}

export interface TeamsConversation {
  /** Without any thread. */
  id: string;
  kind: 'personal' | 'channel' | 'groupChat';
  name: string;
  /** The team that a channel is of. */
  team: string;
  /** Who can be in a channel; `shared`: also people of another company. */
  channelType: 'standard' | 'private' | 'shared';
  /** Object ids; undefined: everybody of the tenant, guests aside. */
  members: readonly string[] | undefined;
  /** The bot is in it. */
  installed: boolean;
}

export type Card = Record<string, unknown> & { type: 'AdaptiveCard' };

export interface ShownMessage {
  /** Without the thread. */
  conversation: string;
  id: string;
  /** The id of the post that this replies to. */
  thread: string | undefined;
  /** What a notification says. */
  summary: string;
  text: string;
  card: Card | undefined;
  /** The one person, by object id, who sees it. */
  onlyFor: string | undefined;
  /** How often it was edited. */
  edits: number;
  /** Later messages have a higher one. */
  order: number;
}

export interface Tenant extends Watching {
  id: string;
  bot: { id: string; app: string; name: string };
  now: () => number;
  users: Map<string, TeamsUser>;
  /** Channels and group chats. Personal chats are there as soon as there is a person. */
  conversations: Map<string, TeamsConversation>;
  messages: ShownMessage[];
  /** What people themselves posted in channels: others may reply to it. */
  posts: { conversation: string; id: string }[];
  /** Cards that one person sees in place of a message's own, by message and then by person. */
  views: WeakMap<ShownMessage, Map<string, Card>>;
  /** Rises; part of every id. */
  next(): number;
}

export function createTenant(options: { id: string; appId: string; now: () => number }): Tenant {
  let sequence = 0;
  return {
    id: options.id,
    bot: { id: `28:${options.appId}`, app: options.appId, name: 'Elevate' },
    now: options.now,
    users: new Map(),
    conversations: new Map(),
    messages: [],
    posts: [],
    views: new WeakMap(),
    next: () => (sequence += 1),
    ...createWatching(),
  };
}

/** By time, as Teams counts in channels; never the same again, also not after a restart. */
export function messageId({ now }: Tenant, order: number): string {
  return `${now()}${String(order).padStart(5, '0')}`;
}

export function personalId(user: string): string {
  return `a:${user}`;
}

/** A channel, a group chat, or the chat with one person. */
export function findConversation(tenant: Tenant, id: string): TeamsConversation | undefined {
  const user = id.startsWith('a:') ? tenant.users.get(id.slice(2)) : undefined;
  if (user === undefined) return tenant.conversations.get(id);
  const installed = user.app === 'installed';
  return { id, kind: 'personal', name: user.name, team: '', channelType: 'standard', members: [user.id], installed };
}

export function rosterOf({ users, id: ours }: Tenant, { members }: TeamsConversation): TeamsUser[] {
  const isColleague = ({ tenant, role, upn = '' }: TeamsUser) =>
    tenant === ours && role === 'user' && !upn.includes('#EXT#');
  return [...users.values()].filter((user) => members?.includes(user.id) ?? isColleague(user));
}

/** By Teams id, object id or user principal name. */
export function findMember(tenant: Tenant, conversation: TeamsConversation, who: string): TeamsUser | undefined {
  const wanted = who.toLowerCase();
  return rosterOf(tenant, conversation).find(
    ({ id, member, upn }) => member === who || id.toLowerCase() === wanted || upn?.toLowerCase() === wanted,
  );
}

/** `19:…@thread.tacv2;messageid=17` is the thread of message 17 there. */
export function splitThread(id: string): { base: string; thread: string | undefined } {
  const [base = '', thread] = id.split(';messageid=');
  return { base, thread };
}

/** What a person sees: everything but what is for somebody else, each with their own view of it. */
export function seenBy(tenant: Tenant, message: ShownMessage, user: string | undefined): ShownMessage | undefined {
  if (message.onlyFor !== undefined && message.onlyFor !== user) return undefined;
  const own = user === undefined ? undefined : tenant.views.get(message)?.get(user);
  return own === undefined ? message : { ...message, card: own };
}
