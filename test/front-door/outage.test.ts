/** Temporal or the store away: at the start, and later. What was not recorded is refused out loud; what was, counts once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { Log } from '../../src/core/ports.ts';
import { readHistory } from '../../src/dev/history.ts';
import { read } from '../../src/dev/reading.ts';
import type { Outcome } from '../../src/dev/slack-double.ts';
import { findTemporal, startTemporal, type TemporalServer } from '../../src/dev/temporal.ts';
import type { TemporalOptions } from '../../src/temporal/connect.ts';
import { changeFile } from './behind-the-back.ts';
import { approvals, bob, carol, type House, openHouse, PATIENCE, type Person } from './house.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const stillWorking = 'Still working on it…';
const notCertain = "Elevate can't reach something that it needs, so it is not certain that this was recorded.";

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function at(address: string): TemporalOptions {
  return { connectionOptions: { address }, namespace: 'default' };
}

async function readyz(house: House): Promise<{ status: number; body: { ok: boolean; checks: object } }> {
  const response = await fetch(`${house.app.url}/readyz`);
  return { status: response.status, body: (await response.json()) as { ok: boolean; checks: object } };
}

/** What came after the acknowledgement. */
async function outcomeOf({ waitForResponse }: Outcome): Promise<string> {
  return read(await waitForResponse((post) => read(post) !== stillWorking, 45_000));
}

describe('at the start', () => {
  let address: string;
  /** Temporal is asked for some seconds before a start is given up; the other tests go on meanwhile. */
  let unreachable: Promise<unknown>;
  beforeAll(async () => {
    address = `127.0.0.1:${await closedPort()}`;
    unreachable = openHouse({ temporal: at(address) }).catch((error: unknown) => error);
  });

  it('a namespace that is not there is an error of the start, not of the first request', async () => {
    const temporal = { ...at(inject('temporalAddress')), namespace: 'nowhere' };
    await expect(openHouse({ temporal })).rejects.toMatchObject({
      code: 'unavailable',
      message:
        'Temporal has no namespace "nowhere", or does not let this worker in. Create it, or set TEMPORAL_NAMESPACE.',
    });
  });

  it.each([
    ['a store in a folder that is not there', 'sqlite:/nowhere/at/all/elevate.db', 'unavailable'],
    ['a store that is a folder', `sqlite:${tmpdir()}`, 'unavailable'],
  ])('%s is named', async (_, store, code) => {
    const adjust = (config: Config) => ({ ...config, store });
    await expect(openHouse({ adjust })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^The store .* could not be opened\./),
    });
  });

  it.each([
    ['a bot token that Slack refuses', { error: 'invalid_auth' }, 'unauthenticated'],
    ['a bot token that was revoked', { error: 'token_revoked' }, 'unauthenticated'],
  ])('%s is an error at once', async (_, fault, code) => {
    const prepare: NonNullable<Parameters<typeof openHouse>[0]>['prepare'] = (slack) =>
      slack.fail({ method: 'auth.test', ...fault });
    await expect(openHouse({ prepare })).rejects.toMatchObject({
      code,
      message: `Slack refused the bot token (${fault.error}). Check slack.bot_token.`,
    });
  });

  it('a Slack that is away for a moment is waited for', async () => {
    const house = await openHouse({ prepare: (slack) => slack.fail({ method: 'auth.test', status: 503, times: 2 }) });
    expect(await readyz(house)).toMatchObject({ status: 200, body: { ok: true } });
    await house.stop();
  });

  it('T2: a bot token for a workspace that is not listed is refused', async () => {
    const adjust = (config: Config): Config => ({
      ...config,
      slack: config.slack && { ...config.slack, workspaces: ['T09OTHER'] },
    });
    await expect(openHouse({ adjust })).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('a Temporal that does not answer is named, with what to do', async () => {
    expect(await unreachable).toMatchObject({
      code: 'unavailable',
      message: `Temporal does not answer at ${address}. Start it, or set TEMPORAL_ADDRESS.`,
    });
  });
});

