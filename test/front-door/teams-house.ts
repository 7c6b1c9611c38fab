/** The House with a Teams beside its Slack: the same app, the same people, and every approvers' channel in both. */
import type { Config } from '../../src/config/config.ts';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import { type ShownMessage, startTeamsDouble, type TeamsDouble } from '../../src/dev/teams-double.ts';
import { teamsConfig } from '../samples.ts';
import { approvals, bob, carol, dana, type House, mallory, openHouse, PATIENCE, type Person } from './house.ts';

/** Somebody with an account in Teams; `user` is their Entra object id. */
export type TeamsPerson = Person;

/** A conversation by its id, or somebody's chat with Elevate. */
type TeamsPlace = TeamsPerson | string;

export const teamsTenant = '0ac3e000-0000-4000-8000-000000000001';
export const teamsApp = '0e1e7a7e-0000-4000-8000-000000000002';
export const teamsApprovals = '19:approvals@thread.tacv2';
export const teamsShared = '19:shared@thread.tacv2';

/** Who is in both chats, as they are in Teams. */
export const inTeams = {
  bob: { user: 'b0b00000-0000-4000-8000-000000000000', email: bob.email },
  carol: { user: 'ca201000-0000-4000-8000-000000000000', email: carol.email },
  dana: { user: 'da2a0000-0000-4000-8000-000000000000', email: dana.email },
  mallory: { user: '3a110200-0000-4000-8000-000000000000', email: mallory.email },
};

/** After a fault it is tried again at most this much later. Bounds a failing test; a passing one never waits for it. */
const CATCHING_UP = 2 * PATIENCE;

interface TeamsSaid {
  /** The answer as it is read. */
  text: string;
  buttons: string[];
  /** The first execution that it names, or nothing. */
  id: string;
  outcome: Awaited<ReturnType<TeamsDouble['command']>>;
}

export interface TeamsHouse extends House {
  teams: TeamsDouble;
  /** A member whom Elevate has not met, with the app in their personal chat. @param of somebody who is in Slack already */
  newInTeams(of?: Person, account?: Partial<Parameters<TeamsDouble['addUser']>[0]>): TeamsPerson;
  /** Types `/elevate text` in their own chat with Elevate. @param says how the answer is known where other messages come too */
  askTeams(person: TeamsPerson, text: string, says?: RegExp): Promise<TeamsSaid>;
  /** Clicks a button of the message there which says `about`, and gives what they are told. */
  clickTeams(
    person: TeamsPerson,
    label: string,
    place: TeamsPlace,
    about?: string,
    inputs?: Record<string, string>,
  ): Promise<string>;
  /** Waits for a message that says all of this, and gives it. */
  seesTeams(place: TeamsPlace, ...patterns: (string | RegExp)[]): Promise<ShownMessage>;
  /** The messages that are there, as they are read. */
  readTeams(place: TeamsPlace): string[];
  /** Waits until no message in Teams about the execution has a button. */
  buttonsGoneInTeams(id: string, ...places: TeamsPlace[]): Promise<void>;
}

