/** What people ask for in Teams, in their own chat and in front of others, and who may not ask at all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { readHistory } from '../../src/dev/history.ts';
import { buttonsOf, read } from '../../src/dev/reading.ts';
import { approvals, bob, carol, dana, PATIENCE } from './house.ts';
import { ownChannels, teamsChannel } from './teams-channels.ts';
import { inTeams, openTeamsHouse, teamsApp, type TeamsHouse, type TeamsPerson, teamsTenant } from './teams-house.ts';

let house: TeamsHouse;
beforeAll(async () => {
  house = await openTeamsHouse({ ...ownChannels, adjust: withTargeted });
});
afterAll(() => house.stop());

function withTargeted(config: Config): Config {
  const adjusted = ownChannels.adjust(config);
  return { ...adjusted, teams: adjusted.teams && { ...adjusted.teams, targetedMessages: true } };
}

const absent = 'wf_00000000000000000000000000';
const elevate = { id: `28:${teamsApp}`, name: 'Elevate' };
const mentioned = '<at>Elevate</at>';
const firstAnswer = (text: string) => /^(?!Still working)/.test(text);

/** Nothing has reached the store, the access system or anybody else. */
async function expectNothingStarted(person: TeamsPerson): Promise<void> {
  expect(await house.executionsOf(person)).toEqual([]);
  expect([...house.readTeams(teamsChannel('quiet')), ...house.readIn(approvals)].filter(says(person.email))).toEqual(
    [],
  );
  expect(house.sandbox.calls.filter(({ beneficiary }) => beneficiary === person.email)).toEqual([]);
}

function says(words: string): (text: string) => boolean {
  return (text) => text.includes(words);
}

