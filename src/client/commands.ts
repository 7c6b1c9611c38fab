/** The commands over the API, one function each. All answer on the terminal, and throw a {@link ClientError}. */
import { type Command, HELP, parseCommand } from '../core/command.ts';
import type { Api, Page, Said } from './api.ts';
import { chooseApproval, chooseExecution, type Purpose } from './choose.ts';
import { ClientError, exit } from './client-error.ts';
import type { Drawing } from './drawing.ts';
import { approvalLines, detailLines, executionLines, meLines, rebuildingLine, roleLines } from './drawing.ts';
import { askCommand, decisionCommand, shellCommand } from './shell-words.ts';
import type { Rebuilding } from './shapes.ts';
import { tableLines } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What a command works with. */
export interface Client {
  api: Api;
  terminal: Terminal;
  drawing: Drawing;
  /** Answers are the API's JSON, one document, instead of text. */
  json: boolean;
  pause: (ms: number) => Promise<void>;
}

const pollMs = 2_000;

/** What was typed in the grammar of the chats: a request, or any other command of it. */
export async function ask(client: Client, words: readonly string[]): Promise<void> {
  const typed = words.join(' ');
  const decision = decisionCommand(typed);
  if (decision !== undefined) throw new ClientError(exit.usage, `A decision is a command of its own. Try: ${decision}`);
  const { is: known } = await client.api.roles();
  const command = parseCommand(typed, {
    roles: known.map(({ name }) => name),
    providers: Object.fromEntries(known.map(({ name, providers }) => [name, providers])),
    workflows: ['default'],
  });
  switch (command.verb) {
    case 'ask':
      return create(client, command);
    case 'list':
      return list(client, { all: command.all });
    case 'show':
      return show(client, command.id);
    case 'done':
    case 'cancel':
    case 'terminate':
      return end(client, command.verb, command.id);
    case 'approvals':
      return approvals(client, {});
    case 'whoami':
      return whoami(client);
    case 'roles':
      return roles(client, command.word);
    case 'help':
      return helpLines().forEach((line) => client.terminal.print(line));
    case 'mistake':
      throw new ClientError(exit.usage, `${command.problem.sentence} Try: ${shellCommand(command.suggestion)}`);
  }
}

function helpLines(): string[] {
  return tableLines(HELP.map(({ typed, does }) => [askCommand(typed), does.replace(/\/elevate .*$/, shellCommand)]));
}

async function create(client: Client, { workflow, input }: Command & { verb: 'ask' }): Promise<void> {
  if (input.role === undefined) {
    const example = 'elevate ask "admin on aws-prod for 1h because deploy is stuck"';
    throw new ClientError(exit.usage, `Say what you need, as in: ${example}\nSee what there is with: elevate roles`);
  }
  const said = await client.api.create({ workflow, input });
  const lead = said.is.repeated ? 'You have asked for this already' : 'Recorded';
  answer(client, said, () => [`${lead}: ${said.is.id}`, `See where it stands with: elevate show ${said.is.id}`]);
}

export async function list(client: Client, { all, cursor }: { all?: boolean; cursor?: string }): Promise<void> {
  const status = all === true ? 'all' : 'running';
  const said = await client.api.list({ status, ...(cursor === undefined ? {} : { cursor }) });
  const { rows } = said.is;
  const none = all === true ? 'You have not asked for anything yet.' : 'You have no open requests.';
  answer(client, said, () => (rows.length === 0 ? [none] : executionLines(rows, client.drawing)));
  noteOn(said.is, client, `elevate list${all === true ? ' --all' : ''}`);
}

export async function show(client: Client, id: string | undefined): Promise<void> {
  const said = await client.api.get(await chooseExecution(client.api, 'show', id, client.drawing));
  answer(client, said, () => detailLines(said.is, client.drawing));
}

const endings: Record<Exclude<Purpose, 'show'>, (id: string) => string> = {
  done: (id) => `Recorded: you are done with ${id}. The access is being taken back.`,
  cancel: (id) => `Recorded: ${id} is being withdrawn. What was given is taken back first.`,
  terminate: (id) => `Recorded: ${id} is being ended by force. What was given is taken back.`,
};

export async function end(client: Client, how: keyof typeof endings, typed: string | undefined): Promise<void> {
  const { api } = client;
  const id = await chooseExecution(api, how, typed, client.drawing);
  const said = how === 'done' ? await api.release(id) : await api.end(id, how);
  answer(client, said, () => [endings[how](id)]);
}

export async function approvals(client: Client, { cursor }: { cursor?: string }): Promise<void> {
  const said = await client.api.approvals(cursor);
  const { rows } = said.is;
  answer(client, said, () => (rows.length === 0 ? ['Nothing waits for you.'] : approvalLines(rows, client.drawing)));
  noteOn(said.is, client, 'elevate approvals');
}

/** Takes up a fresh offer, so the decision is for what is asked now. */
export async function decide(
  client: Client,
  choice: 'approve' | 'deny',
  typed: string,
  reason: string | undefined,
): Promise<void> {
  const approval = await chooseApproval(client.api, typed, client.drawing);
  const token = approval[choice];
  if (token === undefined) throw new ClientError(exit.refused, `${approval.id} can't be decided here.`);
  const said = await client.api.decide(approval.id, token, reason);
  const { requester, about, duration } = approval;
  const what = `${about}${duration === '' ? '' : ` for ${duration}`}`;
  answer(client, said, () => [`Recorded: ${choice}, for ${requester}: ${what}.`]);
}

export async function whoami(client: Client): Promise<void> {
  const said = await client.api.whoami();
  answer(client, said, () => meLines(said.is));
}

/** With a word: those whose name or title has it. The JSON is whole. */
export async function roles(client: Client, word: string | undefined): Promise<void> {
  const said = await client.api.roles();
  const part = word?.toLowerCase() ?? '';
  const fitting = said.is.filter(({ name, title }) => [name, title].some((text) => text.toLowerCase().includes(part)));
  const none =
    word === undefined ? 'There is nothing that you may ask for.' : 'Nothing that you may ask for is called so.';
  answer(client, said, () => (fitting.length === 0 ? [none] : roleLines(fitting, client.drawing)));
}

/** @param options.wait until it is over, and fail if it failed */
export async function rebuildIndex(client: Client, { wait }: { wait?: boolean }): Promise<void> {
  const begun = await client.api.rebuildIndex();
  const said = wait === true ? await untilOver(client, begun) : begun;
  answer(client, said, () => [rebuildingLine(said.is)]);
  if (wait === true && said.is.status !== 'completed')
    throw new ClientError(exit.refused, 'The index was not rebuilt.');
}

async function untilOver({ api, pause }: Client, begun: Said<Rebuilding>): Promise<Said<Rebuilding>> {
  let said = begun;
  while (said.is.status === 'running') {
    await pause(pollMs);
    said = await api.indexRebuild();
  }
  return said;
}

/** What a page says beside its rows. */
function noteOn({ next, stale }: Page<unknown>, { json, terminal }: Client, command: string): void {
  if (json) return;
  if (stale) terminal.note('What changed lately may not be here yet: Temporal does not answer at the moment.');
  if (next !== undefined) terminal.note(`More: ${command} --cursor ${next}`);
}

function answer({ json, terminal }: Client, said: Said<unknown>, lines: () => readonly string[]): void {
  if (json) terminal.printJson(said.json);
  else lines().forEach((line) => terminal.print(line));
}
