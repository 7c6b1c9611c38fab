/** Puts single messages where they belong and remembers where they are, so that each is there once. */
import type { Card, Text } from '../card.ts';
import { ElevateError } from '../errors.ts';
import type { CardReference, Cards, Log } from '../ports.ts';
import { type Address, type ChannelProblem, type Destination, type Posting, PostingRefusal } from './posting.ts';

export interface Message {
  /** Channel id or principal id: whose message it is. */
  recipient: string;
  slot: string;
  to: Destination;
  /** The message that this one replies to. */
  below?: Address;
  /** A card is edited; a text is sent once. */
  content: CardContent | { text: Text };
}

interface CardContent {
  card: Card;
  /** Tells equal drawings apart without drawing them. */
  drawing: string;
  /** Shown instead if the chat does not take the drawing. */
  otherwise: Text;
}

export interface Delivery {
  /** Posts, edits, or leaves alone what is the same. Whoever can't be reached for good is remembered as such. */
  place(message: Message): Promise<void>;
  /** Remembers that nothing can be delivered there. */
  giveUp(recipient: string, slot: string, word: string): Promise<void>;
  find(recipient: string, slot: string): CardReference | undefined;
  /** All that is known of one slot. */
  all(slot: string): CardReference[];
}

const unreachable = 'unreachable:';
const shared = 'shared:';

export function createDelivery<Drawn>(deps: {
  posting: Posting<Drawn>;
  cards: Cards;
  log: Log;
  loggable: (error: unknown) => object;
  execution: string;
  platform: string;
  /** What is known of this execution's messages. */
  references: readonly CardReference[];
}): Delivery {
  const { posting, cards, log, loggable, execution, platform } = deps;
  const known = new Map(deps.references.map((reference) => [keyOf(reference.recipient, reference.slot), reference]));

  async function save(recipient: string, slot: string, address: Record<string, string>, drawing: string) {
    const reference = { execution, platform, recipient, slot, address, drawing };
    await cards.save(reference);
    known.set(keyOf(recipient, slot), reference);
  }

  async function giveUp(recipient: string, slot: string, word: string): Promise<void> {
    log.warn({ execution, platform, recipient, slot, word }, 'a message can not be delivered');
    await save(recipient, slot, {}, `${unreachable}${word}`);
  }

  async function edit(message: Message, { address }: CardReference): Promise<'edited' | 'gone'> {
    try {
      await send(message, (drawn) => posting.edit(message.to, address, drawn));
    } catch (error) {
      if (error instanceof PostingRefusal && error.kind === 'gone') return 'gone';
      throw error;
    }
    await save(message.recipient, message.slot, address, drawingOf(message));
    return 'edited';
  }

  async function post(message: Message): Promise<void> {
    const { recipient, slot, to, below } = message;
    const problem = 'channel' in to ? await posting.problemOf(to.channel) : undefined;
    if (problem !== undefined) return giveUp(recipient, slot, wordOf(problem));
    const address = await send(message, (drawn) => posting.post(to, drawn, below));
    await save(recipient, slot, { ...address, ...recipientOf(to) }, drawingOf(message));
  }

  /** Something is said even where the drawing is refused: without buttons, and with where to look. */
  async function send<T>({ content, slot }: Message, call: (drawn: Drawn) => Promise<T>): Promise<T> {
    if ('text' in content) return call(posting.drawText(content.text));
    const drawn = await posting.drawCard(content.card);
    try {
      return await call(drawn);
    } catch (error) {
      if (!(error instanceof PostingRefusal) || error.kind !== 'undrawable') throw error;
      log.error({ execution, platform, slot, ...loggable(error) }, 'the chat did not take a drawing');
      return call(posting.drawText(content.otherwise));
    }
  }

  return {
    giveUp,
    find: (recipient, slot) => known.get(keyOf(recipient, slot)),
    all: (slot) => [...known.values()].filter((reference) => reference.slot === slot),

    async place(message) {
      const before = known.get(keyOf(message.recipient, message.slot));
      try {
        if (before === undefined) return await post(message);
        const settled = 'text' in message.content || before.drawing === message.content.drawing;
        if (settled || !isStanding(before)) return;
        if ((await edit(message, before)) === 'gone') await post(message);
      } catch (error) {
        if (!(error instanceof PostingRefusal)) throw error;
        if (error.kind === 'closed') return giveUp(message.recipient, message.slot, error.word);
        throw new ElevateError('unavailable', `${error.message}.`, { cause: error });
      }
    },
  };
}

/** Whether a message is there. */
export function isStanding({ address }: CardReference): boolean {
  return address['to'] !== undefined;
}

/** Why a message is not there; `undefined` if it is. */
export function problemWord({ drawing }: CardReference): string | undefined {
  return drawing.startsWith(unreachable) ? drawing.slice(unreachable.length) : undefined;
}

/** Whether a channel was barred because others may read along. */
export function isShared(word: string): boolean {
  return word.startsWith(shared);
}

function wordOf({ why, word }: ChannelProblem): string {
  return why === 'shared' ? `${shared}${word}` : word;
}

/** By which a message is found to belong to somebody. */
function recipientOf(to: Destination): Record<string, string> {
  return 'channel' in to ? { to: to.channel } : { to: to.person.user, tenant: to.person.tenant };
}

function drawingOf({ content }: Message): string {
  return 'text' in content ? '' : content.drawing;
}

function keyOf(recipient: string, slot: string): string {
  return JSON.stringify([recipient, slot]);
}
