/** One person, whatever their accounts and addresses are called. */
import type { Actor } from '../../workflows/contract.ts';

type Aliases = readonly (readonly string[])[];

/** `platform:tenant/user`, as in `identity.links`. */
export function accountKey({ platform, tenant, user }: Actor): string {
  return `${platform}:${tenant}/${user}`;
}

/** The first address of the alias list that holds this one, else the address itself (T5). */
export function canonical(email: string, aliases: Aliases): string {
  return aliases.find((list) => list.includes(email))?.[0] ?? email;
}

/** All addresses that mean the same person. */
export function addressesOf(email: string, aliases: Aliases): readonly string[] {
  return aliases.find((list) => list.includes(email)) ?? [email];
}
