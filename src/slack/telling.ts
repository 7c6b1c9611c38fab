/** Tells one person something after their delivery was acknowledged. */
import type { types, webApi } from '@slack/bolt';
import type { Log } from '../core/ports.ts';
import type { Visit } from './admission.ts';
import { loggable } from './failure.ts';
import { respond } from './response-url.ts';

export interface Message {
  text: string;
  blocks?: types.KnownBlock[];
}

export interface Telling {
  /** For their eyes only: where they clicked, else as a direct message. Never throws. */
  tell: (visit: Visit, message: Message) => Promise<void>;
}

export function createTelling(deps: { client: webApi.WebClient; apiUrl: string; log: Log }): Telling {
  const { client, apiUrl, log } = deps;

  async function answeredThere(visit: Visit, message: Message): Promise<boolean> {
    if (visit.responseUrl === undefined) return false;
    try {
      await respond(visit.responseUrl, message, { apiUrl });
      return true;
    } catch (error) {
      log.warn(loggable(error), 'an answer did not get through; sending it as a direct message');
      return false;
    }
  }

  return {
    async tell(visit, message) {
      if (await answeredThere(visit, message)) return;
      try {
        await client.chat.postMessage({
          channel: visit.caller.actor.user,
          ...message,
          unfurl_links: false,
          unfurl_media: false,
        });
      } catch (error) {
        log.error({ user: visit.caller.actor.user, ...loggable(error) }, 'a person could not be told the outcome');
      }
    },
  };
}
