/** Parity: whatever the code knows to be said, clicked or shown is the same in every chat. The tables are made from the code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry, Outcome, Stage, State } from '../../workflows/contract.ts';
import type { Config } from '../../src/config/config.ts';
import { type Command, HELP, parseCommand } from '../../src/core/command.ts';
import { verbs } from '../../src/core/command-words.ts';
import type { Rooms } from '../../src/app/rooms.ts';
import { outcomes, phases, standingOf } from '../../src/core/states.ts';
import { minute, sampleEntries, sampleInput, sampleStage, sampleState, sampleTime, sampleVote } from '../samples.ts';
import { type OpenChat, openSlackChat, openTeamsChat } from './both-chats.ts';
import { approvals, bob, type Person } from './house.ts';
import { impersonal } from './same-words.ts';
import { inTeams, openTeamsHouse, teamsApprovals, type TeamsHouse } from './teams-house.ts';

type Verb = Command['verb'];
/** As many as `startApp` opens. */
type Platform = keyof Rooms;

/** What really happened, by row and column. */
type Table = Record<string, Record<string, string>>;

function printed(title: string, table: Table): void {
  const columns = [...new Set(Object.values(table).flatMap(Object.keys))];
  const rows = Object.entries(table).map(([row, cells]) => [row, ...columns.map((column) => cells[column] ?? '')]);
  console.info([title, ['', ...columns], ...rows].map((row) => [row].flat().join(' | ')).join('\n'));
}

function emptyCells(table: Table, rows: readonly string[], columns: readonly string[]): string[][] {
  return rows.flatMap((row) => columns.filter((column) => !table[row]?.[column]).map((column) => [row, column]));
}

const short = (text: string) => (text.length > 70 ? `${text.slice(0, 69)}…` : text);

const everywhere: Record<Platform, true> = { slack: true, teams: true };
const platforms = Object.keys(everywhere) as Platform[];
const idIn = (text: string) => /wf_[0-9a-z]{26}/.exec(text)?.[0] ?? '';
const allTheSame = (results: readonly unknown[]) => results.forEach((result) => expect(result).toEqual(results[0]));

