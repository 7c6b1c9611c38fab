/** Whether anybody can be talked to, and whether nothing counts on a platform that is not configured. */
import type { SoundDocument } from './check.ts';
import type { Finding, Path } from './mistakes.ts';
import { isList } from './validate.ts';

export function checkPlatforms(document: SoundDocument): Finding[] {
  const isAnyThere = ['slack', 'teams', 'api'].some((platform) => platform in document);
  if (!isAnyThere)
    return [{ path: [], message: 'there is nobody to talk to', hint: 'add a section slack, teams or api' }];
  return [
    ...('slack' in document ? [] : missing('slack', [...channels(document, 'slack'), ...userGroups(document)])),
    ...('teams' in document ? [] : missing('teams', channels(document, 'teams'))),
  ];
}

function missing(chat: string, countedOn: Path[]): Finding[] {
  return countedOn.map((path) => ({
    path,
    message: `there is no section ${chat}`,
    hint: 'add one, or leave this out',
  }));
}

function channels({ roles }: SoundDocument, chat: 'slack' | 'teams'): Path[] {
  return Object.entries(roles ?? {}).flatMap(([name, role]) =>
    (role?.approval ?? []).flatMap((stage, index) =>
      stage?.ask?.[chat] === undefined ? [] : [['roles', name, 'approval', index, 'ask', chat]],
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
