/** What people do: write to the bot, click what they see, add the app and take it away. */
import {
  activityOf,
  installationActivities,
  invokeActivity,
  mentionOf,
  messageActivity,
  submitActivity,
} from './activities.ts';
import { fillIn, findButton } from './buttons.ts';
import { findShown, showAnswer } from './clicks.ts';
import { isObject, type Json } from './json.ts';
import type { Outcome } from './outcome.ts';
import type { DeliveryOptions, Signer } from './signer.ts';
import {
  findConversation,
  messageId,
  personalId,
  seenBy,
  splitThread,
  type TeamsConversation,
  type TeamsUser,
  type Tenant,
} from './tenant.ts';

interface Who {
  /** Object id. */
  user: string;
  /** Changes what is sent before it is signed. */
  alter?: (activity: Json) => Json;
}

export interface People {
  /**
   * Asks the bot for something: `/elevate text` in the personal chat, a mention in a channel or group chat. There it is
   * said for all to see, unless it is `targeted`, as with a slash command.
   */
  command(
    typed: Who & { text: string; conversation?: string; targeted?: boolean },
    options?: DeliveryOptions,
  ): Promise<Outcome>;
  /** Writes exactly this. Mentions are accounts that the text names as `<at>name</at>`. */
  write(
    written: Who & { text: string; conversation?: string; mentions?: { id: string; name: string }[] },
    options?: DeliveryOptions,
  ): Promise<Outcome>;
  /**
   * Clicks a button in a message that the person sees: the newest that has it, unless `message` says which. A button
   * that opens a card is opened, filled in with `inputs`, and sent. An `old` client sends `Action.Submit` instead.
   */
  click(
    click: Who & {
      conversation: string;
      label: string;
      inputs?: Record<string, string>;
      message?: string;
      client?: 'old';
    },
    options?: DeliveryOptions,
  ): Promise<Outcome>;
  /** Adds the app for a person, or to a conversation. */
  install(who: Who & { conversation?: string }, options?: DeliveryOptions): Promise<Outcome>;
  uninstall(who: Who & { conversation?: string }, options?: DeliveryOptions): Promise<Outcome>;
  /** Sends any activity in a person's name; what is given goes over what all activities say. */
  send(who: Who & { conversation?: string; activity: Json }, options?: DeliveryOptions): Promise<Outcome>;
}

export function createPeople(deps: { tenant: Tenant; signer: Signer; serviceUrl: string }): People {
  const { tenant, signer, serviceUrl } = deps;

  function whereOf({ user: id, conversation = personalId(id) }: { user: string; conversation?: string }) {
    const user = tenant.users.get(id);
    const { base, thread } = splitThread(conversation);
    const place = findConversation(tenant, base);
    if (user === undefined) throw new Error(`There is nobody with the id ${id}.`);
    if (place === undefined) throw new Error(`There is no conversation ${base}.`);
    return { user, place, thread };
  }

  async function deliver(
    who: Who,
    where: { user: TeamsUser; place: TeamsConversation },
    activity: Json,
    options?: DeliveryOptions,
  ) {
    const sent = who.alter?.(activity) ?? activity;
    const since = tenant.next();
    const delivered = await signer.deliver(sent, options);
    const places = [where.place.id, personalId(where.user.id)];
    const replies = () =>
      tenant.messages
        .filter(({ order, conversation }) => order > since && places.includes(conversation))
        .flatMap((message) => seenBy(tenant, message, where.user.id) ?? []);
    const outcome: Outcome = {
      ...delivered,
      activity: String(sent['id']),
      told: undefined,
      card: undefined,
      problems: delivered.status >= 200 && delivered.status < 300 ? [] : [`the bot answered ${delivered.status}`],
      replies,
      waitForReply: (matches = () => true, withinMs) =>
        tenant.until(() => replies().find(matches), 'a reply', withinMs),
    };
    return outcome;
  }

  /** The first words of a conversation in a channel begin a thread. */
  function baseFor(where: ReturnType<typeof whereOf>): Json {
    const begins = where.place.kind === 'channel' && where.thread === undefined;
    const id = messageId(tenant, tenant.next());
    if (!begins) return activityOf(tenant, serviceUrl, where);
    tenant.posts.push({ conversation: where.place.id, id });
    return { ...activityOf(tenant, serviceUrl, { ...where, thread: id }), id };
  }

  async function write(
    written: Who & { conversation?: string },
    said: { text: string; mentions: Json[]; targeted: boolean },
    options?: DeliveryOptions,
  ) {
    const where = whereOf(written);
    return deliver(written, where, messageActivity(baseFor(where), said), options);
  }

  async function tellOfApp(who: Who & { conversation?: string }, action: 'add' | 'remove', options?: DeliveryOptions) {
    const where = whereOf(who);
    const base = activityOf(tenant, serviceUrl, where);
    const [update, installation] = installationActivities(base, tenant, action);
    await deliver(who, where, update, options);
    return deliver(who, where, installation, options);
  }

  return {
    async command({ text, targeted = false, ...typed }, options) {
      const isPersonal = whereOf(typed).place.kind === 'personal';
      const mentions = isPersonal || targeted ? [] : [mentionOf(tenant.bot)];
      const named = isPersonal ? '/elevate' : targeted ? 'elevate' : `<at>${tenant.bot.name}</at>`;
      // Where somebody is mentioned, Teams ends the text with a line break.
      const end = mentions.length > 0 ? '\n' : '';
      return write(typed, { text: `${named} ${text}${end}`, mentions, targeted }, options);
    },

    write: async ({ text, mentions = [], ...written }, options) =>
      write(written, { text, mentions: mentions.map(mentionOf), targeted: false }, options),

    async click(click, options) {
      const where = whereOf(click);
      const message = findShown(tenant, click);
      const { action, inputs } = findButton(message.card, click.label, `a message in ${click.conversation}`);
      const pressed = click.client === 'old' && isObject(action['fallback']) ? action['fallback'] : action;
      const data = { ...(isObject(pressed['data']) ? pressed['data'] : {}), ...fillIn(inputs, click.inputs ?? {}) };
      const thread = where.place.kind === 'channel' ? (message.thread ?? message.id) : undefined;
      const base = activityOf(tenant, serviceUrl, { ...where, thread });
      if (pressed['type'] !== 'Action.Execute')
        return deliver(click, where, submitActivity(base, message, data), options);
      const outcome = await deliver(click, where, invokeActivity(base, message, pressed, data), options);
      showAnswer(tenant, message.id, where, outcome);
      return outcome;
    },

    async install(who, options) {
      setInstalled(tenant, who, true);
      return tellOfApp(who, 'add', options);
    },

    async uninstall(who, options) {
      setInstalled(tenant, who, false);
      return tellOfApp(who, 'remove', options);
    },

    async send({ activity, ...who }, options) {
      const where = whereOf(who);
      return deliver(who, where, { ...activityOf(tenant, serviceUrl, where), ...activity }, options);
    },
  };
}

function setInstalled(tenant: Tenant, who: { user: string; conversation?: string }, installed: boolean): void {
  const conversation = who.conversation === undefined ? undefined : tenant.conversations.get(who.conversation);
  const user = tenant.users.get(who.user);
  if (conversation !== undefined) conversation.installed = installed;
  else if (user !== undefined) user.app = installed ? 'installed' : 'absent';
}
