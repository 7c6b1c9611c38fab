/** Puts messages into conversations, and finds them again. */
import type { Asked } from './asked.ts';
import { type Json, textOf } from './json.ts';
import { type Card, messageId, type ShownMessage, type TeamsUser, type Tenant } from './tenant.ts';

export function addMessage(
  tenant: Tenant,
  { conversation, thread }: Asked,
  body: Json,
  onlyFor?: TeamsUser,
): ShownMessage {
  const order = tenant.next();
  const message: ShownMessage = {
    conversation,
    id: messageId(tenant, order),
    thread,
    ...contentOf(body),
    onlyFor: onlyFor?.id,
    edits: 0,
    order,
  };
  tenant.messages.push(message);
  tenant.changed();
  return message;
}

export function contentOf(body: Json): Pick<ShownMessage, 'summary' | 'text' | 'card'> {
  const [attachment] = (body['attachments'] ?? []) as { content: Card }[];
  return { summary: textOf(body['summary']), text: textOf(body['text']), card: attachment?.content };
}

/** A message is known by the conversation that it was sent to; the first of a thread also by its thread. */
export function findMessage(tenant: Tenant, { conversation, thread, activity }: Asked): ShownMessage | undefined {
  return tenant.messages.find(
    (each) =>
      each.conversation === conversation &&
      each.id === activity &&
      each.onlyFor === undefined &&
      (each.thread === thread || (each.thread === undefined && each.id === thread)),
  );
}
