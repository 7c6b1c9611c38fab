/** The story's people in the embedded Slack. */
import { approvals } from '../people.ts';
import { buttonsOf, read } from '../reading.ts';
import type { SlackDouble } from '../slack-double.ts';
import type { Shown, StoryChat } from './chat.ts';

export function inSlack(slack: SlackDouble): StoryChat {
  const shownIn = (channel: string): Shown[] =>
    slack.messagesIn(channel).map((message) => ({ id: message.ts, text: read(message), buttons: buttonsOf(message) }));
  return {
    name: 'Slack',
    ask: async ({ user }, text) => read((await slack.command({ user, text })).body),
    async click({ user }, label, where) {
      const channel = where === 'own' ? `D${user}` : approvals.id;
      const { waitForResponse } = await slack.click({ user, channel, label });
      return read(await waitForResponse().catch(() => undefined));
    },
    inChannel: () => shownIn(approvals.id),
    ofPerson: ({ user }) => shownIn(`D${user}`),
    until: slack.until,
  };
}