describe('asking in the own chat', () => {
  it('P6: one line is answered with what was recorded, and shown to channels, approvers and requester in both chats', async () => {
    const tara = house.newInTeams();
    const said = await house.askTeams(tara, 'admin on sandbox for 90 min because the deploy is stuck', /^Recorded/);
    expect(said.outcome).toMatchObject({ status: 200, problems: [] });
    expect(said.text).toContain('Recorded. You are told of every change.');
    expect(said.buttons).toEqual([]);
    const facts = [said.id, tara.email, 'admin on sandbox', '1 hour 30 minutes', '“the deploy is stuck”'];
    for (const place of [teamsChannel('admin'), inTeams.bob, inTeams.carol]) {
      const card = await house.seesTeams(place, ...facts);
      expect(buttonsOf(card)).toEqual(['Approve', 'Deny']);
      expect(card.summary.slice(0, 120)).toContain(`${tara.email} asks for admin on sandbox for 1 hour 30 minutes`);
    }
    for (const place of [approvals, bob, carol])
      expect(buttonsOf(await house.sees(place, ...facts))).toEqual(['Approve', 'Deny']);
    expect(buttonsOf(await house.seesTeams(tara, 'Waiting for approval', said.id, '[Cancel]'))).toEqual(['Cancel']);
    expect([...house.readTeams(inTeams.dana), ...house.readIn(dana)].filter(says(said.id))).toEqual([]);
    expect(await house.executionsOf(tara)).toHaveLength(1);
    expect(house.sandbox.has(tara.email)).toBe(false);
  });

  it.each([
    ['with a slash', '/elevate look because I need to look'],
    ['without a slash', 'elevate look because I need to look'],
    ['without the name', 'look because I need to look'],
    ['in capitals, with what Teams makes of spaces', 'ELEVATE&nbsp;look \u00a0because&nbsp;I need to look\r\n'],
    ['after a mention', `${mentioned}&nbsp;look because I need to look\n`],
  ])('typed %s, it is the same request', async (_, text) => {
    const tara = house.newInTeams();
    const outcome = await house.teams.write({ user: tara.user, text, mentions: [elevate] });
    const answer = read(await outcome.waitForReply((message) => read(message).startsWith('Recorded'), PATIENCE));
    expect(answer).toContain('“I need to look”');
    expect(await house.executionsOf(tara)).toMatchObject([{ input: { request: { items: [{ role: 'look' }] } } }]);
  });

  it('T28: what looks like markup is a reason like any other, and everybody reads it as it was typed', async () => {
    const tara = house.newInTeams();
    const typed = 'quiet because &lt;at&gt;all&lt;/at&gt; **see** [this](http://x.test) {{DATE(2026-01-01T00:00:00Z)}}';
    const { id } = await house.askTeams(tara, typed, /^Recorded/);
    const quote = '“<at>all</at> **see** [this](http://x.test) {{DATE(2026-01-01T00:00:00Z)}}”';
    const card = await house.seesTeams(teamsChannel('quiet'), id);
    expect(JSON.stringify(card.card)).not.toMatch(/"TextBlock","text":"[^"]*see/);
    expect(runsOf(card.card).join('')).toContain(quote);
    expect(runsOf(card.card).filter((run) => run.includes('{{DATE'))).toEqual([]);
  });

  it('T22: the same delivery twice is one execution, with one card', async () => {
    const tara = house.newInTeams();
    const { id, outcome } = await house.askTeams(tara, 'quiet because I need to look', /^Recorded/);
    const again = await outcome.resend();
    expect(again.status).toBe(200);
    await house.seesTeams(teamsChannel('quiet'), id);
    expect((await house.askTeams(tara, 'list', /./)).text).toContain(id);
    expect(await house.executionsOf(tara)).toHaveLength(1);
    expect(house.readTeams(teamsChannel('quiet')).filter(says(tara.email))).toHaveLength(1);
    expect(house.readTeams(tara).filter((text) => /^(Recorded|You have asked for this)/.test(text))).toHaveLength(1);
  });

  it('T22: one activity that arrives five times at once is one execution, answered once', async () => {
    const tara = house.newInTeams();
    const alter = (activity: object) => ({ ...activity, id: `f:once-${tara.user}` });
    const typed = { user: tara.user, text: 'quiet because I need to look', alter };
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => house.teams.command(typed)));
    expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await house.seesTeams(teamsChannel('quiet'), tara.email, '[Approve]');
    expect((await house.askTeams(tara, 'list', /./)).text).toContain('quiet on sandbox');
    expect(await house.executionsOf(tara)).toHaveLength(1);
    expect(house.readTeams(tara).filter((text) => /^(Recorded|You have asked for this)/.test(text))).toHaveLength(1);
    expect(house.readTeams(teamsChannel('quiet')).filter(says(tara.email))).toHaveLength(1);
  });

  it('T22: whoever takes the id of an activity of somebody else asks for themselves, and takes nothing away', async () => {
    const [tara, theo] = [house.newInTeams(), house.newInTeams()];
    const alter = (activity: object) => ({ ...activity, id: `f:shared-${tara.user}` });
    for (const { user } of [theo, tara]) {
      const said = await house.teams.command({ user, text: 'quiet because I need to look', alter });
      await said.waitForReply((message) => read(message).startsWith('Recorded'), PATIENCE);
    }
    const [[first], [second]] = [await house.executionsOf(tara), await house.executionsOf(theo)];
    expect(first?.input.request.id).not.toBe(second?.input.request.id);
    expect(first?.input.request.requester.id).toBe(tara.email);
    expect(second?.input.request.requester.id).toBe(theo.email);
  });

  it('T31: asking in one chat for what is open in the other is answered with the open request', async () => {
    const nora = house.newcomer();
    const [inSlack, both] = [await house.ask(nora, 'quiet because I need to look'), house.newInTeams(nora)];
    const again = await house.askTeams(both, 'quiet for 2h because I need to look longer', /^You have asked/);
    expect(again.text).toContain('You have asked for this already; here is where it stands.');
    expect(again.id).toBe(inSlack.id);
    expect(await house.executionsOf(nora)).toHaveLength(1);
  });
});

