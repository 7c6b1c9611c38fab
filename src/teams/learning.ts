/** Learns from whatever arrives how people and conversations can be written to. */
import type { ConversationReference, Log, References } from '../core/ports.ts';
import { loggable } from '../core/loggable.ts';
import { type Activity, baseOf } from './activity.ts';
import { isMachine } from './arrival.ts';
import { objectIn, textIn } from './json.ts';

const platform = 'teams';

/** What an activity says of where its person and its conversation are. Pure. */
export function referencesIn(activity: Activity, seenAt: number): ConversationReference[] {
  const { tenant, from, serviceUrl } = activity;
  const user = isMachine(activity) ? undefined : from.objectId;
  const conversation = baseOf(activity.conversation.id);
  const address = { serviceUrl, conversation };
  const known = { platform, tenant, seenAt };
  const isPersonal = activity.conversation.type === 'personal';
  return [
    ...(isPersonal && user !== undefined ? [{ ...known, kind: 'personal' as const, key: user, address }] : []),
    ...(user === undefined
      ? []
      : [{ ...known, kind: 'sighting' as const, key: user, address: { ...address, member: from.id } }]),
    ...(isPersonal
      ? []
      : [
          {
            ...known,
            kind: 'conversation' as const,
            key: conversation,
            address: { ...address, ...channelType(activity) },
          },
        ]),
  ];
}

/** `shared` is a channel that another company may read (T30). What is said may be of another channel of the team. */
function channelType({ json, conversation }: Activity): { channelType?: string } {
  const channel = objectIn(objectIn(json, 'channelData'), 'channel');
  const type = textIn(channel, 'type');
  return type === undefined || channel['id'] !== baseOf(conversation.id) ? {} : { channelType: type };
}

export interface Learning {
  /** Keeps what an activity says. Never rejects: what is not kept today is heard again. */
  see(activity: Activity): Promise<void>;
  /** The bot was taken away: nothing can be delivered there. Never rejects. */
  bury(activity: Activity): Promise<void>;
}

export function createLearning({
  references,
  now,
  log,
}: {
  references: References;
  now: () => number;
  log: Log;
}): Learning {
  async function quietly(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn(loggable(error), what);
    }
  }

  /** Teams does not say of what kind a channel is each time, and a shared one never becomes another (T30). */
  async function withChannelType(reference: ConversationReference): Promise<ConversationReference> {
    if (reference.kind !== 'conversation') return reference;
    const { channelType: said } = reference.address;
    const known = (await references.get(reference))?.address['channelType'];
    const type = known === 'shared' ? known : (said ?? known);
    return type === undefined ? reference : { ...reference, address: { ...reference.address, channelType: type } };
  }

  return {
    async see(activity) {
      await quietly('where somebody is could not be kept', () =>
        Promise.all(referencesIn(activity, now()).map(async (each) => references.see(await withChannelType(each)))),
      );
    },

    async bury(activity) {
      const at = now();
      const closed = referencesIn(activity, at).filter(({ kind }) => kind !== 'sighting');
      await quietly('that the app was taken away could not be kept', () =>
        Promise.all(closed.map((reference) => references.bury(reference, 'AppRemoved', at))),
      );
    },
  };
}
