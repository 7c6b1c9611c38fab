/** The bodies that Slack sends for what people do. Shapes as documented, with what Elevate does not read left small. */
import { describeMessage, describeModal } from './describe.ts';
import {
  mintTrigger,
  type Block,
  type Modal,
  type ResponseUrl,
  type SlackMessage,
  type Workspace,
} from './workspace.ts';

/** What Slack checks before it sends a button's click: a button and the block it is in. */
export interface Button {
  block: string;
  element: Block & { action_id?: string; value?: string; text?: { text: string }; accessibility_label?: string };
}

/** The buttons of a message or a form, in the order in which they are seen. */
export function buttonsIn(blocks: Block[]): Button[] {
  return blocks.flatMap((block) => {
    const elements = [...((block['elements'] as Block[] | undefined) ?? []), block['accessory'] as Block | undefined];
    return elements
      .filter((element) => element?.type === 'button')
      .map((element) => ({ block: String(block['block_id']), element: element as Button['element'] }));
  });
}

export function commandBody(
  workspace: Workspace,
  typed: { command: string; text: string; user: string; channel: string; team: string; responseUrl: string },
): string {
  return new URLSearchParams({
    token: 'verification-token',
    team_id: typed.team,
    team_domain: workspace.team.domain,
    channel_id: typed.channel,
    channel_name: workspace.channels.get(typed.channel)?.name ?? 'directmessage',
    user_id: typed.user,
    user_name: workspace.users.get(typed.user)?.name ?? typed.user,
    command: typed.command,
    text: escapeText(typed.text),
    api_app_id: workspace.bot.app,
    is_enterprise_install: 'false',
    response_url: typed.responseUrl,
    trigger_id: mintTrigger(workspace, typed.user),
  }).toString();
}

export function clickPayload(
  workspace: Workspace,
  click: {
    user: string;
    userTeam: string;
    team: string;
    button: Button;
    in: SlackMessage | Modal;
    responseUrl?: string;
  },
): Record<string, unknown> {
  const { element, block } = click.button;
  const { text, value } = element;
  return {
    type: 'block_actions',
    ...commonFields(workspace, click),
    ...('ts' in click.in ? messageFields(workspace, click.in) : modalFields(workspace, click.in)),
    ...(click.responseUrl === undefined ? {} : { response_url: click.responseUrl }),
    actions: [
      {
        type: 'button',
        action_id: element.action_id,
        block_id: block,
        text,
        ...(value === undefined ? {} : { value }),
        action_ts: `${Math.floor(workspace.now() / 1000)}.000001`,
      },
    ],
  };
}

export function submitPayload(
  workspace: Workspace,
  form: { user: string; userTeam: string; team: string; modal: Modal; values: Record<string, Record<string, unknown>> },
): Record<string, unknown> {
  return {
    type: 'view_submission',
    ...commonFields(workspace, form),
    view: { ...describeModal(workspace, form.modal), state: { values: form.values } },
    response_urls: [],
  };
}

export function eventBody(workspace: Workspace, event: Record<string, unknown>): string {
  return JSON.stringify({
    type: 'event_callback',
    token: 'verification-token',
    team_id: workspace.team.id,
    api_app_id: workspace.bot.app,
    event,
    event_id: `Ev${workspace.next()}`,
    event_time: Math.floor(workspace.now() / 1000),
    authorizations: [
      {
        team_id: workspace.team.id,
        enterprise_id: null,
        is_enterprise_install: false,
        is_bot: true,
        user_id: workspace.bot.user,
      },
    ],
  });
}

/** Clicks and forms travel as JSON in one field of a form. */
export function asForm(payload: Record<string, unknown>): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

function commonFields(workspace: Workspace, by: { user: string; userTeam: string; team: string }) {
  const name = workspace.users.get(by.user)?.name ?? by.user;
  return {
    user: { id: by.user, username: name, name, team_id: by.userTeam },
    team: { id: by.team, domain: workspace.team.domain },
    api_app_id: workspace.bot.app,
    token: 'verification-token',
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: mintTrigger(workspace, by.user),
  };
}

function messageFields(workspace: Workspace, message: SlackMessage) {
  const is_ephemeral = message.onlyFor !== undefined;
  return {
    container: { type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral },
    channel: { id: message.channel, name: workspace.channels.get(message.channel)?.name ?? 'directmessage' },
    ...(is_ephemeral ? {} : { message: describeMessage(workspace, message) }),
    state: { values: {} },
  };
}

function modalFields(workspace: Workspace, modal: Modal) {
  return { container: { type: 'view', view_id: modal.id }, view: describeModal(workspace, modal) };
}

export function responseAddress(origin: string, url: ResponseUrl): string {
  return `${origin}/response/${url.id}`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
