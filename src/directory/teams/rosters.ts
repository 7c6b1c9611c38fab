/** Where somebody can be looked up in Teams: in conversations that the bot is in, and only there. */
import type { Actor } from '../../../workflows/contract.ts';
import type { Clock, ConversationReference, References } from '../../core/ports.ts';
import { keepFresh } from '../fresh.ts';

export const platform = 'teams';
/** At most so many of the configured conversations are asked who somebody is. */
const MOST_CONVERSATIONS = 10;

interface Place {
  serviceUrl: string;
  conversation: string;
}

/** One line of a roster, as the service has it now. */
export interface Entry {
  /** Entra object id. */
  objectId?: string;
  tenant?: string;
  name?: string;
  userPrincipalName?: string;
  userRole?: string;
}

/**
 * Asks a roster for one person: by Teams id, object id or user principal name. `undefined` if there is no such member.
 * Where Teams itself refuses, the error has its `status` and `word`.
 */
export type Roster = (place: Place, user: string) => Promise<Entry | undefined>;

export interface Rosters {
  /** @throws what the roster throws */
  entryOf(actor: Actor): Promise<Entry | undefined>;
  /** By object id or user principal name: what the conversations say that know this person. @throws the first failure, if none does */
  askEverywhere(user: string): Promise<Entry[]>;
}

export interface RostersDeps {
  roster: Roster;
  references: Pick<References, 'get'>;
  /** Ids that count as ours, in lower case (T2). */
  tenants: readonly string[];
  /** Those in which approvers are asked, now; people are looked for in the first ten. */
  conversations: () => readonly string[];
  /** Where the roster of a conversation is that was never heard from. */
  serviceUrl: string;
  now: Clock;
}

export function createRosters(deps: RostersDeps): Rosters {
  const { roster, references, tenants, conversations, serviceUrl, now } = deps;
  const entries = keepFresh(now, (key) => {
    const [service = '', conversation = '', user = ''] = JSON.parse(key) as string[];
    return roster({ serviceUrl: service, conversation }, user);
  });

  return { entryOf, askEverywhere };

  /** Where they write to us, else where they were heard last, else wherever approvers are asked. */
  async function entryOf({ tenant, user }: Actor): Promise<Entry | undefined> {
    for (const kind of ['personal', 'sighting'] as const) {
      const known = await references.get({ platform, tenant, kind, key: user });
      const place = livePlace(known);
      const entry = place && (await ask(place, known?.address['member'] ?? user));
      if (entry !== undefined) return entry;
    }
    return (await askEverywhere(user))[0];
  }

  async function askEverywhere(user: string): Promise<Entry[]> {
    const asked = conversations().slice(0, MOST_CONVERSATIONS);
    const answers = await Promise.allSettled(
      asked.map(async (conversation) => {
        const place = await placeOf(conversation);
        return place && ask(place, user);
      }),
    );
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []));
    const failure = answers.find((answer) => answer.status === 'rejected');
    if (found.length === 0 && failure !== undefined) throw failure.reason;
    return found;
  }

  /** `undefined` if nothing can be asked there. A conversation belongs to one tenant, and its id does not say which. */
  async function placeOf(conversation: string): Promise<Place | undefined> {
    const keys = tenants.map((tenant) => ({ platform, tenant, kind: 'conversation', key: conversation }) as const);
    const heard = (await Promise.all(keys.map((key) => references.get(key)))).filter((known) => known !== undefined);
    if (heard.length === 0) return { serviceUrl, conversation };
    return heard.map(livePlace).find((place) => place !== undefined);
  }

  async function ask(place: Place, user: string): Promise<Entry | undefined> {
    try {
      return await entries(JSON.stringify([place.serviceUrl, place.conversation, user]));
    } catch (error) {
      if (isShutOut(error)) return undefined;
      throw error;
    }
  }
}

function livePlace(known: ConversationReference | undefined): Place | undefined {
  const { serviceUrl, conversation } = known?.address ?? {};
  if (known?.dead !== undefined || serviceUrl === undefined || conversation === undefined) return undefined;
  return { serviceUrl, conversation };
}

/** Teams says that the bot is not there, or no longer. Without a word it may be a proxy that speaks. */
function isShutOut(error: unknown): boolean {
  if (!(error instanceof Error) || !('status' in error) || !('word' in error)) return false;
  return (error.status === 403 || error.status === 404) && typeof error.word === 'string' && error.word !== '';
}
