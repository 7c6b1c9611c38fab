/** The methods of Slack's Web API that Elevate uses, with the answers and refusals that Slack documents. */
import { describeChannel, describeMessage, describeModal, describeUser } from './describe.ts';
import { remarksOnMessage, remarksOnView } from './limits.ts';
import type { Remark } from './limits-of-texts.ts';
import { openModal, replaceView } from './modals.ts';
import { addMessage, editMessage, openDirectMessage } from './messages.ts';
import type { Block, Modal, SlackChannel, SlackMessage, Workspace } from './workspace.ts';

export type Args = Record<string, unknown>;
export type Answer = { ok: true; [field: string]: unknown } | { ok: false; error: string; [field: string]: unknown };

/** Answers one call of an authorised caller. */
export function callMethod(workspace: Workspace, method: string, args: Args): Answer {
  const answer = methods[method];
  return answer === undefined ? refused('unknown_method') : answer(workspace, args);
}

const methods: Record<string, (workspace: Workspace, args: Args) => Answer> = {
  'auth.test': ({ team, bot }) => ({
    ok: true,
    url: `https://${team.domain}.slack.com/`,
    team: team.domain,
    team_id: team.id,
    user: 'elevate',
    user_id: bot.user,
    bot_id: bot.id,
    is_enterprise_install: false,
  }),

  'users.info': (workspace, args) => {
    const user = workspace.users.get(string(args, 'user'));
    return user === undefined ? refused('user_not_found') : { ok: true, user: describeUser(user) };
  },

  'users.lookupByEmail': (workspace, args) => {
    const email = string(args, 'email').toLowerCase();
    const user = [...workspace.users.values()].find((each) => each.email.toLowerCase() === email && !each.deleted);
    return user === undefined ? refused('users_not_found') : { ok: true, user: describeUser(user) };
  },

  'usergroups.users.list': (workspace, args) => {
    const users = workspace.usergroups.get(string(args, 'usergroup'));
    return users === undefined ? refused('no_such_subteam') : { ok: true, users };
  },

  'conversations.info': (workspace, args) => {
    const channel = workspace.channels.get(string(args, 'channel'));
    const isVisible = channel !== undefined && (channel.is_member || !channel.is_private);
    return isVisible ? { ok: true, channel: describeChannel(channel) } : refused('channel_not_found');
  },

  'conversations.open': (workspace, args) => {
    const user = workspace.users.get(string(args, 'users'));
    if (user === undefined) return refused('user_not_found');
    if (user.is_bot) return refused('cannot_dm_bot');
    return { ok: true, channel: { id: openDirectMessage(workspace, user.id).id } };
  },

  'chat.postMessage': (workspace, args) => {
    const channel = findChannel(workspace, string(args, 'channel'));
    if (channel === undefined) return refused('channel_not_found');
    if (channel.is_archived) return refused('is_archived');
    if (!channel.is_member) return refused(channel.is_private ? 'channel_not_found' : 'not_in_channel');
    const content = readContent(args);
    if (!content.ok) return content;
    const thread_ts = string(args, 'thread_ts') || undefined;
    if (thread_ts !== undefined && findMessage(workspace, channel.id, thread_ts) === undefined) {
      return refused('thread_not_found');
    }
    const message = addMessage(workspace, {
      channel: channel.id,
      text: content.text,
      blocks: content.blocks ?? [],
      thread_ts,
    });
    return { ok: true, channel: channel.id, ts: message.ts, message: describeMessage(workspace, message) };
  },

  'chat.update': (workspace, args) => {
    // Unlike chat.postMessage, this takes the id of the direct message and not that of the person.
    const channel = workspace.channels.get(string(args, 'channel'));
    if (channel === undefined) return refused('channel_not_found');
    const message = findMessage(workspace, channel.id, string(args, 'ts'));
    if (message === undefined) return refused('message_not_found');
    if (string(args, 'text').length > 4000) return refused('msg_too_long');
    const content = readContent(args);
    if (!content.ok) return content;
    editMessage(workspace, message, {
      ...(args['text'] === undefined ? {} : { text: content.text }),
      ...(content.blocks === undefined ? {} : { blocks: content.blocks }),
    });
    return { ok: true, channel: channel.id, ts: message.ts, text: message.text };
  },

  'chat.postEphemeral': (workspace, args) => {
    const channel = workspace.channels.get(string(args, 'channel'));
    if (channel === undefined) return refused('channel_not_found');
    if (!workspace.users.has(string(args, 'user'))) return refused('user_not_in_channel');
    const content = readContent(args);
    if (!content.ok) return content;
    const message = addMessage(workspace, {
      channel: channel.id,
      text: content.text,
      blocks: content.blocks ?? [],
      onlyFor: string(args, 'user'),
    });
    return { ok: true, message_ts: message.ts };
  },

  'chat.getPermalink': (workspace, args) => {
    const channel = string(args, 'channel');
    const ts = string(args, 'message_ts');
    if (!workspace.channels.has(channel)) return refused('channel_not_found');
    if (findMessage(workspace, channel, ts) === undefined) return refused('message_not_found');
    const permalink = `https://${workspace.team.domain}.slack.com/archives/${channel}/p${ts.replace('.', '')}`;
    return { ok: true, channel, permalink };
  },

  'views.open': (workspace, args) => {
    const trigger = workspace.triggers.get(string(args, 'trigger_id'));
    if (trigger === undefined) return refused('invalid_trigger_id');
    if (trigger.used) return refused('exchanged_trigger_id');
    if (workspace.now() - trigger.at > 3_000) return refused('expired_trigger_id');
    const remarks = remarksOnView(args['view']);
    if (remarks.length > 0) return refusedWith('invalid_arguments', remarks);
    trigger.used = true;
    const modal = openModal(workspace, trigger.user, args['view'] as Modal['view']);
    return { ok: true, view: describeModal(workspace, modal) };
  },

  'views.update': (workspace, args) => {
    const modal = workspace.modals.find((each) => each.id === args['view_id']);
    if (modal === undefined) return refused('not_found');
    if (args['hash'] !== undefined && args['hash'] !== modal.hash) return refused('hash_conflict');
    const remarks = remarksOnView(args['view']);
    if (remarks.length > 0) return refusedWith('invalid_arguments', remarks);
    replaceView(workspace, modal, args['view'] as Modal['view']);
    return { ok: true, view: describeModal(workspace, modal) };
  },
};

