/** An OpenID provider on this machine that signs in whoever is named, without asking. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPeople, type Person } from './identity-provider/people.ts';
import { clientId, clientsWith, deviceClientId } from './identity-provider/clients.ts';
import { apiResource, apiScopes, apiServer, createProvider } from './identity-provider/provider.ts';
import { createRecords } from './identity-provider/records.ts';
import { serveSignIn } from './identity-provider/sign-in-page.ts';

export interface IdentityProvider {
  issuer: string;
  /** A public client that signs people in by device code. */
  deviceClientId: string;
  /** A program that has tokens of its own. */
  clientId: string;
  /**
   * An access token of this person for the API.
   * @param options.scopes of the API; all of them if left out
   * @param options.ttlSeconds an hour if left out
   * @param options.groups instead of the person's own
   */
  tokenFor(
    email: string,
    options?: { scopes?: readonly string[]; ttlSeconds?: number; groups?: readonly string[] },
  ): Promise<string>;
  /** An access token of {@link clientId}, which is no person. */
  clientToken(): Promise<string>;
  /** Signs with a new key from here on, and forgets the old one. */
  rotate(): Promise<void>;
  /** Does what a person does who is shown a code: signs in and agrees. */
  approveDevice(userCode: string, email: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param options.people others can sign in too; they are in no groups
 * @param options.audience what tokens for the API name
 * @param options.now the time at which tokens are issued
 */
export async function startIdentityProvider(options: {
  people: readonly Person[];
  audience: string;
  now?: () => number;
}): Promise<IdentityProvider> {
  const { audience, now = Date.now } = options;
  const people = createPeople(options.people);
  const clientSecret = randomBytes(24).toString('base64url');
  const groupsInstead = new WeakMap<object, readonly string[]>();
  const { server, issuer } = await listen((request, response) => {
    const isPage = /^\/device(?:\?|$)/.test(request.url ?? '');
    const answered = isPage ? serveSignIn(request, response, page) : handle(request, response);
    // Whoever goes away in the middle gets no answer.
    void answered.catch(() => response.destroy());
  });
  const settings = {
    issuer,
    audience,
    clients: clientsWith(clientSecret),
    records: createRecords(),
    personOf: people.personOf,
    groupsIn: (token: object, { groups }: Person) => groupsInstead.get(token) ?? groups,
  };
  let provider = await createProvider(settings);
  let handle = provider.callback();
  const page = { people: options.people, issuer, approve: approveDevice };

  return {
    issuer,
    deviceClientId,
    clientId,

    async tokenFor(email, { scopes = [apiScopes], ttlSeconds = 3_600, groups } = {}) {
      const iat = Math.floor(now() / 1_000);
      const token = new provider.AccessToken({
        accountId: people.accountOf(email),
        client: await clientOf(deviceClientId),
        grantId: 'none',
        gty: 'device_code',
        scope: scopes.join(' '),
        resourceServer: new provider.ResourceServer(apiResource, apiServer(audience)),
        iat,
        exp: iat + ttlSeconds,
      });
      if (groups !== undefined) groupsInstead.set(token, groups);
      return token.save();
    },

    async clientToken() {
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: apiScopes }),
      });
      return ((await answer.json()) as { access_token: string }).access_token;
    },

    async rotate() {
      provider = await createProvider(settings);
      handle = provider.callback();
    },

    approveDevice,

    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function approveDevice(userCode: string, email: string): Promise<void> {
    const code = await provider.DeviceCode.findByUserCode(userCode.toUpperCase().replace(/\W/g, ''));
    if (code === undefined) throw new Error('There is no such code, or its time is over.');
    const { scope = '', resource = apiResource } = (code.params ?? {}) as { scope?: string; resource?: string };
    const accountId = people.accountOf(email);
    const grant = new provider.Grant({ accountId, ...(code.clientId && { clientId: code.clientId }) });
    grant.addOIDCScope(scope);
    grant.addResourceScope(resource, scope);
    const grantId = await grant.save();
    await Object.assign(code, { accountId, grantId, scope, resource, authTime: Math.floor(now() / 1_000) }).save();
  }

  async function clientOf(id: string) {
    const client = await provider.Client.find(id);
    if (client === undefined) throw new Error(`There is no client ${id}.`);
    return client;
  }
}

async function listen(handle: RequestListener) {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
