/** The files of each chat's manifest, below the folder that they are written into. */
import { colourIcon, outlineIcon } from './icons.ts';
import { slackManifest } from './slack.ts';
import { type TeamsApp, teamsManifest } from './teams.ts';
import { zip } from './zip.ts';

export interface ManifestFile {
  path: string;
  bytes: Buffer;
  /** Made of other files here, so that it need not be kept. */
  derived?: true;
}

export function slackFiles(address: string): ManifestFile[] {
  return [{ path: 'slack.json', bytes: json(slackManifest(address)) }];
}

/** The package holds the three others at its root, as Teams wants it. */
export function teamsFiles(app: TeamsApp): ManifestFile[] {
  const parts = [
    { name: 'manifest.json', bytes: json(teamsManifest(app)) },
    { name: 'color.png', bytes: colourIcon() },
    { name: 'outline.png', bytes: outlineIcon() },
  ];
  return [
    ...parts.map(({ name, bytes }) => ({ path: `teams/${name}`, bytes })),
    { path: 'teams.zip', bytes: zip(parts), derived: true as const },
  ];
}

function json(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
