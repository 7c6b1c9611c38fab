import type { Item } from '../../workflows/contract.ts';

/** Characters that a list shows of what is asked for; PostgreSQL takes no index entry of more than 2,700 bytes. */
const MOST = 500;

/** What lists show of a request, and whatever is read beside them: `admin on aws-prod, reader on vpn`. */
export function aboutOf(items: readonly Pick<Item, 'role' | 'provider'>[]): string {
  const about = items.map(({ role, provider }) => `${role} on ${provider}`).join(', ');
  return about.length <= MOST ? about : `${about.slice(0, MOST - 1)}…`;
}
