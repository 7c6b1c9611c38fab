/**
 * How long a chat waits for its acknowledgement of a command and of a click, beside the ceiling in the same run: that
 * of a bare app on the same SDK, and the raw gRPC calls that ours makes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporal, startTemporal } from '../src/dev/temporal.ts';
import { type Chat, type Ground, type Load, silent } from './acks/chat.ts';
import { rawCalls } from './acks/raw.ts';
import { slackChat } from './acks/slack.ts';
import { teamsChat } from './acks/teams.ts';
import type { Measurement } from './measure/budgets.ts';
import { percentile, round } from './measure/figures.ts';

const AT_ONCE = 20;

export const chats = { slack: slackChat, teams: teamsChat } as const satisfies Record<string, Chat>;
export type ChatName = keyof typeof chats;

/** @param options.count of each */
export async function benchAcks(options: { names: readonly ChatName[]; count: number }): Promise<Measurement[]> {
  const load = { count: options.count, atOnce: AT_ONCE };
  const measured: Measurement[] = [];
  for (const name of options.names)
    measured.push(...(await onOwnTemporal((ground) => measure(name, chats[name], load, ground))));
  return measured;
}

async function measure(name: string, chat: Chat, load: Load, ground: Ground): Promise<Measurement[]> {
  const bare = await chat.bare(load);
  const raw = await rawCalls(load, ground.address);
  const ours = await chat.elevate(load, ground);
  const ceiling = { command: sum(bare.command, raw.command), click: sum(bare.click, raw.click) };
  console.info(`\n${name}: ${load.count} each, ${load.atOnce} at once.`);
  console.table([
    row(`command: ${chat.bareName}`, bare.command),
    row('command: raw gRPC (one start)', raw.command),
    row('command: Elevate', ours.command, ceiling.command),
    row(`click: ${chat.bareName}`, bare.click),
    row('click: raw gRPC (describe, signal)', raw.click),
    row('click: Elevate', ours.click, ceiling.click),
  ]);
  return (['command', 'click'] as const).map((what) => ({
    budget: 'ack',
    where: `${name}, ${what}`,
    value: percentile(ours[what], 0.99) / ceiling[what].p99,
  }));
}

/** So that no chat has what another has left in it. */
async function onOwnTemporal<T>(work: (ground: Ground) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'elevate-bench-'));
  const path = await findTemporal({ env: process.env, log: console, onProgress: console.info });
  const temporal = await startTemporal({ path, dbFile: join(folder, 'temporal.db'), log: silent });
  try {
    return await work({ address: temporal.address, folder });
  } finally {
    await temporal.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(what: string, took: number[], ceiling?: { p50: number; p99: number }) {
  const p50 = percentile(took, 0.5);
  const p99 = percentile(took, 0.99);
  const ratios =
    ceiling === undefined
      ? {}
      : { 'p50 / ceiling': round(p50 / ceiling.p50), 'p99 / ceiling': round(p99 / ceiling.p99) };
  return { what, 'p50 ms': round(p50), 'p99 ms': round(p99), ...ratios };
}

function sum(a: number[], b: number[]): { p50: number; p99: number } {
  return { p50: percentile(a, 0.5) + percentile(b, 0.5), p99: percentile(a, 0.99) + percentile(b, 0.99) };
}
