/** Runs one command that speaks to a server, from what was typed to the number that the process ends with. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientEnvironment, type ClientEnvironment } from '../config/client-environment.ts';
import { type Address, addressOf } from './address.ts';
import { createApi } from './api.ts';
import { ClientError, exit } from './client-error.ts';
import * as commands from './commands.ts';
import { createKeptLogins, type KeptLogins } from './login/kept.ts';
import { logIn, logOut, type SessionDeps, tokenFor } from './login/session.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import type { Fetch } from './exchange.ts';
import type { Verb } from './usage.ts';

/** All that is outside of this program. */
export interface World {
  environment: ClientEnvironment;
  terminal: Terminal;
  fetch: Fetch;
  now: () => number;
  pause: (ms: number) => Promise<void>;
  newId: () => string;
  /** IANA name; left out, the zone of this machine. */
  zone?: string;
}

export interface Typed {
  arguments: readonly string[];
  options: Readonly<Record<string, string | true | undefined>>;
}

export function thisWorld(): World {
  return {
    environment: clientEnvironment(),
    terminal: createTerminal(process.stdout, process.stderr),
    fetch,
    now: Date.now,
    pause: (ms) => sleep(ms),
    newId: randomUUID,
  };
}

export function runCommand(verb: Verb, typed: Typed, world: World = thisWorld()): Promise<number> {
  return ended(world.terminal, async () => {
    const { terminal, fetch: send, pause, newId, zone } = world;
    const session = await sessionFor(typed, world);
    const api = createApi({ address: session.address, token: () => tokenFor(session), fetch: send, pause, newId });
    const drawing = { strong: terminal.strong, zone };
    await perform({ api, terminal, drawing, json: typed.options['json'] === true, pause }, verb, typed);
  });
}

export function runLogin(typed: Typed, world: World = thisWorld()): Promise<number> {
  return ended(world.terminal, async () => {
    const { terminal } = world;
    const session = await sessionFor(typed, world);
    await logIn(session, ({ url, code, whole }) => {
      terminal.print(`Open ${url} and enter ${terminal.strong(code)}`);
      if (whole !== undefined) terminal.print(`or open ${whole}`);
    });
    terminal.print(`You are signed in to ${session.address.server}.`);
    if (session.given !== undefined) terminal.note('ELEVATE_TOKEN is set, and is used instead of this login.');
  });
}

export function runLogout(typed: Typed, world: World = thisWorld()): Promise<number> {
  return ended(world.terminal, async () => {
    const session = await sessionFor(typed, world);
    const was = await logOut(session);
    const { server } = session.address;
    world.terminal.print(was ? `You are signed out of ${server}.` : `You were not signed in to ${server}.`);
  });
}

function perform(client: commands.Client, verb: Verb, { arguments: [first, ...rest], options }: Typed): Promise<void> {
  const cursor = textOf(options['cursor']);
  switch (verb) {
    case 'ask':
      return commands.ask(client, [first ?? '', ...rest]);
    case 'list':
      return commands.list(client, { all: options['all'] === true, ...(cursor === undefined ? {} : { cursor }) });
    case 'show':
      return commands.show(client, first);
    case 'done':
    case 'cancel':
    case 'terminate':
      return commands.end(client, verb, first);
    case 'approvals':
      return commands.approvals(client, cursor === undefined ? {} : { cursor });
    case 'approve':
    case 'deny':
      return commands.decide(client, verb, first ?? '', reasonFrom(rest, textOf(options['reason'])));
    case 'whoami':
      return commands.whoami(client);
    case 'roles':
      return commands.roles(client, first);
    case 'rebuild':
      return commands.rebuildIndex(client, { wait: options['wait'] === true });
  }
}

/** `because the window is closed`, or `--reason "the window is closed"`. */
function reasonFrom([because, ...words]: readonly string[], option: string | undefined): string | undefined {
  if (because === undefined) return option;
  if (option !== undefined || because.toLowerCase() !== 'because' || words.length === 0) {
    throw new ClientError(exit.usage, 'Write the reason after “because”, or as --reason "…".');
  }
  return words.join(' ');
}

async function sessionFor({ options }: Typed, world: World): Promise<SessionDeps> {
  const { environment, fetch: send, now, newId } = world;
  const kept = createKeptLogins(environment.loginsFile, newId);
  const address = await serverFor(textOf(options['url']), environment, kept);
  return { address, given: environment.token, kept, fetch: send, now };
}

async function serverFor(
  said: string | undefined,
  { url, token }: ClientEnvironment,
  kept: KeptLogins,
): Promise<Address> {
  const named = said ?? url;
  if (named !== undefined) return addressOf(named);
  // A token from the environment goes only where it is told to go.
  const [only, ...others] = token === undefined ? await kept.servers() : [];
  if (only !== undefined && others.length === 0) return addressOf(only);
  throw new ClientError(exit.usage, 'Say which server: set ELEVATE_URL, or give --url.');
}

function textOf(option: string | true | undefined): string | undefined {
  return typeof option === 'string' ? option : undefined;
}

/** Says why it ended early; what is no {@link ClientError} is a defect, and thrown on. */
export async function ended(terminal: Terminal, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    terminal.note(error.message);
    return error.exitCode;
  }
}
