/** What the claims of a verified token say: who it is, and whether it is a person (T3, T18). */
import type { ApiConfig } from '../../config/config.ts';
import { cleanName } from '../../core/clean.ts';
import type { SignIn } from '../../core/ports.ts';
import type { Verified } from './token.ts';

type Claims = Verified['claims'];
type ClaimsConfig = Pick<ApiConfig, 'principalClaim' | 'groupsClaim' | 'emailTrusted'>;

const NAME_LIMIT = 200;
const GROUPS_LIMIT = 1_000;
const GROUP_NAME_LIMIT = 256;

export function signInOf(claims: Claims, config: ClaimsConfig): SignIn {
  const email = textAt(claims, config.principalClaim);
  // `email_verified` speaks of the claim `email` and of no other (OpenID Connect Core, 5.1).
  const isVerified = claims['email_verified'] === true && claims['email'] === email;
  return {
    actor: { platform: 'api', tenant: claims.iss, user: claims.sub },
    name: nameIn(claims, email),
    email,
    emailConfirmed: email !== undefined && (isVerified || config.emailTrusted),
    groups: groupsIn(claims, config.groupsClaim),
    at: claims.iat * 1_000,
  };
}

/** As a list in RFC 8693 and RFC 9068; `scp` elsewhere. */
export function scopesIn(claims: Claims): string[] {
  const scopes = [claims['scope'], claims['scp']].flatMap(texts);
  return [...new Set(scopes.flatMap((scope) => scope.split(' ')).filter((scope) => scope !== ''))];
}

/**
 * Whether the token is a person's own: one who has an address, and for whom no program acts. Providers mark tokens of
 * programs each in their own way, and one mark is enough (T18).
 */
export function isOfPerson(claims: Claims, { email }: SignIn): boolean {
  const clients = ['client_id', 'azp', 'appid', 'cid'].map((name) => claims[name]);
  const grants = [claims['gty'], claims['grant_type']].flatMap(texts);
  const isProgram =
    clients.includes(claims.sub) ||
    grants.some((grant) => /^client.credentials$/i.test(grant)) ||
    claims['idtyp'] === 'app' ||
    claims['act'] !== undefined ||
    claims.sub.endsWith('@clients') ||
    texts(claims['preferred_username']).some((name) => name.startsWith('service-account-'));
  return email !== undefined && !isProgram;
}

function nameIn(claims: Claims, email: string | undefined): string {
  const candidates = [textAt(claims, 'name'), textAt(claims, 'preferred_username'), email?.split('@')[0]];
  const names = candidates.map((name) =>
    Array.from(cleanName(name ?? ''))
      .slice(0, NAME_LIMIT)
      .join('')
      .trim(),
  );
  return names.find((name) => name !== '') ?? '';
}

/** Anything that is not the name of a group is left out: it could only make somebody an approver. */
function groupsIn(claims: Claims, claim: string): string[] {
  const named = texts(Object.hasOwn(claims, claim) ? claims[claim] : undefined);
  const groups = named.filter((name) => name !== '' && name.length <= GROUP_NAME_LIMIT);
  return [...new Set(groups)].slice(0, GROUPS_LIMIT);
}

function textAt(claims: Claims, claim: string): string | undefined {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Texts of a claim that is one or a list of them. */
function texts(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each) => typeof each === 'string');
}
