/** The calls of Teams' connector that Elevate makes, with the answers and refusals that Microsoft documents. */
import type { Asked, Operation } from './asked.ts';
import { isObject, type Json } from './json.ts';
import { isTooLarge, remarksOnMessage } from './limits.ts';
import { addMessage, contentOf, findMessage } from './messages.ts';
import {
  findConversation,
  findMember,
  personalId,
  rosterOf,
  type TeamsConversation,
  type TeamsUser,
  type Tenant,
} from './tenant.ts';

export interface Answer {
  status: number;
  body: unknown;
}

/** Answers a caller that has shown its token. */
export function answerCall(tenant: Tenant, asked: Asked, text: string): Answer {
  const body = parsed(text);
  if (!reading.has(asked.operation) && body === undefined)
    return refused(400, 'BadSyntax', 'The body is no JSON object.');
  return operations[asked.operation](tenant, asked, body ?? {}, text);
}

const reading = new Set<Operation>(['member', 'members']);

type Performing = (tenant: Tenant, asked: Asked, body: Json, text: string) => Answer;

const operations: Record<Operation, Performing> = {
  open(tenant, _, body) {
    const { members, bot, tenantId, channelData, isGroup } = body;
    const named = isObject(channelData) && isObject(channelData['tenant']) ? channelData['tenant']['id'] : tenantId;
    if (isGroup === true || !Array.isArray(members) || members.length !== 1)
      return refused(400, 'BadSyntax', 'A bot opens a chat with one person.');
    if (!isObject(bot) || bot['id'] !== tenant.bot.id)
      return refused(403, 'ForbiddenOperationException', 'Not this bot.');
    if (named !== tenant.id) return refused(403, 'BotDisabledByAdmin', 'The bot is not in that tenant.');
    const who = String((members[0] as Json)['id']);
    const user = [...tenant.users.values()].find(({ id, member }) => member === who || id === who.toLowerCase());
    if (user === undefined) return refused(404, 'ConversationNotFound', 'There is no such person.');
    if (user.app === 'absent') return refused(403, 'BotNotInConversationRoster', 'The app is not installed for them.');
    return { status: 201, body: { id: personalId(user.id) } };
  },

  send(tenant, asked, body, text) {
    const refusal = placeRefusal(tenant, asked);
    if (refusal !== undefined) return refusal;
    return take(body, text, () => ({ status: 201, body: { id: addMessage(tenant, asked, body).id } }));
  },

  sendTargeted(tenant, asked, body, text) {
    const place = findConversation(tenant, asked.conversation);
    const refusal = placeRefusal(tenant, asked);
    if (place === undefined || refusal !== undefined) return refusal ?? noConversation;
    const recipient = isObject(body['recipient']) ? String(body['recipient']['id']) : '';
    const user = findMember(tenant, place, recipient);
    if (place.kind === 'personal' || user === undefined || user.member !== recipient)
      return refused(400, 'BadArgument', 'A targeted message is for a member of a channel or group chat.');
    return take(body, text, () => ({ status: 201, body: { id: addMessage(tenant, asked, body, user).id } }));
  },

  edit(tenant, asked, body, text) {
    const refusal = placeRefusal(tenant, asked);
    if (refusal !== undefined) return refusal;
    const message = findMessage(tenant, asked);
    if (message === undefined) return refused(404, 'ActivityNotFoundInConversation', 'There is no such message.');
    return take(body, text, () => {
      Object.assign(message, contentOf(body), { edits: message.edits + 1 });
      // Everybody sees the message again, also who saw a view of their own.
      tenant.views.delete(message);
      tenant.changed();
      return { status: 200, body: { id: message.id } };
    });
  },

  member(tenant, asked) {
    const place = findConversation(tenant, asked.conversation);
    if (place === undefined) return noConversation;
    if (!place.installed) return refusedWriting(tenant, place);
    const user = findMember(tenant, place, asked.member ?? '');
    if (user === undefined) return refused(404, 'MemberNotFoundInConversation', 'They are not in this conversation.');
    return { status: 200, body: rosterEntry(user) };
  },

  members(tenant, asked) {
    const place = findConversation(tenant, asked.conversation);
    if (place === undefined) return noConversation;
    if (!place.installed) return refusedWriting(tenant, place);
    return pageOf(rosterOf(tenant, place), place, asked.page);
  },
};

/** Teams has its own idea of how large a page is, and gives the roster of a chat as a whole. */
function pageOf(roster: TeamsUser[], { kind }: TeamsConversation, page: Asked['page']): Answer {
  const size = kind === 'channel' ? Math.min(Math.max(page?.size ?? 200, 50), 500) : roster.length;
  const from = page?.from ?? null;
  const start = from === null ? 0 : Number(/^from\/(\d+)\+$/.exec(from)?.[1]);
  if (Number.isNaN(start)) return refused(400, 'BadArgument', 'No such page.');
  const end = start + size;
  const next = end < roster.length ? { continuationToken: `from/${end}+` } : {};
  return { status: 200, body: { ...next, members: roster.slice(start, end).map(rosterEntry) } };
}

function placeRefusal(tenant: Tenant, { conversation, thread }: Asked): Answer | undefined {
  const place = findConversation(tenant, conversation);
  if (place === undefined) return noConversation;
  if (!place.installed) return refusedWriting(tenant, place);
  if (thread === undefined) return undefined;
  const isThere = [...tenant.posts, ...tenant.messages.filter((each) => each.thread === undefined)].some(
    (each) => each.conversation === conversation && each.id === thread,
  );
  return place.kind === 'channel' && isThere ? undefined : noConversation;
}

/** Whoever has blocked the app, or taken it away after it was there. */
function refusedWriting(tenant: Tenant, { id }: TeamsConversation): Answer {
  const user = tenant.users.get(id.slice(2));
  const word = user?.app === 'blocked' ? 'MessageWritesBlocked' : 'BotNotInConversationRoster';
  return refused(403, word, 'The bot may not write here.');
}

function take(body: Json, text: string, perform: () => Answer): Answer {
  if (isTooLarge(text)) return refused(413, 'MessageSizeTooBig', 'The message is too large.');
  if (body['type'] !== 'message') return refused(400, 'BadSyntax', 'Not a message.');
  const remarks = remarksOnMessage(body);
  return remarks.length === 0 ? perform() : refused(400, 'BadSyntax', remarks.join('; '));
}

/** As the roster has it: the object id under its documented name, and no address where there is none. */
function rosterEntry({ id, member, name, email, upn, tenant, role }: TeamsUser): object {
  return { id: member, objectId: id, name, email, userPrincipalName: upn, tenantId: tenant, userRole: role };
}

const noConversation = refused(404, 'ConversationNotFound', 'There is no such conversation.');

function refused(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } };
}

function parsed(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