describe('later', () => {
  const folder = mkdtempSync(join(tmpdir(), 'elevate-outage-'));
  let path: string;
  let port: number;
  let server: TemporalServer;
  let house: House;
  const start = () => startTemporal({ path, port, dbFile: join(folder, 'temporal.db'), log });

  beforeAll(async () => {
    path = await findTemporal({ env: process.env, log });
    port = await closedPort();
    server = await start();
    house = await openHouse({ temporal: at(server.address) });
  });
  afterAll(async () => {
    await house.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('P5, P6: what is asked and clicked while Temporal is away counts exactly once, if it is back in time', async () => {
    const [nora, olga] = [house.newcomer(), house.newcomer()];
    const said = await house.ask(nora, 'pair because I need to look');
    const card = await house.sees(approvals, said.id, '[Approve]');
    expect(await readyz(house)).toEqual({
      status: 200,
      body: { ok: true, checks: { store: 'ok', temporal: 'ok', worker: 'ok' } },
    });

    await server.stop();
    const asking = house.slack.command({ user: olga.user, text: 'quiet because I need to look' });
    const clicking = house.slack.click({ user: bob.user, channel: approvals, ts: card.ts, label: 'Approve' });
    const [asked, clicked] = await Promise.all([asking, clicking]);
    expect(asked).toMatchObject({ status: 200, problems: [] });
    expect(asked.ackMs).toBeLessThan(3_000);
    expect(read(asked.body)).toBe(stillWorking);
    expect(clicked).toMatchObject({ status: 200, problems: [] });
    expect(clicked.ackMs).toBeLessThan(3_000);
    expect(read(await clicked.waitForResponse())).toBe(stillWorking);
    const away = await readyz(house);
    expect(away.status).toBe(503);
    expect(away.body).toMatchObject({ ok: false, checks: { store: 'ok', temporal: 'does not answer' } });

    server = await start();
    const answer = await outcomeOf(asked);
    expect(answer).toContain('Recorded. You are told of every change.');
    const id = /wf_[0-9a-z]{26}/.exec(answer)?.[0] ?? '';
    expect(await outcomeOf(clicked)).toContain('Recorded: Approve');
    await house.sees(approvals, said.id, '1 of 2 votes');
    await house.sees(approvals, id, olga.email, '[Approve]');
    expect((await house.executionsOf(olga)).map(({ input }) => input.request.id)).toEqual([id]);
    expect((await readHistory(house.temporal, id)).names[0]).toBe('WorkflowExecutionStarted');
    expect((await house.audited(said.id)).filter(({ kind }) => kind === 'voted')).toHaveLength(1);
    const cards = house.readIn(approvals).filter((text) => text.includes(olga.email));
    expect(cards).toHaveLength(1);
    expect(await readyz(house)).toMatchObject({ status: 200 });
  });

  it('P2: access that is held while Temporal is away still ends', async () => {
    const nora = house.newcomer();
    const { id } = await house.granted(nora, 'quiet because I need to look');
    await server.stop();
    expect(house.sandbox.has(nora.email)).toBe(true);
    server = await start();
    expect((await house.ask(nora, 'done')).text).toContain('Recorded: you are done');
    await house.sees(nora, 'Your request for quiet on sandbox: The access has ended.');
    expect(house.sandbox.has(nora.email)).toBe(false);
    await house.buttonsGone(id, nora);
  });

  it('lists go on while Temporal is away, and say so; what only Temporal can tell is refused with when to come again', async () => {
    const nora = house.newcomer();
    const { body } = await house.call(nora, 'POST /execution', {
      body: { workflow: 'default', input: { role: 'quiet' } },
    });
    await house.sees(approvals, body.workflow_id, '[Approve]');
    const listed = async () => (await house.call(nora, 'GET /executions')).body;
    const waiting = async () => (await house.call(bob, 'GET /approvals')).body;
    expect(await listed()).not.toHaveProperty('stale');
    expect(await waiting()).not.toHaveProperty('stale');
    await server.stop();
    await expect
      .poll(listed, { timeout: PATIENCE })
      .toMatchObject({ stale: true, executions: [{ workflow_id: body.workflow_id }] });
    expect(await waiting()).toMatchObject({
      stale: true,
      approvals: expect.arrayContaining([expect.objectContaining({ workflow_id: body.workflow_id })]),
    });
    const away = await house.call(nora, `GET /execution/${body.workflow_id}`);
    expect(away).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(away.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    server = await start();
    await expect.poll(listed, { timeout: PATIENCE }).not.toHaveProperty('stale');
    await expect.poll(waiting, { timeout: PATIENCE }).not.toHaveProperty('stale');
  });

  it('P5: what cannot be recorded in 25 seconds is refused out loud, and has not happened', async () => {
    const [nora, olga] = [house.newcomer(), house.newcomer()];
    const said = await house.ask(nora, 'quiet because I need to look');
    const card = await house.sees(approvals, said.id, '[Approve]');
    await server.stop();
    const asking = house.slack.command({ user: olga.user, text: 'quiet because I need to look' });
    const clicking = house.slack.click({ user: bob.user, channel: approvals, ts: card.ts, label: 'Approve' });
    const [asked, clicked] = await Promise.all([asking, clicking]);
    expect([asked.status, read(asked.body)]).toEqual([200, stillWorking]);
    house.goOn(25_000);
    expect(await outcomeOf(asked)).toContain(notCertain);
    expect(await outcomeOf(clicked)).toContain(notCertain);
    expect(await house.executionsOf(olga)).toEqual([]);

    server = await start();
    expect((await house.ask(olga, 'list all')).text).toBe('You have not asked for anything yet.');
    expect((await house.ask(olga, 'quiet because I need to look')).text).toContain('Recorded.');
    expect(await house.executionsOf(olga)).toHaveLength(1);
    expect(await house.stateOf(said.id)).toMatchObject({ phase: 'awaiting_approval', votes: [] });
    await house.click(bob, 'Approve', approvals, said.id);
    await house.inPhase(said.id, 'active');
    expect(house.sandbox.effectiveGrants(said.id)).toBe(1);
  });
});

describe('beside another app, and without its store', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.stop());

  it('a second app in the same process works beside the first, and disturbs nothing when it stops', async () => {
    const second = await openHouse();
    const nora = second.newcomer();
    await second.granted(nora, 'quiet because I need to look');
    expect(second.sandbox.has(nora.email, 'quiet')).toBe(true);
    await second.stop();
    const olga = house.newcomer();
    await house.granted(olga, 'quiet because I need to look');
    expect(house.sandbox.has(olga.email, 'quiet')).toBe(true);
  });

  /** Takes a table away, as a database that does not answer would, and gives back what brings it back. */
  async function takeAway(table: string): Promise<() => Promise<void>> {
    await changeFile(house.config.store, `alter table ${table} rename to away`);
    return () => changeFile(house.config.store, `alter table away rename to ${table}`);
  }

  it('P5: what is asked and clicked meanwhile counts exactly once when it is back, and /readyz says which part', async () => {
    const [nora, olga] = [house.newcomer(), house.newcomer()];
    const said = await house.ask(nora, 'pair because I need to look');
    const card = await house.sees(approvals, said.id, '[Approve]');
    await house.ask(olga, 'whoami');
    await house.ask(bob, 'whoami');

    const bringBack = await takeAway('executions');
    const asking = house.slack.command({ user: olga.user, text: 'quiet because I need to look' });
    const clicking = house.slack.click({ user: bob.user, channel: approvals, ts: card.ts, label: 'Approve' });
    const [asked, clicked] = await Promise.all([asking, clicking]);
    expect([asked.status, read(asked.body)]).toEqual([200, stillWorking]);
    expect(await outcomeOf(clicked)).toContain('Recorded: Approve');
    expect(await readyz(house)).toEqual({
      status: 503,
      body: { ok: false, checks: { store: 'does not answer', temporal: 'ok', worker: 'ok' } },
    });

    await bringBack();
    expect(await outcomeOf(asked)).toContain('Recorded.');
    expect(await house.executionsOf(olga)).toHaveLength(1);
    await house.sees(approvals, said.id, '1 of 2 votes');
    const votes = async () => (await house.audited(said.id)).filter(({ kind }) => kind === 'voted');
    await expect.poll(votes, { timeout: PATIENCE }).toHaveLength(1);
    expect(await readyz(house)).toMatchObject({ status: 200 });
  });

  it('deciding and ending go by Temporal alone: without the read model they do what they do with it', async () => {
    const [nora, olga] = [house.newcomer(), house.newcomer()];
    const [decided, ended] = [await askedBy(nora), await askedBy(olga)];
    const { body } = await house.call(bob, 'GET /approvals');
    const { tokens } = body.approvals.find((each: { workflow_id: string }) => each.workflow_id === decided);

    const bringBack = await takeAway('executions');
    const calls = [
      [bob, `POST /execution/${decided}/signal`, { body: { input: tokens.approve } }, 200],
      [olga, `POST /execution/${ended}/cancel`, {}, 200],
      [nora, `GET /execution/${decided}`, {}, 503],
      [nora, `POST /execution/${'wf_'.padEnd(29, '0')}/cancel`, {}, 503],
    ] as const;
    for (const [person, request, options, status] of calls)
      expect(await house.call(person, request, options)).toMatchObject({ status });
    await bringBack();
    await house.inPhase(decided, 'active');
    expect((await house.inPhase(ended, 'closed')).state).toMatchObject({ outcome: 'withdrawn' });
  });

  it('T5: a row that is out of date refuses nobody: beside which votes one stands is the workflow’s to judge', async () => {
    const nora = house.newcomer();
    const { id } = await house.ask(nora, 'pair because I need to look');
    await house.sees(approvals, id, '[Approve]');
    const actor = { platform: 'api', tenant: 'https://elsewhere.example.com', user: 'x' };
    const dropped = JSON.stringify([
      { event: 'e', stage: 0, choice: 'approve', by: { id: carol.email, name: 'Carol' }, actor, linked: false, at: 1 },
    ]);
    await changeFile(
      house.config.store,
      `update executions set state = json_set(state, '$.votes', json('${dropped}')) where id = '${id}'`,
    );
    expect(await house.click(bob, 'Approve', approvals, id)).toContain('Recorded: Approve');
    await house.sees(approvals, id, '1 of 2 votes');
  });

  /** Over the API, and waits until the approvers are asked. */
  async function askedBy(person: Person): Promise<string> {
    const wish = { workflow: 'default', input: { role: 'quiet' } };
    const { body } = await house.call(person, 'POST /execution', { body: wish });
    await house.sees(approvals, body.workflow_id, '[Approve]');
    return body.workflow_id;
  }

  it('P2: a decision that counted is granted, shown and ended although no state can be written for a while', async () => {
    const nora = house.newcomer();
    const { id } = await house.granted(nora, 'quiet because I need to look');
    await house.sees(nora, "[I'm done]");
    const bringBack = await takeAway('audit');
    expect(await house.click(nora, "I'm done", nora, id)).toContain('Recorded: you are done.');
    await house.slack.until(() => !house.sandbox.has(nora.email) || undefined, 'the end of the access', PATIENCE);
    await bringBack();
    await house.inPhase(id, 'closed');
    expect(await house.ended(id)).toBe('WorkflowExecutionCompleted');
    expect((await house.audited(id)).map(({ kind }) => kind)).toContain('closed');
  });
});
