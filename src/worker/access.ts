/** The activities of AccessLease: calls to providers, bounded by the ledger and by who may still hold what. */
import { ApplicationFailure, Context } from '@temporalio/activity';
import { type Activities, type Done, failures, type ProviderCall } from '../../workflows/contract.ts';
import { type JudgeDeps, isSameTarget, whyNotEntitled } from '../core/policy/judge.ts';
import { type Clock, type Ledger, type Provider, ProviderRefused } from '../core/ports.ts';

export interface AccessDeps extends JudgeDeps {
  ledger: Ledger;
  now: Clock;
}

type AccessActivities = Pick<Activities, 'prepare' | 'grant' | 'revoke' | 'inspect' | 'closeLedger'>;

/** Making sure may take this long; a call that begins later could outlive its activity (T26). */
const SURE_WITHIN = 2_000;

export function createAccess(deps: AccessDeps): AccessActivities {
  const { ledger, now } = deps;

  return {
    async prepare(call) {
      const seen = await providerOf(call, deps).inspect(call);
      return { seen, ...(await ledger.open(ledgerRow(call, now()))) };
    },

    async grant(call) {
      const { attempt } = Context.current().info;
      const begun = now();
      const why = await whyNotToGrant(call, deps);
      if (why !== undefined) throw refused(call, why, attempt);
      if (now() - begun > SURE_WITHIN) throw new Error('making sure took too long; trying again');
      try {
        await providerOf(call, deps).grant(call);
        return { ...done('grant', call), attempts: attempt };
      } catch (error) {
        throw error instanceof ProviderRefused ? refused(call, error.message, attempt) : error;
      }
    },

    async revoke(call) {
      await ledger.bar(call.execution, call.item, now());
      await providerOf(call, deps).revoke(call);
      if (call.final) await ledger.close(call.execution, call.item, now());
      return done('revoke', call);
    },

    inspect: (call) => providerOf(call, deps).inspect(call),

    async closeLedger(call) {
      await ledger.close(call.execution, call.item, now());
      return done('close', call);
    },
  };
}

/**
 * Judged at every try, since a try may come hours after the approval (T8, T9). And a grant that was sealed for an
 * access which is over grants nothing, whoever schedules it: the sealed arguments of old calls can be read in the
 * namespace, and sent again (T23).
 */
async function whyNotToGrant(call: ProviderCall, deps: AccessDeps): Promise<string | undefined> {
  const { ledger, now } = deps;
  if (now() >= call.until) return 'the time of this access is over';
  const { mayGrant } = await ledger.open(ledgerRow(call, now()));
  if (!mayGrant) return 'this access was taken back already';
  if (!isSameTarget(itemOf(call), deps)) return 'what was approved leads elsewhere now';
  return whyNotEntitled(call.request, deps);
}

/**
 * The provider as it was approved. One that is gone, or leads elsewhere now, is waited for: what was granted there
 * must be taken back there.
 */
export function providerOf(call: ProviderCall, deps: JudgeDeps): Provider {
  const { provider: name, role, target } = itemOf(call);
  const provider = Object.hasOwn(deps.providers, name) ? deps.providers[name] : undefined;
  if (provider === undefined) throw new Error(`The provider ${name} is not configured any more; put it back`);
  const { type, system, grant } = provider.target(role);
  if (type === target.type && system === target.system && grant === target.grant) return provider;
  throw new Error(`The provider ${name} leads elsewhere now; put it back as it was until this access is over`);
}

function ledgerRow(call: ProviderCall, at: number) {
  const { execution, item, request } = call;
  return { execution, item, beneficiary: request.beneficiary.id, target: itemOf(call).target, at };
}

function itemOf({ item, request }: ProviderCall) {
  const found = request.items[item];
  if (found === undefined) throw ApplicationFailure.nonRetryable(`There is no item ${item}.`, 'Defect');
  return found;
}

function refused({ execution }: ProviderCall, message: string, attempt: number): ApplicationFailure {
  const details = [attempt, execution];
  return ApplicationFailure.create({ message, type: failures.refused, nonRetryable: true, details });
}

function done(what: Done['done'], { execution, sequence }: ProviderCall): Done {
  return { done: what, execution, sequence };
}
