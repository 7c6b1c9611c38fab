/** What is allowed, and worth a second look. */
import type { Finding, Path } from './mistakes.ts';
import type { ConfigDocument } from './schema.ts';
import type { Source } from './source.ts';
import { hasPassword } from './store-url.ts';
import { isStandard } from './teams.ts';

/** Expects a document without mistakes. */
export function warningsOf(document: ConfigDocument, origin: Source['origin']): Finding[] {
  return [
    ...riskWarnings(document),
    ...apiWarnings(document),
    ...teamsWarnings(document),
    ...directoryWarnings(document),
    ...secretsOf(document)
      .filter((path) => origin(path) === 'file')
      .map((path) => ({
        path,
        message: 'is a secret in the file itself',
        hint: 'put it into a variable or a file of its own: ${NAME}, ${file:PATH}',
      })),
  ];
}

function riskWarnings({ roles }: ConfigDocument): Finding[] {
  return Object.entries(roles)
    .filter(([, { risk }]) => risk === 'high')
    .map(([name]) => ({
      path: ['roles', name, 'risk'],
      message: 'accounts cannot be linked by a company login yet, so this role does not ask for one',
    }));
}

/** T3, T18. */
function apiWarnings({ api }: ConfigDocument): Finding[] {
  if (api === undefined) return [];
  const findings: Finding[] = [];
  const jwt = (api.token_types ?? []).findIndex((type) => type.toLowerCase() === 'jwt');
  if (api.decide_scope === undefined)
    findings.push({
      path: ['api'],
      message: "anybody's person token may decide",
      hint: 'set api.decide_scope, for example elevate.decide',
    });
  if (jwt !== -1)
    findings.push({
      path: ['api', 'token_types', jwt],
      message: 'is the type of ID tokens too: one of this issuer for this audience would pass as an access token',
      hint: 'at+jwt alone where the issuer can; else an audience that is no client id',
    });
  if (api.email_trusted === true)
    findings.push({
      path: ['api', 'email_trusted'],
      message: 'an address counts as confirmed though the token does not say so',
      hint: 'only where nobody can change their own address at the issuer',
    });
  return findings;
}

/** T1: whoever is at these addresses says who people are. */
function teamsWarnings({ teams }: ConfigDocument): Finding[] {
  if (teams?.endpoints === undefined || isStandard(teams.endpoints)) return [];
  return [
    {
      path: ['teams', 'endpoints'],
      message: 'vouch for everybody in Teams, and are not those of the public cloud',
      hint: 'only for another cloud of Microsoft, or for a stand-in that you run yourself',
    },
  ];
}

/** T5: Teams names people by their principal name, the others by their mail address. */
function directoryWarnings({ identity, slack, teams, api }: ConfigDocument): Finding[] {
  if (identity.one_directory !== true || teams === undefined || (slack === undefined && api === undefined)) return [];
  return [
    {
      path: ['identity', 'one_directory'],
      message: 'takes two addresses for two people, and Teams knows people by their user principal name',
      hint: 'only if everybody has the same address everywhere; else name those who have two under identity.aliases',
    },
  ];
}

function secretsOf({ store, slack, teams, providers }: ConfigDocument): Path[] {
  const webhooks = Object.entries(providers).flatMap(([name, provider]): Path[] => {
    if (provider.type !== 'webhook') return [];
    const path = ['providers', name, 'secret'];
    return Array.isArray(provider.secret) ? provider.secret.map((_, index) => [...path, index]) : [path];
  });
  return [
    ['keys'],
    ...(store !== undefined && hasPassword(store) ? [['store']] : []),
    ...(slack
      ? [
          ['slack', 'signing_secret'],
          ['slack', 'bot_token'],
        ]
      : []),
    ...(teams?.app_password === undefined ? [] : [['teams', 'app_password']]),
    ...webhooks,
  ];
}
