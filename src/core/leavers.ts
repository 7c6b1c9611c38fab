/** Who has left: a person whose account on one platform is deactivated there acts on no other either (T9). */
import type { Actor } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import { ElevateError } from './errors.ts';
import { accountKey, addressesOf, canonical } from './people.ts';
import type { Bindings, Clock, Directory, Log } from './ports.ts';
import { createRecent } from './recent.ts';

/** How old an answer may be. */
const LATELY_MS = 60_000;
const MOST = 10_000;

export interface Leavers {
  /**
   * Whether an account of this person, on another platform than the one where they act, is known to be deactivated. A
   * platform that cannot be asked changes nothing.
   */
  hasLeft(principal: string, platform: string): Promise<boolean>;
}

export function createLeavers(deps: {
  config: Pick<Config['identity'], 'links' | 'aliases'>;
  /** Of those platforms that know who has left. */
  directories: Readonly<Record<string, Directory>>;
  bindings: Bindings;
  log: Log;
  now: Clock;
}): Leavers {
  const { config, directories, bindings, log, now } = deps;
  const found = createRecent<boolean>({ now, forMs: LATELY_MS, most: MOST });

  return {
    async hasLeft(principal, platform) {
      const others = Object.keys(directories).filter((each) => each !== platform);
      const answers = await Promise.all(others.map((other) => isDeactivated(principal, other)));
      return answers.includes(true);
    },
  };

  async function isDeactivated(principal: string, platform: string): Promise<boolean> {
    const key = `${platform} ${principal}`;
    const lately = found.get(key);
    if (lately !== undefined) return lately;
    const accounts = await accountsOf(principal, platform);
    const states = await Promise.all(accounts.map((actor) => isActive(actor)));
    // What is not known now is as it was known last.
    const before = states.includes(undefined) && (found.last(key) ?? false);
    const is = states.includes(false) || before;
    found.set(key, is);
    return is;
  }

  async function accountsOf(principal: string, platform: string): Promise<Actor[]> {
    const bound = await Promise.all(
      addressesOf(principal, config.aliases).map((address) => bindings.ofPrincipal(address, platform)),
    );
    const linked = Object.entries(config.links)
      .filter(([, email]) => canonical(email, config.aliases) === principal)
      .map(([account]) => actorIn(account))
      .filter((actor) => actor.platform === platform);
    return [...bound.flat().map(({ actor }) => actor), ...linked];
  }

  /** `undefined` if nobody can say. */
  async function isActive(actor: Actor): Promise<boolean | undefined> {
    try {
      return (await directories[actor.platform]?.account(actor))?.active ?? true;
    } catch (error) {
      if (!(error instanceof ElevateError) || error.code !== 'unavailable') throw error;
      log.warn({ account: accountKey(actor) }, 'nobody can say whether this account is still active');
      return undefined;
    }
  }
}

/** The reverse of {@link accountKey}, for platforms whose tenants have no slash in their names. */
function actorIn(account: string): Actor {
  const [, platform = '', tenant = '', user = ''] = /^([^:]*):([^/]*)\/(.*)$/.exec(account) ?? [];
  return { platform, tenant, user };
}
