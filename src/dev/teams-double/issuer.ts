/** Who vouches for Teams here: signs what is sent to the bot, and publishes the keys for it, as the Bot Connector does. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface Issuer {
  /** A token for the bot, good for an hour. `claims` change it; those that are undefined are left out. */
  sign(claims: Record<string, unknown>, options?: { forged?: boolean }): Promise<string>;
  /** Signs with a new key from here on. The old one is published no longer unless it is to be kept. */
  rotate(options?: { keep?: boolean }): Promise<void>;
  /** @param origin where the keys are published */
  metadata(origin: string): object;
  keys(): object;
}

type Keys = { kid: string; jwk: object; key: Parameters<SignJWT['sign']>[0] };

/** What its tokens name. */
export const issuerName = 'https://teams-double.invalid';

export async function createIssuer({ now }: { now: () => number }): Promise<Issuer> {
  let made = 0;
  const newKey = async (): Promise<Keys> => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const kid = `teams-${(made += 1)}`;
    const jwk = { ...(await exportJWK(publicKey)), kid, x5t: kid, use: 'sig', endorsements: ['msteams'] };
    return { kid, jwk, key: privateKey };
  };
  let published = [await newKey()];

  return {
    async sign(claims, { forged = false } = {}) {
      const [current] = published;
      if (current === undefined) throw new Error('There is no key.');
      const { key } = forged ? await newKey() : current;
      const issuedAt = Math.floor(now() / 1_000);
      const all = { iss: issuerName, iat: issuedAt, nbf: issuedAt, exp: issuedAt + 3_600, ...claims };
      return new SignJWT(all)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: current.kid, x5t: current.kid })
        .sign(key);
    },

    async rotate({ keep = false } = {}) {
      published = [await newKey(), ...(keep ? published : [])];
    },

    metadata: (origin) => ({
      issuer: issuerName,
      authorization_endpoint: `${origin}/authorize`,
      jwks_uri: `${origin}${keysPath}`,
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    }),

    keys: () => ({ keys: published.map(({ jwk }) => jwk) }),
  };
}

export const metadataPath = '/v1/.well-known/openidconfiguration';
export const keysPath = '/v1/.well-known/keys';
