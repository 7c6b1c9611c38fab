/** Who lives in the embedded Slack of `elevate dev`. */
import { type SlackDouble, startSlackDouble } from './slack-double.ts';

export interface Character {
  name: string;
  user: string;
  email: string;
}

const team = { id: 'T01ACME', domain: 'acme' };
export const approvals = { id: 'C02APPR', name: 'approvals' };

export const characters = [
  { name: 'alice', user: 'U01ALICE', email: 'alice@example.com' },
  { name: 'bob', user: 'U02BOB', email: 'bob@example.com' },
  { name: 'carol', user: 'U03CAROL', email: 'carol@example.com' },
  { name: 'dana', user: 'U04DANA', email: 'dana@example.com' },
  { name: 'mallory', user: 'U05MALLORY', email: 'mallory@example.com' },
] as const satisfies readonly Character[];

export async function startWorkspace(secrets: { signingSecret: string; botToken: string }): Promise<SlackDouble> {
  const slack = await startSlackDouble({ ...secrets, team });
  for (const { name, user, email } of characters) slack.addUser({ id: user, name: nameOf(name), email });
  slack.addChannel(approvals);
  return slack;
}

function nameOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
