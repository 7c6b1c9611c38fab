/** Lets the Bot Framework's own adapter take each activity, once more behind its own locks, on a server it does not know. */
import { CloudAdapter } from 'botbuilder';
import type { TeamsConfig } from '../../config/config.ts';
import { loggable } from '../../core/loggable.ts';
import type { Log } from '../../core/ports.ts';
import type { Activity } from '../activity.ts';
import type { InvokeAnswer } from '../invoke.ts';
import type { SigningKeys } from '../signing-keys.ts';
import { createAuthentication } from './authentication.ts';

export interface Inbound {
  /**
   * What the request is to be answered. Never rejects.
   *
   * @param turn answers an invoke that is ours; `undefined` for everything else
   */
  process(
    delivery: { token: string; activity: Activity },
    turn: () => Promise<InvokeAnswer | undefined>,
  ): Promise<{ status: number; body: unknown }>;
}

export function createInbound(deps: { config: TeamsConfig; keys: SigningKeys; log: Log }): Inbound {
  const { config, keys, log } = deps;
  const adapter = new CloudAdapter(createAuthentication(config, keys));
  // Without it, an exception in a turn becomes an answer that quotes it.
  adapter.onTurnError = async (_, error) => log.error(loggable(error), 'a turn of the bot failed');

  return {
    async process({ token, activity }, turn) {
      const response = createResponse();
      let answer: InvokeAnswer | undefined;
      try {
        const request = { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: activity.json };
        await adapter.process(request, response, async (context) => {
          answer = await turn();
          if (answer !== undefined) await context.sendActivity({ type: 'invokeResponse', value: answer });
        });
      } catch (error) {
        log.error(loggable(error), 'the Bot Framework SDK failed');
        return { status: 500, body: undefined };
      }
      const { status, body } = response.given();
      if (status >= 400 && status !== 501) log.warn({ status }, 'the Bot Framework SDK refused a request');
      // What the SDK says of a failure quotes errors of its own.
      return { status, body: answer === undefined ? undefined : body };
    },
  };
}

/** The four methods of a web framework that the SDK answers with. */
function createResponse() {
  let status = 200;
  let body: unknown;
  const response = {
    socket: undefined,
    status(code: number) {
      status = code;
      return response;
    },
    header: () => response,
    send(content: unknown) {
      body = content;
      return response;
    },
    end: () => response,
    given: () => ({ status, body }),
  };
  return response;
}
