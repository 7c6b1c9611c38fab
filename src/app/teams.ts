/** Teams, in and out. */
import type { Config, TeamsConfig } from '../config/config.ts';
import { createTeamsDirectory } from '../directory/teams.ts';
import { createConnector } from '../teams/adapter/outbound.ts';
import { createTeamsBot } from '../teams/bot.ts';
import { createTeamsEndpoint } from '../teams/endpoint.ts';
import { createTeamsMessenger } from '../teams/messenger.ts';
import type { Parts } from './parts.ts';
import { askedIn, type Room } from './room.ts';

/** Gives the bot's own token for the connector. */
export type TeamsSignIn = () => Promise<string>;

const platform = 'teams';

/**
 * @param options.roles those of the newest configuration: approvers are looked up where they are asked
 * @param options.signIn in place of the configuration's credentials
 */
export function openTeams(
  config: TeamsConfig,
  { tokens, ids, store, log, now }: Parts,
  { roles, signIn }: { roles: () => Config['roles']; signIn: TeamsSignIn | undefined },
): Room {
  const { tenants, serviceUrl, endpoints, standardEndpoints } = config;
  const { references, cards, bindings } = store;
  if (!standardEndpoints) log.warn({ endpoints }, "people are believed who come from other addresses than Microsoft's");
  const connector = createConnector({ config, now, ...(signIn && { signIn }) });
  const directory = createTeamsDirectory({
    roster: connector.member,
    bindings,
    references,
    tenants,
    conversations: () => askedIn(roles(), platform),
    serviceUrl,
    now,
  });
  const shared = { config, connector, references, log, now };

  return {
    directory,
    messenger: createTeamsMessenger({ ...shared, cards, directory, tokens, hash: ids.hash }),

    receive(commands) {
      const bot = createTeamsBot({ ...shared, commands, mint: tokens.mint });
      const endpoint = createTeamsEndpoint({ config, bot, log, now });
      // Nobody waits for it: without the keys Elevate still starts, and refuses for as long as it lacks them.
      void endpoint.ready();
      return endpoint;
    },

    async warnOfChannels(asked) {
      for (const conversation of askedIn(asked, platform)) {
        const keys = tenants.map((tenant) => ({ platform, tenant, kind: 'conversation', key: conversation }) as const);
        const heard = (await Promise.all(keys.map(references.get))).filter((reference) => reference !== undefined);
        const word = heard.find(({ dead }) => dead !== undefined)?.dead;
        if (heard.length === 0) log.warn({ conversation }, 'never heard from this conversation: is the app in it?');
        else if (word !== undefined) log.warn({ conversation, word }, 'this conversation cannot be reached');
      }
    },
  };
}
