/** Who is this? From a verified actor to a principal, live, and only by binding or an operator's link (T1–T5). */
import type { Actor } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import { companyEmail } from './email.ts';
import { ElevateError } from './errors.ts';
import { createLeavers } from './leavers.ts';
import { accountKey, canonical } from './people.ts';
import type { Account, Audit, Bindings, Clock, Directory, Log, Principal, SignIn, SignIns } from './ports.ts';
import { createRecent } from './recent.ts';

/** The platform of those who sign in by a token of the company's issuer. */
const API = 'api';
/** A binding stays as it is, so it need not be looked up at every call. */
const BOUND_FOR_MS = 60_000;
const BOUND_MOST = 10_000;

export interface Identity {
  /** @throws `unknown_identity`, `not_allowed` (`binding_mismatch`), `unavailable` */
  resolve(actor: Actor): Promise<Principal>;
  /** The same for a person who has just signed in, whose token is newer than anything that is known. Keeps what it says. */
  enter(signIn: SignIn): Promise<Principal>;
}

/** Which of the configured groups a person is in now. */
export interface Groups {
  of(person: { id: string }, actor: Actor): Promise<string[]>;
  /** Principal ids, or accounts as `platform:tenant/user`. */
  members(group: string): Promise<string[]>;
}

export function createIdentity(deps: {
  config: Config['identity'];
  directories: Readonly<Record<string, Directory>>;
  bindings: Bindings;
  groups: Groups;
  signIns: SignIns;
  audit: Audit;
  log: Log;
  now: Clock;
}): Identity {
  const { config, directories, bindings, groups, signIns, audit, log, now } = deps;
  // What is stored of a sign-in says nothing of who has left.
  const { [API]: _, ...chats } = directories;
  const knowing = Object.entries(chats).filter(([, { tellsOfLeavers }]) => tellsOfLeavers !== false);
  const leavers = createLeavers({ config, directories: Object.fromEntries(knowing), bindings, log, now });
  const boundLately = createRecent<string>({ now, forMs: BOUND_FOR_MS, most: BOUND_MOST });

  return {
    async resolve(actor) {
      const account = await livingAccount(actor);
      return principalOf(account, await idOf(account));
    },

    async enter(signIn) {
      const account = accountOf(signIn);
      const id = await idOf(account);
      await signIns.put({ ...signIn, principal: id });
      return principalOf(account, id);
    },
  };

  /** The one person behind an account, who has not left. */
  async function idOf(account: Account): Promise<string> {
    const email = linkOf(account.actor) ?? (await bound(account));
    const id = canonical(email, config.aliases);
    if (await leavers.hasLeft(id, account.actor.platform)) throw unknown('this person’s account is deactivated.');
    return id;
  }

  async function principalOf({ actor, name }: Account, id: string): Promise<Principal> {
    const linked = actor.platform === API || linkOf(actor) !== undefined;
    return { id, name, actor, linked, groups: await groups.of({ id }, actor) };
  }

  function linkOf(actor: Actor): string | undefined {
    return config.links[accountKey(actor)];
  }

  async function livingAccount(actor: Actor): Promise<Account> {
    const account = await directories[actor.platform]?.account(actor);
    if (account === undefined) throw unknown('this account is not known here.');
    if (!account.member) throw unknown('only full members of the company workspace can use it, not guests or bots.');
    if (!account.active) throw unknown('this account is deactivated.');
    return account;
  }

  /** The confirmed company address, bound to this account on first use; a later mismatch is refused (T3). */
  async function bound({ actor, email, emailConfirmed }: Account): Promise<string> {
    const company = emailConfirmed ? companyEmail(email, config.domains) : undefined;
    if (company === undefined) throw unknown('this account has no confirmed company e-mail address.');
    if (isLinkedToAnother(actor, company)) {
      await alertMismatch(actor, company);
      throw new ElevateError('not_allowed', 'This address belongs to another account here.', {
        details: { reason: 'binding_mismatch' },
      });
    }
    if (boundLately.get(accountKey(actor)) === company) return company;
    const known = await bindings.ofActor(actor);
    try {
      if (known?.principal !== company) await bindings.bind({ actor, principal: company, boundAt: now() });
      boundLately.set(accountKey(actor), company);
      return company;
    } catch (error) {
      if (error instanceof ElevateError && error.code === 'not_allowed') await alertMismatch(actor, company);
      throw error;
    }
  }

  /** An operator has linked this person to another account of the same workspace: the address may be recycled (T3). */
  function isLinkedToAnother(actor: Actor, company: string): boolean {
    const workspace = `${actor.platform}:${actor.tenant}/`;
    return Object.entries(config.links).some(
      ([account, email]) =>
        account.startsWith(workspace) &&
        account !== accountKey(actor) &&
        canonical(email, config.aliases) === canonical(company, config.aliases),
    );
  }

  async function alertMismatch(actor: Actor, principal: string): Promise<void> {
    log.warn({ actor, principal }, 'an account and an e-mail address belong to different people in our records');
    const id = `binding_mismatch/${accountKey(actor)}/${principal}`;
    await audit.write([{ id, at: now(), kind: 'binding_mismatch', principal, actor, details: {} }]);
  }
}

/** Whoever the issuer signs in is one of its own people, and active. */
function accountOf({ actor, name, email, emailConfirmed }: SignIn): Account {
  return { actor, name, email, emailConfirmed, member: true, active: true };
}

function unknown(why: string): ElevateError {
  return new ElevateError('unknown_identity', why);
}
