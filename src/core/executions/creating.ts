/** Recording a new execution, unless there is one for the same, or too many. */
import type { ElevateInput } from '../../../workflows/contract.ts';
import type { Config } from '../../config/config.ts';
import type { Catalog } from '../catalog.ts';
import { ElevateError } from '../errors.ts';
import type { Created, Executions } from '../executions.ts';
import type { Identity } from '../identity.ts';
import { requireMayAsk } from '../policy/ask.ts';
import { type PlanDeps, planFor } from '../policy/plan.ts';
import type { Clock, Ids, Log, ReadModel, Row } from '../ports.ts';
import { type AdmittingDeps, createAdmitting, memoFor } from './admitting.ts';
import { type Finding, rowOf, type Sighting, statusOf } from './finding.ts';

export interface CreatingDeps extends PlanDeps, AdmittingDeps {
  config: Pick<Config, 'identity' | 'limits'>;
  catalog: Catalog;
  identity: Identity;
  ids: Ids;
  executions: ReadModel;
  /** A name that nothing else has. */
  newId: () => string;
  now: Clock;
  log: Log;
}

export function createCreating(deps: CreatingDeps & Pick<Finding, 'find' | 'sight'>): Pick<Executions, 'create'> {
  const { catalog, identity, gateway, ids, executions, limits, newId, now, log, find } = deps;
  const admit = createAdmitting(deps);

  return {
    async create({ actor, conversation, delivery }, { workflow, input }) {
      const requester = await identity.resolve(actor);
      const wish = catalog.validate(workflow, input);
      requireMayAsk(wish.roleConfig, requester);
      const at = now();
      const id = ids.execution([actor.platform, actor.tenant, actor.user, conversation, delivery ?? newId()]);
      const planned = await planFor({ id, workflow, wish, requester, at }, deps);

      const answered = await admit(planned, { at, mayComeAgain: delivery !== undefined });
      if (answered !== undefined) return alreadyThere(answered);
      const { run, repeated } = await start(planned);
      if (repeated) return alreadyThere(await find(id));
      const row = rowOf(planned, run, at);
      await writeFirst(row);
      return { row, status: 'running', repeated };
    },
  };

  /** What is there already; its first row may never have been written. */
  async function alreadyThere(sighting: Sighting): Promise<Created> {
    if (sighting.described?.open === true) await writeFirst(sighting.row);
    return { row: sighting.row, status: statusOf(sighting), repeated: true };
  }

  /** People read their own writes; a failing row is mended by the index sink and fails nobody (P5). */
  async function writeFirst(row: Row): Promise<void> {
    const execution = row.input.request.id;
    await executions
      .create(row)
      .catch((error: unknown) => log.warn({ why: String(error), execution }, 'the first row was not written'));
  }

  /** A refusal has started nothing. After a conflict, or an answer that never came, it is or may be there, and counts. */
  async function start(planned: ElevateInput): Promise<{ run: string; repeated: boolean }> {
    try {
      return await gateway.start(planned, memoFor(planned, ids));
    } catch (error) {
      const mayBeThere = !(error instanceof ElevateError) || ['unavailable', 'conflict'].includes(error.code);
      if (!mayBeThere) await limits.release(planned.request.id);
      throw error;
    }
  }
}
