/** The section `teams` as it is used, and what means the same in it. */
import { isDeepStrictEqual } from 'node:util';
import type { TeamsConfig } from './config.ts';
import { defaults, type TeamsDocument } from './schema.ts';
import { lower } from './names.ts';
import { folder } from './urls.ts';

/** Expects a section without mistakes. */
export function teamsOf(teams: TeamsDocument): TeamsConfig {
  const { app_type, app_password = '', endpoints = defaults.teamsEndpoints } = teams;
  return {
    tenants: lower(teams.tenants),
    appId: teams.app_id.toLowerCase(),
    app: app_type === 'SingleTenant' ? { type: app_type, password: app_password } : { type: app_type },
    endpoints: {
      loginUrl: endpoints.login_url,
      oauthScope: endpoints.oauth_scope,
      tokenIssuer: endpoints.token_issuer,
      oauthUrl: endpoints.oauth_url,
      openIdMetadataUrl: endpoints.openid_metadata_url,
      emulatorOpenIdMetadataUrl: endpoints.emulator_openid_metadata_url,
      callerId: endpoints.caller_id,
    },
    standardEndpoints: isStandard(endpoints),
    serviceHosts: [...new Set(lower(teams.service_hosts ?? defaults.serviceHosts))],
    targetedMessages: teams.targeted_messages ?? false,
    serviceUrl: folder(teams.service_url ?? defaults.serviceUrl),
  };
}

/** Whether endpoints are those of Microsoft's public cloud. */
export function isStandard(endpoints: NonNullable<TeamsDocument['endpoints']>): boolean {
  return isDeepStrictEqual({ ...endpoints }, { ...defaults.teamsEndpoints });
}

/** An account as actors are named: Entra's ids mean the same in either case, and are told in lower case. */
export function canonicalAccount(account: string): string {
  return account.startsWith('teams:') ? account.toLowerCase() : account;
}
