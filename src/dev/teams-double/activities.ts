/** What Teams sends for what people do. Shapes as documented, with what Elevate does not read left small. */
import { randomUUID } from 'node:crypto';
import type { Json } from './json.ts';
import type { ShownMessage, TeamsConversation, TeamsUser, Tenant } from './tenant.ts';

/** Who did something, and where. */
export interface Doing {
  user: TeamsUser;
  place: TeamsConversation;
  thread?: string | undefined;
}

/** What every activity says. */
export function activityOf(tenant: Tenant, serviceUrl: string, { user, place, thread }: Doing): Json {
  const { kind, id, team, name, channelType } = place;
  const at = new Date(tenant.now()).toISOString();
  return {
    id: `f:${randomUUID()}`,
    timestamp: at,
    localTimestamp: at,
    localTimezone: 'Europe/Berlin',
    locale: 'en-US',
    channelId: 'msteams',
    serviceUrl,
    from: { id: user.member, name: user.name, aadObjectId: user.id },
    recipient: { id: tenant.bot.id, name: tenant.bot.name },
    conversation: {
      id: thread === undefined ? id : `${id};messageid=${thread}`,
      conversationType: kind,
      tenantId: tenant.id,
      ...(kind === 'personal' ? {} : { isGroup: true, name }),
    },
    channelData: {
      tenant: { id: tenant.id },
      ...(kind === 'channel'
        ? { channel: { id, type: channelType }, team: { id: team }, teamsChannelId: id, teamsTeamId: team }
        : {}),
    },
    entities: [{ type: 'clientInfo', locale: 'en-US', country: 'US', platform: 'Web', timezone: 'Europe/Berlin' }],
  };
}

/** What somebody wrote. Outside their personal chat, only what mentions the bot or is for it alone reaches it. */
export function messageActivity(base: Json, said: { text: string; mentions: Json[]; targeted: boolean }): Json {
  const { text, mentions, targeted } = said;
  return {
    ...base,
    type: 'message',
    text,
    textFormat: 'plain',
    attachments: [{ contentType: 'text/html', content: `<div><div>${text}</div></div>` }],
    entities: [...mentions, ...(base['entities'] as Json[])],
    ...(targeted ? { recipient: { ...(base['recipient'] as Json), isTargeted: true } } : {}),
  };
}

export function mentionOf(account: { id: string; name: string }): Json {
  const { id, name } = account;
  return { type: 'mention', text: `<at>${name}</at>`, mentioned: { id, name } };
}

/** A click on `Action.Execute`, which waits for an answer. */
export function invokeActivity(base: Json, message: ShownMessage, action: Json, data: Json): Json {
  const { type, verb, title, id } = action;
  return {
    ...base,
    type: 'invoke',
    name: 'adaptiveCard/action',
    replyToId: message.id,
    channelData: {
      ...(base['channelData'] as Json),
      source: { name: 'message' },
      legacy: { replyToId: `1:${message.id}` },
    },
    value: { action: { type, verb, title, ...(id === undefined ? {} : { id }), data }, trigger: 'manual' },
  };
}

/** A click on `Action.Submit`, which is a message without words. */
export function submitActivity(base: Json, message: ShownMessage, data: Json): Json {
  return {
    ...base,
    type: 'message',
    replyToId: message.id,
    value: data,
    channelData: {
      ...(base['channelData'] as Json),
      source: { name: 'message' },
      legacy: { replyToId: `1:${message.id}` },
    },
  };
}

/** Somebody put the app somewhere, or took it away: Teams says it twice. */
export function installationActivities(base: Json, tenant: Tenant, action: 'add' | 'remove'): [Json, Json] {
  const changed = action === 'add' ? 'membersAdded' : 'membersRemoved';
  const again = { ...base, id: `f:${randomUUID()}` };
  return [
    { ...base, type: 'conversationUpdate', [changed]: [{ id: tenant.bot.id }] },
    { ...again, type: 'installationUpdate', action },
  ];
}