describe('every command', () => {
  it('list, list all and show say where the own requests stand, and tell nobody else (P4)', async () => {
    const tara = house.newInTeams();
    expect((await house.askTeams(tara, 'list')).text).toBe('You have no open requests.');
    expect((await house.askTeams(tara, 'list all')).text).toBe('You have not asked for anything yet.');
    const over = await asked(tara, 'quiet because I need to look');
    await house.askTeams(tara, 'cancel', /^Recorded/);
    await house.inPhase(over, 'closed');
    await house.seesTeams(tara, 'The request was withdrawn.');
    const open = await asked(tara, 'risky because I need to look');
    const list = (await house.askTeams(tara, 'list')).text;
    expect(list).toContain(open);
    expect(list).not.toContain(over);
    const all = (await house.askTeams(tara, 'list all')).text;
    for (const words of [open, over, 'Withdrawn']) expect(all).toContain(words);
    expect((await house.askTeams(tara, 'show', /^Which one/)).buttons).toEqual(['Show', 'Show']);
    for (const typed of [`show ${open}`, `show ${open.slice(3, 9)}`, `show ${open.slice(3, 12).toUpperCase()}`]) {
      const { text, buttons } = await house.askTeams(tara, typed, /asked\./);
      expect(text).toContain(`${tara.email} asked.`);
      expect(text).toContain(open);
      expect(buttons).toEqual(['Cancel']);
    }
    for (const verb of ['show', 'cancel', 'done', 'terminate']) {
      const foreign = (await house.askTeams(inTeams.mallory, `${verb} ${open}`)).text;
      expect(foreign).toContain('No such request is yours to see or decide.');
      expect((await house.askTeams(inTeams.mallory, `${verb} ${absent}`)).text).toBe(foreign);
    }
    expect((await house.askTeams(inTeams.mallory, 'list all')).text).toBe('You have not asked for anything yet.');
    expect(await house.stateOf(open)).toMatchObject({ phase: 'awaiting_approval' });
  });

  it('P2: cancel ends a request before the decision: nothing is granted, and nobody is asked any more', async () => {
    const tara = house.newInTeams();
    const id = await asked(tara, 'admin because the deploy is stuck');
    await house.seesTeams(teamsChannel('admin'), id, '[Approve]');
    expect((await house.askTeams(tara, 'cancel', /^Recorded/)).text).toContain(`${id} is being withdrawn.`);
    await house.seesTeams(tara, 'Your request for admin on sandbox: The request was withdrawn.');
    for (const place of [teamsChannel('admin'), inTeams.bob, inTeams.carol, tara])
      await house.seesTeams(place, id, 'Withdrawn');
    await house.buttonsGone(id);
    await house.buttonsGoneInTeams(id, tara, teamsChannel('admin'));
    expect(house.sandbox.calls.filter(({ execution }) => execution === id)).toEqual([]);
  });

  it('P2: done gives the access back, by command or by button, and there is nothing to give back after it', async () => {
    for (const giveBack of [
      (tara: TeamsPerson) => house.askTeams(tara, 'done', /^Recorded/).then(({ text }) => text),
      (tara: TeamsPerson, id: string) => house.clickTeams(tara, "I'm done", tara, id),
    ]) {
      const tara = house.newInTeams();
      const id = await held(tara, 'quiet because the deploy is stuck');
      expect(await giveBack(tara, id)).toMatch(/^Recorded: you are done.* The access is being taken back\.$/);
      await house.seesTeams(tara, 'Your request for quiet on sandbox: The access has ended.');
      expect(house.sandbox.has(tara.email)).toBe(false);
      expect((await house.askTeams(tara, 'done', /^You hold/)).text).toBe(
        'You hold no access, so there is nothing to give back.',
      );
      await house.buttonsGoneInTeams(id, tara, teamsChannel('quiet'));
      expect(await house.ended(id)).toBe('WorkflowExecutionCompleted');
    }
  });

  it('P2: terminate takes the access back, and the end is told all the same', async () => {
    const tara = house.newInTeams();
    const id = await held(tara, 'quiet because the deploy is stuck');
    expect((await house.askTeams(tara, `terminate ${id.slice(3, 9)}`, /^Recorded/)).text).toBe(
      `Recorded: ${id} is being ended by force. What was given is taken back.`,
    );
    await house.seesTeams(tara, `The execution was ended by force: by ${tara.email}.`);
    expect(house.sandbox.has(tara.email)).toBe(false);
    await house.seesTeams(teamsChannel('quiet'), id, 'Terminated');
    expect(await house.ended(id)).toBe('WorkflowExecutionTerminated');
  });

  it('where several are meant, buttons ask which one, and they work', async () => {
    const tara = house.newInTeams();
    const first = await asked(tara, 'quiet because I need to look');
    const second = await asked(tara, 'risky because I need to look');
    const which = await house.askTeams(tara, 'cancel', /^Which one/);
    for (const id of [first, second]) expect(which.text).toContain(id);
    expect(which.buttons).toEqual(['Cancel', 'Cancel']);
    expect(await house.clickTeams(tara, 'Cancel', tara, 'Which one?')).toBe(
      `Recorded: ${second} is being withdrawn. What was given is taken back first.`,
    );
    await house.inPhase(second, 'closed');
    expect(await house.stateOf(first)).toMatchObject({ phase: 'awaiting_approval' });
  });

  it('approvals lists what waits for a person, without their own, and its buttons decide', async () => {
    const tara = house.newInTeams();
    const id = await asked(tara, 'staged because I need to look');
    await house.seesTeams(inTeams.bob, id, '[Approve]');
    expect(await house.clickTeams(inTeams.bob, 'Approve', inTeams.bob, id)).toContain('Recorded: Approve');
    await house.seesTeams(inTeams.dana, id, '[Approve]');
    const waiting = await house.askTeams(inTeams.dana, 'approvals', /.*/);
    expect(waiting.text).toContain(id);
    expect(waiting.buttons).toEqual(['Approve', 'Deny']);
    expect((await house.askTeams(inTeams.mallory, 'approvals')).text).toBe('Nothing waits for you.');
    // The newest that says so is the list.
    expect(await house.clickTeams(inTeams.dana, 'Approve', inTeams.dana, id)).toContain('Recorded: Approve');
    await house.seesTeams(tara, 'You have staged on sandbox until');
    expect(house.sandbox.has(tara.email, 'staged')).toBe(true);
    expect((await house.askTeams(inTeams.dana, 'approvals', /^Nothing/)).text).toBe('Nothing waits for you.');
  });

  it('roles, whoami and help say what, who and how', async () => {
    const tara = house.newInTeams();
    expect((await house.askTeams(tara, 'whoami')).text).toBe(
      `You are Tara-${tara.email.slice(5, 8)} (${tara.email}), by the confirmed e-mail address of this account. Groups: no groups.`,
    );
    expect((await house.askTeams(inTeams.bob, 'whoami', /^You are/)).text).toContain('Groups: sre.');
    const roles = (await house.askTeams(tara, 'roles')).text;
    expect(roles).toContain('pair pair, on sandbox, up to 4 hours. Decided by 2 of sre.');
    expect(roles).not.toMatch(/^ *closed /m);
    expect((await house.askTeams(tara, 'roles administrator')).text).toMatch(/^admin Sandbox administrator/);
    expect((await house.askTeams(tara, 'help')).text).toContain(
      '/elevate approvals lists what waits for your decision',
    );
    expect((await house.askTeams(tara, '')).text).toContain('Say what you need:');
  });

  it.each([
    ['frobnicate', '“frobnicate” is neither a command nor a role. Try: /elevate help'],
    ['approve wf_123456', '“approve” is not available in this version. Try: /elevate approvals'],
    ['whoami please', '“please” does not belong to “whoami”. Try: /elevate whoami'],
    [
      'amdin because the deploy is stuck',
      'There is no role “amdin” here. Try: /elevate admin because the deploy is stuck',
    ],
    [
      'admin for 1h',
      'This request is not complete, so nothing was started. /reason: A reason is needed: add "because …".',
    ],
    [
      'closed because the deploy is stuck',
      'You may not ask for this, so nothing was started. Type /elevate roles to see what you may ask for.',
    ],
  ])('a mistake is answered with the nearest command, and starts nothing: %s', async (typed, answer) => {
    const tara = house.newInTeams();
    const said = await house.askTeams(tara, typed);
    expect(said.text).toBe(answer);
    expect(said.outcome).toMatchObject({ status: 200, problems: [] });
    await expectNothingStarted(tara);
  });

  it('a command that is too long is answered so, and starts nothing', async () => {
    const tara = house.newInTeams();
    const said = await house.askTeams(tara, `look because ${'x'.repeat(4_000)}`);
    expect(said.text).toBe('A command has at most 4,000 characters. Try: /elevate help');
    await expectNothingStarted(tara);
  });
});

