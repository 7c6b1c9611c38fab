/** Teams, in and out. */
import type { Config, TeamsConfig } from '../config/config.ts';
import { createTeamsDirectory } from '../directory/teams.ts';
import { createConnector } from '../teams/adapter/outbound.ts';
import { createTeamsBot } from '../teams/bot.ts';
import { createTeamsEndpoint } from '../teams/endpoint.ts';
import { createTeamsMessenger } from '../teams/messenger.ts';
import { createPlaces } from '../teams/places.ts';
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
  if (!standardEndpoints)
    log.warn(
      { endpoints },
      'teams.endpoints are not those of the public cloud: whoever answers there says who people are',
    );
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
  const places = createPlaces(shared);

  async function warnOf(conversation: string, wasHeard: boolean): Promise<void> {
    const outage = { why: 'unreachable' as const, word: 'unavailable' };
    const problem = await places.problemOf(conversation).catch(() => outage);
    if (problem === undefined) return;
    const { why, word } = problem;
    const unreachable = wasHeard
      ? 'this conversation cannot be reached'
      : 'never heard from this conversation: is the app in it?';
    const told = why === 'shared' ? 'no card goes to this conversation: others may read along' : unreachable;
    log.warn({ conversation, word }, told);
  }

  return {
    directory,
    messenger: createTeamsMessenger({ ...shared, places, cards, directory, tokens, hash: ids.hash }),

    receive(commands) {
      const bot = createTeamsBot({ ...shared, commands, mint: tokens.mint });
      const endpoint = createTeamsEndpoint({ config, bot, log, now });
      // Nobody waits for it: without the keys Elevate still starts, and refuses for as long as it lacks them.
      void endpoint.ready();
      return endpoint;
    },

    async warnOfChannels(asked) {
      for (const conversation of askedIn(asked, platform)) {
        // Nobody waits for Teams: Elevate starts without it.
        void warnOf(conversation, await places.wasHeard(conversation));
      }
    },
  };
}
