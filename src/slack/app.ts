/** Slack's side of the door: what people type and click there becomes calls on `Commands`, and the replies go back. */
import { randomUUID } from 'node:crypto';
import { type AckFn, App, type BlockAction, type ButtonAction, type Context, type ViewSubmitAction } from '@slack/bolt';
import type { Offer } from '../../workflows/contract.ts';
import type { SlackConfig } from '../config/config.ts';
import type { Reply } from '../core/card.ts';
import type { Caller } from '../core/executions.ts';
import type { Clock, Log } from '../core/ports.ts';
import { admit, type Visit } from './admission.ts';
import { type Channel, createAnswering, type Message, messageOf, type Patience, patience } from './answering.ts';
import { loggable } from './failure.ts';
import { createSlackLogger } from './logger.ts';
import { outcomeView, readReasonForm, reasonBlock, reasonForm, reasonFormId } from './reason-form.ts';
import type { SlackReceiver } from './receiver.ts';
import { refuse } from './refusal.ts';
import { createTelling } from './telling.ts';
import { type Bot, createWebClient, webClientOptions } from './web-client.ts';

export interface Commands {
  run(text: string, caller: Caller): Promise<Reply>;
  take(token: string, caller: Caller, extra: { reason?: string }): Promise<Reply>;
}

type ButtonClick = BlockAction<ButtonAction>;

const notUnderstood: Message = {
  text: 'This button is not in use any more. Type /elevate list to see where things stand.',
};
const formTooLate: Message = {
  text: 'Slack did not open the form in time. Nothing was recorded. Click the button again.',
};
const formUnreadable: Message = { text: 'This form is not in use any more. Click the button again.' };

/** Builds Bolt's app on our receiver and registers what it listens to. Makes no call by itself. */
export function createSlackApp(deps: {
  config: SlackConfig;
  /** From `resolveBot`, so that Bolt never has to ask. */
  bot: Bot;
  commands: Commands;
  mint: (offer: Offer) => Promise<string>;
  drawReply: (reply: Reply, tokens: (offer: Offer) => Promise<string>) => Promise<Message>;
  log: Log;
  now: Clock;
  receiver: SlackReceiver;
  patience?: Patience;
  newId?: () => string;
}): App {
  const { config, bot, commands, mint, drawReply, now, receiver } = deps;
  const log = deps.log;
  const client = createWebClient(config, log);
  const { tell } = createTelling({ client, apiUrl: config.apiUrl, log });
  const { answer } = createAnswering({
    draw: (reply) => drawReply(reply, mint),
    log,
    now,
    newId: deps.newId ?? randomUUID,
    patience: deps.patience ?? patience,
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
    // The receiver logs it and answers at once.
    throw (failure as unknown as { error: Error }).error;
  });

  app.use(async ({ body, context, next, ...rest }) => {
    const admission = admit(body, config.workspaces);
    if (admission.admitted) {
      context['visit'] = admission.visit;
      return next();
    }
    await refuse(admission, body, 'ack' in rest ? (rest.ack as AckFn<unknown>) : undefined, {
      apiUrl: config.apiUrl,
      log,
    });
  });

  app.command('/elevate', async ({ command, ack, context }) => {
    const visit = visitOf(context);
    await answer('command', () => commands.run(unescapeText(command.text ?? ''), visit.caller), {
      acknowledge: async (outcome) => {
        const message = messageOf(outcome);
        try {
          await ack({ response_type: 'ephemeral', ...message });
        } catch (error) {
          log.warn(loggable(error), 'the acknowledgement came too late; answering apart from it');
          await tell(visit, message);
        }
      },
      tell: (message) => tell(visit, message),
    });
  });

  app.action<ButtonClick>({ type: 'block_actions', action_id: /^offer:\d+$/ }, async ({ action, ack, context }) => {
    const visit = visitOf(context);
    await answer('offer', () => commands.take(action.value ?? '', visit.caller, {}), afterClick(visit, ack));
  });

  app.action<ButtonClick>({ type: 'block_actions', action_id: /^command:\d+$/ }, async ({ action, ack, context }) => {
    const visit = visitOf(context);
    await answer('command button', () => commands.run(action.value ?? '', visit.caller), afterClick(visit, ack));
  });

  app.action<ButtonClick>(
    { type: 'block_actions', action_id: /^reason:\d+$/ },
    async ({ action, body, ack, context }) => {
      const visit = visitOf(context);
      const view = reasonForm(action.text?.text ?? '', {
        token: action.value ?? '',
        channel: visit.caller.conversation,
      });
      // The trigger is running out, so the form goes first and the acknowledgement does not wait for it.
      const [opened] = await Promise.allSettled([client.views.open({ trigger_id: body.trigger_id, view }), ack()]);
      if (opened.status === 'fulfilled') return;
      log.warn(loggable(opened.reason), 'a form could not be opened');
      await tell(visit, formTooLate);
    },
  );

  app.action(/^(?!(?:offer|reason|command):\d+$)/, async ({ ack, context }) => {
    await ack();
    await tell(visitOf(context), notUnderstood);
  });

  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: reasonFormId }, async ({ view, ack, context }) => {
    const visit = visitOf(context);
    const form = readReasonForm(view);
    if (form === undefined) return ack({ response_action: 'update', view: outcomeView(formUnreadable) });
    const caller = { ...visit.caller, conversation: form.channel };
    const extra = form.reason === undefined ? {} : { reason: form.reason };
    await answer('reason', () => commands.take(form.token, caller, extra), {
      acknowledge: async (outcome) => {
        if (outcome === undefined) await ack({ response_action: 'clear' });
        else if (outcome.failed)
          await ack({ response_action: 'errors', errors: { [reasonBlock]: outcome.message.text } });
        else await ack({ response_action: 'update', view: outcomeView(outcome.message) });
      },
      tell: (message) => tell(visit, message),
    });
  });

  function afterClick(visit: Visit, ack: AckFn<void>): Channel {
    return {
      // A click that was acknowledged too late has its outcome all the same.
      acknowledge: async (outcome) => {
        await ack().catch((error: unknown) => log.warn(loggable(error), 'a click could not be acknowledged'));
        await tell(visit, messageOf(outcome));
      },
      tell: (message) => tell(visit, message),
    };
  }

  return app;
}

/** Put there by the gate, without which no listener runs. */
function visitOf(context: Context): Visit {
  return context['visit'] as Visit;
}

/** Slack escapes three characters in what people type. */
function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
