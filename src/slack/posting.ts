/** Sends and edits Slack's messages, and says what its refusals mean. */
import type { Mint } from '../core/offers.ts';
import { ElevateError } from '../core/errors.ts';
import { type Destination, type Posting, PostingRefusal, type RefusalKind } from '../core/showing/posting.ts';
import { type Drawn, drawCard, drawText } from './blocks.ts';
import type { Channels } from './channels.ts';
import { callSlack, type SlackClient, SlackRefusal } from './client.ts';

const gone = ['message_not_found', 'edit_window_closed', 'cant_update_message', 'is_inactive'];
const closed = [
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'restricted_action',
  'user_not_found',
  'user_disabled',
  'cannot_dm_bot',
  'messages_tab_disabled',
  'thread_not_found',
  'cannot_reply_to_message',
];
const undrawable = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long'];

/** What Slack's words mean. No other is wrong for good: a token can be renewed, a scope added. */
const meanings = new Map<string, RefusalKind>([
  ...gone.map((word) => [word, 'gone'] as const),
  ...closed.map((word) => [word, 'closed'] as const),
  ...undrawable.map((word) => [word, 'undrawable'] as const),
]);

export function createSlackPosting(deps: {
  client: SlackClient;
  channels: Channels;
  /** Makes the token of a button. */
  mint: Mint;
}): Posting<Drawn> {
  const { client, channels, mint } = deps;
  return {
    drawCard: (card) => drawCard(card, mint),
    drawText,

    async post(to, { text, blocks }, below) {
      const channel = idOf(to);
      const thread = below === undefined ? {} : { thread_ts: below['ts'] ?? '' };
      const quiet = { unfurl_links: false, unfurl_media: false };
      const posted = await call(() => client.chat.postMessage({ channel, text, blocks, ...thread, ...quiet }));
      return { channel: posted.channel ?? channel, ts: posted.ts ?? '' };
    },

    async edit(_, address, { text, blocks }) {
      const { channel = '', ts = '' } = address;
      await call(() => client.chat.update({ channel, ts, text, blocks }));
    },

    problemOf: (channel) => channels.problemOf(channel),
  };
}

/** A person's id serves as that of the direct message with them. */
function idOf(to: Destination): string {
  return 'channel' in to ? to.channel : to.person.user;
}

async function call<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await callSlack(work);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    const kind = meanings.get(error.word);
    if (kind === undefined) throw new ElevateError('unavailable', `${error.message}.`, { cause: error });
    throw new PostingRefusal(kind, error.word, error);
  }
}
