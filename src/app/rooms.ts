/** The chats that are open. Each is loaded where it is configured: their SDKs take longer than all the rest. */
import type { Config } from '../config/config.ts';
import type { Parts } from './parts.ts';
import type { Room } from './room.ts';
import type { TeamsSignIn } from './teams.ts';

export interface Rooms {
  slack?: Room;
  teams?: Room;
}

/**
 * @param config gives the newest
 * @throws `unauthenticated`, `unavailable`, `invalid_input` if a chat does not know this bot, or not there
 */
export async function openRooms(config: () => Config, parts: Parts, teamsSignIn?: TeamsSignIn): Promise<Rooms> {
  const { slack, teams } = config();
  const rooms: Rooms = {};
  if (slack !== undefined) {
    const { openSlack } = await import('./slack.ts');
    rooms.slack = await openSlack(slack, parts);
  }
  if (teams !== undefined) {
    const { openTeams } = await import('./teams.ts');
    rooms.teams = openTeams(teams, parts, { roles: () => config().roles, signIn: teamsSignIn });
  }
  return rooms;
}

/** What each open chat gives, under the chat's name. */
export function ofEach<T>(rooms: Rooms, give: (room: Room) => T): { slack?: T; teams?: T } {
  const { slack, teams } = rooms;
  return { ...(slack && { slack: give(slack) }), ...(teams && { teams: give(teams) }) };
}
