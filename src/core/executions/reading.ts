/** Looking at one execution. */
import type { Config } from '../../config/config.ts';
import type { Executions } from '../executions.ts';
import type { Identity } from '../identity.ts';
import { viewerOf } from '../policy/view.ts';
import type { Audit, Gateway, History } from '../ports.ts';
import { type Finding, type Sighting, statusOf, unknownExecution } from './finding.ts';
import type { Recording } from './recording.ts';

export interface ReadingDeps extends Finding, Recording {
  config: Pick<Config, 'roles' | 'auditors'>;
  identity: Identity;
  gateway: Gateway;
  audit: Audit;
}

export function createReading(deps: ReadingDeps): Pick<Executions, 'get'> {
  const { config, identity, gateway, audit, find, recordRead } = deps;

  return {
    async get(actor, execution) {
      const person = await identity.resolve(actor);
      // Side by side, since whoever asks mostly may see it; what they may not is dropped here.
      const [sighting, history, story] = await Promise.all([
        find(execution),
        gateway.history(execution),
        audit.of(execution),
      ]);
      const viewer = viewerOf(sighting.row, person, config, story);
      if (viewer === undefined) throw unknownExecution();
      if (viewer === 'auditor') await recordRead(person, { execution, call: 'get' });
      return { ...standing(sighting), row: sighting.row, history: history ?? nothingKept, story, viewer };
    },
  };
}

/** Of an execution that Temporal does not keep any more. */
const nothingKept: History = { events: [], complete: false };

/** The end is the execution's own, as lists tell it; where the row lags behind, Temporal's word is taken. */
function standing({ described, row }: Sighting) {
  const { state } = row;
  const closedAt = state.phase === 'closed' ? state.closedAt : described?.closedAt;
  return {
    run: described?.run ?? row.run,
    status: statusOf({ described, row }),
    ...(closedAt === undefined ? {} : { closedAt }),
  };
}
