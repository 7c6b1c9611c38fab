/** Who may ask for tokens: the command line, for people; and a program. */
import type { ClientMetadata } from 'oidc-provider';

export const deviceClientId = 'elevate-cli';
export const clientId = 'elevate-robot';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** @param secret the program's */
export function clientsWith(secret: string): ClientMetadata[] {
  return [
    {
      client_id: deviceClientId,
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: [deviceGrant, 'refresh_token'],
      response_types: [],
      redirect_uris: [],
    },
    {
      client_id: clientId,
      client_secret: secret,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
  ];
}
