/** Slack, in and out. */
import type { Config, SlackConfig } from '../config/config.ts';
import type { Commands } from '../core/commands.ts';
import type { Chat, Directory } from '../core/ports.ts';
import { createSlackDirectory } from '../directory/slack.ts';
import { createSlackApp } from '../slack/app.ts';
import { checkChannels } from '../slack/channels.ts';
import { createSlackClient } from '../slack/client.ts';
import { createMessenger } from '../slack/messenger.ts';
import { createReceiver, type SlackReceiver } from '../slack/receiver.ts';
import { createWebClient, resolveBot } from '../slack/web-client.ts';
import type { Parts } from './parts.ts';

/** A person waits for the answer, and a few may be asked about. */
const DIRECTORY_WITHIN = 2_000;

export interface SlackRoom {
  directory: Directory;
  messenger: Chat;
  /** Opens the way in. */
  receive(commands: Commands): SlackReceiver;
  /** Tells operators of channels that get no card (T30). */
  warnOfChannels(roles: Config['roles']): Promise<void>;
}

/** @throws `unauthenticated`, `unavailable`, `invalid_input` if Slack does not know this bot, or not there */
export async function openSlack(config: SlackConfig, { tokens, ids, store, log, now }: Parts): Promise<SlackRoom> {
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
      const stages = Object.values(roles).flatMap(({ approval }) => approval);
      const channels = [...new Set(stages.flatMap(({ ask }) => ask.channels['slack'] ?? []))];
      for (const { channel, why, word } of await checkChannels(client, channels)) {
        const told =
          why === 'shared' ? 'no card goes to this channel: others may read along' : 'this channel cannot be reached';
        log.warn({ channel, word }, told);
      }
    },
  };
}
