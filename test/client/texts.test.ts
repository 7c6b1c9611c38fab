/** What the command line makes of ids, times, columns and commands. */
import fc from 'fast-check';
import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { WriteStream } from 'node:tty';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { idPart, shortIds } from '../../src/client/ids.ts';
import { shellCommand } from '../../src/client/shell-words.ts';
import { tableLines } from '../../src/client/table.ts';
import { createTerminal, jsonText } from '../../src/client/terminal.ts';
import { timeWords } from '../../src/client/times.ts';
import { clientEnvironment } from '../../src/config/client-environment.ts';

describe('times', () => {
  const at = Date.parse('2026-11-25T23:30:00Z');
  it.each([
    ['UTC', '2026-11-25 23:30 UTC'],
    ['Europe/London', '2026-11-25 23:30 GMT (23:30 UTC)'],
    ['Europe/Berlin', '2026-11-26 00:30 CET (2026-11-25 23:30 UTC)'],
    ['Asia/Kathmandu', '2026-11-26 05:15 GMT+5:45 (2026-11-25 23:30 UTC)'],
  ])('in %s it is %s', (zone, words) => {
    expect(timeWords(at, zone)).toBe(words);
  });

  it('nothing is nothing, and a time that no calendar has does no harm', () => {
    expect(timeWords(undefined)).toBe('');
    expect(timeWords(9e99, 'Europe/Berlin')).toBe('an unknown time');
  });
});

describe('tables', () => {
  it('stand in columns, wide letters included', () => {
    expect(
      tableLines([
        ['a', 'b'],
        ['東京', 'x'],
        ['é', 'y'],
        ['four', ''],
      ]),
    ).toEqual(['a     b', '東京  x', 'é     y', 'four']);
    expect(tableLines([])).toEqual([]);
  });
});

describe('ids', () => {
  const id = fc
    .string({ unit: fc.constantFrom('a', 'b', '0'), minLength: 26, maxLength: 26 })
    .map((tail) => `wf_${tail}`);

  it('a short id fits its own id alone, and can be typed', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 20 }), (ids) => {
        for (const [whole, short] of shortIds(ids)) {
          expect(ids.filter((other) => other.startsWith(short))).toEqual([whole]);
          expect(idPart(short)).toBe(short);
        }
      }),
    );
  });

  it.each(['wf_', 'wf_12345', '12345', 'wf_123456/..', 'wf_1234567890123456789012345678', '123 456'])(
    '%j is none',
    (typed) => expect(() => idPart(typed)).toThrow(expect.objectContaining({ exitCode: 2 })),
  );
});

describe('commands to copy', () => {
  it.each([
    ['/elevate admin on aws-prod for 1h', 'elevate ask "admin on aws-prod for 1h"'],
    ['/elevate list all', 'elevate list --all'],
    ['/elevate list', 'elevate list'],
    ['/elevate cancel wf_123456', 'elevate cancel wf_123456'],
    ['/elevate roles a;b', 'elevate roles "a;b"'],
    ['/elevate help', 'elevate --help'],
    ['/elevate admin because it\'s "$(rm)"', `elevate ask 'admin because it'\\''s "$(rm)"'`],
  ])('%s is %s', (chat, shell) => {
    expect(shellCommand(chat)).toBe(shell);
  });
});

describe('JSON on a terminal', () => {
  it('T28: is the same document, without a character that acts unseen', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
        const value = JSON.parse(json) as unknown;
        const shown = jsonText(value);
        expect(JSON.parse(shown)).toEqual(value);
        expect(shown).not.toMatch(/[\u007f-\u009f\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u);
      }),
    );
    expect(jsonText('\u{e0041}\u009b')).toBe('"\\udb40\\udc41\\u009b"');
  });
});

describe('styles', () => {
  const strong = async (isTTY: boolean) => {
    const { getColorDepth } = WriteStream.prototype;
    const out = Object.assign(new PassThrough(), { isTTY, getColorDepth }) as unknown as NodeJS.WriteStream;
    const terminal = createTerminal(out, new PassThrough());
    terminal.print(terminal.strong('heading'));
    out.end();
    return textOf(out);
  };
  afterEach(() => vi.unstubAllEnvs());

  it.each<[string, boolean, Record<string, string>, string]>([
    ['on a terminal', true, {}, '\u001b[1mheading\u001b[22m\n'],
    ['on a terminal with NO_COLOR', true, { NO_COLOR: '1' }, 'heading\n'],
    ['into a file', false, {}, 'heading\n'],
    ['into a file with FORCE_COLOR', false, { FORCE_COLOR: '1' }, 'heading\n'],
  ])('%s', async (_, isTTY, env, shown) => {
    const usual = {
      CI: undefined,
      TMUX: undefined,
      NO_COLOR: undefined,
      NODE_DISABLE_COLORS: undefined,
      FORCE_COLOR: undefined,
      TERM: 'xterm',
    };
    for (const [name, value] of Object.entries({ ...usual, ...env })) vi.stubEnv(name, value);
    expect(await strong(isTTY)).toBe(shown);
  });
});

describe('the environment', () => {
  it.each([
    [{ HOME: '/home/a' }, '/home/a/.local/state/elevate/logins.json'],
    [{ HOME: '/home/a', XDG_STATE_HOME: '/state' }, '/state/elevate/logins.json'],
    [{ HOME: '/home/a', XDG_STATE_HOME: 'relative' }, '/home/a/.local/state/elevate/logins.json'],
  ])('%j keeps logins in %s', (env, file) => {
    expect(clientEnvironment(env).loginsFile).toBe(file);
  });

  it('an empty variable is not set, and a line break after a token is no part of it', () => {
    const env = { HOME: '/', ELEVATE_URL: ' ', ELEVATE_TOKEN: 'abc\n' };
    expect(clientEnvironment(env)).toMatchObject({ url: undefined, token: 'abc' });
  });
});
