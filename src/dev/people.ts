/** Who lives in the embedded Slack of `elevate dev`, and can sign in at its identity provider. */
import { type SlackDouble, startSlackDouble } from './slack-double.ts';

export interface Character {
  name: string;
  user: string;
  email: string;
  /** What the identity provider says of them; their groups are in elevate.yaml. */
  groups: readonly string[];
}

/** What tokens for the API of `elevate dev` are issued for. */
export const audience = 'elevate';

const team = { id: 'T01ACME', domain: 'acme' };
export const approvals = { id: 'C02APPR', name: 'approvals' };

export const characters = [
  { name: 'alice', user: 'U01ALICE', email: 'alice@example.com', groups: [] },
  { name: 'bob', user: 'U02BOB', email: 'bob@example.com', groups: [] },
  { name: 'carol', user: 'U03CAROL', email: 'carol@example.com', groups: [] },
  { name: 'dana', user: 'U04DANA', email: 'dana@example.com', groups: [] },
  { name: 'mallory', user: 'U05MALLORY', email: 'mallory@example.com', groups: [] },
] as const satisfies readonly Character[];

export async function startWorkspace(secrets: { signingSecret: string; botToken: string }): Promise<SlackDouble> {
  const slack = await startSlackDouble({ ...secrets, team });
  for (const { name, user, email } of characters) slack.addUser({ id: user, name: nameOf(name), email });
  slack.addChannel(approvals);
  return slack;
}

/** As the identity provider knows them. */
export const accounts = characters.map(({ name, email, groups }) => ({ name: nameOf(name), email, groups }));

function nameOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
