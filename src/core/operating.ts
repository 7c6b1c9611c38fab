/** What operators do: named people, audited by name (T32). */
import type { Actor } from '../../workflows/contract.ts';
import type { Config } from '../config/config.ts';
import { ElevateError } from './errors.ts';
import type { Identity } from './identity.ts';
import { includes } from './policy/decide.ts';
import type { Audit, Clock, IndexRebuild, Principal, Rebuilding } from './ports.ts';

export interface Operating {
  /** Starts rebuilding the read model, or names the rebuilding that is under way. @throws `not_allowed` (`not_operator`) */
  startRebuild(actor: Actor): Promise<Rebuilding>;
  /** The newest rebuilding; `undefined` if there was none. @throws `not_allowed` (`not_operator`) */
  rebuildState(actor: Actor): Promise<Rebuilding | undefined>;
}

export interface OperatingDeps {
  config: Pick<Config, 'operators'>;
  identity: Identity;
  rebuild: IndexRebuild;
  audit: Audit;
  newId: () => string;
  now: Clock;
}

export function createOperating({ config, identity, rebuild, audit, newId, now }: OperatingDeps): Operating {
  return {
    async startRebuild(actor) {
      const operator = await requireOperator(actor);
      await record(operator, 'index_rebuild');
      return rebuild.start();
    },

    async rebuildState(actor) {
      await requireOperator(actor);
      return rebuild.state();
    },
  };

  async function requireOperator(actor: Actor): Promise<Principal> {
    const person = await identity.resolve(actor);
    if (includes(config.operators, person)) return person;
    throw new ElevateError('not_allowed', 'Only operators may do this.', { details: { reason: 'not_operator' } });
  }

  /** Before it is done: what cannot be written down is not done. */
  async function record({ id: principal, actor }: Principal, command: string): Promise<void> {
    await audit.write([
      { id: `operator/${newId()}`, at: now(), kind: 'operator', principal, actor, details: { command } },
    ]);
  }
}
