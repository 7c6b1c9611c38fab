/**
 * The whole app as people meet it: the run's Temporal server, a SQLite file, a Slack and an access system of our own.
 * Each test asks as somebody new, so that tests share nothing but the approvers.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { inject } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import type { Config } from '../../src/config/config.ts';
import { newKey } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Row } from '../../src/core/ports.ts';
import { type AccessSystem, startAccessSystem } from '../../src/dev/access-system.ts';
import { readHistory } from '../../src/dev/history.ts';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import { type IdentityProvider, startIdentityProvider } from '../../src/dev/identity-provider.ts';
import { type Outcome, type SlackDouble, type SlackMessage, startSlackDouble } from '../../src/dev/slack-double.ts';
import { openStore } from '../../src/store/database.ts';
import { changeFile } from './behind-the-back.ts';
import { createWebClient } from '../../src/slack/web-client.ts';
import type { TemporalOptions } from '../../src/temporal/connect.ts';

export interface Person {
  user: string;
  email: string;
}

/** Somebody's direct messages with Elevate, or a channel. */
export type Place = Person | string;

export const approvals = 'C02APPR';
const shared = 'C03SHARED';
export const team = 'T01ACME';

export const bob: Person = { user: 'U02BOB', email: 'bob@example.com' };
export const carol: Person = { user: 'U03CAROL', email: 'carol@example.com' };
export const dana: Person = { user: 'U04DANA', email: 'dana@example.com' };
/** Known, and an approver of nothing. */
export const mallory: Person = { user: 'U05MALLORY', email: 'mallory@example.com' };

/** Reads everything, and changes nothing. */
export const audrey: Person = { user: 'U06AUDREY', email: 'audrey@example.com' };
export const olga: Person = { user: 'U07OLGA', email: 'olga@example.com' };

/** How long anything may take that takes a moment. Bounds a failing test; a passing one never waits for it. */
export const PATIENCE = 20_000;

/** Answers of the access system are waited for this long, and no longer, so that late ones cost little. */
const PROVIDER_MS = 500;

const yaml = `
server: { port: 0 }
temporal: { task_queue: "\${QUEUE}" }
store: "\${STORE}"
keys: "\${KEYS}"
api: { issuer: "\${ISSUER}", audience: elevate, decide_scope: elevate.decide }
slack:
  workspaces: [${team}]
  signing_secret: "\${SIGNING_SECRET}"
  bot_token: "\${BOT_TOKEN}"
  api_url: "\${API_URL}"
identity: { domains: [example.com] }
operators: { users: [olga@example.com] }
auditors: { users: [audrey@example.com] }
limits: { open_per_person: 3, per_hour: 5 }
groups:
  sre: { users: [bob@example.com, carol@example.com], slack_usergroup: S01SRE }
  few: [dana@example.com]
providers:
  sandbox: { type: webhook, url: "\${SANDBOX_URL}", secret: "\${SANDBOX_SECRET}", inspects: true }
roles:
  admin:
    title: Sandbox administrator
    providers: [sandbox]
    how_to: "sandbox login {role}"
    duration: { default: 1h, max: 4h }
    approval:
      - { name: on-call, approvers: { groups: [sre] }, ask: { slack: [${approvals}], dm: all }, within: 4h }
  pair:
    providers: [sandbox]
    approval:
      - { name: two of us, approvers: { groups: [sre] }, quorum: 2, ask: { slack: [${approvals}], dm: all } }
  staged:
    providers: [sandbox]
    approval:
      - { name: on-call, approvers: { groups: [sre] }, ask: { slack: [${approvals}], dm: all } }
      - { name: data owner, approvers: { users: [dana@example.com] }, ask: { dm: all } }
  own:
    providers: [sandbox]
    self_approval: true
    request: { groups: [sre] }
    approval:
      - { approvers: { groups: [sre] }, ask: { slack: [${approvals}], dm: none } }
  risky:
    providers: [sandbox]
    risk: high
    approval:
      - { approvers: { groups: [sre] }, ask: { slack: [${approvals}], dm: none } }
  hasty:
    providers: [sandbox]
    approval:
      - { approvers: { groups: [sre] }, ask: { slack: [${approvals}], dm: none }, within: 1s }
  open:
    providers: [sandbox]
    approval:
      - { approvers: { groups: [sre] }, ask: { slack: [${shared}], dm: none } }
  closed:
    providers: [sandbox]
    request: { groups: [few] }
    approval:
      - { approvers: { groups: [sre] }, ask: { slack: [${approvals}] } }
  quiet:
    providers: [sandbox]
    reason: { required: false }
    approval:
      - { approvers: { groups: [sre] }, ask: { slack: [${approvals}], dm: none } }
`;

