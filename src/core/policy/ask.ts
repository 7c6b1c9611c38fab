/** Who may ask. */
import type { RoleConfig } from '../../config/config.ts';
import { ElevateError } from '../errors.ts';
import type { Principal } from '../ports.ts';

export function mayAsk(role: RoleConfig, principal: Pick<Principal, 'groups'>): boolean {
  return role.requestGroups === undefined || role.requestGroups.some((group) => principal.groups.includes(group));
}

/** @throws `not_allowed` (`not_requester`) */
export function requireMayAsk(role: RoleConfig, principal: Principal): void {
  if (mayAsk(role, principal)) return;
  throw new ElevateError('not_allowed', 'You may not ask for this role.', { details: { reason: 'not_requester' } });
}
