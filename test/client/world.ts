/** Everything around a command, seen and decided by a test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonText } from '../../src/client/terminal.ts';
import type { World } from '../../src/client/run.ts';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'elevate-client-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let worlds = 0;

export function createWorld({ url, token }: { url?: string; token?: string } = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const pauses: number[] = [];
  let ids = 0;
  let now = Date.parse('2026-11-25T10:35:00Z');
  const loginsFile = join(folder, String(worlds++), 'state', 'logins.json');
  const world: World = {
    environment: { url, token, loginsFile },
    terminal: {
      print: (line) => void out.push(line),
      printJson: (json) => void out.push(jsonText(json)),
      note: (line) => void err.push(line),
      strong: (text) => text,
    },
    fetch,
    now: () => now,
    pause: async (ms) => void pauses.push(ms),
    newId: () => `id-${++ids}`,
    zone: 'Europe/Berlin',
  };
  return {
    world,
    pauses,
    loginsFile,
    out: () => out.join('\n'),
    err: () => err.join('\n'),
    pass: (ms: number) => {
      now += ms;
    },
  };
}
