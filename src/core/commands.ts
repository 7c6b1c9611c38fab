/** What people say to Elevate in a chat, and what it answers: the same in every chat, never an exception. */
import type { Offer } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import type { Card, Reply, Text } from './card.ts';
import { type Command, HELP, parseCommand, type Vocabulary } from './command.ts';
import { choose, type Purpose } from './choose.ts';
import { durationWords, listed, say } from './words.ts';
import { ElevateError } from './errors.ts';
import type { Caller, Executions } from './executions.ts';
import { mayAsk } from './policy/ask.ts';
import type { Clock, Ids, Log, Row } from './ports.ts';
import { persistently } from './persist.ts';
import { sentenceFor } from './sentences.ts';
import { standingOf } from './states.ts';
import { storyLine } from './story.ts';
import { cardFor, listLine } from './view.ts';

export interface Commands {
  /** Answers a typed command. Every failure that people can cause or meet becomes a reply; a defect is thrown. */
  run(text: string, caller: Caller): Promise<Reply>;
  /** Takes up an offer (a button's token). */
  take(token: string, caller: Caller, extra: { reason?: string }): Promise<Reply>;
}

export interface CommandsDeps {
  executions: Executions;
  config: Pick<Config, 'roles' | 'workflows'>;
  ids: Pick<Ids, 'hash'>;
  now: Clock;
  /** Waits; an argument so that tests need not. */
  pause: (ms: number) => Promise<void>;
  log: Log;
}

const LIST_AT_MOST = 15;
const APPROVALS_AT_MOST = 20;

export function createCommands({ executions, config, ids, now, pause, log }: CommandsDeps): Commands {
  const vocabulary: Vocabulary = {
    roles: Object.keys(config.roles),
    providers: Object.fromEntries(Object.entries(config.roles).map(([name, role]) => [name, role.providers])),
    workflows: Object.keys(config.workflows),
  };
  /** What was not recorded for want of Temporal is tried again under the same name, so it counts once (P5). */
  const persist = <T>(work: () => Promise<T>) => persistently(work, { now, pause });

  return {
    run: (text, caller) => answered(() => answer(parseCommand(text, vocabulary), caller)),
    take: (token, { actor }, extra) =>
      answered(async () => {
        const taken = await persist(() => executions.signal(actor, { token, ...extra }));
        return words(takenText(taken.offer, taken.row));
      }),
  };

  async function answered(work: () => Promise<Reply>): Promise<Reply> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ElevateError)) throw error;
      log.info({ code: error.code, reason: error.details.reason, cause: causeOf(error) }, 'told a person why not');
      return words(sentenceFor(error));
    }
  }

  function answer(command: Command, caller: Caller): Promise<Reply> {
    switch (command.verb) {
      case 'ask':
        return ask(command, caller);
      case 'list':
        return list(caller, command.all);
      case 'show':
        return onOne(caller, 'show', command.id, (id) => show(caller, id));
      case 'cancel':
        return onOne(caller, 'cancel', command.id, async (id) => {
          await persist(() => executions.cancel(caller.actor, id));
          return words(say`Recorded: ${{ code: id }} is being withdrawn. What was given is taken back first.`);
        });
      case 'done':
        return onOne(caller, 'done', command.id, async (id) => {
          await persist(() =>
            executions.signal(caller.actor, { execution: id, what: 'release', delivery: caller.delivery }),
          );
          return words(say`Recorded: you are done with ${{ code: id }}. The access is being taken back.`);
        });
      case 'terminate':
        return onOne(caller, 'terminate', command.id, async (id) => {
          await persist(() => executions.terminate(caller.actor, id));
          return words(say`Recorded: ${{ code: id }} is being ended by force. What was given is taken back.`);
        });
      case 'approvals':
        return approvals(caller);
      case 'whoami':
        return whoami(caller);
      case 'roles':
        return roles(caller, command.word);
      case 'help':
        return Promise.resolve(reply(HELP.map(({ typed, does }) => say`${{ code: typed }} ${does}`)));
      case 'mistake':
        return Promise.resolve(words(say`${command.problem.sentence} Try: ${{ code: command.suggestion }}`));
    }
  }

  async function ask(command: Command & { verb: 'ask' }, caller: Caller): Promise<Reply> {
    if (command.input.role === undefined) {
      return words(
        say`Say what you need: ${{ code: HELP[0]?.typed ?? '' }} See what there is with ${{ code: '/elevate roles' }}.`,
      );
    }
    const wish = { workflow: command.workflow, input: command.input };
    const { row, repeated } = await persist(() => executions.create(caller, wish));
    const lead = repeated
      ? say`You have asked for this already; here is where it stands.`
      : say`Recorded. You are told of every change.`;
    // An answer stays as it is: the buttons are on the message that is kept up to date.
    const card = { ...cardFor(row.input, row.state, { kind: 'requester' }, ids), actions: [] };
    return { paragraphs: [lead], cards: [card] };
  }

  async function list(caller: Caller, all: boolean): Promise<Reply> {
    const rows = await executions.own(caller.actor, { ...(all ? {} : { open: true }), limit: LIST_AT_MOST });
    if (rows.length === 0)
      return words(all ? say`You have not asked for anything yet.` : say`You have no open requests.`);
    return reply(rows.map(listLine));
  }

  async function show(caller: Caller, id: string): Promise<Reply> {
    const { row, story, viewer } = await executions.get(caller.actor, id);
    const stage = row.state.phase === 'awaiting_approval' ? row.state.stage : 0;
    const card = cardFor(
      row.input,
      row.state,
      viewer === 'approver' ? { kind: 'approver', stage } : { kind: 'requester' },
      ids,
    );
    return { paragraphs: story.map(storyLine), cards: [card] };
  }

  /** Answers for the one execution that is meant, or offers those that may be. */
  async function onOne(
    caller: Caller,
    purpose: Purpose,
    part: string | undefined,
    act: (id: string) => Promise<Reply>,
  ): Promise<Reply> {
    const chosen = await choose(purpose, part, (filter) => executions.own(caller.actor, filter));
    if ('id' in chosen) return act(chosen.id);
    if (chosen.several.length === 0) return words(chosen.nothing);
    return { paragraphs: [say`Which one?`], cards: chosen.several.map((row) => choiceCard(row, purpose)) };
  }

  async function approvals(caller: Caller): Promise<Reply> {
    const { rows } = await executions.approvals(caller.actor, { limit: APPROVALS_AT_MOST });
    const cards = rows.flatMap(({ input, state }) =>
      state.phase === 'awaiting_approval' ? [cardFor(input, state, { kind: 'approver', stage: state.stage }, ids)] : [],
    );
    return cards.length === 0 ? words(say`Nothing waits for you.`) : { paragraphs: [], cards };
  }

  async function whoami(caller: Caller): Promise<Reply> {
    const person = await executions.whoami(caller.actor);
    const how = person.linked ? 'linked by an operator' : 'by the confirmed e-mail address of this account';
    const groups = person.groups.length === 0 ? 'no groups' : listed(person.groups);
    return words(say`You are ${{ person }}, ${how}. Groups: ${groups}.`);
  }

  async function roles(caller: Caller, word: string | undefined): Promise<Reply> {
    const person = await executions.whoami(caller.actor);
    const lines = Object.entries(config.roles)
      .filter(([name, role]) => mayAsk(role, person) && matches(word, name, role.title))
      .map(([name, role]) => roleLine(name, role));
    if (lines.length > 0) return reply(lines);
    return words(
      word === undefined
        ? say`There is nothing that you may ask for.`
        : say`Nothing that you may ask for is called ${word}.`,
    );
  }
}

