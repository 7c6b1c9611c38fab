/** Slack's people: who an account is there now, and who is in its user groups (T3, T4). */
import { webApi } from '@slack/bolt';
import type { Actor } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';
import type { Account, Clock, Directory } from '../core/ports.ts';
import { exactAddress } from './address.ts';
import { inTime, keepFresh } from './fresh.ts';

const platform = 'slack';

type User = NonNullable<webApi.UsersInfoResponse['user']>;

/**
 * A directory of the listed workspaces. Answers are at most a minute old; when Slack can't be asked there is none.
 *
 * @param workspaces ids that count as ours (T2); the client's token is for the first
 * @throws `unavailable` from every method, also if Slack takes longer than `timeoutMs`
 */
export function createSlackDirectory(deps: {
  client: webApi.WebClient;
  workspaces: readonly string[];
  now: Clock;
  timeoutMs?: number;
}): Directory {
  const { client, workspaces, now, timeoutMs = 2_000 } = deps;
  const users = keepFresh(now, (id) =>
    ask(() => client.users.info({ user: id }), ['user_not_found', 'user_not_visible', 'users_not_found'], timeoutMs),
  );
  const byEmail = keepFresh(now, (email) =>
    ask(() => client.users.lookupByEmail({ email }), ['users_not_found'], timeoutMs),
  );
  const groups = keepFresh(now, (usergroup) =>
    ask(() => client.usergroups.users.list({ usergroup }), ['no_such_subteam', 'subteam_not_found'], timeoutMs),
  );

  return {
    async account(actor) {
      if (actor.platform !== platform || !workspaces.includes(actor.tenant)) return undefined;
      const user = (await users(actor.user))?.user;
      return user === undefined || user.id !== actor.user ? undefined : accountOf(user, actor);
    },

    async find(email) {
      const wanted = exactAddress(email);
      if (wanted === undefined) return undefined;
      const user = (await byEmail(wanted))?.user;
      if (user?.id === undefined || user.team_id === undefined || !workspaces.includes(user.team_id)) return undefined;
      const actor = { platform, tenant: user.team_id, user: user.id };
      const { email: found, emailConfirmed, member, active } = accountOf(user, actor);
      const isTheirs = found !== undefined && exactAddress(found) === wanted;
      return isTheirs && emailConfirmed && member && active ? actor : undefined;
    },

    async members(group) {
      const [tenant] = workspaces;
      const answer = await groups(group);
      if (answer === undefined || tenant === undefined) return undefined;
      return (answer.users ?? []).map((user) => ({ platform, tenant, user }));
    },
  };
}

/** What Slack leaves out counts against the account; only `is_stranger` is left out of our own people's (T3). */
function accountOf(user: User, actor: Actor): Account {
  const { profile, team_id, is_bot, is_restricted, is_ultra_restricted } = user;
  const { is_stranger } = user as { is_stranger?: unknown };
  const isPerson = is_bot === false && user.id !== 'USLACKBOT';
  const isFull = is_restricted === false && is_ultra_restricted === false;
  const isOurs = team_id === actor.tenant && (is_stranger === undefined || is_stranger === false);
  return {
    actor,
    name: profile?.real_name || user.real_name || user.name || '',
    email: profile?.email || undefined,
    emailConfirmed: user.is_email_confirmed === true,
    member: isPerson && isFull && isOurs,
    active: user.deleted === false,
  };
}

/** `undefined` if Slack answers with one of the words that mean that there is none. */
async function ask<T>(call: () => Promise<T>, none: readonly string[], timeoutMs: number): Promise<T | undefined> {
  try {
    return await inTime(call(), timeoutMs);
  } catch (error) {
    if (error instanceof webApi.WebAPIPlatformError && none.includes(error.data.error)) return undefined;
    throw new ElevateError('unavailable', "Slack can't be asked who people are just now.", { cause: error });
  }
}
