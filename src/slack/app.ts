/** Slack's side of the door: Bolt on our receiver, a gate before everything, and the listeners behind it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AckFn, App } from '@slack/bolt';
import type { SlackConfig } from '../config/config.ts';
import type { Mint } from '../core/offers.ts';
import type { Commands } from '../core/commands.ts';
import type { Clock, Log } from '../core/ports.ts';
import { createAnswering, type Patience } from '../core/showing/answering.ts';
import { admit } from './admission.ts';
import { drawReply } from './blocks.ts';
import { loggable } from './failure.ts';
import { listen } from './listeners.ts';
import { createSlackLogger } from './logger.ts';
import type { SlackReceiver } from './receiver.ts';
import { refuse } from './refusal.ts';
import { createTelling, type Message } from './telling.ts';
import { type Bot, createWebClient, webClientOptions } from './web-client.ts';

/** Slack waits 3 s for an acknowledgement, and takes answers after it for 30 minutes. */
const defaultPatience: Patience = { ackMs: 2_000, outcomeMs: 5 * 60_000 };

/** Registers everything that is listened to. Makes no call by itself. */
export function createSlackApp(deps: {
  config: SlackConfig;
  /** From `resolveBot`, so that Bolt never has to ask. */
  bot: Bot;
  commands: Commands;
  /** Makes the token of a button. */
  mint: Mint;
  log: Log;
  now: Clock;
  receiver: SlackReceiver;
  patience?: Patience;
  /** Names a failure, for the person and for the log. */
  newId?: () => string;
}): App {
  const { config, bot, commands, mint, log, now, receiver } = deps;
  const client = createWebClient(config, log);
  const { tell } = createTelling({ client, apiUrl: config.apiUrl, log });
  const { answer } = createAnswering<Message>({
    draw: (reply) => drawReply(reply, mint),
    drawSentence: (text) => ({ text }),
    pause: (ms, signal) => sleep(ms, undefined, { signal }),
    newId: deps.newId ?? randomUUID,
    loggable,
    patience: deps.patience ?? defaultPatience,
    log,
    now,
  });

  const app = new App({
    receiver: receiver.receiver,
    authorize: async () => ({ botToken: config.botToken, botId: bot.botId, botUserId: bot.botUserId }),
    convoStore: false,
    extendedErrorHandler: true,
    clientOptions: webClientOptions(config, log, 2_500),
    logger: createSlackLogger(log),
  });
  app.error(async (failure) => {
    // Bolt's types know only the plain handler. The receiver logs the error and answers at once.
    throw (failure as unknown as { error: Error }).error;
  });
  app.use(async ({ body, context, next, ...rest }) => {
    const admission = admit(body, config.workspaces);
    if (!admission.admitted) {
      const ack = 'ack' in rest ? (rest.ack as AckFn<unknown>) : undefined;
      return refuse(admission, body, ack, { apiUrl: config.apiUrl, log });
    }
    context['visit'] = admission.visit;
    await next();
  });
  listen(app, { commands, client, answer, tell, log });
  return app;
}