describe('asking in front of others', () => {
  // Elevate sends so much to one conversation in half a minute, and no more.
  beforeAll(() => house.goOn(31_000));

  const withBob = { id: 'member-bob', name: 'Bob' };
  const ask = 'look because I need to look';
  const places = [
    ['a channel', { kind: 'channel' as const, id: '19:front@thread.tacv2' }],
    ['a group chat', { kind: 'groupChat' as const, id: '19:front@thread.v2' }],
  ] as const;
  const ways: [string, string, { id: string; name: string }[]][] = [
    ['by mention', `${mentioned} ${ask}\n`, [elevate]],
    [
      'with spaces and line breaks of Teams',
      `${mentioned}&nbsp;look\n&nbsp;because\u00a0I need to look\r\n`,
      [elevate],
    ],
    ['with two mentions of the app', `${mentioned} ${ask} ${mentioned}`, [elevate, elevate]],
    ['with somebody else mentioned first', `<at>Bob</at> ${mentioned} ${ask}`, [withBob, elevate]],
    ['with the slash', `${mentioned} /elevate ${ask}`, [elevate]],
    ['with the name', `${mentioned}   elevate   ${ask}`, [elevate]],
  ];
  const everywhere = places.flatMap(([where, place]) => ways.map((way) => [where, way[0], place, way] as const));

  it.each(everywhere)(
    'P4: in %s, %s, it is answered in the own chat, and nothing of it stands there',
    async (_, name, place, [, text, mentions]) => {
      const tara = house.newInTeams();
      const conversation = place.id.replace('front', `front-${tara.email.slice(5, 8)}`);
      house.teams.addChannel({ ...place, id: conversation });
      const outcome = await house.teams.write({ user: tara.user, text, conversation, mentions });
      expect(outcome).toMatchObject({ status: 200, problems: [] });
      if (name === 'with somebody else mentioned first') {
        await house.seesTeams(tara, 'There is no role “Bob” here.');
        await expectNothingStarted(tara);
      } else {
        const answer = await house.seesTeams(tara, 'Recorded. You are told');
        expect(read(answer)).toMatch(/“I need to look”/);
        expect(await house.executionsOf(tara)).toHaveLength(1);
      }
      await house.seesTeams(conversation, 'I answered you in our own chat.');
      expect(house.readTeams(conversation)).toEqual(['I answered you in our own chat.']);
    },
  );

  it('a person who is mentioned in a reason stays in it', async () => {
    const tara = house.newInTeams();
    const conversation = '19:reasons@thread.tacv2';
    house.teams.addChannel({ id: conversation });
    const text = `${mentioned} look because <at>Bob</at> asked me to look`;
    await house.teams.write({ user: tara.user, text, conversation, mentions: [elevate, withBob] });
    const card = await house.seesTeams(tara, 'Recorded. You are told');
    expect(read(card)).toContain('“Bob asked me to look”');
  });

  it('a mention of an account with our name that is not ours is no mention of us', async () => {
    const tara = house.newInTeams();
    const conversation = '19:impostor@thread.tacv2';
    house.teams.addChannel({ id: conversation });
    const other = { id: '29:another', name: 'Elevate' };
    const text = `${mentioned} look because I need to look ${mentioned}`;
    await house.teams.write({ user: tara.user, text, conversation, mentions: [elevate, other] });
    const card = await house.seesTeams(tara, 'Recorded. You are told');
    expect(read(card)).toContain('“I need to look Elevate”');
  });

  it.each(places)('P4, P7: in %s, a picked slash command is answered there for that person alone', async (_, place) => {
    const tara = house.newInTeams();
    const conversation = place.id.replace('front', 'slash');
    house.teams.addChannel({ ...place, id: conversation });
    const outcome = await house.teams.command({ user: tara.user, text: ask, conversation, targeted: true });
    const answer = await outcome.waitForReply((message) => read(message).startsWith('Recorded'), PATIENCE);
    expect(answer.conversation).toBe(conversation);
    expect(answer.onlyFor).toBe(tara.user);
    expect(house.teams.messagesIn(conversation, inTeams.bob.user)).toEqual([]);
    expect(house.teams.messagesIn(conversation)).toEqual([]);
    expect(await house.executionsOf(tara)).toHaveLength(1);
  });

  it('P4, P6: where Teams does not show an answer to one person alone, it comes in the own chat', async () => {
    const tara = house.newInTeams();
    const conversation = '19:untargeted@thread.tacv2';
    house.teams.addChannel({ id: conversation });
    house.teams.fault({ on: 'sendTargeted', conversation, status: 400, word: 'BadArgument' });
    await house.teams.command({ user: tara.user, text: 'list', conversation, targeted: true });
    await house.seesTeams(tara, 'You have no open requests.');
    await house.seesTeams(conversation, 'I answered you in our own chat.');
    expect(house.readTeams(conversation)).toEqual(['I answered you in our own chat.']);
  });

  it('P4: unless it is switched on, no answer is sent into a channel for one person alone', async () => {
    const other = await openTeamsHouse();
    const tara = other.newInTeams();
    const conversation = '19:careful@thread.tacv2';
    other.teams.addChannel({ id: conversation });
    await other.teams.command({ user: tara.user, text: 'quiet because of the merger', conversation, targeted: true });
    await other.seesTeams(tara, 'Recorded. You are told', 'of the merger');
    await other.seesTeams(conversation, 'I answered you in our own chat.');
    expect(other.readTeams(conversation)).toEqual(['I answered you in our own chat.']);
    expect(other.teams.calls.filter(({ operation }) => operation === 'sendTargeted')).toEqual([]);
    await other.stop();
  });

  it('P4: what waits for an approver is not shown to the channel where they ask for it', async () => {
    const tara = house.newInTeams();
    const id = await asked(tara, 'quiet because of the merger');
    await house.seesTeams(teamsChannel('quiet'), id, '[Approve]');
    const conversation = '19:curious@thread.tacv2';
    house.teams.addChannel({ id: conversation });
    for (const text of ['approvals', `show ${id}`, 'whoami', 'amdin'])
      await house.teams.command({ user: inTeams.carol.user, text, conversation });
    await house.seesTeams(inTeams.carol, id, 'the merger');
    await house.seesTeams(inTeams.carol, 'There is no role “amdin” here.');
    await house.teams.until(() => house.readTeams(conversation).length === 4, 'four answers', PATIENCE);
    expect(new Set(house.readTeams(conversation))).toEqual(new Set(['I answered you in our own chat.']));
  });

  it.each([
    ['has not added the app', 'absent'],
    ['has blocked the app', 'blocked'],
  ] as const)('P4, P6: who %s is told there how to open their own chat, and nothing else', async (_, app) => {
    const tara = house.newInTeams(undefined, { app });
    const conversation = `19:${app}@thread.tacv2`;
    house.teams.addChannel({ id: conversation });
    await house.teams.command({ user: tara.user, text: 'quiet because of the merger', conversation });
    await house.seesTeams(conversation, 'Open Elevate under Apps, and ask me there.');
    expect(house.readTeams(conversation)).toEqual([
      "What I have to say is for you alone, and I can't write to you in a chat of our own. Open Elevate under Apps, and ask me there.",
    ]);
    const [row] = await house.executionsOf(tara);
    await house.teams.install({ user: tara.user });
    expect((await house.askTeams(tara, 'list')).text).toContain(row?.input.request.id);
    expect(house.readTeams(conversation)).toHaveLength(1);
  });
});

