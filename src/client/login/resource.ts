/** How a server says where to sign in (RFC 9728), and whether it may say so. */
import { urlProblem } from '../../core/urls.ts';
import type { Address } from '../address.ts';
import { ClientError, exit } from '../client-error.ts';
import { exchange, type Fetch } from '../exchange.ts';
import { jsonOf, refusalOf } from '../problem.ts';
import { opaque, texts } from '../reading.ts';

export interface SignInPlace {
  issuer: string;
  clientId: string;
  /** What the token is for: the server itself, by its own address. */
  resource: string;
  scopes: string[];
}

/** @throws {ClientError} where the server offers no login, or one that is not its own */
export async function signInPlaceOf({ server }: Address, fetch: Fetch): Promise<SignInPlace> {
  const url = `${server}/.well-known/oauth-protected-resource`;
  const answer = await exchange({ method: 'GET', url }, fetch);
  if (answer.status !== 200 && answer.status !== 404) throw refusalOf(answer, url);
  const json = answer.status === 200 ? jsonOf(answer.body) : undefined;
  const [issuer] = texts(json, 'authorization_servers');
  const clientId = opaque(json, 'elevate_client_id');
  const resource = opaque(json, 'resource');
  if (issuer === undefined || clientId === undefined || resource === undefined) {
    throw new ClientError(exit.refused, `${server} offers no login for the command line. Set ELEVATE_TOKEN instead.`);
  }
  const problem = urlProblem(issuer);
  if (problem !== undefined) throw new ClientError(exit.refused, `The issuer that ${server} names ${problem}.`);
  // A server that names another as the resource would be handed a token which that other one takes (RFC 9728, 3.3).
  if (!isSameServer(resource, server)) {
    throw new ClientError(exit.refused, `${server} asks for a login to another server, so nothing was sent.`);
  }
  return { issuer, clientId, resource, scopes: texts(json, 'scopes_supported') };
}

function isSameServer(resource: string, server: string): boolean {
  if (urlProblem(resource) !== undefined) return false;
  const [named, asked] = [new URL(resource), new URL(server)];
  // All names of this machine are one; `urlProblem` lets plain http name no other.
  const bothHere = named.protocol === 'http:' && asked.protocol === 'http:';
  return bothHere ? named.port === asked.port : named.origin === asked.origin;
}
