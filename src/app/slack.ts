/** Slack, in and out. */
import type { SlackConfig } from '../config/config.ts';
import { createSlackDirectory } from '../directory/slack.ts';
import { createSlackApp } from '../slack/app.ts';
import { checkChannels } from '../slack/channels.ts';
import { createSlackClient } from '../slack/client.ts';
import { createMessenger } from '../slack/messenger.ts';
import { createReceiver } from '../slack/receiver.ts';
import { createWebClient, resolveBot } from '../slack/web-client.ts';
import type { Parts } from './parts.ts';
import { askedIn, type Room } from './room.ts';

/** A person waits for the answer, and a few may be asked about. */
const DIRECTORY_WITHIN = 2_000;

/** @throws `unauthenticated`, `unavailable`, `invalid_input` if Slack does not know this bot, or not there */
export async function openSlack(config: SlackConfig, { tokens, ids, store, log, now }: Parts): Promise<Room> {
  const { workspaces } = config;
  const directory = createSlackDirectory({ client: createWebClient(config, log, DIRECTORY_WITHIN), workspaces, now });
  const bot = await resolveBot(createWebClient(config, log), { workspaces, log });
  const client = createSlackClient(config, log);
  const { cards } = store;
  const { hash } = ids;
  return {
    directory,
    messenger: createMessenger({ client, cards, tokens, directory, hash, workspace: bot.team, log, now }),

    receive(commands) {
      const receiver = createReceiver({ signingSecret: config.signingSecret, log, now });
      createSlackApp({ config, bot, commands, mint: tokens.mint, log, now, receiver });
      return receiver;
    },

    async warnOfChannels(roles) {
      for (const { channel, why, word } of await checkChannels(client, askedIn(roles, 'slack'))) {
        const told =
          why === 'shared' ? 'no card goes to this channel: others may read along' : 'this channel cannot be reached';
        log.warn({ channel, word }, told);
      }
    },
  };
}
