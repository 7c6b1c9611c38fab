/** Calls of Slack's Web API for messages going out, and what their failures mean. */
import { webApi } from '@slack/bolt';
import type { SlackConfig } from '../config/config.ts';
import { ElevateError } from '../core/errors.ts';
import { ChatBusy, type Log } from '../core/ports.ts';
import { createWebClient } from './web-client.ts';

export type SlackClient = webApi.WebClient;

/** For what nobody waits for: one try of at most 10 s; trying again is the caller's to decide. */
export function createSlackClient(config: SlackConfig, log: Log): SlackClient {
  return createWebClient(config, log, 10_000);
}

/** Slack understood and said no. `word` is its own, such as `channel_not_found`. */
export class SlackRefusal extends Error {
  override readonly name = 'SlackRefusal';
  readonly word: string;

  constructor(word: string, cause: unknown) {
    super(`Slack refused: ${word}`, { cause });
    this.word = word;
  }
}

/** Slack's words for trouble of its own, which passes. */
const passing = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited']);

/** @throws {@link ChatBusy}, {@link SlackRefusal}, or `unavailable` for everything that may be different next time */
export async function callSlack<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw meaningOf(error);
  }
}

function meaningOf(error: unknown): Error {
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return new ChatBusy('Slack asks to wait.', { retryAfterMs: error.retryAfter * 1_000, cause: error });
  }
  if (error instanceof webApi.WebAPIPlatformError && !passing.has(error.data.error)) {
    return new SlackRefusal(error.data.error, error);
  }
  return new ElevateError('unavailable', 'Slack could not be reached.', { cause: error });
}
