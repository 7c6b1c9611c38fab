/** The token for a server: the one in the environment, or that of a login that was kept. */
import type { Address } from '../address.ts';
import { ClientError, exit } from '../client-error.ts';
import type { Fetch } from '../exchange.ts';
import type { KeptLogins, Login } from './kept.ts';
import { signInPlaceOf } from './resource.ts';
import type { Invitation } from './issuer.ts';

export interface SessionDeps {
  address: Address;
  /** From the environment; wins. */
  given: string | undefined;
  kept: KeptLogins;
  fetch: Fetch;
  now: () => number;
}

/** An access token is renewed this long before its end. */
const earlyMs = 30_000;

/** @throws {ClientError} `signedOut` where there is none, or it cannot be renewed; `usage` for one that is no token */
export async function tokenFor(deps: SessionDeps): Promise<string> {
  const { address, given, kept, now } = deps;
  if (given !== undefined) return checked(given);
  const login = await kept.get(address.server);
  if (login === undefined) throw signedOut('You are not signed in', address);
  const isFresh = login.expiresAt === undefined || login.expiresAt - earlyMs > now();
  return isFresh ? login.accessToken : renewed(login, deps);
}

/** @param invite tells the person where to sign in */
export async function logIn(deps: SessionDeps, invite: (to: Invitation) => void): Promise<void> {
  const { address, kept, fetch } = deps;
  const place = await signInPlaceOf(address, fetch);
  const { signIn } = await import('./issuer.ts');
  await kept.put(address.server, await signIn(place, invite, deps));
}

/** Forgets the login whatever the issuer says. `false`: there was none. */
export async function logOut(deps: SessionDeps): Promise<boolean> {
  const { address, kept } = deps;
  const login = await kept.get(address.server);
  if (login === undefined) return false;
  const { revoke } = await import('./issuer.ts');
  await revoke(login, deps).catch(() => undefined);
  await kept.put(address.server, undefined);
  return true;
}

async function renewed(login: Login, deps: SessionDeps): Promise<string> {
  const { address, kept } = deps;
  const { refresh } = await import('./issuer.ts');
  try {
    const next = await refresh(login, deps);
    await kept.put(address.server, next);
    return next.accessToken;
  } catch (error) {
    if (!(error instanceof ClientError) || error.exitCode !== exit.signedOut) throw error;
    // A refresh token serves once: another command at the same time may have used it, and kept what it got.
    const other = await kept.get(address.server);
    if (other !== undefined && other.accessToken !== login.accessToken) return other.accessToken;
    throw signedOut('Your login has ended', address);
  }
}

function checked(token: string): string {
  if (/^[!-~]+$/.test(token)) return token;
  throw new ClientError(exit.usage, 'What is given as a token has characters in it that no token has.');
}

function signedOut(why: string, { server }: Address): ClientError {
  return new ClientError(exit.signedOut, `${why}. Sign in with: elevate login --url ${server}`);
}
