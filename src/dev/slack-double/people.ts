/** What people do: type commands, click what they see, fill in forms. */
import { fillIn, obey } from './forms.ts';
import {
  asForm,
  type Button,
  buttonsIn,
  clickPayload,
  commandBody,
  responseAddress,
  submitPayload,
} from './payloads.ts';
import { showAnswer } from './response-urls.ts';
import type { Delivered, DeliveryOptions, Signer } from './signer.ts';
import { readContent } from './web-api.ts';
import { mintResponseUrl, type Modal, type ResponsePost, type SlackMessage, type Workspace } from './workspace.ts';

export interface Outcome extends Delivered {
  /** What was posted to the response address so far; grows. */
  responses: ResponsePost[];
  /** Why Slack would not show what was answered. Empty if all is well. */
  problems: string[];
  /** The first response, or the first that matches. */
  waitForResponse(matches?: (post: ResponsePost) => boolean, withinMs?: number): Promise<ResponsePost>;
}

interface Who {
  user: string;
  /** The person's own workspace, as the payload says it; theirs if left out. */
  userTeam?: string;
  /** The workspace where it happens; this one if left out. */
  team?: string;
  /** Changes the body before it is signed. */
  alter?: (payload: Record<string, unknown>) => Record<string, unknown>;
}

/** By what the button says, or by its action id. */
type Which = { label: string; actionId?: undefined } | { actionId: string; label?: undefined };

export interface People {
  /** Types `/elevate text`. The channel is the person's direct message if left out. */
  command(
    typed: { user: string; text: string; channel?: string; team?: string; command?: string },
    options?: DeliveryOptions,
  ): Promise<Outcome>;
  /** Clicks a button in a message that the person sees: the newest that has it, unless `ts` says which. */
  click(click: Who & Which & { channel: string; ts?: string }, options?: DeliveryOptions): Promise<Outcome>;
  /** Clicks a button in the person's form. Waits a moment for the form. */
  clickInModal(click: Who & Which, options?: DeliveryOptions): Promise<Outcome>;
  /** Sends the person's form. Waits a moment for it. `fill` is by label or block id; what is left out stays empty. */
  submit(form: Who & { fill?: Record<string, string> }, options?: DeliveryOptions): Promise<Outcome>;
  /** The form in front of somebody. */
  modal(user: string): Modal | undefined;
}

export function createPeople(deps: { workspace: Workspace; signer: Signer; origin: string }): People {
  const { workspace, signer, origin } = deps;

  async function send(body: string, options: DeliveryOptions | undefined, responses: ResponsePost[]): Promise<Outcome> {
    const delivered = await signer.deliver(body, options);
    return {
      ...delivered,
      responses,
      problems: delivered.status === 200 ? [] : [`the app answered ${delivered.status}`],
      waitForResponse: (matches = () => true, withinMs) =>
        workspace.until(() => responses.find(matches), 'a response', withinMs),
    };
  }

  function clickBody(click: Who, button: Button, place: SlackMessage | Modal, responseUrl?: string): string {
    const payload = clickPayload(workspace, {
      ...sides(click),
      button,
      in: place,
      ...(responseUrl === undefined ? {} : { responseUrl }),
    });
    return asForm(click.alter?.(payload) ?? payload);
  }

  function sides(who: Who) {
    const team = who.team ?? workspace.team.id;
    return { user: who.user, userTeam: who.userTeam ?? workspace.users.get(who.user)?.team_id ?? team, team };
  }

  const modal = (user: string) => workspace.modals.findLast((each) => each.user === user);
  // A form opens a moment after the click was acknowledged.
  const formOf = (user: string) => workspace.until(() => modal(user), `a form in front of ${user}`, 2_000);

  return {
    modal,

    async command(typed, options) {
      const channel = typed.channel ?? `D${typed.user}`;
      const url = mintResponseUrl(workspace, { user: typed.user, channel, original: undefined });
      const body = commandBody(workspace, {
        command: typed.command ?? '/elevate',
        text: typed.text,
        user: typed.user,
        channel,
        team: typed.team ?? workspace.team.id,
        responseUrl: responseAddress(origin, url),
      });
      const outcome = await send(body, options, url.posts);
      outcome.problems.push(...showAcknowledgement(workspace, { user: typed.user, channel }, outcome));
      return outcome;
    },

    async click(click, options) {
      const { message, button } = findInMessages(workspace, click);
      const url = mintResponseUrl(workspace, { user: click.user, channel: click.channel, original: message.ts });
      const outcome = await send(clickBody(click, button, message, responseAddress(origin, url)), options, url.posts);
      if (outcome.body !== undefined) outcome.problems.push('a click is acknowledged without a body');
      return outcome;
    },

    async clickInModal(click, options) {
      const open = await formOf(click.user);
      const button = pick(buttonsIn(open.view.blocks), click, 'the form');
      return send(clickBody(click, button, open), options, []);
    },

    async submit(form, options) {
      const open = await formOf(form.user);
      const payload = submitPayload(workspace, { ...sides(form), modal: open, values: fillIn(open, form.fill ?? {}) });
      const outcome = await send(asForm(form.alter?.(payload) ?? payload), options, []);
      if (outcome.status === 200) outcome.problems.push(...obey(workspace, open, outcome.body));
      return outcome;
    },
  };
}

/** Slack shows a command's acknowledgement to the person who typed it. */
function showAcknowledgement(workspace: Workspace, to: { user: string; channel: string }, outcome: Outcome): string[] {
  if (outcome.status !== 200 || outcome.body === undefined) return [];
  const post = typeof outcome.body === 'string' ? { text: outcome.body } : (outcome.body as ResponsePost);
  const content = readContent({ ...post });
  if (!content.ok) return [content.error, ...((content['errors'] as string[] | undefined) ?? [])];
  showAnswer(workspace, to, post);
  return [];
}

function findInMessages(workspace: Workspace, click: Which & { user: string; channel: string; ts?: string }) {
  const seen = workspace.messages.filter(
    (each) =>
      each.channel === click.channel &&
      (each.onlyFor ?? click.user) === click.user &&
      (click.ts === undefined || each.ts === click.ts),
  );
  const message =
    seen.findLast((each) => buttonsIn(each.blocks).some((button) => isMeant(button, click))) ?? seen.at(-1);
  if (message === undefined) throw new Error(`${click.user} sees no message in ${click.channel}.`);
  return { message, button: pick(buttonsIn(message.blocks), click, `a message in ${click.channel}`) };
}

function pick(buttons: Button[], which: Which, where: string): Button {
  const meant = buttons.find((button) => isMeant(button, which));
  if (meant !== undefined) return meant;
  const there = buttons.map(({ element }) => `${element.text?.text} (${element.action_id})`).join(', ');
  throw new Error(`No button "${which.label ?? which.actionId}" in ${where}. There: ${there || 'none'}.`);
}

function isMeant({ element }: Button, which: Which): boolean {
  return which.label === undefined ? element.action_id === which.actionId : element.text?.text === which.label;
}
