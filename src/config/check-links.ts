/** Whether every linked account can be one of ours, and each person has one of a kind (T3, T7). */
import type { SoundDocument } from './check.ts';
import { principalOf } from './check-people.ts';
import type { Finding } from './mistakes.ts';
import { guidPattern } from './schema.ts';
import { canonicalAccount } from './teams.ts';

/** Where one person has one account, or what is wrong with the name of this one. */
type Tenant = { tenant: string; there: string } | { message: string; hint?: string };

export function checkLinks(document: SoundDocument): Finding[] {
  const accounts = new Set<string>();
  const people = new Set<string>();
  return Object.entries(document.identity?.links ?? {}).flatMap(([account, email]): Finding[] => {
    if (email === undefined) return [];
    const path = ['identity', 'links', account];
    const place = placeOf(account, document);
    if ('message' in place) return [{ path, ...place }];
    if (accounts.size === accounts.add(canonicalAccount(account)).size)
      return [{ path, message: 'is linked already, in other letters', hint: 'keep one of the two' }];
    if (people.size < people.add(`${place.tenant}/${principalOf(email, document)}`).size) return [];
    return [{ path, message: `is a second account of this person ${place.there}`, hint: 'link one of the two' }];
  });
}

function placeOf(account: string, document: SoundDocument): Tenant {
  if (account.startsWith('api:')) return issuerOf(account, document);
  if (account.startsWith('slack:') && 'slack' in document) return workspaceOf(account, document);
  if (account.startsWith('teams:') && 'teams' in document) return tenantOf(account, document);
  return { message: 'is not an account of a chat that is configured' };
}

function workspaceOf(account: string, { slack }: SoundDocument): Tenant {
  const [tenant = '', user = ''] = account.replace('slack:', '').split('/');
  if (!/^[UW][A-Z0-9]{1,30}$/.test(user)) return { message: 'does not end with the id of a Slack user' };
  if (slack?.workspaces !== undefined && !slack.workspaces.includes(tenant))
    return { message: 'is in a workspace that slack.workspaces does not list' };
  return { tenant: `slack:${tenant}`, there: 'in this workspace' };
}

function tenantOf(account: string, { teams }: SoundDocument): Tenant {
  const [tenant = '', user = ''] = canonicalAccount(account).replace('teams:', '').split('/');
  if (!new RegExp(guidPattern).test(user))
    return {
      message: 'does not end with the object id of a person in Entra',
      hint: 'teams:, the tenant, / and the id',
    };
  if (teams?.tenants !== undefined && !teams.tenants.some((listed) => listed?.toLowerCase() === tenant))
    return { message: 'is in a tenant that teams.tenants does not list' };
  return { tenant: `teams:${tenant}`, there: 'in this tenant' };
}

function issuerOf(account: string, document: SoundDocument): Tenant {
  if (!('api' in document)) return { message: 'is an account of the API, which is not configured' };
  const issuer = document.api?.issuer;
  // There, but unsound: nothing can be said.
  if (issuer === undefined) return { tenant: account, there: '' };
  if (!account.startsWith(`api:${issuer}/`))
    return { message: 'is not an account of api.issuer', hint: 'api:, the issuer as in api.issuer, / and the subject' };
  if (!/^[!-~]{1,255}$/.test(account.slice(`api:${issuer}/`.length)))
    return { message: 'does not end with a subject of at most 255 characters' };
  return { tenant: 'api', there: 'of the API' };
}