export interface Said extends Outcome {
  /** The answer as it is read: what was acknowledged or, if that was only that it takes longer, what came later. */
  text: string;
  /** The first execution that the answer names, or nothing. */
  id: string;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Of the token; all that deciding needs, if nothing is said. */
  scopes?: string[];
  /** Of the token. */
  groups?: string[];
}

export interface Answer {
  status: number;
  headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect to be there
  body: any;
}

export interface House {
  app: App;
  config: Config;
  slack: SlackDouble;
  sandbox: AccessSystem;
  identityProvider: IdentityProvider;
  temporal: TemporalOptions;
  /** Lines of the log, as they would be written. */
  lines: string[];
  /** Elevate's clock goes on by this much, at once; answers that it remembers get old. */
  goOn(ms: number): void;

  /** A full member whom Elevate has not met. */
  newcomer(account?: Parameters<SlackDouble['addUser']>[0] extends infer A ? Partial<A> : never): Person;
  /** Calls the API with a token of this person, below `/api/v1`. */
  call(person: Pick<Person, 'email'>, request: string, options?: CallOptions): Promise<Answer>;
  /** Types `/elevate text`. */
  ask(person: Person, text: string): Promise<Said>;
  /** Clicks a button of the message in that place which says `about`, and gives the answer as it is read. */
  click(person: Person, label: string, place: Place, about?: string): Promise<string>;
  /** Waits for a message that says all of this, and gives it. Answers for one person alone do not count. */
  sees(place: Place, ...patterns: (string | RegExp)[]): Promise<SlackMessage>;
  /** The messages that are there, as they are read. */
  readIn(place: Place): string[];
  /** Waits until no message about the execution has a button. */
  buttonsGone(id: string, ...people: Person[]): Promise<void>;
  /** Asks, and has Bob and Carol approve as far as they are needed; the access is active then. */
  granted(person: Person, text: string): Promise<Said>;
  /** Clicks Deny, fills in the form, and gives what the form says then. */
  deny(person: Person, place: Place, id: string, reason?: string): Promise<string>;
  /** What a button carries. */
  valueOf(message: SlackMessage | undefined, label: string): string;
  /** Posts a message with one button, as an old or foreign copy of a card would show it; gives its `ts`. */
  showButton(place: string, button: { label: string; actionId: string; value: string }): Promise<string>;
  /** Executions of a person, newest first, as the store has them. */
  executionsOf(person: Person): Promise<Row[]>;
  /** Where an execution stands, as the store has it. */
  stateOf(id: string): Promise<Row['state'] | undefined>;
  /** Waits until the store has an execution in this phase. */
  inPhase(id: string, phase: Row['state']['phase']): Promise<Row>;
  /** Waits until Temporal has closed it, and says how: the last event of its history. */
  ended(id: string): Promise<string>;
  /** What the audit says of an execution, or of everything that is of none. */
  audited(id: string): Promise<{ kind: string; principal?: string; details: Record<string, unknown> }[]>;
  /** Takes an execution's row away, behind the back of everybody. */
  loseRow(id: string): Promise<void>;
  /** The newest audit line of a kind. */
  lastAudited(kind: string): Promise<{ id: string; principal?: string; details: Record<string, unknown> } | undefined>;
  stop(): Promise<void>;
}

