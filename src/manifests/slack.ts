/** The manifest of the Slack app: what it listens to, and what it may do. */
import { HELP } from '../core/command.ts';

/**
 * @param address where Slack reaches Elevate, without a slash at its end
 */
export function slackManifest(address: string): object {
  const events = `${address}/slack/events`;
  return {
    display_information: {
      name: 'Elevate',
      description: 'Temporary access, approved in chat and taken back in time',
    },
    features: {
      bot_user: { display_name: 'elevate', always_online: true },
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      slash_commands: [
        {
          command: '/elevate',
          url: events,
          description: 'Ask for temporary access',
          usage_hint: HELP[0]?.typed.replace('/elevate ', ''),
          should_escape: true,
        },
      ],
    },
    oauth_config: { scopes: { bot: scopes } },
    settings: {
      interactivity: { is_enabled: true, request_url: events, message_menu_options_url: events },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      token_rotation_enabled: false,
    },
  };
}

/** docs/install-slack.md says what each is for. */
const scopes = [
  'commands',
  'chat:write',
  'im:write',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'channels:read',
  'groups:read',
];
