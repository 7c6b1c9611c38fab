/** One whole story through the front door, with every step checked: what `elevate dev --story` plays. */
import type { Embedded } from './embedded.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { TemporalOptions } from '../temporal/connect.ts';
import { readHistory, type Recorded } from './history.ts';
import { approvals, characters } from './people.ts';
import { buttonsOf, read } from './reading.ts';
import type { SlackMessage } from './slack-double.ts';

const [alice, bob, , , mallory] = characters;
const PATIENCE = 20_000;

/** @returns whether every step held */
export async function playStory({ slack, sandbox, temporal }: Embedded, say: (line: string) => void): Promise<boolean> {
  let failed = 0;
  const holds = (step: string, held: boolean) => {
    say(`${held ? '  ✓' : '  ✗'} ${step}`);
    if (!held) failed += 1;
  };
  const sees = (who: string, what: unknown) => say(`    ${who} sees: ${read(what)}`);
  const until = async <T>(what: string, look: () => T | undefined | false): Promise<T | undefined> => {
    const seen = await slack.until(look, what, PATIENCE).catch(() => undefined);
    holds(what, seen !== undefined);
    return seen;
  };
  const shown = (place: string, text: string | RegExp) => () =>
    slack.messagesIn(place).find((m) => read(m).match(text));
  const aliceDm = `D${alice.user}`;
  const bobDm = `D${bob.user}`;

  say('\n1. Alice asks.');
  const asked = await slack.command({ user: alice.user, text: 'admin for 1h because the deploy is stuck' });
  sees('Alice alone', asked.body);
  const id = /wf_[0-9a-z]{26}/.exec(JSON.stringify(asked.body))?.[0] ?? '';
  holds('she is told what was recorded, with its id', id !== '');
  const card = await until('a card with Approve stands in the channel', () =>
    slack.messagesIn(approvals.id).find((m) => buttonsOf(m).includes('Approve')),
  );
  sees('The channel', card);
  await until('Bob is asked directly', shown(bobDm, 'alice@example.com'));
  await until('Alice has a card of her own', shown(aliceDm, id));

  const clickIn = async (user: string, label: string) => {
    const outcome = await slack.click({ user, channel: approvals.id, label });
    const answer = await outcome.waitForResponse().catch(() => undefined);
    sees(`${user} alone`, answer);
    return read(answer);
  };

  say('\n2. Alice tries to approve her own request.');
  holds('she is refused, and told why', /can't approve it/.test(await clickIn(alice.user, 'Approve')));

  say('\n3. Mallory, who is no approver, tries.');
  holds('he is refused, and told why', /not one of the approvers/.test(await clickIn(mallory.user, 'Approve')));
  holds('nobody has access', sandbox.holders().length === 0);

  say('\n4. Bob approves, and clicks again.');
  const buttons = slack.messagesIn(approvals.id).find((m) => buttonsOf(m).includes('Approve'));
  const [first, second] = await Promise.all([clickIn(bob.user, 'Approve'), clickIn(bob.user, 'Approve')]);
  holds('both clicks are answered', /Recorded/.test(first) && /Recorded|decided/.test(second));
  await until('the card loses its buttons', () => buttonsGone(buttons, slack.messagesIn(approvals.id)));
  await until('access starts', () => sandbox.has(alice.email, 'admin'));
  await until('Alice is told until when', shown(aliceDm, /until/i));
  holds('one grant was made', sandbox.calls.filter(({ verb }) => verb === 'grant').length === 1);
  const story = await slack.command({ user: alice.user, text: `show ${id}` });
  sees('Alice alone', story.body);
  holds('one vote was counted', (read(story.body).match(/approved\./g) ?? []).length === 1);
  sees('The channel', slack.messagesIn(approvals.id)[0]);

  say('\n5. Alice is done.');
  await until("Alice's card has the button", () =>
    slack.messagesIn(aliceDm).find((m) => buttonsOf(m).includes("I'm done")),
  );
  const done = await slack.click({ user: alice.user, channel: aliceDm, label: "I'm done" });
  sees('Alice alone', await done.waitForResponse().catch(() => undefined));
  await until(
    'access ends',
    () => !sandbox.has(alice.email, 'admin') && sandbox.calls.some(({ verb }) => verb === 'revoke'),
  );
  await until('Alice is told', shown(aliceDm, /ended/i));
  await until('the channel card says so', shown(approvals.id, /ended/i));
  sees('The channel', slack.messagesIn(approvals.id)[0]);

  say('\n6. What Temporal recorded.');
  const { names, text } = await closedHistory(temporal, id);
  say(`    ${id}: ${names.length} events: ${names.join(', ')}`);
  holds('the execution completed', names.at(-1) === 'WorkflowExecutionCompleted');
  holds('no name and no reason can be read there', !/alice@example\.com|deploy is stuck/.test(text));

  say(failed === 0 ? '\nEvery step held.\n' : `\n${failed} steps did not hold.\n`);
  return failed === 0;
}

/** Read once the workflow has closed, which it does when everybody has been told. */
async function closedHistory(temporal: TemporalOptions, id: string): Promise<Recorded> {
  for (let tries = 0; ; tries += 1) {
    const recorded = await readHistory(temporal, id);
    if (recorded.names.at(-1)?.startsWith('WorkflowExecution') || tries === 40) return recorded;
    await pause(250);
  }
}

/** The message that had buttons has none now. */
function buttonsGone(before: SlackMessage | undefined, now: SlackMessage[]): boolean {
  return before !== undefined && now.some((m) => m.ts === before.ts && !buttonsOf(m).includes('Approve'));
}
