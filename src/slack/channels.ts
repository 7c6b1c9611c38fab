/** Whether a channel may be written to: never if another company reads along (T30). */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/ports.ts';
import type { ChannelProblem } from '../core/showing/posting.ts';
import { callSlack, type SlackClient, SlackRefusal } from './client.ts';

export interface Channels {
  /** `undefined` if cards may go there. @throws `unavailable`, `ChatBusy` if Slack can't be asked now */
  problemOf(channel: string): Promise<ChannelProblem | undefined>;
}

const remembered = 10 * 60_000;

export function createChannels({ client, now }: { client: SlackClient; now: Clock }): Channels {
  const known = new LRUCache<string, { problem: ChannelProblem | undefined }>({
    max: 1_000,
    ttl: remembered,
    ttlResolution: 0,
    perf: { now },
  });
  return {
    async problemOf(channel) {
      const found = known.get(channel) ?? { problem: await ask(client, channel) };
      known.set(channel, found, { noUpdateTTL: true });
      return found.problem;
    },
  };
}

/** Looks at configured channels once, for a warning at the start. A channel that can't be looked at is one of them. */
export async function checkChannels(
  client: SlackClient,
  channels: readonly string[],
): Promise<(ChannelProblem & { channel: string })[]> {
  const problems = await Promise.all(
    [...new Set(channels)].map(async (channel) => {
      const problem = await ask(client, channel).catch(() => ({ why: 'unreachable' as const, word: 'unavailable' }));
      return problem === undefined ? [] : [{ channel, ...problem }];
    }),
  );
  return problems.flat();
}

const missing = new Set(['channel_not_found', 'is_archived', 'not_in_channel']);

/** What can't be told counts as shared: without the scope to ask, no card goes there. */
async function ask(client: SlackClient, channel: string): Promise<ChannelProblem | undefined> {
  try {
    const { channel: info } = await callSlack(() => client.conversations.info({ channel }));
    const foreign = info?.is_pending_ext_shared === true || (info?.is_shared === true && info.is_org_shared !== true);
    if (info?.is_ext_shared !== false || foreign) return { why: 'shared', word: 'is_ext_shared' };
    return info.is_archived === true ? { why: 'unreachable', word: 'is_archived' } : undefined;
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return { why: missing.has(error.word) ? 'unreachable' : 'shared', word: error.word };
  }
}
