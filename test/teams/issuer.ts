/** Vouches for activities as Teams' own issuer does: keys and metadata over HTTP, and whatever token a test asks for. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { TeamsConfig } from '../../src/config/config.ts';
import { teamsConfig } from '../samples.ts';

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

export async function openIssuer() {
  const asked: string[] = [];
  const published = new Map<string, { jwk: object; key: Key }>();
  const state = { up: true, current: '', metadata: {} as object };

  async function addKey(kid: string, more: object = { endorsements: ['msteams'] }): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    published.set(kid, { jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', ...more }, key: privateKey });
    state.current = kid;
  }

  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (!state.up) return response.writeHead(500).end();
    const body =
      request.url === '/metadata'
        ? { issuer, jwks_uri: `${origin()}/keys`, ...state.metadata }
        : { keys: [...published.values()].map(({ jwk }) => jwk) };
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await addKey('key-1');

  return {
    state,
    addKey,
    /** Paths of what was read of it. */
    asked,
    drop: (kid: string) => void published.delete(kid),
    origin,
    /** `claims` go over those of a good token; those that are undefined are left out. */
    async sign(claims: Record<string, unknown> = {}, options: { kid?: string; key?: Key } = {}): Promise<string> {
      const kid = options.kid ?? state.current;
      const key = options.key ?? published.get(state.current)?.key;
      const seconds = Math.floor(Date.now() / 1_000);
      const all = {
        iss: issuer,
        aud: appId,
        exp: seconds + 3_600,
        nbf: seconds - 60,
        serviceurl: serviceUrl,
        ...claims,
      };
      return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(key!);
    },
    config: (overrides: Partial<TeamsConfig> = {}): TeamsConfig =>
      teamsConfig({
        endpoints: {
          ...teamsConfig().endpoints,
          tokenIssuer: issuer,
          openIdMetadataUrl: `${origin()}/metadata`,
          emulatorOpenIdMetadataUrl: `${origin()}/metadata`,
        },
        serviceHosts: ['127.0.0.1', 'smba.trafficmanager.net'],
        ...overrides,
      }),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

export type Issuer = Awaited<ReturnType<typeof openIssuer>>;

const issuer = 'https://api.botframework.com';
export const { appId } = teamsConfig();
export const tenant = teamsConfig().tenants[0] ?? '';
export const serviceUrl = 'http://127.0.0.1:9/emea/';
export const ann = { oid: 'a0000000-0000-4000-8000-00000000000a', member: '29:1ann' };
export const ben = { oid: 'b0000000-0000-4000-8000-00000000000b', member: '29:1ben' };
export const bot = { id: `28:${appId}`, name: 'Elevate' };
export const channel = '19:ops@thread.tacv2';
export const personalChat = 'a:ann';

/** What Ann writes in her own chat, as Teams sends it; `changes` go over it. */
export function activity(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'message',
    id: '1700000000001',
    timestamp: new Date().toISOString(),
    channelId: 'msteams',
    serviceUrl,
    from: { id: ann.member, name: 'Ann', aadObjectId: ann.oid },
    recipient: bot,
    conversation: { id: personalChat, conversationType: 'personal', tenantId: tenant },
    channelData: { tenant: { id: tenant } },
    text: 'list',
    textFormat: 'plain',
    ...changes,
  };
}

export function inChannel(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return activity({
    conversation: {
      id: `${channel};messageid=17`,
      conversationType: 'channel',
      tenantId: tenant,
      isGroup: true,
    },
    channelData: { tenant: { id: tenant }, channel: { id: channel }, team: { id: '19:team@thread.tacv2' } },
    ...changes,
  });
}

export function mention(account: { id: string; name: string }) {
  return { type: 'mention', text: `<at>${account.name}</at>`, mentioned: account };
}

/** A click on `Action.Execute`. */
export function click(verb: unknown, data: unknown, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return activity({
    type: 'invoke',
    name: 'adaptiveCard/action',
    id: 'f:click-1',
    text: undefined,
    replyToId: '1700000000000',
    value: { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' },
    ...changes,
  });
}
