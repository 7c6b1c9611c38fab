/** The commands of docs/api.md, run one after the other in one shell, and their answers held against the page. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Embedded, startEmbedded } from '../../src/dev/embedded.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/api.md'), 'utf8');

interface Step {
  command: string;
  /** What the page shows as the answer; `…` stands for anything. */
  shown: unknown;
}

/** The first block only names the variables. */
const steps: Step[] = [...page.matchAll(/```sh\n(?<command>.*?)```(?:\n+```json\n(?<shown>.*?)```)?/gs)]
  .slice(1)
  .map(({ groups }) => ({
    command: groups?.['command'] ?? '',
    shown: groups?.['shown'] === undefined ? undefined : JSON.parse(groups['shown']),
  }));

let embedded: Embedded;
const folder = mkdtempSync(join(tmpdir(), 'elevate-page-'));
const separator = '-- next --';

async function run(): Promise<string[]> {
  const { app, identityProvider } = embedded;
  const script = steps.map(({ command }) => `${command}\necho; echo '${separator}'`).join('\n');
  const shell = spawn('bash', ['-euc', script], {
    env: {
      PATH: process.env['PATH'],
      ELEVATE_URL: app.url,
      ELEVATE_TOKEN: await identityProvider.tokenFor('alice@example.com'),
      BOB_TOKEN: await identityProvider.tokenFor('bob@example.com', { scopes: ['elevate.decide'] }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  return (await text(shell.stdout)).split(separator);
}

/** The shown answer as a pattern: what it names must be there, and `…` is whatever is there. */
function patternOf(shown: unknown): unknown {
  if (typeof shown === 'string' && shown.includes('…')) {
    const literal = shown.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return expect.stringMatching(new RegExp(`^${literal.join('.+')}$`));
  }
  if (Array.isArray(shown)) return expect.arrayContaining(shown.map(patternOf));
  if (typeof shown !== 'object' || shown === null) return shown;
  return expect.objectContaining(
    Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, patternOf(value)])),
  );
}

describe('docs/api.md', () => {
  let answers: string[];
  beforeAll(async () => {
    const log = pino({ level: 'silent' });
    const adjust: NonNullable<Parameters<typeof startEmbedded>[0]['adjust']> = (config) => ({
      ...config,
      server: { ...config.server, port: 0 },
    });
    embedded = await startEmbedded({ config: join(root, 'elevate.yaml'), folder, log, adjust });
    answers = await run();
  });
  afterAll(async () => {
    try {
      await embedded?.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('has commands, and each of them ran', () => {
    expect(steps.length).toBeGreaterThan(8);
    expect(answers.length).toBe(steps.length + 1);
  });

  it.each(steps.map((step, index) => [step.command.trim().split('\n').at(-1), index] as const))(
    '%s answers as the page says',
    (_command, index) => {
      const { shown } = steps[index]!;
      const answer: unknown = JSON.parse(answers[index] ?? '');
      expect(answer).toEqual(patternOf(shown));
    },
  );
});
