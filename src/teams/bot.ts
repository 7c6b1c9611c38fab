/** What people write and click in Teams becomes calls on `Commands`, and the outcome is told to them alone. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { TeamsConfig } from '../config/config.ts';
import type { Reply } from '../core/card.ts';
import type { Commands } from '../core/commands.ts';
import { loggable } from '../core/loggable.ts';
import type { Clock, Log, References } from '../core/ports.ts';
import { type Answer, createAnswering, type Patience } from '../core/showing/answering.ts';
import type { Activity } from './activity.ts';
import { readArrival, type Wish } from './arrival.ts';
import type { Mint } from '../core/offers.ts';
import { drawReply, drawText } from './cards.ts';
import type { Connector } from './connector.ts';
import { type InvokeAnswer, invokeAnswer, lineOf, type Said } from './invoke.ts';
import { createLearning } from './learning.ts';
import { createTelling } from './telling.ts';

export interface TeamsBot {
  /**
   * Takes an activity that Teams vouches for. Resolves within the patience, with the answer to an invoke that is ours;
   * what else is to be said follows as messages. Never rejects.
   */
  turn(activity: Activity): Promise<InvokeAnswer | undefined>;
  /** Resolves when everybody has been told. */
  settled(): Promise<void>;
}

/** Teams sends a message again after 5 s, and calls a click failed after 10 s. */
const defaultPatience: Patience = { ackMs: 2_000, outcomeMs: 5 * 60_000 };
/** Teams sends again within a minute; this is what many people do in that time. */
const REMEMBERED_MOST = 1_000;

const notInUse = 'This button is not in use any more. Say /elevate list to see where things stand.';
const nobody = "Elevate can't tell who sent this, so nothing was done.";

export function createTeamsBot(deps: {
  config: TeamsConfig;
  commands: Commands;
  /** Makes the token of a button. */
  mint: Mint;
  connector: Connector;
  references: References;
  log: Log;
  now: Clock;
  /** Names a failure, for the person and for the log. */
  newId?: () => string;
  patience?: Patience;
  pause?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}): TeamsBot {
  const { commands, mint, log, now, newId = randomUUID, pause = wait } = deps;
  const learning = createLearning(deps);
  const telling = createTelling({ ...deps, pause });
  const { answer } = createAnswering<Said>({
    draw: async (reply) => ({ message: await drawReply(reply, mint), line: lineOf(reply) }),
    drawSentence: said,
    pause,
    newId,
    loggable,
    patience: deps.patience ?? defaultPatience,
    log,
    now,
  });
  const taken = new LRUCache<string, Promise<InvokeAnswer | undefined>>({ max: REMEMBERED_MOST });
  const open = new Set<Promise<unknown>>();

  return {
    turn(activity) {
      const key = deliveryKey(activity);
      const again = key === undefined ? undefined : taken.get(key);
      if (again !== undefined) log.info({ type: activity.type }, 'Teams delivered something again');
      const answering = again ?? take(activity);
      if (key !== undefined) taken.set(key, answering);
      return answering;
    },
    settled: async () => void (await Promise.allSettled(open)),
  };

  async function take(activity: Activity): Promise<InvokeAnswer | undefined> {
    const arrival = readArrival(activity, newId);
    const learnt = arrival.kind === 'removed' ? learning.bury(activity) : learning.see(activity);
    switch (arrival.kind) {
      case 'heard':
      case 'removed':
      case 'unknown':
        await learnt;
        return undefined;
      case 'nobody':
        log.warn({ type: activity.type }, 'refused somebody whom Teams does not name');
        if (arrival.by === 'invoke') return invokeAnswer(said(nobody));
        follow(telling.say(arrival.place, nobody));
        return undefined;
      default:
        return fulfil(arrival, learnt);
    }
  }

  /** The answer to an invoke is the first thing to be said; a message is answered by messages alone. */
  async function fulfil(wish: Wish, learnt: Promise<void>): Promise<InvokeAnswer | undefined> {
    const { visit } = wish;
    const first = Promise.withResolvers<Answer<Said>>();
    const tell = ({ message }: Said) => telling.tell(visit, message, { pointed: wish.kind === 'command' });
    // Who somebody is may be looked up where they were just seen.
    const work = () => learnt.then(() => perform(wish));
    const answered = answer(wish.kind, work, {
      acknowledge: async (answering) => {
        first.resolve(answering);
        if (visit.by === 'invoke') return;
        if (answering.kind === 'later') await telling.tell(visit, answering.message.message, { pointed: false });
        else await tell(answering.message);
      },
      tell,
    });
    follow(answered);
    const { message } = await first.promise;
    return visit.by === 'invoke' ? invokeAnswer(message) : undefined;
  }

  function perform(wish: Wish): Promise<Reply> {
    const { caller } = wish.visit;
    switch (wish.kind) {
      case 'command':
        return commands.run(wish.text, caller);
      case 'button':
        return commands.run(wish.command, caller);
      case 'offer':
        return commands.take(wish.token, caller, wish.reason === undefined ? {} : { reason: wish.reason });
      case 'stale':
        return Promise.resolve({ paragraphs: [[notInUse]], cards: [] });
    }
  }

  /** Goes on after the answer. */
  function follow(work: Promise<void>): void {
    const following: Promise<void> = work
      .catch((error: unknown) => log.error(loggable(error), 'somebody could not be told anything'))
      .finally(() => open.delete(following));
    open.add(following);
  }
}

/** One person's delivery in one conversation: nobody can take away another's by naming its id. */
function deliveryKey({ type, id, tenant, from, conversation }: Activity): string | undefined {
  return id === undefined ? undefined : JSON.stringify([type, tenant, conversation.id, from.id, from.objectId, id]);
}

function said(sentence: string): Said {
  return { message: drawText([sentence]), line: sentence };
}

/** Ends in any way once nobody waits any more. */
function wait(ms: number, signal?: AbortSignal): Promise<unknown> {
  return sleep(ms, undefined, signal === undefined ? {} : { signal });
}
