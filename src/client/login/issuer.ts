/** The OpenID provider, as far as a command line without a browser needs it (RFC 8628, RFC 6749, RFC 7009). */
import * as openid from 'openid-client';
import { bodyWithin } from '../../core/calls.ts';
import { clean } from '../../core/clean.ts';
import { urlProblem } from '../../core/urls.ts';
import { ClientError, exit } from '../client-error.ts';
import type { Fetch } from '../exchange.ts';
import type { Login } from './kept.ts';
import type { SignInPlace } from './resource.ts';

/** Where to go, and what to type there. Clean text. */
export interface Invitation {
  url: string;
  code: string;
  /** The address with the code in it, where the issuer gives one. */
  whole: string | undefined;
}

export interface IssuerDeps {
  fetch: Fetch;
  /** Milliseconds since 1970. */
  now: () => number;
}

const timeoutSeconds = 10;
/** For the person to sign in, whatever the issuer allows. */
const maxWaitSeconds = 30 * 60;
const maxBytes = 1024 * 1024;
const usualScopes = ['email', 'profile', 'groups', 'offline_access'];

/** Invites to sign in elsewhere and waits until that is done. @throws {ClientError} where it is refused or takes too long */
export async function signIn(place: SignInPlace, invite: (to: Invitation) => void, deps: IssuerDeps): Promise<Login> {
  const { issuer, clientId, resource } = place;
  return translated(issuer, async () => {
    const config = await configurationOf(place, deps);
    const scope = scopesFor(place, config.serverMetadata().scopes_supported);
    const device = await openid.initiateDeviceAuthorization(config, { scope, resource });
    invite(invitationFrom(device, issuer));
    const signal = AbortSignal.timeout(Math.min(device.expires_in, maxWaitSeconds) * 1000);
    const tokens = await openid
      .pollDeviceAuthorizationGrant(config, device, { resource }, { signal })
      .catch((cause: unknown) => {
        throw signal.aborted ? tooLate(cause) : cause;
      });
    return { issuer, clientId, resource, ...kept(tokens, deps.now()) };
  });
}

/** A new access token. @throws {ClientError} `signedOut` where the issuer gives none any more */
export async function refresh(login: Login, deps: IssuerDeps): Promise<Login> {
  const { issuer, clientId, resource, refreshToken } = login;
  if (refreshToken === undefined) throw new ClientError(exit.signedOut, 'The login has ended.');
  return translated(issuer, async () => {
    const config = await configurationOf(login, deps);
    const tokens = await openid.refreshTokenGrant(config, refreshToken, { resource });
    // Where the issuer gives no new one, the old one goes on (RFC 6749, 6).
    return { issuer, clientId, resource, refreshToken, ...kept(tokens, deps.now()) };
  });
}

/** Tells the issuer that the login is not wanted any more, where it listens to that. */
export async function revoke(login: Login, deps: IssuerDeps): Promise<void> {
  await translated(login.issuer, async () => {
    const config = await configurationOf(login, deps);
    if (config.serverMetadata().revocation_endpoint === undefined) return;
    await openid.tokenRevocation(config, login.refreshToken ?? login.accessToken);
  });
}

function configurationOf({ issuer, clientId }: Pick<Login, 'issuer' | 'clientId'>, { fetch }: IssuerDeps) {
  const isPlain = issuer.startsWith('http:');
  return openid.discovery(new URL(issuer), clientId, {}, openid.None(), {
    timeout: timeoutSeconds,
    [openid.customFetch]: (url, init) => bounded(url, init, fetch),
    // Marked as deprecated so that it stands out. The issuer is on this machine, and `bounded` looks at every address.
    // oxlint-disable-next-line typescript/no-deprecated -- loopback only
    ...(isPlain ? { execute: [openid.allowInsecureRequests] } : {}),
  });
}

/** The issuer names the other addresses, which are held to the same rule as its own. */
async function bounded(url: string, init: openid.CustomFetchOptions, fetch: Fetch): Promise<Response> {
  const problem = urlProblem(url);
  if (problem !== undefined) throw new ClientError(exit.refused, `An address that the issuer names ${problem}.`);
  const { method, headers, body, signal } = init;
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined || body === null ? {} : { body: body as NonNullable<RequestInit['body']> }),
    ...(signal === undefined ? {} : { signal }),
  });
  const read = await bodyWithin(maxBytes, response.body);
  if (read === undefined) throw new ClientError(exit.refused, 'The issuer answered more than 1 MiB.');
  const { status, headers: answered } = response;
  return new Response(read.length === 0 ? null : read, { status, headers: answered });
}

function scopesFor({ scopes }: SignInPlace, supported: readonly string[] | undefined): string {
  // Some issuers refuse a scope that they do not list.
  const usual = usualScopes.filter((scope) => supported === undefined || supported.includes(scope));
  return [...new Set(['openid', ...usual, ...scopes])].join(' ');
}

function invitationFrom(device: openid.DeviceAuthorizationResponse, issuer: string): Invitation {
  const { verification_uri: url, verification_uri_complete: whole, user_code: code } = device;
  if (urlProblem(url) !== undefined)
    throw new ClientError(exit.refused, `${issuer} says no sound address to sign in at.`);
  const isSound = whole !== undefined && urlProblem(whole) === undefined;
  return { url, code: clean(code), whole: isSound ? whole : undefined };
}

function kept(tokens: openid.TokenEndpointResponse, now: number) {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = tokens;
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(seconds === undefined ? {} : { expiresAt: now + seconds * 1000 }),
  };
}

/** Says what the issuer answered by its code alone: a description may hold anything. */
async function translated<T>(issuer: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw causeOf(error) ?? failure(issuer, error);
  }
}

/** Our own refusal, from wherever the client library has wrapped it. */
function causeOf(error: unknown): ClientError | undefined {
  if (error instanceof ClientError) return error;
  return error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : undefined;
}

function tooLate(cause: unknown): ClientError {
  return new ClientError(exit.refused, 'Nobody signed in in time.', { cause });
}

function failure(issuer: string, cause: unknown): ClientError {
  const isAnswer = cause instanceof openid.ResponseBodyError;
  const said = isAnswer && /^[a-z_]{1,40}$/.test(cause.error) ? cause.error : undefined;
  if (said === 'access_denied') return new ClientError(exit.refused, 'The login was refused.', { cause });
  if (said === 'expired_token') return tooLate(cause);
  if (said === 'invalid_grant') return new ClientError(exit.signedOut, 'The login has ended.', { cause });
  if (said !== undefined) return new ClientError(exit.refused, `${issuer} refuses: ${said}.`, { cause });
  return new ClientError(exit.unavailable, `${issuer} does not answer as an OpenID provider does.`, { cause });
}
