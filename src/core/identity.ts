/** Who is this? From a verified actor to a principal, live, and only by binding or an operator's link (T1–T5). */
import type { Actor } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import { companyEmail } from './email.ts';
import { ElevateError } from './errors.ts';
import type { Account, Audit, Bindings, Clock, Directory, Log, Principal } from './ports.ts';

export interface Identity {
  /** @throws `unknown_identity`, `not_allowed` (`binding_mismatch`), `unavailable` */
  resolve(actor: Actor): Promise<Principal>;
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
  audit: Audit;
  log: Log;
  now: Clock;
}): Identity {
  const { config, directories, bindings, groups, audit, log, now } = deps;

  return {
    async resolve(actor) {
      const account = await livingAccount(actor);
      const link = config.links[accountKey(actor)];
      const email = link ?? (await bound(account));
      const id = canonical(email, config.aliases);
      return { id, name: account.name, actor, linked: link !== undefined, groups: await groups.of({ id }, actor) };
    },
  };

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
    const known = await bindings.ofActor(actor);
    if (known?.principal === company) return company;
    try {
      await bindings.bind({ actor, principal: company, boundAt: now() });
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

/** `platform:tenant/user`, as in `identity.links`. */
function accountKey({ platform, tenant, user }: Actor): string {
  return `${platform}:${tenant}/${user}`;
}

/** The first address of the alias list that holds this one, else the address itself (T5). */
function canonical(email: string, aliases: readonly (readonly string[])[]): string {
  return aliases.find((list) => list.includes(email))?.[0] ?? email;
}

function unknown(why: string): ElevateError {
  return new ElevateError('unknown_identity', why);
}
