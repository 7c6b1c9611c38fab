/** Whether anybody can be talked to, and whether nothing counts on a platform that is not configured. */
import type { SoundDocument } from './check.ts';
import type { Finding, Path } from './mistakes.ts';
import { isList } from './validate.ts';

export function checkPlatforms(document: SoundDocument): Finding[] {
  if ('slack' in document) return [];
  if (!('api' in document))
    return [{ path: [], message: 'there is nobody to talk to', hint: 'add a section slack or api' }];
  return [...channels(document), ...userGroups(document)].map((path) => ({
    path,
    message: 'there is no section slack',
    hint: 'add one, or leave this out',
  }));
}

function channels({ roles }: SoundDocument): Path[] {
  return Object.entries(roles ?? {}).flatMap(([name, role]) =>
    (role?.approval ?? []).flatMap((stage, index) =>
      stage?.ask?.slack === undefined ? [] : [['roles', name, 'approval', index, 'ask', 'slack']],
    ),
  );
}

function userGroups({ groups }: SoundDocument): Path[] {
  return Object.entries(groups ?? {}).flatMap(([name, group]) =>
    group === undefined || isList(group) || group.slack_usergroup === undefined
      ? []
      : [['groups', name, 'slack_usergroup']],
  );
}
