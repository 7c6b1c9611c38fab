/** Who lives in the embedded Slack and Teams of `elevate dev`, and can sign in at its identity provider. */
import { type SlackDouble, startSlackDouble } from './slack-double.ts';
import { startTeamsDouble, type TeamsDouble } from './teams-double.ts';

export interface Character {
  name: string;
  /** In Slack. */
  user: string;
  /** Entra object id. */
  objectId: string;
  /** Also their user principal name. */
  email: string;
  /** What the identity provider says of them; their groups are in elevate.yaml. */
  groups: readonly string[];
}

/** What tokens for the API of `elevate dev` are issued for. */
export const audience = 'elevate';

const team = { id: 'T01ACME', domain: 'acme' };
const tenant = '0ac3e000-0000-4000-8000-000000000001';
const appId = '0e1e7a7e-0000-4000-8000-000000000002';

export const approvals = { id: 'C02APPR', name: 'approvals' };
/** The channel of the same name. */
export const approvalsInTeams = '19:approvals@thread.tacv2';

export const characters = [
  character('alice', 'U01ALICE', 'a11ce000'),
  character('bob', 'U02BOB', 'b0b00000'),
  character('carol', 'U03CAROL', 'ca201000'),
  character('dana', 'U04DANA', 'da2a0000'),
  character('mallory', 'U05MALLORY', '3a110200'),
] as const;

function character(name: string, user: string, start: string): Character {
  return { name, user, objectId: `${start}-0000-4000-8000-000000000000`, email: `${name}@example.com`, groups: [] };
}

export async function startWorkspace(secrets: { signingSecret: string; botToken: string }): Promise<SlackDouble> {
  const slack = await startSlackDouble({ ...secrets, team });
  for (const { name, user, email } of characters) slack.addUser({ id: user, name: nameOf(name), email });
  slack.addChannel(approvals);
  return slack;
}

export async function startTenant(): Promise<TeamsDouble> {
  const teams = await startTeamsDouble({ tenant, appId });
  for (const { name, objectId, email } of characters)
    teams.addUser({ id: objectId, name: nameOf(name), email, upn: email });
  teams.addChannel({ id: approvalsInTeams, name: approvals.name });
  return teams;
}

/** Everybody has the app, and the channel too: from here on Elevate can write to them. */
export async function installEverywhere(teams: TeamsDouble): Promise<void> {
  const [first] = characters;
  await teams.install({ user: first.objectId, conversation: approvalsInTeams });
  for (const { objectId } of characters) await teams.install({ user: objectId });
}

/** As the identity provider knows them. */
export const accounts = characters.map(({ name, email, groups }) => ({ name: nameOf(name), email, groups }));

function nameOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
