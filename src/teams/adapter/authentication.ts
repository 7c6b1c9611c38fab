/** How the SDK knows Teams, and how it shows Teams who we are. Never anonymous, and never as an app of many tenants. */
import { ConfigurationBotFrameworkAuthentication, ConfigurationServiceClientCredentialFactory } from 'botbuilder';
import {
  AuthenticationConfiguration,
  AuthenticationError,
  type Claim,
  type ServiceClientCredentials,
  type ServiceClientCredentialsFactory,
} from 'botframework-connector';
import { JwtTokenExtractor } from 'botframework-connector/lib/auth/jwtTokenExtractor.js';
import type { TeamsConfig } from '../../config/config.ts';
import { ElevateError } from '../../core/errors.ts';
import type { SigningKeys } from '../signing-keys.ts';

/** Gives the bot's own token, in place of signing in with the configuration's credentials. */
export type SignIn = () => Promise<string>;

/** For what comes in. With it nothing can be sent: the token that we send with is not at hand here. */
export function createAuthentication(config: TeamsConfig, keys: SigningKeys): ConfigurationBotFrameworkAuthentication {
  const { appId, app, tenants, endpoints } = config;
  lendKeys(endpoints.openIdMetadataUrl, keys);
  return new ConfigurationBotFrameworkAuthentication(
    {
      MicrosoftAppId: appId,
      MicrosoftAppType: app.type,
      MicrosoftAppTenantId: tenants[0] ?? '',
      // The SDK takes its own addresses only if none of these is given, and mixes none in.
      ToChannelFromBotLoginUrl: endpoints.loginUrl,
      ToChannelFromBotOAuthScope: endpoints.oauthScope,
      ToBotFromChannelTokenIssuer: endpoints.tokenIssuer,
      OAuthUrl: endpoints.oauthUrl,
      ToBotFromChannelOpenIdMetadataUrl: endpoints.openIdMetadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: endpoints.emulatorOpenIdMetadataUrl,
      CallerId: endpoints.callerId,
    },
    withoutCredentials(appId),
    new AuthenticationConfiguration([], createClaimsCheck(config)),
  );
}

/**
 * The second lock. By itself the SDK takes tokens of any Entra tenant that were issued to our application, as if an
 * emulator had sent them, and believes what they say.
 */
function createClaimsCheck({ appId, endpoints }: TeamsConfig): (claims: Claim[]) => Promise<void> {
  return async (claims) => {
    const valuesOf = (type: string) => claims.filter((claim) => claim.type === type).map(({ value }) => value);
    const isOurs = isOnly(valuesOf('iss'), endpoints.tokenIssuer) && isOnly(valuesOf('aud'), appId);
    if (!isOurs) throw new AuthenticationError('The token is not one of Teams for this bot.', 401);
  };
}

function isOnly(values: readonly unknown[], wanted: string): boolean {
  return values.length === 1 && values[0] === wanted;
}

function withoutCredentials(appId: string): ServiceClientCredentialsFactory {
  return {
    isValidAppId: async (id) => id === appId,
    isAuthenticationDisabled: async () => false,
    createCredentials: async () => ({
      signRequest: async () => {
        throw new ElevateError('unavailable', 'Nothing is sent to Teams from here.');
      },
    }),
  };
}

/** For what goes out. */
export async function createCredentials(config: TeamsConfig, signIn?: SignIn): Promise<ServiceClientCredentials> {
  const { appId, app, tenants, endpoints } = config;
  if (signIn !== undefined) return signedBy(signIn);
  const factory = new ConfigurationServiceClientCredentialFactory({
    MicrosoftAppId: appId,
    MicrosoftAppType: app.type,
    MicrosoftAppTenantId: tenants[0] ?? '',
    ...(app.type === 'SingleTenant' ? { MicrosoftAppPassword: app.password } : {}),
  });
  return factory.createCredentials(appId, endpoints.oauthScope, endpoints.loginUrl, true);
}

function signedBy(signIn: SignIn): ServiceClientCredentials {
  return {
    async signRequest(request) {
      request.headers.set('authorization', `Bearer ${await signIn()}`);
      return request;
    },
  };
}

/**
 * The SDK would read the keys itself: without a time limit, at most once an hour when one is missing, and it refuses
 * everybody while they cannot be read. It keeps what it read in a map, where ours take that place.
 */
function lendKeys(metadataUrl: string, keys: SigningKeys): void {
  const { openIdMetadataCache: cache } = JwtTokenExtractor as unknown as { openIdMetadataCache?: unknown };
  if (!(cache instanceof Map)) throw new Error('This version of the Bot Framework SDK keeps its keys elsewhere.');
  cache.set(metadataUrl, {
    async getKey(kid: unknown) {
      const found = typeof kid === 'string' ? await keys.find(kid) : undefined;
      if (found === undefined) return null;
      return { key: found.key.export({ type: 'spki', format: 'pem' }), endorsements: found.endorsements };
    },
  });
}
