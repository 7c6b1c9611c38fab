/** A channel in Teams for each role, since Teams takes only so much in one, and a role that nobody there is asked for. */
import type { Config } from '../../src/config/config.ts';
import type { TeamsDouble } from '../../src/dev/teams-double.ts';
import { approvals } from './house.ts';

const roles = ['admin', 'pair', 'staged', 'own', 'risky', 'hasty', 'quiet'] as const;

/** Where approvers of a role are asked in Teams. */
export function teamsChannel(role: (typeof roles)[number]): string {
  return `19:${role}@thread.tacv2`;
}

/** `look` is `quiet`, asked for in Slack alone. */
export const ownChannels = {
  prepareTeams(teams: TeamsDouble): void {
    for (const role of roles) teams.addChannel({ id: teamsChannel(role), name: role });
  },

  adjust(config: Config): Config {
    const { quiet } = config.roles;
    if (quiet === undefined) throw new Error('there is no such role');
    const own = roles.map((name) => [name, askingIn(config.roles[name], teamsChannel(name))]);
    const look = askingIn(quiet, undefined);
    return { ...config, roles: { ...config.roles, ...Object.fromEntries(own), look } as Config['roles'] };
  },
};

function askingIn(role: Config['roles'][string] | undefined, teams: string | undefined): Config['roles'][string] {
  if (role === undefined) throw new Error('there is no such role');
  const asking = { slack: [approvals], ...(teams !== undefined && { teams: [teams] }) };
  const approval = role.approval.map((stage) =>
    stage.ask.channels['slack'] === undefined ? stage : { ...stage, ask: { ...stage.ask, channels: asking } },
  );
  return { ...role, approval };
}
