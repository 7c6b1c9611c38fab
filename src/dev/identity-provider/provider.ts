/** The OpenID provider itself: who may ask it for what, and what its tokens say. */
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type AdapterFactory, type ClientMetadata } from 'oidc-provider';
import type { Person } from './people.ts';

const ALGORITHM = 'ES256';
const TOKEN_SECONDS = 3_600;
const DEVICE_SECONDS = 600;
const LOGIN_SECONDS = 14 * 24 * 3_600;

/** What a token may be asked for beside who it is. */
export const apiScopes = 'elevate.decide';
/** Stands for the API where no resource is named. */
export const apiResource = 'urn:elevate:api';

export interface ProviderSettings {
  issuer: string;
  /** Named by every token for the API, whatever address it was asked for. */
  audience: string;
  clients: ClientMetadata[];
  records: AdapterFactory;
  personOf(account: string): Person | undefined;
  /** The groups that a token names of a person. */
  groupsIn(token: object, person: Person): readonly string[];
}

/** With keys of its own that nothing else has. */
export async function createProvider(settings: ProviderSettings): Promise<Provider> {
  const { issuer, audience, clients, records, personOf, groupsIn } = settings;
  return new Provider(issuer, {
    adapter: records,
    clients,
    jwks: { keys: [await newKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clientDefaults: { id_token_signed_response_alg: ALGORITHM },
    scopes: ['openid', 'offline_access', apiScopes],
    claims: { email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    clientBasedCORS: () => false,
    // Nobody asks for a browser here, so a login is good until it is revoked.
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    async findAccount(_, account) {
      const person = personOf(account);
      return person && { accountId: account, claims: async () => ({ sub: account, ...claimsOf(person) }) };
    },
    async extraTokenClaims(_, token) {
      if (token.kind !== 'AccessToken') return undefined;
      const person = personOf(token.accountId);
      return person && claimsOf(person, groupsIn(token, person));
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      revocation: { enabled: true, allowedPolicy: async (_, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => apiResource,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => apiServer(audience),
      },
    },
    ttl: {
      AccessToken: TOKEN_SECONDS,
      ClientCredentials: TOKEN_SECONDS,
      DeviceCode: DEVICE_SECONDS,
      Grant: LOGIN_SECONDS,
      IdToken: TOKEN_SECONDS,
      Interaction: DEVICE_SECONDS,
      RefreshToken: LOGIN_SECONDS,
      Session: LOGIN_SECONDS,
    },
  });
}

/** Tokens for it are JWTs, of the type `at+jwt` (RFC 9068). */
export function apiServer(audience: string) {
  return { scope: apiScopes, audience, accessTokenFormat: 'jwt' as const, jwt: { sign: { alg: ALGORITHM } as const } };
}

function claimsOf({ email, name, groups }: Person, named: readonly string[] = groups) {
  return { email, email_verified: true, name, groups: [...named] };
}

async function newKey() {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: ALGORITHM, use: 'sig' };
}
