/** People, channels, messages and views in Slack's own shapes. */
import type { Modal, SlackChannel, SlackMessage, SlackUser, Workspace } from './workspace.ts';

/** A view as payloads carry it. */
export function describeModal(workspace: Workspace, modal: Modal): Record<string, unknown> {
  return {
    callback_id: '',
    private_metadata: '',
    submit: null,
    close: null,
    clear_on_close: false,
    notify_on_close: false,
    ...modal.view,
    id: modal.id,
    hash: modal.hash,
    team_id: workspace.team.id,
    app_installed_team_id: workspace.team.id,
    app_id: workspace.bot.app,
    bot_id: workspace.bot.id,
    root_view_id: modal.id,
    previous_view_id: null,
    state: { values: {} },
  };
}

/** A message as payloads carry it. */
export function describeMessage(workspace: Workspace, message: SlackMessage): Record<string, unknown> {
  return {
    type: 'message',
    user: workspace.bot.user,
    bot_id: workspace.bot.id,
    app_id: workspace.bot.app,
    team: workspace.team.id,
    text: message.text,
    blocks: message.blocks,
    ts: message.ts,
    ...(message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }),
  };
}

/** With the address where Slack has it: in the profile. */
export function describeUser(user: SlackUser): Record<string, unknown> {
  const { email, ...rest } = user;
  return { ...rest, real_name: user.name, profile: { email, real_name: user.name, display_name: user.name } };
}

export function describeChannel(channel: SlackChannel): Record<string, unknown> {
  const { im, ...rest } = channel;
  return { ...rest, is_channel: im === undefined, is_im: im !== undefined, ...(im === undefined ? {} : { user: im }) };
}
