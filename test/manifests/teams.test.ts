/** What Teams is given, held against Microsoft's own schema, the grammar, and what an image and a zip are. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppManifestUtils, type TeamsManifest } from '@microsoft/app-manifest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HELP, parseCommand } from '../../src/core/command.ts';
import { teamsFiles } from '../../src/manifests/files.ts';
import { readPng, readZip } from './package.ts';

const appId = '6f1b3c4e-0d7a-4a51-9f2e-5b8c7d6e5f40';
const vocabulary = { roles: [], providers: {}, workflows: [] };
const app = { appId, address: 'https://elevate.example.com', version: '1.2.3', slash: false };

interface Manifest {
  id: string;
  version: string;
  manifestVersion: string;
  name: { short: string };
  description: { short: string };
  validDomains: string[];
  bots: {
    botId: string;
    scopes: string[];
    supportsTargetedMessages?: boolean;
    commandLists: { triggers?: string[]; scopes: string[]; commands: { title: string; description: string }[] }[];
  }[];
}

function bytesOf(path: string, slash = false): Buffer {
  return teamsFiles({ ...app, slash }).find((file) => file.path === path)!.bytes;
}

function manifestOf(slash: boolean): Manifest {
  return JSON.parse(bytesOf('teams/manifest.json', slash).toString('utf8')) as Manifest;
}

describe.each([false, true])('the manifest, with slash commands: %s', (slash) => {
  const manifest = manifestOf(slash);
  const [bot] = manifest.bots;

  beforeAll(() => {
    vi.stubGlobal('fetch', () => Promise.reject(new Error('the network was asked')));
  });
  afterAll(() => {
    vi.unstubAllGlobals();
  });

  const validate = async (document: object) =>
    AppManifestUtils.validateAgainstSchema(document as unknown as TeamsManifest);

  it('is valid by the schema of the version that it names', async () => {
    expect(await validate(manifest)).toEqual([]);
    expect(manifest.manifestVersion).toBe(slash ? '1.29' : '1.24');
  });

  it('would not be valid with an app id that is none', async () => {
    expect(await validate({ ...manifest, id: 'elevate' })).not.toEqual([]);
  });

  it('names app, bot and version as they are', () => {
    expect(manifest).toMatchObject({ id: appId, version: '1.2.3', bots: [{ botId: appId }] });
  });

  it('is for one person, teams and group chats, with every command in each', () => {
    expect(bot!.scopes.toSorted()).toEqual(['groupChat', 'personal', 'team']);
    expect(bot!.commandLists.flatMap(({ scopes }) => scopes).toSorted()).toEqual(bot!.scopes.toSorted());
    for (const { commands } of bot!.commandLists) expect(commands).toEqual(bot!.commandLists[0]!.commands);
  });

  it('has the verbs of the grammar as its commands, in the order of its help, and each is understood', () => {
    const titles = bot!.commandLists[0]!.commands.map(({ title }) => title);
    expect(titles).toEqual(['elevate', ...HELP.slice(1).map(({ typed }) => typed.split(' ')[1])]);
    const read = titles.map((title) => parseCommand(title === 'elevate' ? '' : title, vocabulary));
    expect(read.map(({ verb }) => verb)).toEqual(['ask', ...titles.slice(1)]);
  });

  it('keeps to what Teams shows: ten commands, short names, short descriptions', () => {
    const { commands } = bot!.commandLists[0]!;
    expect(commands.length).toBeLessThanOrEqual(10);
    for (const { title, description } of commands) {
      expect(title.length).toBeLessThanOrEqual(32);
      expect(description.length).toBeLessThanOrEqual(128);
    }
    expect(manifest.name.short.length).toBeLessThanOrEqual(30);
    expect(manifest.description.short.length).toBeLessThanOrEqual(80);
  });

  it('asks for nothing: no permissions, no sign-in, no domains', () => {
    expect(manifest).not.toHaveProperty('authorization');
    expect(manifest).not.toHaveProperty('permissions');
    expect(manifest).not.toHaveProperty('webApplicationInfo');
    expect(manifest.validDomains).toEqual([]);
  });
});

describe('the switch for slash commands', () => {
  it('offers the commands behind a slash in teams and group chats, and not where a person is alone with the bot', () => {
    const [bot] = manifestOf(true).bots;
    expect(bot!.supportsTargetedMessages).toBe(true);
    expect(bot!.commandLists.map(({ scopes, triggers }) => [scopes, triggers])).toEqual([
      [['personal'], undefined],
      [
        ['team', 'groupChat'],
        ['mention', 'slash'],
      ],
    ]);
  });

  it('is off by itself, and then nothing is there that an older Teams would refuse', () => {
    expect(JSON.stringify(manifestOf(false))).not.toMatch(/triggers|supportsTargetedMessages/);
  });
});

describe('the icons', () => {
  const colour = readPng(bytesOf('teams/color.png'));
  const outline = readPng(bytesOf('teams/outline.png'));

  it('are 192 and 32 pixels wide and high', () => {
    expect([colour.width, colour.height]).toEqual([192, 192]);
    expect([outline.width, outline.height]).toEqual([32, 32]);
  });

  it('has an outline of white and transparent pixels alone, some of each', () => {
    const kinds = new Set(outline.pixels.map((pixel) => pixel.join()));
    expect([...kinds].toSorted()).toEqual(['255,255,255,0', '255,255,255,255']);
  });

  it('has an arrow in colour: white in the middle, coloured beside it, and nothing in the corners', () => {
    const at = (x: number, y: number) => colour.pixels[y * 192 + x]!;
    expect(at(96, 96)).toEqual([255, 255, 255, 255]);
    expect(at(30, 96)[3]).toBe(255);
    expect(at(30, 96).slice(0, 3)).not.toEqual([255, 255, 255]);
    expect([at(0, 0), at(191, 0), at(0, 191), at(191, 191)].map(([, , , alpha]) => alpha)).toEqual([0, 0, 0, 0]);
  });

  it('is the same on its left as on its right', () => {
    for (const { width, pixels } of [colour, outline]) {
      const mirrored = pixels.map((_, at) => pixels[at - (at % width) + (width - 1 - (at % width))]!);
      expect(mirrored).toEqual(pixels);
    }
  });
});

describe('the package', () => {
  const zipped = bytesOf('teams.zip');

  it('holds the manifest and both icons at its root, and nothing else', () => {
    const files = readZip(zipped);
    expect(Object.keys(files).toSorted()).toEqual(['color.png', 'manifest.json', 'outline.png']);
    for (const [name, bytes] of Object.entries(files)) expect(bytes.equals(bytesOf(`teams/${name}`))).toBe(true);
  });

  it('is sound to other programs, too', ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), 'elevate-package-'));
    writeFileSync(join(folder, 'teams.zip'), zipped);
    const { status, error, stdout } = spawnSync('unzip', ['-t', join(folder, 'teams.zip')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    if (error !== undefined) return skip('there is no unzip here');
    expect(stdout).toContain('No errors detected');
    expect(status).toBe(0);
  });

  it('is the same bytes each time', () => {
    expect(bytesOf('teams.zip').equals(zipped)).toBe(true);
    expect(bytesOf('teams.zip', true).equals(zipped)).toBe(false);
  });

  it('names the icons that its manifest names', () => {
    const files = readZip(zipped);
    const { icons } = JSON.parse(files['manifest.json']!.toString('utf8')) as { icons: Record<string, string> };
    expect(Object.values(icons).toSorted()).toEqual(['color.png', 'outline.png']);
  });
});
