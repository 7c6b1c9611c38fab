/** Whether what we call, and what people are sent to, may be called (T27). No message quotes an address: it may hold a secret (P7). */
import type { SoundDocument } from './check.ts';
import type { Finding, Path } from './mistakes.ts';
import { storeProblem } from './store-url.ts';
import { urlProblem } from '../core/urls.ts';

/** Where Entra signs in is held to more elsewhere, and a caller has a name, not an address. */
const teamsUrls = [
  'oauth_scope',
  'token_issuer',
  'oauth_url',
  'openid_metadata_url',
  'emulator_openid_metadata_url',
] as const;

interface Written {
  path: Path;
  url: string | undefined;
}

export function checkAddresses(document: SoundDocument): Finding[] {
  return [...checkUrls(document), ...checkIssuer(document), ...checkStore(document)];
}

function checkUrls({ server, slack, teams, api, providers }: SoundDocument): Finding[] {
  const urls: Written[] = [
    { path: ['server', 'public_url'], url: server?.public_url },
    { path: ['slack', 'api_url'], url: slack?.api_url },
    { path: ['api', 'issuer'], url: api?.issuer },
    { path: ['teams', 'service_url'], url: teams?.service_url },
    ...teamsUrls.map((name) => ({ path: ['teams', 'endpoints', name], url: teams?.endpoints?.[name] })),
    ...Object.entries(providers ?? {}).map(([name, provider]) => ({
      path: ['providers', name, 'url'],
      url: provider !== undefined && 'url' in provider ? provider.url : undefined,
    })),
  ];
  return urls.flatMap(({ path, url }) => {
    const problem = url === undefined ? undefined : urlProblem(url);
    return problem === undefined ? [] : [{ path, message: problem, hint: 'https, or http to this machine only' }];
  });
}

/** An issuer is compared as it is written, and has no query (OpenID Connect Discovery 1.0, 3). */
function checkIssuer({ api }: SoundDocument): Finding[] {
  const issuer = api?.issuer ?? '';
  if (!issuer.includes('?') || urlProblem(issuer) !== undefined) return [];
  return [{ path: ['api', 'issuer'], message: 'has a query (?) in it', hint: 'write it as the tokens do' }];
}

function checkStore({ store }: SoundDocument): Finding[] {
  const problem = store === undefined ? undefined : storeProblem(store);
  return problem === undefined ? [] : [{ path: ['store'], ...problem }];
}
