/** One whole story through the front door, with every step checked: what `elevate dev --story` plays. */
import { setTimeout as pause } from 'node:timers/promises';
import type { TemporalOptions } from '../temporal/connect.ts';
import type { Embedded } from './embedded.ts';
import { readHistory, type Recorded } from './history.ts';
import { type Character, characters } from './people.ts';
import { fromHereOn, type Shown } from './story/chat.ts';
import { inSlack } from './story/in-slack.ts';
import { inTeams } from './story/in-teams.ts';

export type StoryPlace = 'slack' | 'teams';

const [alice, bob, , , mallory] = characters;
const PATIENCE = 20_000;

/** @returns whether every step held */
export async function playStory(
  { slack, teams, sandbox, temporal }: Embedded,
  where: StoryPlace,
  say: (line: string) => void,
): Promise<boolean> {
  const chat = fromHereOn(where === 'slack' ? inSlack(slack) : inTeams(teams), characters);
  const callsBefore = sandbox.calls.length;
  const calls = (wanted: string) => sandbox.calls.slice(callsBefore).filter(({ verb }) => verb === wanted).length;
  let failed = 0;
  const holds = (step: string, held: boolean) => {
    say(`${held ? '  ✓' : '  ✗'} ${step}`);
    if (!held) failed += 1;
  };
  const sees = (who: string, text: string | undefined) => say(`    ${who} sees: ${text ?? ''}`);
  const until = async <T>(what: string, look: () => T | undefined | false): Promise<T | undefined> => {
    const seen = await chat.until(look, what, PATIENCE).catch(() => undefined);
    holds(what, seen !== undefined);
    return seen;
  };
  const says = (messages: () => Shown[], text: string | RegExp) => () =>
    messages().find((each) => each.text.match(text));
  const aliceSees = () => chat.ofPerson(alice);
  const clickIn = async (who: Character, label: string) => {
    const answer = await chat.click(who, label, 'channel');
    sees(`${who.name} alone`, answer);
    return answer;
  };

  say(`\nIn ${chat.name}.`);
  say('\n1. Alice asks.');
  const asked = await chat.ask(alice, 'admin for 1h because the deploy is stuck', /Recorded/);
  sees('Alice alone', asked);
  const id = /wf_[0-9a-z]{26}/.exec(asked)?.[0] ?? '';
  holds('she is told what was recorded, with its id', id !== '');
  const card = await until('a card with Approve stands in the channel', () => withButton(chat.inChannel(), 'Approve'));
  sees('The channel', card?.text);
  await until(
    'Bob is asked directly',
    says(() => chat.ofPerson(bob), alice.email),
  );
  await until('Alice has a card of her own', says(aliceSees, id));

  say('\n2. Alice tries to approve her own request.');
  holds('she is refused, and told why', /can't approve it/.test(await clickIn(alice, 'Approve')));

  say('\n3. Mallory, who is no approver, tries.');
  holds('he is refused, and told why', /not one of the approvers/.test(await clickIn(mallory, 'Approve')));
  holds('nobody has access', sandbox.holders().length === 0);

  say('\n4. Bob approves, and clicks again.');
  const [first, second] = await Promise.all([clickIn(bob, 'Approve'), clickIn(bob, 'Approve')]);
  holds('both clicks are answered', /Recorded/.test(first) && /Recorded|decided/.test(second));
  await until('the card loses its buttons', () =>
    chat.inChannel().some((each) => each.id === card?.id && !each.buttons.includes('Approve')),
  );
  await until('access starts', () => sandbox.has(alice.email, 'admin'));
  await until('Alice is told until when', says(aliceSees, /until/i));
  holds('one grant was made', calls('grant') === 1);
  const story = await chat.ask(alice, `show ${id}`, /approved\./);
  sees('Alice alone', story);
  holds('one vote was counted', (story.match(/approved\./g) ?? []).length === 1);
  sees('The channel', chat.inChannel()[0]?.text);

  say('\n5. Alice is done.');
  await until("Alice's card has the button", () => withButton(aliceSees(), "I'm done"));
  sees('Alice alone', await chat.click(alice, "I'm done", 'own'));
  await until('access ends', () => !sandbox.has(alice.email, 'admin') && calls('revoke') > 0);
  await until('Alice is told', says(aliceSees, /ended/i));
  await until('the channel card says so', says(chat.inChannel, /ended/i));
  sees('The channel', chat.inChannel()[0]?.text);

  say('\n6. What Temporal recorded.');
  const { names, text } = await closedHistory(temporal, id);
  say(`    ${id}: ${names.length} events: ${names.join(', ')}`);
  holds('the execution completed', names.at(-1) === 'WorkflowExecutionCompleted');
  holds('no name and no reason can be read there', !/alice@example\.com|deploy is stuck/.test(text));

  say(failed === 0 ? '\nEvery step held.\n' : `\n${failed} steps did not hold.\n`);
  return failed === 0;
}

function withButton(messages: Shown[], label: string): Shown | undefined {
  return messages.find(({ buttons }) => buttons.includes(label));
}

/** Read once the workflow has closed, which it does when everybody has been told. */
async function closedHistory(temporal: TemporalOptions, id: string): Promise<Recorded> {
  for (let tries = 0; ; tries += 1) {
    const recorded = await readHistory(temporal, id);
    if (recorded.names.at(-1)?.startsWith('WorkflowExecution') || tries === 40) return recorded;
    await pause(250);
  }
}