describe('who may not ask, nor decide', () => {
  const member = 'only full members of the company workspace can use it, not guests or bots.';
  const noEmail = 'this account has no confirmed company e-mail address.';
  const rows: [string, Partial<Parameters<TeamsHouse['newInTeams']>[1]>, string][] = [
    ['a guest', { role: 'guest' }, member],
    ['a guest by their name in Entra', { upn: 'carol_other.test#EXT#@example.com' }, member],
    ['anonymous', { role: 'anonymous' }, member],
    ['of a role that Teams has not documented', { role: 'owner' as never }, member],
    ['of another company', { tenant: '0ac3e000-0000-4000-8000-00000000beef' }, member],
    ['without a user principal name', { upn: undefined }, member],
    ['with an empty user principal name', { upn: '' }, member],
    ['of another domain', { upn: 'carol@example.com.evil.test' }, noEmail],
    ['of a subdomain', { upn: 'carol@sub.example.com' }, noEmail],
    ['of another domain, with our address as mail', { upn: 'tara@evil.test', email: carol.email }, noEmail],
  ];
  const alike: [string, string][] = [
    ['a Kelvin sign', '\u212Aate@example.com'],
    ['a dotless i', 'm\u0131ke@example.com'],
    ['a Greek omicron', 'b\u03BFb@example.com'],
    ['a Roman numeral', 'caro\u217C@example.com'],
    ['full-width letters', '\uFF42ob@example.com'],
    ['a zero-width space', 'bob@example.com\u200b'],
    ['a soft hyphen', 'b\u00ADob@example.com'],
    ['a look-alike domain', 'bob@ex\u0430mple.com'],
    ['two at-signs', 'bob@example.com@evil.test'],
    ['a line break', 'bob@example.com\n'],
  ];
  const sentence = (why: string) =>
    `Elevate can't tell who you are in this company: ${why} Ask an operator to add your account.`;

  /** What somebody else has asked for. */
  let id: string;
  beforeAll(async () => {
    id = await asked(house.newInTeams(), 'quiet because I need to look');
    await house.seesTeams(teamsChannel('quiet'), id, '[Approve]');
  });

  /** Asks and decides in every way, and is told why not each time. */
  async function expectRefused(person: TeamsPerson, why: string): Promise<void> {
    for (const typed of ['own because the queue is stuck', `show ${id}`, 'list', 'approvals', 'whoami'])
      expect((await house.askTeams(person, typed)).text).toBe(why);
    expect(await house.clickTeams(person, 'Approve', teamsChannel('quiet'), id)).toBe(why);
    expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', votes: [] });
    for (const email of [person.email, carol.email, bob.email])
      expect(await house.executionsOf({ user: '', email })).toEqual([]);
  }

  it.each(rows)('T3: who is %s can neither ask nor decide, and is told why', async (_, account, why) => {
    await expectRefused(house.newInTeams(undefined, account), sentence(why));
  });

  it.each(alike)('T4: an address with %s is of nobody: its owner can neither ask nor decide', async (_, upn) => {
    await expectRefused(house.newInTeams(undefined, { upn }), sentence(noEmail));
  });

  it('T3: who is in no roster is not known', async () => {
    const stranger = { from: { id: '29:stranger', name: 'Bob', aadObjectId: 'deadbeef-0000-4000-8000-000000000000' } };
    const said = await house.teams.command({
      user: inTeams.mallory.user,
      text: 'own because the queue is stuck',
      alter: (activity) => ({ ...activity, ...stranger }),
    });
    const answer = await said.waitForReply((message) => firstAnswer(read(message)), PATIENCE);
    expect(read(answer)).toBe(sentence('this account is not known here.'));
    const clicked = await house.teams.click({
      user: inTeams.mallory.user,
      conversation: teamsChannel('quiet'),
      label: 'Approve',
      alter: (activity) => ({ ...activity, ...stranger }),
    });
    expect(clicked.told).toBe(sentence('this account is not known here.'));
    expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', votes: [] });
  });

  it('T1: what Teams names no object id for is told so, and nothing is done', async () => {
    const nobody = "Elevate can't tell who sent this, so nothing was done.";
    for (const aadObjectId of [undefined, '', 'bob', inTeams.bob.email, { id: inTeams.bob.user }, 7]) {
      const alter = (activity: Record<string, unknown>) => ({
        ...activity,
        from: { ...(activity['from'] as object), aadObjectId },
      });
      const said = await house.teams.command({ user: inTeams.bob.user, text: 'own because of it', alter });
      expect(read(await said.waitForReply(undefined, PATIENCE))).toBe(nobody);
      const click = { user: inTeams.bob.user, conversation: teamsChannel('quiet'), label: 'Approve', alter };
      expect((await house.teams.click(click)).told).toBe(nobody);
    }
    expect(await house.executionsOf(bob)).toEqual([]);
    expect(await house.stateOf(id)).toMatchObject({ phase: 'awaiting_approval', votes: [] });
  });

  it('T2: an activity of a tenant that is not listed, or of two at once, is not taken', async () => {
    const tara = house.newInTeams();
    const other = '0ac3e000-0000-4000-8000-00000000beef';
    const typed = { user: tara.user, text: 'quiet because I need to look' };
    const [foreign, two] = await Promise.all([
      house.teams.command({ ...typed, alter: (activity) => inTenants(activity, other, other) }),
      house.teams.command({ ...typed, alter: (activity) => inTenants(activity, teamsTenant, other) }),
    ]);
    expect([foreign.status, foreign.body, two.status, two.body]).toEqual([403, undefined, 400, undefined]);
    await expectNothingStarted(tara);
    expect(house.readTeams(tara)).toEqual([]);
  });

  it('T3: an account whose address has changed, and another account with a known one, are refused and alerted', async () => {
    const mismatch =
      'This account and this e-mail address belong to different people in our records, so nothing was done. Ask an operator to look at it.';
    const tara = house.newInTeams();
    await house.askTeams(tara, 'whoami');
    house.teams.addUser({ id: tara.user, upn: `new.${tara.email}` });
    house.goOn(61_000);
    expect((await house.askTeams(tara, 'quiet because I need to look')).text).toBe(mismatch);
    await expectNothingStarted(tara);
    await house.askTeams(inTeams.bob, 'whoami', /^You are/);
    const impostor = house.newInTeams(undefined, { upn: bob.email });
    await expectRefused(impostor, mismatch);
    const alerts = house.lines.filter(says('belong to different people'));
    for (const { user } of [tara, impostor]) expect(alerts.some(says(user))).toBe(true);
    expect((await house.askTeams(inTeams.bob, 'whoami', /^You are/)).text).toContain(bob.email);
  });

  it('T9: a requester who has left the tenant after the decision gets nothing', async () => {
    const tara = house.newInTeams();
    const pair = await asked(tara, 'pair because I need to look');
    await house.seesTeams(teamsChannel('pair'), pair, '[Approve]');
    await house.clickTeams(inTeams.bob, 'Approve', teamsChannel('pair'), pair);
    house.teams.addUser({ id: tara.user, upn: tara.email, role: 'guest' });
    house.goOn(61_000);
    await house.clickTeams(inTeams.carol, 'Approve', teamsChannel('pair'), pair);
    const closed = await house.inPhase(pair, 'closed');
    expect(closed.state).toMatchObject({ outcome: 'revoked' });
    expect(house.sandbox.calls.filter(({ execution }) => execution === pair)).toEqual([]);
  });
});

