/** People of the embedded Slack, spoken for from a terminal: `alice /elevate …`, `bob click Approve`, `bob token`. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { approvals, characters } from './people.ts';
import { buttonsOf, read } from './reading.ts';
import type { SlackDouble, SlackMessage } from './slack-double.ts';

export interface Room {
  slack: SlackDouble;
  /** A token for the API, of a person. */
  token: (email: string) => Promise<string>;
}

/** Ends when the input ends, which on a terminal is Ctrl-D; never for an input that is not a terminal. */
export async function talk(
  room: Room,
  input: Readable & { isTTY?: boolean },
  say: (line: string) => void,
): Promise<void> {
  if (input.isTTY !== true) return new Promise(() => undefined);
  const known = new Map<SlackMessage, number>();
  const tellNew = () => newMessages(room.slack, known).forEach((message) => say(message));
  const telling = setInterval(tellNew, 300);
  try {
    for await (const line of createInterface({ input })) await act(room, line.trim(), say);
  } finally {
    clearInterval(telling);
  }
}

async function act({ slack, token }: Room, line: string, say: (line: string) => void): Promise<void> {
  const [name = '', verb = '', ...rest] = line.split(' ');
  const person = characters.find((each) => each.name === name);
  if (line === '') return;
  if (person === undefined) return say(`Begin with who speaks: ${characters.map((each) => each.name).join(', ')}.`);
  try {
    if (verb === 'token') say(`  export ELEVATE_TOKEN=${await token(person.email)}`);
    else if (verb === 'click') await click(slack, person.user, rest.join(' '), say);
    else {
      const { body } = await slack.command({
        user: person.user,
        text: [verb, ...rest].join(' ').replace(/^\/elevate\s*/, ''),
      });
      say(`  (only ${name} sees) ${read(body)}`);
    }
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

/** In the person's direct messages, or else in the channel. */
async function click(slack: SlackDouble, user: string, label: string, say: (line: string) => void): Promise<void> {
  for (const channel of [`D${user}`, approvals.id]) {
    const isThere = slack.messagesIn(channel, user).some((message) => buttonsOf(message).includes(label));
    if (!isThere) continue;
    const outcome = await slack.click({ user, channel, label });
    if (outcome.responses.length === 0 && slack.modal(user) !== undefined) await slack.submit({ user });
    for (const post of outcome.responses) say(`  (only they see) ${read(post)}`);
    return;
  }
  say(`There is no button "${label}" in front of them.`);
}

function newMessages(slack: SlackDouble, known: Map<SlackMessage, number>): string[] {
  const places = [
    { name: approvals.name, channel: approvals.id },
    ...characters.map(({ name, user }) => ({ name, channel: `D${user}` })),
  ];
  return places.flatMap(({ name, channel }) =>
    slack.messagesIn(channel).flatMap((message) => {
      if (known.get(message) === message.edits) return [];
      known.set(message, message.edits);
      return [`  [${name}${message.edits > 0 ? ', edited' : ''}] ${read(message)}`];
    }),
  );
}
