/** What every activity of Teams says: who, where, to whom. Read from JSON before anything else is believed of it. */
import { isObject, type Json, objectIn, textIn } from './json.ts';

export interface Activity {
  /** `message`, `invoke`, `conversationUpdate`, `installationUpdate`, … */
  type: string;
  /** Names this delivery: Teams sends the same one again when it is impatient. */
  id: string | undefined;
  serviceUrl: string;
  /** Entra tenant id, lower case. */
  tenant: string;
  from: {
    /** Teams' own id: `29:…` for people. */
    id: string;
    /** Entra object id, lower case; absent for what is no person of a tenant. */
    objectId: string | undefined;
    role: string | undefined;
  };
  /** This bot. `isTargeted`: for it alone, in a conversation that others read. */
  recipient: { id: string; isTargeted: boolean };
  /** The id may name a thread. */
  conversation: { id: string; type: 'personal' | 'groupChat' | 'channel' };
  /** The activity as it came. */
  json: Json;
}

/** What is wrong with it, in our own words. */
export interface Malformed {
  problem: string;
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Ids of Teams have 200 characters at most; what is much longer is none. */
const idLimit = 1_000;

export function readActivity(json: Json): Activity | Malformed {
  const type = textIn(json, 'type');
  if (type === undefined) return { problem: 'no type' };
  if (json['channelId'] !== 'msteams') return { problem: 'another channel' };
  const serviceUrl = textIn(json, 'serviceUrl');
  if (serviceUrl === undefined) return { problem: 'no service address' };
  const [from, recipient, conversation] = ['from', 'recipient', 'conversation'].map((part) => objectIn(json, part));
  if (!isNamed(from) || !isNamed(recipient) || !isNamed(conversation)) return { problem: 'a party is not named' };
  const tenant = tenantOf(conversation, json);
  if (tenant === undefined) return { problem: 'no tenant, or several' };
  return {
    type,
    id: textIn(json, 'id'),
    serviceUrl,
    tenant,
    from: { id: from.id, objectId: objectIdOf(from), role: textIn(from, 'role') },
    recipient: { id: recipient.id, isTargeted: recipient['isTargeted'] === true },
    conversation: { id: conversation.id, type: typeOf(conversation) },
    json,
  };
}

/** Without the thread. */
export function baseOf(conversation: string): string {
  return conversation.split(';', 1)[0] ?? conversation;
}

function isNamed(party: Json | undefined): party is Json & { id: string } {
  const id = party?.['id'];
  return typeof id === 'string' && id !== '' && id.length <= idLimit;
}

/** Teams says it in two places, which must not contradict each other. */
function tenantOf(conversation: Json, json: Json): string | undefined {
  const said = [conversation['tenantId'], objectIn(objectIn(json, 'channelData'), 'tenant')['id']];
  const tenants = new Set(said.filter((id) => id !== undefined && id !== null));
  const [tenant, another] = [...tenants].map((id) => (typeof id === 'string' ? id.toLowerCase() : ''));
  return another === undefined || another === tenant ? tenant : undefined;
}

function objectIdOf(from: Json): string | undefined {
  const id = textIn(from, 'aadObjectId')?.toLowerCase();
  return id !== undefined && guid.test(id) ? id : undefined;
}

/** What is not known to be private is taken to be read by others. */
function typeOf({ conversationType }: Json): Activity['conversation']['type'] {
  return conversationType === 'personal' || conversationType === 'channel' ? conversationType : 'groupChat';
}

/** Whether the bot itself is among the accounts of a list. */
export function names(accounts: unknown, { recipient }: Activity): boolean {
  return Array.isArray(accounts) && accounts.some((account) => isObject(account) && account['id'] === recipient.id);
}
