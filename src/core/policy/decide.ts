/** Who may decide: the frozen plan and today's configuration must both say so (T8). */
import type { ElevateInput, Facts } from '../../../workflows/contract.ts';
import type { Approvers, Config } from '../../config/config.ts';
import type { Principal } from '../ports.ts';

/** Whether today's configuration lets this person decide this stage of everything that is asked for. */
export function entitledToday(roles: Config['roles'], input: ElevateInput, stage: number, person: Principal): boolean {
  return input.request.items.every(({ role, provider }) => {
    const today = Object.hasOwn(roles, role) ? roles[role] : undefined;
    const approvers = today?.approval[stage]?.approvers;
    return approvers !== undefined && today?.providers.includes(provider) === true && includes(approvers, person);
  });
}

export function includes(approvers: Approvers, person: Pick<Principal, 'id' | 'groups'>): boolean {
  return approvers.users.includes(person.id) || approvers.groups.some((group) => person.groups.includes(group));
}

/** The facts that the workflow judges a click by. */
export function factsOf(person: Principal, entitled: boolean): Facts {
  const { id, name, actor, groups, linked } = person;
  return { principal: { id, name }, actor, active: true, groups, entitled, linked };
}