export async function openTeamsHouse(
  options: {
    adjust?: (config: Config) => Config;
    /** Before the app starts. */
    prepareTeams?: (teams: TeamsDouble) => void;
    /** Nobody has added the app yet. */
    uninstalled?: boolean;
  } = {},
): Promise<TeamsHouse> {
  const { adjust = (same) => same, prepareTeams, uninstalled = false } = options;
  const teams = await startTeamsDouble({ tenant: teamsTenant, appId: teamsApp });
  for (const [name, { user, email }] of Object.entries(inTeams))
    teams.addUser({ id: user, name: nameOf(name), upn: email, email });
  teams.addChannel({ id: teamsApprovals, name: 'approvals' });
  teams.addChannel({ id: teamsShared, name: 'shared', channelType: 'shared' });
  prepareTeams?.(teams);
  const house = await openHouse({
    adjust: (config) => adjust(withTeams(config, teams)),
    teamsSignIn: teams.token,
  }).catch(async (error: unknown) => {
    await teams.stop();
    throw error;
  });
  teams.sendTo(`${house.app.url}/api/messages`);
  if (!uninstalled) {
    await teams.install({ user: inTeams.bob.user, conversation: teamsApprovals });
    await teams.install({ user: inTeams.bob.user, conversation: teamsShared });
    for (const { user } of Object.values(inTeams)) await teams.install({ user });
  }
  let newcomers = 0;

  const idOf = (place: TeamsPlace) => (typeof place === 'string' ? place : teams.personal(place.user));
  const says = (message: ShownMessage, patterns: readonly (string | RegExp)[]) => {
    const text = `${message.summary}\n${read(message)}`;
    return patterns.every((pattern) => (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)));
  };

  const own: Omit<TeamsHouse, keyof House> = {
    teams,

    newInTeams(of, account = {}) {
      newcomers += 1;
      const number = String(newcomers).padStart(3, '0');
      const email = of?.email ?? `tara-${number}@example.com`;
      const person = { user: `7a2a0${number}-0000-4000-8000-000000000000`, email };
      const [name = ''] = email.split('@');
      teams.addUser({ id: person.user, upn: email, email, name: nameOf(name), ...account });
      return person;
    },

    async askTeams({ user }, text, pattern = /^(?!Still working)/) {
      const outcome = await teams.command({ user, text });
      const reply = await outcome
        .waitForReply((message) => pattern.test(read(message)), PATIENCE)
        .catch(() => {
          throw new Error(
            `“${text}” is not answered with ${pattern}, but: ${outcome.replies().map(read).join('\n---\n')}`,
          );
        });
      const said = read(reply);
      return { text: said, buttons: buttonsOf(reply), id: /wf_[0-9a-z]{26}/.exec(said)?.[0] ?? '', outcome };
    },

    async clickTeams({ user }, label, place, about = '', inputs = {}) {
      const conversation = idOf(place);
      const message = teams
        .messagesIn(conversation, user)
        .findLast((each) => says(each, [about]) && buttonsOf(each).includes(label));
      if (message === undefined) throw new Error(`${user} sees no button ${label} about "${about}".`);
      const outcome = await teams.click({ user, conversation, label, inputs, message: message.id });
      if (outcome.problems.length > 0) throw new Error(outcome.problems.join(', '));
      const told = read({ text: outcome.told, card: outcome.card });
      if (!told.startsWith('Still working')) return told;
      return read(await outcome.waitForReply((each) => /^(?:Recorded|This|You |Only)/.test(read(each)), PATIENCE));
    },

    async seesTeams(place, ...patterns) {
      const look = () => teams.messagesIn(idOf(place)).findLast((each) => says(each, patterns));
      try {
        return await teams.until(look, 'it', CATCHING_UP);
      } catch {
        const there = teams.messagesIn(idOf(place)).map(read).join('\n---\n');
        throw new Error(`Nothing in ${idOf(place)} says ${patterns.join(' and ')}. There:\n${there}`);
      }
    },

    readTeams: (place) => teams.messagesIn(idOf(place)).map(read),

    async buttonsGoneInTeams(id, ...places) {
      const all: TeamsPlace[] = [teamsApprovals, ...Object.values(inTeams), ...places];
      const shown = () => all.flatMap((place) => teams.messagesIn(idOf(place)));
      const living = () => shown().filter((each) => says(each, [id]) && buttonsOf(each).length > 0 && !isAnswer(each));
      await teams.until(() => living().length === 0, `no button about ${id}`, PATIENCE);
    },
  };
  return {
    ...house,
    ...own,
    async stop() {
      await house.stop();
      await teams.stop();
    },
  };
}

/** Everybody is in one directory, and whoever is asked in a channel of Slack is asked in the one of Teams too. */
function withTeams(config: Config, { tenant, appId, endpoints, serviceUrl }: TeamsDouble): Config {
  const channels = new Map([
    [approvals, teamsApprovals],
    ['C03SHARED', teamsShared],
  ]);
  const asking = ({ slack = [] }: Record<string, string[]>) => ({
    ...(slack.length > 0 && { slack, teams: slack.flatMap((channel) => channels.get(channel) ?? []) }),
  });
  const roles = Object.entries(config.roles).map(([name, role]) => [
    name,
    {
      ...role,
      approval: role.approval.map((stage) => ({
        ...stage,
        ask: { ...stage.ask, channels: asking(stage.ask.channels) },
      })),
    },
  ]);
  return {
    ...config,
    identity: { ...config.identity, oneDirectory: true },
    roles: Object.fromEntries(roles) as Config['roles'],
    teams: teamsConfig({
      tenants: [tenant],
      appId,
      endpoints,
      standardEndpoints: false,
      serviceHosts: [new URL(serviceUrl).hostname],
      serviceUrl,
    }),
  };
}

/** Answers stay as they were: nobody keeps them up to date. */
function isAnswer(message: ShownMessage): boolean {
  return /^(?:Recorded|You have asked|Which one)|asked\.$/m.test(read(message));
}

function nameOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
