/** Whether the bot can sign in to Teams, and writes to nobody else (T2, T27). No message quotes a value: it may be a secret (P7). */
import type { SoundDocument } from './check.ts';
import { isUnsound } from './check-stages.ts';
import type { Finding } from './mistakes.ts';
import { defaults, type TeamsDocument } from './schema.ts';
import { isUrlAt, urlProblem } from '../core/urls.ts';
import type { Sound } from './validate.ts';

type Teams = Sound<TeamsDocument>;

export function checkTeams({ teams }: SoundDocument): Finding[] {
  if (teams === undefined) return [];
  return [
    ...checkTenants(teams),
    ...checkPassword(teams),
    ...checkLogin(teams),
    ...checkHosts(teams),
    ...checkServiceUrl(teams),
  ];
}

function checkTenants({ tenants = [] }: Teams): Finding[] {
  const known = tenants.filter((tenant) => tenant !== undefined);
  const isTwice = new Set(known.map((tenant) => tenant.toLowerCase())).size < known.length;
  return isTwice ? [{ path: ['teams', 'tenants'], message: 'lists the same twice' }] : [];
}

function checkPassword(teams: Teams): Finding[] {
  const isThere = Object.hasOwn(teams, 'app_password');
  if (teams.app_type === 'SingleTenant' && !isThere)
    return [{ path: ['teams'], message: 'app_password is missing', hint: 'SingleTenant signs in with it' }];
  if (teams.app_type === 'UserAssignedMsi' && isThere)
    return [{ path: ['teams', 'app_password'], message: 'is not used with UserAssignedMsi', hint: 'leave it out' }];
  return [];
}

/** Nobody signs in to Entra over plain http, not even on this machine. */
function checkLogin({ endpoints }: Teams): Finding[] {
  const url = endpoints?.login_url;
  if (url === undefined) return [];
  const problem = urlProblem(url) ?? (/^https:/i.test(url) ? undefined : 'is plain http');
  if (problem === undefined) return [];
  return [{ path: ['teams', 'endpoints', 'login_url'], message: problem, hint: 'https only' }];
}

/** Every customer of Azure can have a name of their own below this. */
const everybodys = '*.trafficmanager.net';

function checkHosts({ service_hosts = [] }: Teams): Finding[] {
  const index = service_hosts.findIndex((host) => host?.toLowerCase() === everybodys);
  if (index === -1) return [];
  const hint = 'name the host itself: smba.trafficmanager.net';
  return [{ path: ['teams', 'service_hosts', index], message: 'lets in everybody who has a name there', hint }];
}

function checkServiceUrl(teams: Teams): Finding[] {
  const { service_hosts = defaults.serviceHosts, service_url = defaults.serviceUrl } = teams;
  const isKnown = !isUnsound(teams, 'service_hosts') && !isUnsound(teams, 'service_url');
  const hosts = service_hosts.filter((host) => host !== undefined).map((host) => host.toLowerCase());
  if (!isKnown || hosts.length < service_hosts.length || urlProblem(service_url) !== undefined) return [];
  if (service_url.includes('?')) return [{ path: ['teams', 'service_url'], message: 'has a query (?) in it' }];
  if (isUrlAt(service_url, hosts)) return [];
  if (teams.service_url !== undefined)
    return [
      { path: ['teams', 'service_url'], message: 'is at none of the service_hosts', hint: 'add its host to that list' },
    ];
  return [
    {
      path: ['teams', 'service_hosts'],
      message: 'does not list smba.trafficmanager.net, where first messages go',
      hint: 'list it, or set service_url',
    },
  ];
}
