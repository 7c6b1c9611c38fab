/** Answers a person in time, or says that it takes longer and tells the outcome when it is there (P6). */
import type { Reply } from '../card.ts';
import type { Clock, Log } from '../ports.ts';

/** @typeParam M a message as this chat takes it */
export interface Answer<M> {
  message: M;
  /**
   * - `outcome`: what became of it
   * - `failed`: nothing is known of what became of it; the message says so, with an id that is in the log
   * - `later`: it takes longer, and the outcome is told apart from this
   */
  kind: 'outcome' | 'failed' | 'later';
}

export interface Patience {
  /** How long the chat is kept waiting for the first answer: less than it waits, by the time of drawing and the way. */
  ackMs: number;
  /** After this the person is told that it failed. */
  outcomeMs: number;
}

/** How one person hears of what they did. */
export interface Hearing<M> {
  /** The first answer, once. */
  acknowledge(answer: Answer<M>): Promise<void>;
  /** What follows a `later`. */
  tell(message: M): Promise<void>;
}

export interface Answering<M> {
  /** Runs `work` and tells its outcome, whatever happens to it. @param what names it in the log */
  answer: (what: string, work: () => Promise<Reply>, hearing: Hearing<M>) => Promise<void>;
}

export function createAnswering<M>(deps: {
  draw: (reply: Reply) => Promise<M>;
  drawSentence: (sentence: string) => M;
  /** Resolves after `ms`, or ends in any way once the signal says that nobody waits any more. */
  pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Names a failure, for the person and for the log. */
  newId: () => string;
  /** What may be logged of an error. */
  loggable: (error: unknown) => object;
  patience: Patience;
  log: Log;
  now: Clock;
}): Answering<M> {
  const { draw, drawSentence, pause, newId, loggable, patience, log, now } = deps;

  async function run(what: string, work: () => Promise<Reply>): Promise<Answer<M>> {
    try {
      const reply = await within(Promise.resolve().then(work), patience.outcomeMs);
      if (reply === undefined) throw new Error('no outcome in time');
      return { message: await draw(reply), kind: 'outcome' };
    } catch (error) {
      const id = newId();
      log.error({ id, what, ...loggable(error) }, 'an answer could not be made');
      return { message: drawSentence(neutralSentence(id)), kind: 'failed' };
    }
  }

  async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
    const settled = new AbortController();
    try {
      return await Promise.race([work, pause(ms, settled.signal).then(() => undefined)]);
    } finally {
      settled.abort();
    }
  }

  return {
    async answer(what, work, hearing) {
      const startedAt = now();
      const answering = run(what, work);
      const inTime = await within(answering, patience.ackMs);
      log.debug({ what, ms: now() - startedAt, late: inTime === undefined }, 'answered');
      await hearing.acknowledge(inTime ?? { message: drawSentence(stillWorking), kind: 'later' });
      if (inTime === undefined) await hearing.tell((await answering).message);
    },
  };
}

const stillWorking = 'Still working on it…';

function neutralSentence(id: string): string {
  return `Something went wrong here, and it is not certain that this was recorded. Look with /elevate list, then try again. If it stays, give your administrator this id: ${id}`;
}