/** The words of a cause without its fields, which may quote what somebody sent (P7). */
function causeOf({ cause }: ElevateError): string | undefined {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined;
}

function takenText(offer: Offer, { state, input }: Row): Text {
  const what = say`${{ person: input.request.requester }}: ${input.request.items.map(({ role, provider }) => `${role} on ${provider}`).join(', ')}`;
  if (offer.what === 'release') return say`Recorded: you are done. The access is being taken back.`;
  const choice = offer.what === 'decision' && offer.data.choice === 'deny' ? 'Deny' : 'Approve';
  if (state.phase !== 'awaiting_approval') {
    return say`This was decided before your click: ${standingOf(state).label.toLowerCase()}. The card shows where it stands.`;
  }
  if (offer.what === 'decision' && offer.data.stage < state.stage) {
    return say`This stage was decided before your click. The card shows where it stands.`;
  }
  return say`Recorded: ${choice}, for ${what}. The card shows the outcome in a moment.`;
}

function choiceCard(row: Row, purpose: Purpose): Card {
  const { id } = row.input.request;
  const label = { show: 'Show', cancel: 'Cancel', done: "I'm done", terminate: 'Terminate' }[purpose];
  return {
    summary: `${label} ${id}?`,
    title: row.input.request.items.map(({ role, provider }) => `${role} on ${provider}`).join(', '),
    status: listLine(row),
    facts: [],
    quote: undefined,
    notes: [],
    actions: [{ kind: 'command', label, spoken: `${label} ${id}`, style: 'default', command: `${purpose} ${id}` }],
  };
}

function matches(word: string | undefined, name: string, title: string): boolean {
  return word === undefined || [name, title].some((text) => text.toLowerCase().includes(word.toLowerCase()));
}

function roleLine(name: string, role: Config['roles'][string]): Text {
  const deciders = role.approval.map(
    ({ approvers, quorum }) => `${quorum} of ${[...approvers.groups, ...approvers.users].join(', ')}`,
  );
  return say`${{ code: name }} ${role.title}, on ${role.providers.join(', ')}, up to ${durationWords(role.duration.maxMs)}. Decided by ${deciders.join(', then ')}.`;
}

function words(text: Text): Reply {
  return reply([text]);
}

function reply(paragraphs: Text[]): Reply {
  return { paragraphs, cards: [] };
}
