/** Puts single messages where they belong and remembers where they are, so that each is there once. */
import type { Text } from '../core/card.ts';
import { ElevateError } from '../core/errors.ts';
import type { CardReference, Cards, Log } from '../core/ports.ts';
import { type Drawn, drawText } from './blocks.ts';
import { callSlack, type SlackClient, SlackRefusal } from './client.ts';
import { loggable } from './failure.ts';

export interface Message {
  /** Channel id or principal id: whose message it is. */
  recipient: string;
  slot: string;
  /** Channel or user id to post to. */
  to: string;
  thread?: string;
  /** Tells equal drawings apart without drawing them. Left out for what is never edited. */
  drawing?: string;
  draw: () => Promise<Drawn>;
  /** Shown instead if Slack does not take the drawing. */
  otherwise?: Text;
  /** Asked before every new message; a word is why not. */
  barred?: () => Promise<string | undefined>;
}

export interface Delivery {
  /** Posts, edits, or leaves alone what is the same. Whoever can't be reached for good is remembered as such. */
  place(message: Message): Promise<void>;
  /** Remembers that nothing can be delivered there. */
  giveUp(recipient: string, slot: string, word: string): Promise<void>;
  find(recipient: string, slot: string): CardReference | undefined;
  /** Messages that are there, of one slot. */
  standing(slot: string): CardReference[];
}

/** The message is not there any more, or can't be edited any more. */
const gone = new Set(['message_not_found', 'edit_window_closed', 'cant_update_message', 'is_inactive']);
/** Nobody can be reached there, now or later. */
const closed = new Set([
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
]);
const undrawable = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long']);

const unreachable = 'unreachable:';

export function createDelivery(deps: {
  client: SlackClient;
  cards: Cards;
  log: Log;
  execution: string;
  platform: string;
  /** What is known of this execution's messages. */
  references: readonly CardReference[];
}): Delivery {
  const { client, cards, log, execution, platform } = deps;
  const known = new Map(deps.references.map((reference) => [keyOf(reference.recipient, reference.slot), reference]));

  async function save(recipient: string, slot: string, address: Record<string, string>, drawing: string) {
    const reference = { execution, platform, recipient, slot, address, drawing };
    await cards.save(reference);
    known.set(keyOf(recipient, slot), reference);
  }

  async function giveUp(recipient: string, slot: string, word: string): Promise<void> {
    log.warn({ execution, recipient, slot, slack: word }, 'a message can not be delivered');
    await save(recipient, slot, {}, `${unreachable}${word}`);
  }

  async function edit(message: Message, { address }: CardReference): Promise<'edited' | 'gone'> {
    try {
      const { channel = '', ts = '' } = address;
      await send(message, ({ text, blocks }) => client.chat.update({ channel, ts, text, blocks }));
      await save(message.recipient, message.slot, address, message.drawing ?? '');
      return 'edited';
    } catch (error) {
      if (error instanceof SlackRefusal && gone.has(error.word)) return 'gone';
      throw error;
    }
  }

  async function post(message: Message): Promise<void> {
    const bar = await message.barred?.();
    if (bar !== undefined) return giveUp(message.recipient, message.slot, bar);
    const thread = message.thread === undefined ? {} : { thread_ts: message.thread };
    const quiet = { unfurl_links: false, unfurl_media: false };
    const posted = await send(message, ({ text, blocks }) =>
      client.chat.postMessage({ channel: message.to, text, blocks, ...thread, ...quiet }),
    );
    const address = { to: message.to, channel: posted.channel ?? message.to, ts: posted.ts ?? '' };
    await save(message.recipient, message.slot, address, message.drawing ?? '');
  }

  /** Something is said even where the drawing is refused: without buttons, and with where to look. */
  async function send<T>(message: Message, call: (drawn: Drawn) => Promise<T>): Promise<T> {
    const drawn = await message.draw();
    try {
      return await callSlack(() => call(drawn));
    } catch (error) {
      const { otherwise } = message;
      if (!(error instanceof SlackRefusal) || !undrawable.has(error.word) || otherwise === undefined) throw error;
      log.error({ execution, slot: message.slot, ...loggable(error) }, 'Slack did not take a drawing');
      return callSlack(() => call(drawText(otherwise)));
    }
  }

  return {
    giveUp,
    find: (recipient, slot) => known.get(keyOf(recipient, slot)),
    standing: (slot) => [...known.values()].filter((reference) => reference.slot === slot && isStanding(reference)),

    async place(message) {
      const before = known.get(keyOf(message.recipient, message.slot));
      try {
        if (before === undefined) return await post(message);
        const settled = message.drawing === undefined || before.drawing === message.drawing;
        if (settled || !isStanding(before)) return;
        if ((await edit(message, before)) === 'gone') await post(message);
      } catch (error) {
        if (!(error instanceof SlackRefusal)) throw error;
        if (closed.has(error.word)) return giveUp(message.recipient, message.slot, error.word);
        // Nothing here is wrong for good: a token can be renewed, a scope added.
        throw new ElevateError('unavailable', `${error.message}.`, { cause: error });
      }
    },
  };
}

export function isStanding({ address }: CardReference): boolean {
  return address['ts'] !== undefined;
}

/** Why a message is not there; `undefined` if it is. */
export function problemWord({ drawing }: CardReference): string | undefined {
  return drawing.startsWith(unreachable) ? drawing.slice(unreachable.length) : undefined;
}

function keyOf(recipient: string, slot: string): string {
  return JSON.stringify([recipient, slot]);
}
