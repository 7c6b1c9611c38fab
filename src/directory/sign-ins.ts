/** People of the API: what the newest token of each account says of it. */
import { LRUCache } from 'lru-cache';
import type { Actor } from '../../workflows/contract.ts';
import type { Clock, Directory, KnownSignIn, SignIns } from '../core/ports.ts';

const platform = 'api';
/** How old an answer from memory may be. */
const FRESH_MS = 60_000;
const MOST = 10_000;

/** Whoever has signed in is one of the issuer's people. That they have left is for other directories to say (T9). */
export function createSignInDirectory({ signIns }: { signIns: Pick<SignIns, 'ofActor' | 'ofPrincipal'> }): Directory {
  return {
    async account(actor) {
      if (actor.platform !== platform) return undefined;
      const known = await signIns.ofActor(actor);
      if (known === undefined) return undefined;
      const { name, email, emailConfirmed } = known;
      return { actor: known.actor, name, email, emailConfirmed, member: true, active: true };
    },
    find: async (email) => (await signIns.ofPrincipal(email))[0]?.actor,
    // Groups of tokens are counted where all groups are.
    members: async () => undefined,
  };
}

/**
 * Answers from memory for people who call here: what they sign in with is written down when it is new, and otherwise once
 * a minute, so that a call costs no question to the store. What they sign in with elsewhere is known here a minute later.
 */
export function rememberSignIns({ signIns, now }: { signIns: SignIns; now: Clock }): SignIns {
  const times = { max: MOST, ttl: FRESH_MS, ttlResolution: 0, perf: { now } };
  const byPrincipal = new LRUCache<string, KnownSignIn[]>(times);
  const byActor = new LRUCache<string, KnownSignIn>(times);

  return {
    async put(signIn) {
      const known = byActor.get(keyOf(signIn.actor));
      const isKept = known !== undefined && (known.at > signIn.at || isSame(known, signIn));
      if (isKept) return;
      await signIns.put(signIn);
      const all = await signIns.ofPrincipal(signIn.principal);
      byPrincipal.set(signIn.principal, all);
      for (const each of all) byActor.set(keyOf(each.actor), each);
    },
    ofActor: async (actor) => byActor.get(keyOf(actor)) ?? signIns.ofActor(actor),
    ofPrincipal: async (principal) => byPrincipal.get(principal) ?? signIns.ofPrincipal(principal),
    inGroup: (group) => signIns.inGroup(group),
  };
}

function keyOf({ platform: where, tenant, user }: Actor): string {
  return JSON.stringify([where, tenant, user]);
}

function isSame(a: KnownSignIn, b: KnownSignIn): boolean {
  const facts = ({ principal, name, email, emailConfirmed, groups, at }: KnownSignIn) =>
    JSON.stringify([principal, name, email ?? null, emailConfirmed, groups, at]);
  return facts(a) === facts(b);
}
