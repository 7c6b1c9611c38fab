/** People of the embedded chats, spoken for from a terminal: `alice /elevate …`, `bob@teams click Approve`, `bob token`. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { approvals, approvalsInTeams, type Character, characters } from './people.ts';
import { buttonsOf, read } from './reading.ts';
import type { SlackDouble } from './slack-double.ts';
import type { TeamsDouble } from './teams-double.ts';

export interface Room {
  slack: SlackDouble;
  teams: TeamsDouble;
  /** A token for the API, of a person. */
  token: (email: string) => Promise<string>;
}

type Say = (line: string) => void;

/** What a person does in one of the chats. */
interface Acting {
  command(text: string): Promise<void>;
  /** In the person's own messages, or else in the channel. */
  click(label: string): Promise<void>;
}

/** Ends when the input ends, which on a terminal is Ctrl-D; never for an input that is not a terminal. */
export async function talk(room: Room, input: Readable & { isTTY?: boolean }, say: Say): Promise<void> {
  if (input.isTTY !== true) return new Promise(() => undefined);
  const known = new Map<object, number>();
  const tellNew = () => newMessages(room, known).forEach((message) => say(message));
  const telling = setInterval(tellNew, 300);
  try {
    for await (const line of createInterface({ input })) await act(room, line.trim(), say);
  } finally {
    clearInterval(telling);
  }
}

async function act(room: Room, line: string, say: Say): Promise<void> {
  if (line === '') return;
  const [who = '', verb = '', ...rest] = line.split(' ');
  const [name, chat = 'slack'] = who.split('@');
  const person = characters.find((each) => each.name === name);
  if (person === undefined || (chat !== 'slack' && chat !== 'teams')) {
    const names = characters.map((each) => each.name).join(', ');
    return say(`Begin with who speaks: ${names}. They are in Slack, or with ${names.split(', ')[0]}@teams in Teams.`);
  }
  const acting = chat === 'teams' ? actInTeams(room.teams, person, say) : actInSlack(room.slack, person, say);
  try {
    if (verb === 'token') say(`  export ELEVATE_TOKEN=${await room.token(person.email)}`);
    else if (verb === 'click') await acting.click(rest.join(' '));
    else await acting.command([verb, ...rest].join(' ').replace(/^\/elevate\s*/, ''));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

function actInSlack(slack: SlackDouble, { name, user }: Character, say: Say): Acting {
  return {
    async command(text) {
      const { body } = await slack.command({ user, text });
      say(`  (only ${name} sees) ${read(body)}`);
    },

    async click(label) {
      const hasButton = (place: string) =>
        slack.messagesIn(place, user).some((each) => buttonsOf(each).includes(label));
      const channel = [`D${user}`, approvals.id].find(hasButton);
      if (channel === undefined) return say(noButton(label));
      const outcome = await slack.click({ user, channel, label });
      if (outcome.responses.length === 0 && slack.modal(user) !== undefined) await slack.submit({ user });
      for (const post of outcome.responses) say(`  (only ${name} sees) ${read(post)}`);
    },
  };
}

/** The answer to a command is a message of their personal chat, and told like any other. */
function actInTeams(teams: TeamsDouble, { name, objectId: user }: Character, say: Say): Acting {
  const complain = (problems: string[]) =>
    problems.forEach((problem) => say(`  (only ${name} sees) Error: ${problem}`));
  return {
    command: async (text) => complain((await teams.command({ user, text })).problems),

    async click(label) {
      const hasButton = (place: string) =>
        teams.messagesIn(place, user).some((each) => buttonsOf(each).includes(label));
      const conversation = [teams.personal(user), approvalsInTeams].find(hasButton);
      if (conversation === undefined) return say(noButton(label));
      const { problems, told, card } = await teams.click({ user, conversation, label });
      complain(problems);
      if (problems.length === 0) say(`  (only ${name} sees) ${read({ text: told, card })}`);
    },
  };
}

function noButton(label: string): string {
  return `There is no button "${label}" in front of them.`;
}

function newMessages({ slack, teams }: Room, known: Map<object, number>): string[] {
  const places = [
    { name: approvals.name, messages: slack.messagesIn(approvals.id) },
    { name: `${approvals.name}@teams`, messages: teams.messagesIn(approvalsInTeams) },
    ...characters.flatMap(({ name, user, objectId }) => [
      { name, messages: slack.messagesIn(`D${user}`) },
      { name: `${name}@teams`, messages: teams.messagesIn(teams.personal(objectId)) },
    ]),
  ];
  return places.flatMap(({ name, messages }) =>
    messages.flatMap((message) => {
      if (known.get(message) === message.edits) return [];
      known.set(message, message.edits);
      return [`  [${name}${message.edits > 0 ? ', edited' : ''}] ${read(message)}`];
    }),
  );
}
