/** The client of Slack's Web API, with bounds, and who we are there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { webApi } from '@slack/bolt';
import type { SlackConfig } from '../config/config.ts';
import { ElevateError } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import { loggable } from './failure.ts';
import { createSlackLogger } from './logger.ts';

type WebClient = webApi.WebClient;

/** One try within `timeoutMs`, only ever to the configured address. The library's own defaults are 10 tries and no limit. */
export function webClientOptions(config: SlackConfig, log: Log, timeoutMs: number): webApi.WebClientOptions {
  return {
    slackApiUrl: config.apiUrl,
    allowAbsoluteUrls: false,
    timeout: timeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: createSlackLogger(log),
  };
}

/** For what a person waits for: a trigger lives 3 s, so a call that takes longer is of no use. */
export function createWebClient(config: SlackConfig, log: Log, timeoutMs = 2_500): WebClient {
  return new webApi.WebClient(config.botToken, webClientOptions(config, log, timeoutMs));
}

/** Our own account in the workspace. */
export interface Bot {
  botId: string;
  botUserId: string;
  /** The workspace that the token is for. */
  team: string;
}

/** Slack's words for trouble of its own; after any other it is of no use to ask again. */
const passing = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited']);

/**
 * Asks Slack who the token belongs to, again and again while Slack cannot be reached.
 * @throws `unauthenticated` if Slack refuses the token, `not_allowed` if it is for a workspace that is not listed (T2),
 *   `unavailable` after the last try
 */
export async function resolveBot(
  client: WebClient,
  options: { workspaces: readonly string[]; log: Log; tries?: number; wait?: (ms: number) => Promise<unknown> },
): Promise<Bot> {
  const { workspaces, log, tries = 8, wait = sleep } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return botOf(await client.auth.test(), workspaces);
    } catch (error) {
      if (error instanceof ElevateError) throw error;
      if (!mayPass(error)) throw tokenRefused(error);
      if (attempt === tries) throw new ElevateError('unavailable', 'Slack could not be reached.', { cause: error });
      log.warn({ attempt, ...loggable(error) }, 'Slack could not be reached; trying again');
      await wait(Math.min(500 * 2 ** (attempt - 1), 15_000));
    }
  }
}

function botOf(answer: webApi.AuthTestResponse, workspaces: readonly string[]): Bot {
  const { bot_id: botId, user_id: botUserId, team_id: team } = answer;
  if (botId === undefined || botUserId === undefined || team === undefined) {
    throw new ElevateError('unauthenticated', 'Slack needs a bot token, which starts with xoxb-.');
  }
  if (!workspaces.includes(team)) {
    throw new ElevateError('not_allowed', `The bot token is for workspace ${team}. Add it to slack.workspaces.`);
  }
  return { botId, botUserId, team };
}

function mayPass(error: unknown): boolean {
  return !(error instanceof webApi.WebAPIPlatformError) || passing.has(error.data.error);
}

function tokenRefused(error: unknown): ElevateError {
  const word = error instanceof webApi.WebAPIPlatformError ? error.data.error : 'unknown';
  return new ElevateError('unauthenticated', `Slack refused the bot token (${word}). Check slack.bot_token.`, {
    cause: error,
  });
}
