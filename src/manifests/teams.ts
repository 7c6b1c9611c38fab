/** The manifest of the Teams app. It asks for no permission: a bot hears who speaks to it and may answer there. */
import { HELP } from '../core/command.ts';
import { accent } from './icons.ts';

export interface TeamsApp {
  /** The application id of the bot, which also is the id of the app. */
  appId: string;
  /** Elevate's own address, without a slash at its end. */
  address: string;
  /** Of this app; Teams takes an update only with a new one. */
  version: string;
  /** Offers the commands behind `/` too, in teams and group chats. */
  slash: boolean;
}

/**
 * The first version of the manifest that knows slash commands is 1.29. From 1.25 on, an app for teams must support shared channels,
 * which are no place for cards (T30); so without slash commands it stays with 1.24.
 */
const schemaVersion = ({ slash }: TeamsApp): string => (slash ? '1.29' : '1.24');

export function teamsManifest(app: TeamsApp): object {
  const { appId, address, version, slash } = app;
  const manifestVersion = schemaVersion(app);
  return {
    $schema: `https://developer.microsoft.com/en-us/json-schemas/teams/v${manifestVersion}/MicrosoftTeams.schema.json`,
    manifestVersion,
    version,
    id: appId,
    developer: {
      name: 'Elevate',
      websiteUrl: `${address}/`,
      privacyUrl: `${address}/privacy`,
      termsOfUseUrl: `${address}/terms`,
    },
    name: { short: 'Elevate', full: 'Elevate: temporary access' },
    description: {
      short: 'Temporary access, approved in chat and taken back in time',
      full: 'Ask for temporary access where you work. The people who may decide are asked in Teams, and access ends when its time is over. Say help to see what Elevate understands.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: accent,
    bots: [
      {
        botId: appId,
        scopes: ['personal', 'team', 'groupChat'],
        isNotificationOnly: false,
        supportsFiles: false,
        ...(slash ? { supportsTargetedMessages: true } : {}),
        commandLists: slash ? withSlash : withoutSlash,
      },
    ],
    ...(slash ? { supportsChannelFeatures: 'tier1' } : {}),
    validDomains: [],
  };
}

/** The verbs of the grammar. What stands for a role is no verb: `elevate` alone begins to ask. */
const commands = HELP.map(({ typed, does }) => ({
  title: /^\/elevate (?<verb>[a-z]+)/.exec(typed)?.groups?.['verb'] ?? 'elevate',
  description: does.replace(/^./, (letter) => letter.toUpperCase()),
}));

const withoutSlash = [{ scopes: ['personal', 'team', 'groupChat'], commands }];
/** Teams has no slash commands where a person is alone with the bot. */
const withSlash = [
  { scopes: ['personal'], commands },
  { triggers: ['mention', 'slash'], scopes: ['team', 'groupChat'], commands },
];