/** What a message says, or why Slack would not take it. */
export function readContent(
  args: Args,
): { ok: true; text: string; blocks: Block[] | undefined } | Extract<Answer, { ok: false }> {
  const blocks = args['blocks'];
  const remarks = remarksOnMessage(blocks);
  if (remarks.length > 0) return refusedWith('invalid_blocks', remarks);
  const text = string(args, 'text').slice(0, 40_000);
  if (text === '' && blocks === undefined) return refused('no_text');
  return { ok: true, text, blocks: blocks as Block[] | undefined };
}

/** A person's id names the direct message with them. Nobody can write to a bot or to somebody who left. */
function findChannel(workspace: Workspace, id: string): SlackChannel | undefined {
  const user = workspace.users.get(id);
  if (user === undefined) return workspace.channels.get(id);
  return user.deleted || user.is_bot ? undefined : openDirectMessage(workspace, user.id);
}

/** Ephemeral messages cannot be found again. */
function findMessage(workspace: Workspace, channel: string, ts: string): SlackMessage | undefined {
  return workspace.messages.find((each) => each.channel === channel && each.ts === ts && each.onlyFor === undefined);
}

function string(args: Args, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : '';
}

function refused(error: string): Extract<Answer, { ok: false }> {
  return { ok: false, error };
}

function refusedWith(error: string, remarks: Remark[]): Extract<Answer, { ok: false }> {
  return {
    ok: false,
    error,
    errors: remarks,
    response_metadata: { messages: remarks.map((each) => `[ERROR] ${each}`) },
  };
}
