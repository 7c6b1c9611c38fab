/** Who reads along in a conversation: our own people alone, or others too (T30). */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/ports.ts';
import { type ChannelProblem, PostingRefusal } from '../core/showing/posting.ts';
import type { Connector, Member, Place } from './connector.ts';
import { meaningOf } from './refusals.ts';

export interface Company {
  /** `undefined` if cards may go there. @throws `unavailable`, `ChatBusy` if Teams can't be asked now */
  problemIn(place: Place): Promise<ChannelProblem | undefined>;
}

const remembered = 10 * 60_000;
/** Whoever asks waits for all of them: 5,000 people. */
const MOST_PAGES = 10;

export function createCompany(deps: {
  connector: Pick<Connector, 'members'>;
  /** Ids that count as ours, in lower case. */
  tenants: readonly string[];
  now: Clock;
}): Company {
  const { connector, tenants, now } = deps;
  const judged = new LRUCache<string, { problem: ChannelProblem | undefined }>({
    max: 1_000,
    ttl: remembered,
    ttlResolution: 0,
    perf: { now },
  });

  /** What can't be told counts as shared. @throws what the connector throws */
  async function judge(place: Place): Promise<ChannelProblem | undefined> {
    let next: string | undefined;
    let seen = 0;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const page = await connector.members(place, next);
      if (!page.members.every((member) => isOurs(member, tenants))) return { why: 'shared', word: 'foreign_members' };
      seen += page.members.length;
      next = page.next;
      if (next === undefined) return seen === 0 ? { why: 'shared', word: 'no_members' } : undefined;
    }
    return { why: 'shared', word: 'too_many_members' };
  }

  return {
    async problemIn(place) {
      try {
        const found = judged.get(place.conversation) ?? { problem: await judge(place) };
        judged.set(place.conversation, found, { noUpdateTTL: true });
        return found.problem;
      } catch (error) {
        const meaning = meaningOf(error, { call: 'look', plain: true });
        if (!(meaning instanceof PostingRefusal)) throw meaning;
        // Not remembered: the app may be added at any moment.
        return { why: 'unreachable', word: meaning.word };
      }
    },
  };
}

/** A guest has an account with us and works for somebody else. What a roster leaves out counts against the member. */
function isOurs({ tenant, userRole, userPrincipalName = '' }: Member, tenants: readonly string[]): boolean {
  const isGuest = userRole?.toLowerCase() !== 'user' || /#ext#/i.test(userPrincipalName);
  return tenant !== undefined && tenants.includes(tenant.toLowerCase()) && !isGuest;
}
