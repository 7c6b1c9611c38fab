/** Answers a person in time, or says that it takes longer and tells the outcome when it is there (P6). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { types } from '@slack/bolt';
import type { Reply } from '../core/card.ts';
import type { Clock, Log } from '../core/ports.ts';
import { loggable } from './failure.ts';

export interface Message {
  text: string;
  blocks?: types.KnownBlock[];
}

export interface Answer {
  message: Message;
  /** Nothing is known of what became of it; the message says so, with an id that is in the log. */
  failed: boolean;
}

export interface Patience {
  /** Slack waits 3 s for an acknowledgement; this leaves room for drawing and for the way. */
  ackMs: number;
  /** After this the person is told that it failed. Their address for answers lives 30 minutes. */
  outcomeMs: number;
}

export const defaultPatience: Patience = { ackMs: 2_000, outcomeMs: 5 * 60_000 };

const stillWorking: Message = { text: 'Still working on it…' };

export interface Channel {
  /** Acknowledges. `undefined` means that the outcome comes later. */
  acknowledge(answer: Answer | undefined): Promise<void>;
  tell(message: Message): Promise<void>;
}

export interface Answering {
  /** Runs `work` and tells its outcome, whatever happens to it. */
  answer: (what: string, work: () => Promise<Reply>, channel: Channel) => Promise<void>;
}

export function createAnswering(deps: {
  draw: (reply: Reply) => Promise<Message>;
  log: Log;
  now: Clock;
  newId: () => string;
  patience: Patience;
}): Answering {
  const { draw, log, now, newId, patience } = deps;

  async function run(what: string, work: () => Promise<Reply>): Promise<Answer> {
    try {
      const reply = await within(Promise.resolve().then(work), patience.outcomeMs);
      if (reply === undefined) throw new Error('no outcome in time');
      return { message: await draw(reply), failed: false };
    } catch (error) {
      const id = newId();
      log.error({ id, what, ...loggable(error) }, 'an answer could not be made');
      return { message: { text: neutralSentence(id) }, failed: true };
    }
  }

  return {
    async answer(what, work, channel) {
      const startedAt = now();
      const answering = run(what, work);
      const inTime = await within(answering, patience.ackMs);
      log.debug({ what, ms: now() - startedAt, late: inTime === undefined }, 'answered');
      await channel.acknowledge(inTime);
      if (inTime === undefined) await channel.tell((await answering).message);
    },
  };
}

/** What is acknowledged: the outcome, or that it comes later. */
export function messageOf(answer: Answer | undefined): Message {
  return answer?.message ?? stillWorking;
}

function neutralSentence(id: string): string {
  return `Something went wrong here, and it is not certain that this was recorded. Look with /elevate list, then try again. If it stays, give your administrator this id: ${id}`;
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const settled = new AbortController();
  try {
    return await Promise.race([work, sleep(ms, undefined, { signal: settled.signal })]);
  } finally {
    settled.abort();
  }
}