it('P7: neither the log nor what Temporal keeps says why access was asked for, or holds a token', async () => {
  const tara = house.newInTeams();
  const id = await held(tara, 'quiet because of the secret merger with ACME');
  await house.askTeams(tara, 'done', /^Recorded/);
  await house.inPhase(id, 'closed');
  const { text } = await readHistory(house.temporal, id);
  expect(text).not.toMatch(/secret merger|tara-/);
  const bearer = (await house.teams.token()).slice(0, 16);
  const told = house.lines.filter((line) => /secret merger|eyJ[\w-]+\.|Bearer \w|xoxb-|whsec_/.test(line));
  expect(told).toEqual([]);
  expect(house.lines.filter(says(bearer))).toEqual([]);
});

/** Asks in the own chat, and waits until the request stands there. */
async function asked(person: TeamsPerson, text: string): Promise<string> {
  const { id } = await house.askTeams(person, text, /^Recorded/);
  await house.seesTeams(person, /\nWaiting for approval/, id);
  return id;
}

/** Asks, and has Bob approve in Teams; the access is active then. */
async function held(person: TeamsPerson, text: string): Promise<string> {
  const id = await asked(person, text);
  await house.seesTeams(teamsChannel('quiet'), id, '[Approve]');
  await house.clickTeams(inTeams.bob, 'Approve', teamsChannel('quiet'), id);
  await house.seesTeams(person, id, "[I'm done]");
  await house.seesTeams(person, 'You have quiet on sandbox until');
  expect(house.sandbox.has(person.email)).toBe(true);
  return id;
}

function inTenants(activity: Record<string, unknown>, one: string, another: string): Record<string, unknown> {
  return {
    ...activity,
    conversation: { ...(activity['conversation'] as object), tenantId: one },
    channelData: { ...(activity['channelData'] as object), tenant: { id: another } },
  };
}

/** The texts of a card that Teams shows as they are. */
function runsOf(element: unknown): string[] {
  if (Array.isArray(element)) return element.flatMap(runsOf);
  if (typeof element !== 'object' || element === null) return [];
  const { type, text } = element as { type?: string; text?: string };
  return type === 'TextRun' ? [text ?? ''] : Object.values(element).flatMap(runsOf);
}
