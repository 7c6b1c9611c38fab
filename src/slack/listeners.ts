/** What people type and click becomes calls on `Commands`. Of all listeners, exactly one acknowledges. */
import type { AckFn, App, BlockAction, ButtonAction, Context, ViewSubmitAction, webApi } from '@slack/bolt';
import type { Commands } from '../core/commands.ts';
import type { Log } from '../core/ports.ts';
import type { Answering, Hearing } from '../core/showing/answering.ts';
import type { Visit } from './admission.ts';
import { loggable } from './failure.ts';
import { outcomeView, readReasonForm, reasonBlock, reasonForm, reasonFormId } from './reason-form.ts';
import type { Message, Telling } from './telling.ts';

type ButtonClick = BlockAction<ButtonAction>;

interface Deps extends Answering<Message>, Telling {
  commands: Commands;
  client: webApi.WebClient;
  log: Log;
}

const notInUse: Message = {
  text: 'This button is not in use any more. Type /elevate list to see where things stand.',
};
const formTooLate: Message = {
  text: 'Slack did not open the form in time. Nothing was recorded. Click the button again.',
};
const formNotInUse: Message = { text: 'This form is not in use any more. Click the button again.' };

/** The kinds of buttons are those of `blocks.ts`; every other one is answered too. */
export function listen(app: App, deps: Deps): void {
  listenToCommand(app, deps);
  listenToButtons(app, deps);
  listenToReasonButton(app, deps);
  listenToReasonForm(app, deps);
  app.action(/^(?!(?:offer|command|reason):\d+$)/, async ({ ack, context }) => {
    await ack();
    await deps.tell(visitOf(context), notInUse);
  });
}

function listenToCommand(app: App, { commands, answer, tell, log }: Deps): void {
  app.command('/elevate', async ({ command, ack, context }) => {
    const visit = visitOf(context);
    await answer('command', () => commands.run(unescapeText(command.text), visit.caller), {
      acknowledge: async ({ message }) => {
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
}

function listenToButtons(app: App, { commands, answer, tell, log }: Deps): void {
  const afterClick = (visit: Visit, ack: AckFn<void>): Hearing<Message> => ({
    acknowledge: async ({ message }) => {
      // A click that was acknowledged too late has its outcome all the same.
      await ack().catch((error: unknown) => log.warn(loggable(error), 'a click could not be acknowledged'));
      await tell(visit, message);
    },
    tell: (message) => tell(visit, message),
  });

  app.action<ButtonClick>({ type: 'block_actions', action_id: /^offer:\d+$/ }, async ({ action, ack, context }) => {
    const visit = visitOf(context);
    await answer('offer', () => commands.take(action.value ?? '', visit.caller, {}), afterClick(visit, ack));
  });
  app.action<ButtonClick>({ type: 'block_actions', action_id: /^command:\d+$/ }, async ({ action, ack, context }) => {
    const visit = visitOf(context);
    await answer('command button', () => commands.run(action.value ?? '', visit.caller), afterClick(visit, ack));
  });
}

function listenToReasonButton(app: App, { client, tell, log }: Deps): void {
  app.action<ButtonClick>(
    { type: 'block_actions', action_id: /^reason:\d+$/ },
    async ({ action, body, ack, context }) => {
      const visit = visitOf(context);
      const view = reasonForm(action.text.text, { token: action.value ?? '', channel: visit.caller.conversation });
      // The trigger is running out, so the form goes first, and the acknowledgement does not wait for it.
      const [opened] = await Promise.allSettled([client.views.open({ trigger_id: body.trigger_id, view }), ack()]);
      if (opened.status === 'fulfilled') return;
      log.warn(loggable(opened.reason), 'a form could not be opened');
      await tell(visit, formTooLate);
    },
  );
}

function listenToReasonForm(app: App, { commands, answer, tell, log }: Deps): void {
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: reasonFormId }, async ({ view, ack, context }) => {
    const visit = visitOf(context);
    const form = readReasonForm(view);
    if (form === undefined) return ack({ response_action: 'update', view: outcomeView(formNotInUse) });
    const caller = { ...visit.caller, conversation: form.channel };
    const extra = form.reason === undefined ? {} : { reason: form.reason };
    await answer('reason', () => commands.take(form.token, caller, extra), {
      acknowledge: async ({ kind, message }) => {
        try {
          if (kind === 'later') await ack({ response_action: 'clear' });
          else if (kind === 'failed') await ack({ response_action: 'errors', errors: { [reasonBlock]: message.text } });
          else await ack({ response_action: 'update', view: outcomeView(message) });
        } catch (error) {
          log.warn(loggable(error), 'a form could not be acknowledged; answering apart from it');
          await tell(visit, message);
        }
      },
      tell: (message) => tell(visit, message),
    });
  });
}

/** Put there by the gate, without which no listener runs. */
function visitOf(context: Context): Visit {
  return context['visit'] as Visit;
}

/** Slack escapes three characters in what people type. */
function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
