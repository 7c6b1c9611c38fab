/** What a schema cannot say: whether the parts of a configuration fit together, and obey the rules of trust. */
import { checkPeople } from './check-people.ts';
import { checkRoles } from './check-roles.ts';
import { checkWorkflows } from './check-workflows.ts';
import { keyProblems, splitKeys } from './keys.ts';
import type { Finding, Path } from './mistakes.ts';
import { nameProblem } from './names.ts';
import type { ConfigDocument } from './schema.ts';
import { urlProblem } from './urls.ts';
import type { Sound } from './validate.ts';

export type SoundDocument = Sound<ConfigDocument>;

/** Judges whatever is sound, so that one mistake does not hide another. */
export function check(document: SoundDocument): Finding[] {
  return [
    ...checkChats(document),
    ...checkPort(document),
    ...checkKeys(document),
    ...checkUrls(document),
    ...checkNames(document),
    ...checkPeople(document),
    ...checkRoles(document),
    ...checkWorkflows(document),
  ];
}

function checkChats(document: SoundDocument): Finding[] {
  if ('slack' in document) return [];
  return [{ path: [], message: 'there is no chat to ask in', hint: 'add a section slack' }];
}

function checkPort({ server }: SoundDocument): Finding[] {
  return Number(server?.port ?? 0) <= 65_535 ? [] : [{ path: ['server', 'port'], message: 'must be at most 65535' }];
}

function checkKeys({ keys }: SoundDocument): Finding[] {
  if (keys === undefined) return [];
  const hint = 'make one with: elevate keys new';
  return keyProblems(splitKeys(keys)).map((message) => ({ path: ['keys'], message, hint }));
}

function checkUrls({ server, slack, providers }: SoundDocument): Finding[] {
  const urls: { path: Path; url: string | undefined }[] = [
    { path: ['server', 'public_url'], url: server?.public_url },
    { path: ['slack', 'api_url'], url: slack?.api_url },
  ];
  for (const [name, provider] of Object.entries(providers ?? {}))
    if (provider !== undefined && 'url' in provider) urls.push({ path: ['providers', name, 'url'], url: provider.url });
  return urls.flatMap(({ path, url }) => {
    const problem = url === undefined ? undefined : urlProblem(url);
    return problem === undefined ? [] : [{ path, message: problem, hint: 'https, or http to this machine only' }];
  });
}

function checkNames(document: SoundDocument): Finding[] {
  return (['providers', 'roles', 'workflows'] as const).flatMap((section) =>
    Object.keys(document[section] ?? {}).flatMap((name) => {
      const problem = nameProblem(name);
      return problem === undefined
        ? []
        : [{ path: [section, name], message: `this name ${problem}`, hint: 'take another' }];
    }),
  );
}
