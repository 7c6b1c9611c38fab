/** Tells one person something, where nobody else reads it (P4). */
import type { TeamsConfig } from '../config/config.ts';
import { ElevateError } from '../core/errors.ts';
import { loggable } from '../core/loggable.ts';
import { ChatBusy, type Clock, type Log, type References } from '../core/ports.ts';
import { PostingRefusal } from '../core/showing/posting.ts';
import type { Visit } from './arrival.ts';
import { drawText } from './cards.ts';
import type { Connector, Place } from './connector.ts';
import type { TeamsMessage } from './message.ts';
import { createPlaces } from './places.ts';
import { isDead, meaningOf, type Tried } from './refusals.ts';

export interface Telling {
  /**
   * Never throws. Where the person can't be reached alone, they are told how to open their chat, and nothing else.
   * `pointed`: they asked in front of others, and look there for the answer.
   */
  tell: (visit: Visit, message: TeamsMessage, how: { pointed: boolean }) => Promise<void>;
  /** Says in a conversation that others may read what names nothing. Never throws. */
  say: (place: Place, sentence: string) => Promise<void>;
}

/** Names nothing: others read it. */
const answeredAlone = 'I answered you in our own chat.';
const unreachable =
  "What I have to say is for you alone, and I can't write to you in a chat of our own. Open Elevate under Apps, and ask me there.";
const unshowable =
  'Teams does not show the answer to this. Ask for fewer things at a time, or look with /elevate list.';

/** So often a message is tried, unless Teams said no for good. */
const TRIES = 4;
const FIRST_PAUSE_MS = 1_000;
/** Nobody waits longer for an answer. */
const LONGEST_PAUSE_MS = 30_000;

export function createTelling(deps: {
  config: TeamsConfig;
  connector: Connector;
  references: References;
  pause: (ms: number) => Promise<unknown>;
  log: Log;
  now: Clock;
}): Telling {
  const { config, connector, pause, log, now } = deps;
  const places = createPlaces(deps);

  return {
    async tell(visit, message, { pointed }) {
      try {
        if (await toldHere(visit, message)) return;
        await tellAlone(visit, message);
        if (pointed) await say(visit.place, answeredAlone);
      } catch (error) {
        log.error({ user: visit.caller.actor.user, ...loggable(error) }, 'a person could not be told the outcome');
        if (visit.company !== 'alone') await say(visit.place, unreachable);
      }
    },
    say,
  };

  /** Where only this person reads it. */
  async function toldHere({ company, place, member }: Visit, message: TeamsMessage): Promise<boolean> {
    if (company === 'among') return false;
    if (company === 'alone') return send(place, message).then(() => true);
    // Where Teams does not know such messages, it might show them to everybody (P4).
    if (!config.targetedMessages) return false;
    try {
      await trying('post', false, () => connector.sendTargeted(place, member, message));
      return true;
    } catch (error) {
      log.warn(loggable(error), 'an answer for one person alone did not get through; sending it to their own chat');
      return false;
    }
  }

  async function tellAlone(visit: Visit, message: TeamsMessage): Promise<void> {
    const { actor } = visit.caller;
    const at = now();
    const chat = await trying('open', false, () => chatWith(visit));
    try {
      await send(chat, message);
    } catch (error) {
      if (error instanceof PostingRefusal && isDead(error.word)) await places.bury({ person: actor }, error.word, at);
      throw error;
    }
  }

  /** What we remember of them may be out of reach just now, and they are here. */
  async function chatWith({ caller, place, member }: Visit): Promise<Place> {
    const { actor } = caller;
    try {
      return await places.of({ person: actor });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return connector.openPersonal({ serviceUrl: place.serviceUrl, tenant: actor.tenant, user: member });
    }
  }

  /** A message, or that there is one which Teams does not take. */
  async function send(place: Place, message: TeamsMessage): Promise<void> {
    try {
      await trying('post', false, () => connector.send(place, message));
    } catch (error) {
      if (!(error instanceof PostingRefusal) || error.kind !== 'undrawable') throw error;
      log.error(loggable(error), 'Teams does not take an answer as it was drawn');
      await sendPlain(place, unshowable);
    }
  }

  async function sendPlain(place: Place, sentence: string): Promise<void> {
    await trying('post', true, () => connector.send(place, drawText([sentence])));
  }

  async function say(place: Place, sentence: string): Promise<void> {
    try {
      await sendPlain(place, sentence);
    } catch (error) {
      log.warn(loggable(error), 'a conversation could not be told anything');
    }
  }

  /** Rather twice than never. @throws what Teams' refusal means */
  async function trying<T>(call: Tried['call'], plain: boolean, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        const meaning = meaningOf(error, { call, plain });
        const wait = pauseAfter(meaning, tries);
        if (tries === TRIES || wait === undefined) throw meaning;
        await pause(wait);
      }
    }
  }
}

/** How long to wait before it is tried again; `undefined` if that is no use. */
function pauseAfter(meaning: unknown, tries: number): number | undefined {
  if (meaning instanceof ChatBusy) return meaning.retryAfterMs <= LONGEST_PAUSE_MS ? meaning.retryAfterMs : undefined;
  return isUnavailable(meaning) ? FIRST_PAUSE_MS * 2 ** (tries - 1) : undefined;
}

function isUnavailable(error: unknown): boolean {
  return error instanceof ElevateError && error.code === 'unavailable';
}
