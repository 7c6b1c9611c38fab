/** What a schema cannot say: whether the parts of a configuration fit together, and obey the rules of trust. */
import { checkAddresses } from './check-addresses.ts';
import { checkLinks } from './check-links.ts';
import { checkPeople } from './check-people.ts';
import { checkPlatforms } from './check-platforms.ts';
import { checkRoles } from './check-roles.ts';
import { checkTeams } from './check-teams.ts';
import { checkWorkflows } from './check-workflows.ts';
import { keyProblems, splitKeys } from './keys.ts';
import type { Finding } from './mistakes.ts';
import { nameProblem } from './names.ts';
import type { ConfigDocument } from './schema.ts';
import type { Sound } from './validate.ts';

export type SoundDocument = Sound<ConfigDocument>;

/** Judges whatever is sound, so that one mistake does not hide another. */
export function check(document: SoundDocument): Finding[] {
  return [
    ...checkPlatforms(document),
    ...checkPort(document),
    ...checkKeys(document),
    ...checkAddresses(document),
    ...checkTeams(document),
    ...checkNames(document),
    ...checkPeople(document),
    ...checkLinks(document),
    ...checkRoles(document),
    ...checkWorkflows(document),
  ];
}

function checkPort({ server }: SoundDocument): Finding[] {
  return Number(server?.port ?? 0) <= 65_535 ? [] : [{ path: ['server', 'port'], message: 'must be at most 65535' }];
}

function checkKeys({ keys }: SoundDocument): Finding[] {
  if (keys === undefined) return [];
  const hint = 'make one with: elevate keys new';
  return keyProblems(splitKeys(keys)).map((message) => ({ path: ['keys'], message, hint }));
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