export async function openHouse(
  options: {
    temporal?: TemporalOptions;
    adjust?: (config: Config) => Config;
    /** Before the app starts. */
    prepare?: (slack: SlackDouble) => void;
    prepareServer?: NonNullable<Parameters<typeof startApp>[0]['prepareServer']>;
    teamsSignIn?: NonNullable<Parameters<typeof startApp>[0]['teamsSignIn']>;
  } = {},
): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'elevate-house-'));
  const closing: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const close of closing.splice(0)) await close();
  };
  try {
    return await build(folder, (close) => void closing.unshift(close), stop, options);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  folder: string,
  onStop: (close: () => Promise<unknown>) => void,
  stop: () => Promise<void>,
  options: Parameters<typeof openHouse>[0] & {},
): Promise<House> {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const secrets = { signingSecret: randomBytes(24).toString('hex'), botToken: `xoxb-${randomUUID()}` };
  const slack = await startSlackDouble({ ...secrets, team: { id: team, domain: 'acme' }, now });
  onStop(slack.stop);
  for (const { user, email } of [bob, carol, dana, mallory, audrey, olga])
    slack.addUser({ id: user, email, name: nameOf(email) });
  slack.addChannel({ id: approvals });
  slack.addChannel({ id: shared, is_ext_shared: true });
  slack.addUsergroup('S01SRE', []);
  options.prepare?.(slack);

  const identityProvider = await startIdentityProvider({ people: [], audience: 'elevate' });
  onStop(identityProvider.stop);
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const sandbox = await startAccessSystem({ secret });
  onStop(sandbox.stop);
  const store = `sqlite:${join(folder, 'elevate.db')}`;
  const loaded = loadConfig(
    { text: yaml },
    {
      QUEUE: `house-${randomUUID()}`,
      STORE: store,
      KEYS: newKey(),
      ISSUER: identityProvider.issuer,
      SIGNING_SECRET: secrets.signingSecret,
      BOT_TOKEN: secrets.botToken,
      API_URL: slack.apiUrl,
      SANDBOX_URL: sandbox.url,
      SANDBOX_SECRET: secret,
    },
  );
  const config = (options.adjust ?? ((same) => same))(withShortTimeouts(loaded.config));
  const temporal = options.temporal ?? {
    connectionOptions: { address: inject('temporalAddress') },
    namespace: 'default',
  };
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  const { prepareServer, teamsSignIn } = options;
  const app = await startApp({
    config,
    temporal,
    log,
    now,
    ...(prepareServer && { prepareServer }),
    ...(teamsSignIn && { teamsSignIn }),
  });
  onStop(app.stop);
  slack.sendTo(`${app.url}/slack/events`);
  const records = await openStore(config.store);
  onStop(records.close);
  let newcomers = 0;

  const messages = (place: Place) => slack.messagesIn(channelOf(place));
  const says = (message: SlackMessage, patterns: readonly (string | RegExp)[]) => {
    const text = `${message.text}\n${read(message)}`;
    return patterns.every((pattern) => (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)));
  };
  const eventually = async <T>(look: () => Promise<T | undefined>, what: string): Promise<T> => {
    for (let left = PATIENCE; left > 0; left -= 50) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`Waited in vain for ${what}.`);
  };
  const answerTo = async ({ waitForResponse }: Outcome): Promise<string> =>
    read(await waitForResponse((post) => !isStillWorking(read(post)), PATIENCE));

  const house: House = {
    app,
    config,
    slack,
    sandbox,
    identityProvider,
    temporal,
    lines,
    goOn: (ms) => void (ahead += ms),

    newcomer(account = {}) {
      newcomers += 1;
      const name = `nora-${String(newcomers).padStart(3, '0')}`;
      const person = { user: `U1N${newcomers}`, email: `${name}@example.com` };
      slack.addUser({ id: person.user, email: person.email, name: nameOf(person.email), ...account });
      return person;
    },

    async call({ email }, request, { body, headers = {}, scopes = ['elevate.decide'], groups } = {}) {
      const [method = '', path = ''] = request.split(' ');
      const token = await identityProvider.tokenFor(email, { scopes, ...(groups && { groups }) });
      const content = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await fetch(`${app.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...content, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
    },

    async ask({ user }, text) {
      const outcome = await slack.command({ user, text });
      const acknowledged = read(outcome.body);
      const answer = isStillWorking(acknowledged) ? await answerTo(outcome) : acknowledged;
      const id = /wf_[0-9a-z]{26}/.exec(answer)?.[0] ?? '';
      return { ...outcome, text: answer, id };
    },

    async click({ user }, label, place, about = '') {
      const message = slack
        .messagesIn(channelOf(place), user)
        .findLast((each) => says(each, [about]) && buttonsOf(each).includes(label));
      if (message === undefined) throw new Error(`${user} sees no button ${label} about "${about}".`);
      return answerTo(await slack.click({ user, label, channel: channelOf(place), ts: message.ts }));
    },

    async sees(place, ...patterns) {
      try {
        return await slack.until(() => messages(place).findLast((each) => says(each, patterns)), 'it', PATIENCE);
      } catch {
        const there = messages(place).map(read).join('\n---\n');
        throw new Error(`Nothing in ${channelOf(place)} says ${patterns.join(' and ')}. There:\n${there}`);
      }
    },

    readIn: (place) => messages(place).map(read),

    async buttonsGone(id, ...people) {
      const places: Place[] = [approvals, bob, carol, dana, ...people];
      const living = () => places.flatMap(messages).filter((each) => says(each, [id]) && buttonsOf(each).length > 0);
      await slack.until(() => living().length === 0, `no button about ${id}`, PATIENCE);
    },

    async granted(person, text) {
      const said = await house.ask(person, text);
      await house.sees(approvals, said.id, '[Approve]');
      await house.click(bob, 'Approve', approvals, said.id);
      if (text.startsWith('pair')) await house.click(carol, 'Approve', approvals, said.id);
      await house.inPhase(said.id, 'active');
      return said;
    },

    async deny({ user }, place, id, reason) {
      const message = await house.sees(place, id, '[Deny]');
      await slack.click({ user, label: 'Deny', channel: message.channel, ts: message.ts });
      await slack.until(() => slack.modal(user)?.view['callback_id'] === 'reason', 'the form', PATIENCE);
      await slack.submit({ user, ...(reason === undefined ? {} : { fill: { reason } }) });
      return read(slack.modal(user)?.view);
    },

    valueOf(message, label) {
      const elements = (message?.blocks ?? []).flatMap(({ elements: found = [] }) => found as Element[]);
      return elements.find(({ text }) => text?.text === label)?.value ?? '';
    },

    async showButton(channel, { label, actionId, value }) {
      const { slack: slackConfig } = config;
      if (slackConfig === undefined) throw new Error('no chat is configured');
      const text = { type: 'plain_text', text: label };
      const blocks = [{ type: 'actions', elements: [{ type: 'button', text, action_id: actionId, value }] }];
      const client = createWebClient(slackConfig, log);
      const posted = await client.apiCall('chat.postMessage', { channel, text: 'A copy of a card.', blocks });
      return (posted as { ts?: string }).ts ?? '';
    },

    executionsOf: ({ email }) => records.executions.ofOwner(email, { limit: 50 }),
    stateOf: async (id) => (await records.executions.get(id))?.state,
    inPhase: (id, phase) =>
      eventually(async () => {
        const row = await records.executions.get(id);
        return row?.state.phase === phase ? row : undefined;
      }, `${id} to be ${phase}`),
    ended: (id) =>
      eventually(async () => {
        const last = (await readHistory(temporal, id)).names.at(-1);
        return last?.match(/^WorkflowExecution(Completed|Failed|Canceled|Terminated)$/) ? last : undefined;
      }, `${id} to end`),
    audited: (id) => records.audit.of(id),
    loseRow: (id) => changeFile(config.store, `delete from executions where id = '${id}'`),
    lastAudited: (kind) => records.audit.last(kind),
    stop,
  };
  // The first caller would otherwise meet a server that has not read the issuer's keys yet.
  await eventually(async () => {
    const { status } = await house.call(bob, 'GET /whoami');
    return status === 503 ? undefined : status;
  }, 'the API to know its issuer');
  return house;
}

interface Element {
  text?: { text?: string };
  value?: string;
}

function channelOf(place: Place): string {
  return typeof place === 'string' ? place : `D${place.user}`;
}

function nameOf(email: string): string {
  const [name = ''] = email.split('@');
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function isStillWorking(text: string): boolean {
  return text.startsWith('Still working');
}

function withShortTimeouts(config: Config): Config {
  const providers = Object.entries(config.providers).map(([name, provider]) => [
    name,
    { ...provider, timeoutMs: PROVIDER_MS },
  ]);
  return { ...config, providers: Object.fromEntries(providers) as Config['providers'] };
}
