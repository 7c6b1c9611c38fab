/** What may be logged of an error, with what Slack says of it. */
import { loggable as plainly, type Loggable } from '../core/loggable.ts';

/** Fields for a log line: names, messages, places, and Slack's own words. */
export function loggable(error: unknown): { error: Loggable } {
  return plainly(error, wordsOfSlack);
}

interface SlackAnswer {
  error?: unknown;
  response_metadata?: { messages?: string[] };
}

/** Its word for what was wrong, such as `invalid_blocks`; and remarks, which point into blocks and quote no content. */
function wordsOfSlack(error: Error): object {
  const { data } = error as { data?: SlackAnswer };
  return {
    ...(typeof data?.error === 'string' ? { slack: data.error } : {}),
    ...(Array.isArray(data?.response_metadata?.messages) ? { remarks: data.response_metadata.messages } : {}),
  };
}
