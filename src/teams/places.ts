/** Where a person or a channel is written to, as far as Teams let us know. */
import type { Actor } from '../../workflows/contract.ts';
import type { TeamsConfig } from '../config/config.ts';
import type { Clock, ConversationReference, References } from '../core/ports.ts';
import { type ChannelProblem, type Destination, PostingRefusal } from '../core/showing/posting.ts';
import { isUrlAt } from '../core/urls.ts';
import { createCompany } from './company.ts';
import type { Connector, Place } from './connector.ts';
import { meaningOf } from './refusals.ts';

const platform = 'teams';

export interface Places {
  /** @throws `PostingRefusal` (`closed`) if nothing can be delivered there; `ChatBusy`, `unavailable` */
  of(to: Destination): Promise<Place>;
  /** Nothing can be delivered there any more, as far as was known at `at`. */
  bury(to: Destination, why: string, at: number): Promise<void>;
  /** Whether a channel gets no card (T30). @throws `ChatBusy`, `unavailable` if it can't be told now */
  problemOf(channel: string): Promise<ChannelProblem | undefined>;
  /** Whether anything was ever heard from a channel. */
  wasHeard(channel: string): Promise<boolean>;
  /** Hosts can be taken off the list after a message was sent. */
  isAllowed(serviceUrl: string): boolean;
}

export function createPlaces(deps: {
  connector: Pick<Connector, 'openPersonal' | 'members'>;
  references: References;
  config: Pick<TeamsConfig, 'tenants' | 'serviceHosts' | 'serviceUrl'>;
  now: Clock;
}): Places {
  const { connector, references, config, now } = deps;
  const company = createCompany({ connector, tenants: config.tenants, now });

  async function chatWith({ tenant, user }: Actor): Promise<Place> {
    const key = personalKey({ tenant, user });
    const known = await references.get(key);
    if (known?.dead !== undefined) throw new PostingRefusal('closed', known.dead);
    const place = placeOf(known);
    if (place !== undefined) return place;
    const opened = await open({ tenant, user });
    await references.see({ ...key, address: { ...opened }, seenAt: now() });
    return opened;
  }

  /** Teams knows for sure whom it named itself; for others, Entra's id has to do. */
  async function open({ tenant, user }: Pick<Actor, 'tenant' | 'user'>): Promise<Place> {
    const sighting = await references.get({ platform, tenant, kind: 'sighting', key: user });
    const seen = placeOf(sighting);
    const who = seen === undefined ? undefined : sighting?.address['member'];
    try {
      const serviceUrl = seen?.serviceUrl ?? config.serviceUrl;
      const { conversation } = await connector.openPersonal({ serviceUrl, tenant, user: who ?? user });
      return { serviceUrl, conversation };
    } catch (error) {
      throw meaningOf(error, { call: 'open', plain: true });
    }
  }

  /** Nobody may have written there yet. */
  function channel(id: string, known: readonly ConversationReference[]): Place {
    const dead = known.find((reference) => reference.dead !== undefined)?.dead;
    const place = known.filter((reference) => reference.dead === undefined).map(placeOf)[0];
    if (place === undefined && dead !== undefined) throw new PostingRefusal('closed', dead);
    return place ?? { serviceUrl: config.serviceUrl, conversation: id };
  }

  /** A channel belongs to one tenant, and its id does not say which. */
  async function heard(id: string): Promise<ConversationReference[]> {
    const found = await Promise.all(channelKeys(id).map((key) => references.get(key)));
    return found.filter((reference) => reference !== undefined);
  }

  function channelKeys(id: string) {
    return config.tenants.map((tenant) => ({ platform, tenant, kind: 'conversation', key: id }) as const);
  }

  /** `undefined` for what can't be written to: the address was learned under another configuration. */
  function placeOf(reference: ConversationReference | undefined): Place | undefined {
    const { serviceUrl, conversation } = reference?.address ?? {};
    if (serviceUrl === undefined || conversation === undefined || !isAllowed(serviceUrl)) return undefined;
    return { serviceUrl, conversation };
  }

  function isAllowed(serviceUrl: string): boolean {
    return isUrlAt(serviceUrl, config.serviceHosts);
  }

  return {
    isAllowed,
    of: async (to) => ('channel' in to ? channel(to.channel, await heard(to.channel)) : chatWith(to.person)),

    async bury(to, why, at) {
      const keys = 'channel' in to ? channelKeys(to.channel) : [personalKey(to.person)];
      await Promise.all(keys.map((key) => references.bury(key, why, at)));
    },

    wasHeard: async (id) => (await heard(id)).length > 0,

    async problemOf(id) {
      const known = await heard(id);
      const isShared = known.some(({ address }) => address['channelType'] === 'shared');
      if (isShared) return { why: 'shared', word: 'shared_channel' };
      try {
        return await company.problemIn(channel(id, known));
      } catch (error) {
        if (error instanceof PostingRefusal) return { why: 'unreachable', word: error.word };
        throw error;
      }
    },
  };
}

function personalKey({ tenant, user }: Pick<Actor, 'tenant' | 'user'>) {
  return { platform, tenant, kind: 'personal', key: user } as const;
}
