/** Ending an execution, gracefully or by force. For its owner alone. */
import type { Actor } from '../../../workflows/contract.ts';
import type { Config } from '../../config/config.ts';
import { ElevateError } from '../errors.ts';
import type { Executions } from '../executions.ts';
import type { Identity } from '../identity.ts';
import { viewerOf } from '../policy/view.ts';
import type { Audit, Clock, Described, Gateway, Principal, Row } from '../ports.ts';
import { closed, type Finding, unknownExecution } from './finding.ts';
import type { Recording } from './recording.ts';

export interface ChangingDeps extends Finding, Recording {
  config: Pick<Config, 'roles' | 'auditors'>;
  identity: Identity;
  gateway: Gateway;
  audit: Audit;
  now: Clock;
}

export function createChanging(deps: ChangingDeps): Pick<Executions, 'cancel' | 'terminate'> {
  const { config, identity, gateway, audit, now, findToChange, record } = deps;

  return {
    async cancel(actor, execution) {
      const { person, described } = await ownOpen(actor, execution);
      await gateway.cancel(execution, described.firstRun);
      await record('cancel_asked', execution, person, { firstRun: described.firstRun });
    },

    async terminate(actor, execution) {
      const { person } = await ownOpen(actor, execution);
      await gateway.closeOut({ execution, by: { id: person.id, name: person.name }, at: now() });
      await record('terminate_asked', execution, person, {});
    },
  };

  async function ownOpen(actor: Actor, execution: string): Promise<{ person: Principal; described: Described }> {
    const person = await identity.resolve(actor);
    const { described, row } = await findToChange(execution);
    if (row.input.request.requester.id !== person.id) throw await notTheirs(row, person);
    if (described?.open !== true) throw closed(execution);
    return { person, described };
  }

  /** Who may see it is told why; for everybody else there is no such execution (P4). */
  async function notTheirs(row: Row, person: Principal): Promise<ElevateError> {
    const story = await audit.of(row.input.request.id);
    if (viewerOf(row, person, config, story) === undefined) return unknownExecution();
    return new ElevateError('not_allowed', 'Only the person who made this request may end it.', {
      details: { reason: 'not_owner' },
    });
  }
}
