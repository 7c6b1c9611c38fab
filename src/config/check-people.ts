/** Whether everyone who is named can be that person, and only that one (T2, T4, T5). */
import { companyEmail } from '../core/email.ts';
import type { SoundDocument } from './check.ts';
import type { Finding, Path } from './mistakes.ts';
import { didYouMean } from './names.ts';
import { isList } from './validate.ts';

export function checkPeople(document: SoundDocument): Finding[] {
  return [...checkEmails(document), ...checkAliases(document), ...checkGroupNames(document)];
}

interface Named {
  path: Path;
  name: string;
}

function checkEmails(document: SoundDocument): Finding[] {
  const domains = domainsOf(document);
  return emailsOf(document).flatMap(({ path, name }): Finding[] => {
    if (!/^[!-~]+$/.test(name))
      return [{ path, message: 'has letters that no company address has', hint: 'ASCII only' }];
    const domain = name.slice(name.lastIndexOf('@') + 1).toLowerCase();
    if (companyEmail(name, [domain]) === undefined || !domain.includes('.'))
      return [{ path, message: 'is not an e-mail address' }];
    if (domains === undefined || companyEmail(name, domains) !== undefined) return [];
    return [{ path, message: 'is outside identity.domains', hint: didYouMean(domain, domains) }];
  });
}

function domainsOf({ identity }: SoundDocument): string[] | undefined {
  const domains = identity?.domains?.filter((domain) => domain !== undefined);
  return domains?.length === identity?.domains?.length ? domains?.map((domain) => domain.toLowerCase()) : undefined;
}

/** Every address in the document, with its place. */
function emailsOf({ operators, auditors, identity, groups, roles }: SoundDocument): Named[] {
  return [
    ...listed(['operators', 'users'], operators?.users),
    ...listed(['auditors', 'users'], auditors?.users),
    ...(identity?.aliases ?? []).flatMap((list, index) => listed(['identity', 'aliases', index], list)),
    ...Object.entries(identity?.links ?? {}).flatMap(([account, name]) =>
      name === undefined ? [] : [{ path: ['identity', 'links', account], name }],
    ),
    ...Object.entries(groups ?? {}).flatMap(([name, group]) =>
      isList(group) ? listed(['groups', name], group) : listed(['groups', name, 'users'], group?.users),
    ),
    ...Object.entries(roles ?? {}).flatMap(([name, role]) =>
      (role?.approval ?? []).flatMap((stage, index) =>
        listed(['roles', name, 'approval', index, 'approvers', 'users'], stage?.approvers?.users),
      ),
    ),
  ];
}

function listed(path: Path, names: readonly (string | undefined)[] | undefined): Named[] {
  return (names ?? []).flatMap((name, index) => (name === undefined ? [] : [{ path: [...path, index], name }]));
}

function checkAliases({ identity }: SoundDocument): Finding[] {
  const seen = new Set<string>();
  return (identity?.aliases ?? [])
    .flatMap((list, index) => listed(['identity', 'aliases', index], list))
    .filter(({ name }) => seen.size === seen.add(name.toLowerCase()).size)
    .map(({ path }) => ({ path, message: 'is in identity.aliases already', hint: 'one list for each person' }));
}

/** The person that an address means: the first of its list of aliases, if it is in one. */
export function principalOf(email: string, { identity }: SoundDocument): string {
  const id = email.toLowerCase();
  const list = identity?.aliases?.find((aliases) => aliases?.some((alias) => alias?.toLowerCase() === id));
  return list?.[0]?.toLowerCase() ?? id;
}

function checkGroupNames(document: SoundDocument): Finding[] {
  return [
    ...checkGroups(document, ['operators', 'groups'], document.operators?.groups),
    ...checkGroups(document, ['auditors', 'groups'], document.auditors?.groups),
  ];
}

/** That every group in a list exists. */
export function checkGroups(
  document: SoundDocument,
  path: Path,
  names: readonly (string | undefined)[] | undefined,
): Finding[] {
  // There, but unsound: nothing can be said.
  if ('groups' in document && document.groups === undefined) return [];
  const groups = document.groups ?? {};
  return listed(path, names)
    .filter(({ name }) => !Object.hasOwn(groups, name))
    .map((named) => ({
      path: named.path,
      message: 'there is no group of this name',
      hint: didYouMean(named.name, Object.keys(groups)) ?? 'add it under groups',
    }));
}
