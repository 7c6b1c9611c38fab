/** Whoever is named can sign in: the people who are listed, and anybody else with no groups. */
import { createHash } from 'node:crypto';

export interface Person {
  email: string;
  name: string;
  groups: readonly string[];
}

export interface People {
  /** The account of an address; made if there is none. */
  accountOf(email: string): string;
  personOf(account: string): Person | undefined;
}

export function createPeople(listed: readonly Person[]): People {
  const byAccount = new Map(listed.map((person) => [accountName(person.email), person]));
  return {
    accountOf(email) {
      const account = accountName(email);
      if (!byAccount.has(account)) byAccount.set(account, { email, name: email.split('@')[0] ?? email, groups: [] });
      return account;
    },
    personOf: (account) => byAccount.get(account),
  };
}

/** The same after a restart, and nothing that could be taken for an address. */
function accountName(email: string): string {
  return `person-${createHash('sha256').update(email).digest('hex').slice(0, 16)}`;
}
