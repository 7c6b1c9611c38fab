/** The story's people in the embedded Teams. */
import { approvalsInTeams } from '../people.ts';
import { buttonsOf, read } from '../reading.ts';
import type { TeamsDouble } from '../teams-double.ts';
import type { Shown, StoryChat } from './chat.ts';

export function inTeams(teams: TeamsDouble): StoryChat {
  const shownIn = (conversation: string): Shown[] =>
    teams
      .messagesIn(conversation)
      .map((message) => ({ id: message.id, text: read(message), buttons: buttonsOf(message) }));
  return {
    name: 'Teams',
    async ask({ objectId }, text, says) {
      const { waitForReply } = await teams.command({ user: objectId, text });
      return read(await waitForReply((message) => says.test(read(message))).catch(() => undefined));
    },
    async click({ objectId }, label, where) {
      const conversation = where === 'own' ? teams.personal(objectId) : approvalsInTeams;
      const { problems, told, card } = await teams.click({ user: objectId, conversation, label });
      return problems.length > 0 ? `nothing but an error: ${problems.join(', ')}` : read({ text: told, card });
    },
    inChannel: () => shownIn(approvalsInTeams),
    ofPerson: ({ objectId }) => shownIn(teams.personal(objectId)),
    until: teams.until,
  };
}