describe('verbs and buttons', () => {
  let house: TeamsHouse;
  beforeAll(async () => {
    house = await openTeamsHouse({ adjust: quietly });
  });
  afterAll(() => house.stop());

  /** Nobody is asked in Teams for `quiet`: Teams takes only so much in one channel in half a minute. */
  function quietly(config: Config): Config {
    const { quiet, ...roles } = config.roles;
    if (quiet === undefined) throw new Error('there is no such role');
    const approval = quiet.approval.map((stage) => ({
      ...stage,
      ask: { channels: { slack: [approvals] }, dm: 'none' as const },
    }));
    return { ...config, roles: { ...roles, quiet: { ...quiet, approval } } };
  }

  /** Somebody new in one of the chats. */
  interface Visitor {
    platform: Platform;
    person: Person;
    /** Types, and reads the answer. */
    types(text: string, says?: RegExp): Promise<string>;
    /** Waits for their own chat to say so. */
    sees(...patterns: (string | RegExp)[]): Promise<unknown>;
    /** Clicks in their own chat, or as an approver in the channel. */
    clicks(label: string, id: string): Promise<string>;
  }

  const visitors: Record<Platform, () => Visitor> = {
    slack() {
      const person = house.newcomer();
      return {
        platform: 'slack',
        person,
        types: async (text) => (await house.ask(person, text)).text,
        sees: (...patterns) => house.sees(person, ...patterns),
        clicks: (label, id) => house.click(person, label, person, id),
      };
    },
    teams() {
      const person = house.newInTeams();
      return {
        platform: 'teams',
        person,
        types: async (text, says) => (await house.askTeams(person, text, says)).text,
        sees: (...patterns) => house.seesTeams(person, ...patterns),
        clicks: (label, id) => house.clickTeams(person, label, person, id),
      };
    },
  };
  /** What they asked for stands in their own chat, so that nothing else is on its way there. */
  async function asked({ types, sees }: Visitor): Promise<string> {
    const id = idIn(await types('quiet for 1h because I need to look', /^Recorded/));
    await sees(/\nWaiting for approval: quiet on sandbox\n/, id);
    return id;
  }

  async function granted(visitor: Visitor): Promise<string> {
    const id = await asked(visitor);
    await house.sees(approvals, id, '[Approve]');
    await house.click(bob, 'Approve', approvals, id);
    await visitor.sees(id, "[I'm done]");
    await visitor.sees('You have quiet on sandbox until');
    return id;
  }

  interface Play {
    typed: string;
    prepare?: (visitor: Visitor) => Promise<string>;
    /** How the answer begins, where other messages come too. */
    says?: RegExp;
    /** What became of what was prepared or asked. */
    becomes?: keyof typeof phases | Outcome;
  }

  const ending = (typed: string, becomes: Outcome, prepare = asked): Play[] => [
    { typed, prepare, says: /^Recorded/, becomes },
    { typed },
    { typed: `${typed} wf_00000000000000000000000000` },
    { typed: `${typed} zz` },
  ];

  /** No verb of the grammar can be left out: the type names them all. */
  const plays: Record<Verb, Play[]> = {
    ask: [
      { typed: 'quiet for 1h because I need to look', says: /^Recorded/, becomes: 'awaiting_approval' },
      { typed: '' },
      { typed: 'quiet for 1h because I need to look', prepare: asked, says: /^You have asked/ },
      { typed: 'admin' },
      { typed: 'closed because I need to look' },
    ],
    list: [{ typed: 'list' }, { typed: 'list', prepare: asked }, { typed: 'list all', prepare: asked }],
    show: [{ typed: 'show' }, { typed: 'show', prepare: asked }, { typed: 'show wf_00000000000000000000000000' }],
    roles: [{ typed: 'roles' }, { typed: 'roles admin' }, { typed: 'roles nonsense' }],
    approvals: [{ typed: 'approvals' }],
    whoami: [{ typed: 'whoami' }],
    help: [{ typed: 'help' }],
    done: ending('done', 'completed', granted),
    cancel: ending('cancel', 'withdrawn'),
    terminate: ending('terminate', 'terminated'),
    mistake: [{ typed: 'amdin because I need to look' }, { typed: 'approve wf_000000' }, { typed: 'list everything' }],
  };

  const table: Table = {};
  const fill = (row: string, column: string, cell: string) => (table[row] = { ...table[row], [column]: cell });

  it('approvals: what waits for an approver is the same in every chat, with its buttons', async () => {
    const nora = visitors.slack();
    const id = await asked(nora);
    const answers = {
      slack: (await house.ask(bob, 'approvals')).text,
      teams: (await house.askTeams(inTeams.bob, 'approvals', new RegExp(id))).text,
    };
    expect(answers.slack).toContain('[Approve]  [Deny]');
    allTheSame(Object.values(answers).map((answer) => impersonal(answer, nora.person)));
  });

  async function played({ typed, prepare, says, becomes }: Play, visitor: Visitor) {
    const prepared = await prepare?.(visitor);
    const answer = await visitor.types(typed, says);
    const id = prepared ?? idIn(answer);
    if (becomes !== undefined) await house.inPhase(id, becomes in phases ? (becomes as keyof typeof phases) : 'closed');
    const state = id === '' ? undefined : await house.stateOf(id);
    const standing = state && standingOf(state).label;
    return { answer: impersonal(answer, visitor.person), standing };
  }

  const cases = Object.entries(plays).flatMap(([verb, each]) =>
    each.map((play) => ({
      verb,
      play,
      line: [play.typed || '(nothing)', play.prepare?.name].filter(Boolean).join(', '),
    })),
  );
  it.each(cases)('$verb: “/elevate $line” is answered the same in every chat, and does the same', async (each) => {
    const { verb, play } = each;
    const results: Awaited<ReturnType<typeof played>>[] = [];
    for (const platform of platforms) results.push(await played(play, visitors[platform]()));
    allTheSame(results);
    const [first] = results;
    expect(first?.answer).not.toBe('');
    if (play.becomes !== undefined) expect(first?.standing).toBe({ ...phases, ...outcomes }[play.becomes].label);
    platforms.forEach((platform, index) => {
      const { answer = '', standing = '' } = results[index] ?? {};
      if (table[verb]?.[platform] === undefined)
        fill(verb, platform, `“${short(answer)}”${standing && ` (${standing})`}`);
    });
  });

  it.each([
    ['Cancel', asked, 'withdrawn'],
    ["I'm done", granted, 'completed'],
  ] as const)(
    'the button %s is answered the same in every chat, and does the same',
    async (label, prepare, outcome) => {
      const answers = [];
      for (const platform of platforms) {
        const visitor = visitors[platform]();
        const id = await prepare(visitor);
        answers.push(impersonal(await visitor.clicks(label, id), visitor.person));
        expect((await house.inPhase(id, 'closed')).state).toMatchObject({ outcome });
      }
      expect(answers[0]).toMatch(/^Recorded/);
      allTheSame(answers);
    },
  );

  it('the button Approve is answered the same in every chat, and does the same', async () => {
    const inChannel = {
      slack: (id: string) => house.click(bob, 'Approve', approvals, id),
      teams: (id: string) => house.clickTeams(inTeams.bob, 'Approve', teamsApprovals, id),
    };
    const answers = [];
    for (const platform of platforms) {
      const nora = house.newcomer();
      const { id } = await house.ask(nora, 'admin because I need to look');
      await house.sees(approvals, id, '[Approve]');
      await house.seesTeams(teamsApprovals, id, '[Approve]');
      answers.push(impersonal(await inChannel[platform](id), nora));
      await house.inPhase(id, 'active');
      expect(house.sandbox.has(nora.email, 'admin')).toBe(true);
    }
    expect(answers[0]).toMatch(/^Recorded: Approve|^Recorded Approve/);
    allTheSame(answers);
  });

  it('the button Deny asks for a reason in every chat, is answered the same, and does the same', async () => {
    const inChannel = {
      slack: (id: string) => house.deny(bob, approvals, id, 'use the runbook'),
      teams: (id: string) => house.clickTeams(inTeams.bob, 'Deny', teamsApprovals, id, { reason: 'use the runbook' }),
    };
    const seen = [];
    for (const platform of platforms) {
      const nora = house.newcomer();
      const { id } = await house.ask(nora, 'admin because I need to look');
      await house.sees(approvals, id, '[Deny]');
      await house.seesTeams(teamsApprovals, id, '[Deny]');
      const told = impersonal(await inChannel[platform](id), nora);
      const { state } = await house.inPhase(id, 'closed');
      seen.push({ told, votes: state.votes.map(({ by, choice, reason }) => ({ by, choice, reason })) });
    }
    expect(seen[0]).toMatchObject({ votes: [{ by: { id: bob.email }, choice: 'deny', reason: 'use the runbook' }] });
    allTheSame(seen);
  });

  /** What the API has for it, and what that did. */
  const calls: Record<Verb, (person: Person) => Promise<string>> = {
    ask: async (person) => `POST /execution: ${(await created(person)).status}`,
    list: async (person) => {
      const { id } = await created(person);
      const { status, body } = await house.call(person, 'GET /executions');
      expect(body.executions.map((each: { workflow_id: string }) => each.workflow_id)).toEqual([id]);
      return `GET /executions: ${status}`;
    },
    show: async (person) => {
      const { status, body } = await house.call(person, `GET /execution/${(await created(person)).id}`);
      return `GET /execution/ID: ${status} (${body.state})`;
    },
    roles: async (person) => {
      const { status, body } = await house.call(person, 'GET /roles');
      expect(body.roles.map(({ name }: { name: string }) => name)).toContain('quiet');
      return `GET /roles: ${status}`;
    },
    approvals: async (person) => {
      const { id } = await created(person);
      const { status, body } = await house.call(bob, 'GET /approvals');
      expect(body.approvals.map((each: { workflow_id: string }) => each.workflow_id)).toContain(id);
      return `GET /approvals: ${status}`;
    },
    whoami: async (person) => {
      const { status, body } = await house.call(person, 'GET /whoami');
      expect(body.principal.id).toBe(person.email);
      return `GET /whoami: ${status}`;
    },
    done: async (person) => {
      const { id } = await created(person);
      await house.sees(approvals, id, '[Approve]');
      await house.click(bob, 'Approve', approvals, id);
      await house.inPhase(id, 'active');
      const release = { specversion: '1.0', id: 'done', source: 'parity', type: 'io.elevate.release.v1' };
      const headers = { 'content-type': 'application/cloudevents+json' };
      const { status } = await house.call(person, `POST /execution/${id}/signal`, { body: release, headers });
      return `POST /execution/ID/signal: ${status} (${await endOf(id)})`;
    },
    cancel: ended('cancel'),
    terminate: ended('terminate'),
    help: async () => `GET /openapi.json: ${(await fetch(`${house.app.url}/openapi.json`)).status}`,
    mistake: async (person) => {
      const body = { workflow: 'default', input: { role: 'amdin', reason: 'I need to look' } };
      const answer = await house.call(person, 'POST /execution', { body });
      return `POST /execution: ${answer.status} ${answer.body.code}`;
    },
  };

  async function created(person: Person): Promise<{ id: string; status: number }> {
    const input = { role: 'quiet', reason: 'I need to look' };
    const { status, body } = await house.call(person, 'POST /execution', { body: { workflow: 'default', input } });
    return { id: body.workflow_id, status };
  }

  async function endOf(id: string): Promise<string> {
    const { state } = await house.inPhase(id, 'closed');
    return 'outcome' in state ? state.outcome : '';
  }

  function ended(verb: 'cancel' | 'terminate') {
    return async (person: Person) => {
      const { id } = await created(person);
      const { status } = await house.call(person, `POST /execution/${id}/${verb}`);
      return `POST /execution/ID/${verb}: ${status} (${await endOf(id)})`;
    };
  }

  it.each(Object.entries(calls))('%s: the API has it too', async (verb, call) => {
    const cell = await call(house.newcomer());
    expect(cell).toMatch(verb === 'mistake' ? /: 4\d\d / : /: 20\d/);
    fill(verb, 'api', cell);
  });

  it('no verb of the grammar is left out, and none that help lists', () => {
    printed('Verbs', table);
    const vocabulary = { roles: ['admin'], providers: { admin: ['sandbox'] }, workflows: [] };
    const helped = HELP.map(({ typed }) =>
      parseCommand(typed.replace('<role>', 'admin').replace(/ [[<].*/, ''), vocabulary),
    );
    const known = new Set<Verb>(['ask', ...verbs, ...helped.map(({ verb }) => verb), 'mistake']);
    expect(helped.map(({ verb }) => verb)).not.toContain('mistake');
    expect(Object.keys(plays).toSorted()).toEqual([...known].toSorted());
    expect(emptyCells(table, [...known], [...platforms, 'api'])).toEqual([]);
  });
});

describe('statuses', () => {
  const opens: Record<Platform, () => Promise<OpenChat>> = { slack: openSlackChat, teams: openTeamsChat };
  const table: Table = {};

  /** Votes, and what follows from them. */
  function eventsOf(state: State): Entry[] {
    const at = sampleTime + 2 * minute;
    const votes = state.votes.map((vote, index): Entry => ({ seq: 3 + index, at, kind: 'voted', vote }));
    const seq = 3 + votes.length;
    if (state.phase === 'active') return [...votes, { seq, at, kind: 'granted', item: 0, until: state.until }];
    if (state.phase !== 'closed') return votes;
    return [...votes, { seq, at: state.closedAt, kind: 'closed', outcome: state.outcome }];
  }

  const neverGiven: Outcome[] = ['denied', 'expired', 'changed', 'failed', 'withdrawn'];
  function closed(outcome: Outcome): State {
    const vote = outcome === 'denied' ? sampleVote({ choice: 'deny', reason: 'see _the_ <runbook>' }) : sampleVote();
    const nothing = { access: [{ item: 0, state: 'none' as const }] };
    return sampleState({
      phase: 'closed',
      outcome,
      votes: [vote],
      ...(neverGiven.includes(outcome) ? nothing : {}),
    });
  }

  const states = [
    ...(Object.keys(phases) as (keyof typeof phases)[]).map((phase) => [phase, sampleState({ phase })] as const),
    ...(Object.keys(outcomes) as Outcome[]).map((outcome) => [outcome, closed(outcome)] as const),
  ];

  it.each(states)('%s: cards and notices say the same, with the same buttons, in every chat', async (name, state) => {
    const seen = [];
    for (const [platform, open] of Object.entries(opens)) {
      const chat = await open();
      const ask: Stage['ask'] = { channels: { [platform]: [chat.channelId] }, dm: 'all' };
      const input = sampleInput({
        request: { reason: 'INC-42: *the* <deploy> is [stuck](http://example.com)' },
        plan: { stages: [sampleStage({ ask })], refusals: 2 },
      });
      await chat.chat.show({ input, state: sampleState(), events: sampleEntries(), run: 'run-1' });
      await chat.chat.show({ input, state, events: eventsOf(state), run: 'run-1' });
      const places = { channel: chat.channel(), approver: chat.approver(), requester: chat.requester() };
      await chat.stop();
      const { label } = standingOf(state);
      for (const [place, [card]] of Object.entries(places))
        expect(card?.words, `${platform}, ${place}`).toContain(label);
      const drawn = (card: { buttons: string[] } | undefined) => `[${card?.buttons.join(', ')}]`;
      const cell = `${label}: approver ${drawn(places.approver[0])}, requester ${drawn(places.requester[0])}`;
      table[name] = { ...table[name], [platform]: cell };
      seen.push(places);
    }
    const [first, ...others] = seen;
    for (const other of others) expect(other).toEqual(first);
  });

  it('no status is left out', () => {
    printed('Statuses', table);
    expect(emptyCells(table, [...Object.keys(phases), ...Object.keys(outcomes)], platforms)).toEqual([]);
  });
});
