/** The activities: what the workflows ask of the world, done with the ports. */
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Activities, Done, Entry, ProviderCall, ShowInput } from '../../workflows/contract.ts';
import { failures } from '../../workflows/contract.ts';
import { type JudgeDeps, judge } from '../core/policy/judge.ts';
import {
  type Audit,
  type AuditLine,
  type Chat,
  ChatBusy,
  type Clock,
  type Gateway,
  type Ledger,
  type Limits,
  type Log,
  ProviderRefused,
  type ReadModel,
} from '../core/ports.ts';

export interface ActivitiesDeps extends JudgeDeps {
  chats: Readonly<Record<string, Chat>>;
  executions: ReadModel;
  audit: Audit;
  limits: Limits;
  ledger: Ledger;
  gateway: Pick<Gateway, 'terminate' | 'state' | 'leaseOpen'>;
  log: Log;
  now: Clock;
}

export function createActivities(deps: ActivitiesDeps): Activities {
  const { chats, providers, executions, audit, limits, ledger, gateway, log, now } = deps;

  return {
    async show(shown) {
      if (shown.sink === 'index') return index(shown);
      const chat = chats[shown.sink];
      // A chat that is not configured any more has nobody to show anything to.
      if (chat === undefined) return log.warn({ sink: shown.sink }, 'no such chat is configured; nothing was shown');
      await whileBeating(() => chat.show(shown)).catch(rethrowBusy);
    },

    judge: ({ input, votes }) => judge(input, votes, deps),

    inspect: (call) => providerOf(call).inspect(call),

    async prepare(call) {
      const seen = await providerOf(call).inspect(call);
      return { seen, ...(await ledger.open(ledgerRow(call))) };
    },

    async grant(call) {
      const { attempt } = Context.current().info;
      await requireStillToGrant(call, attempt);
      try {
        await providerOf(call).grant(call);
        return { ...done(call), attempts: attempt };
      } catch (error) {
        if (!(error instanceof ProviderRefused)) throw error;
        throw refused(call, error.message, attempt);
      }
    },

    async revoke(call) {
      await providerOf(call).revoke(call);
      if (call.final) await ledger.close(call.execution, call.item, now());
      return done(call);
    },

    async closeLedger(call) {
      await ledger.close(call.execution, call.item, now());
      return done(call);
    },

    async alert({ execution, item, what, why }) {
      log.error(
        { alert: what, execution, item, why },
        what === 'grant' ? 'a grant is delayed' : 'access could not be taken back yet',
      );
    },

    terminate: (input) => gateway.terminate(input),

    lastState: ({ execution }) => gateway.state(execution),

    async awaitLeases({ request }) {
      for (const { lease } of request.items) {
        if (await gateway.leaseOpen(lease, request.id))
          throw ApplicationFailure.retryable('A lease is still open.', 'LeaseOpen');
      }
    },
  };

  async function index({ input, state, events, run }: ShowInput): Promise<void> {
    await executions.put({ input, state, run, updatedAt: now() });
    await audit.write(events.map((entry) => auditLine(input.request.id, input.request.requester.id, entry)));
    if (state.phase === 'closed') await limits.release(input.request.id);
  }

  /**
   * A grant that was sealed for an access which is over grants nothing, whoever schedules it: the sealed arguments
   * of old calls can be read in the namespace, and sent again (T23).
   */
  async function requireStillToGrant(call: ProviderCall, attempt: number): Promise<void> {
    if (now() >= call.until) throw refused(call, 'The time of this access is over.', attempt);
    const { mayGrant } = await ledger.open(ledgerRow(call));
    if (!mayGrant) throw refused(call, 'This access was taken back already.', attempt);
  }

  function ledgerRow(call: ProviderCall) {
    const { beneficiary, items } = call.request;
    const { target } = itemOf(call, items);
    return { execution: call.execution, item: call.item, beneficiary: beneficiary.id, target, at: now() };
  }

  function providerOf(call: ProviderCall) {
    const { provider: name } = itemOf(call, call.request.items);
    const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
    // Retried until an operator puts the provider back: an access that was granted there must be taken back.
    if (provider === undefined) throw new Error(`The provider ${name} is not configured any more; put it back`);
    return provider;
  }
}

function refused({ execution }: ProviderCall, message: string, attempt: number): ApplicationFailure {
  const details = [attempt, execution];
  return ApplicationFailure.create({ message, type: failures.refused, nonRetryable: true, details });
}

function done({ execution, sequence }: ProviderCall): Done {
  return { execution, sequence };
}

function itemOf<T>({ item }: ProviderCall, items: readonly T[]): T {
  const found = items[item];
  if (found === undefined) throw ApplicationFailure.nonRetryable(`There is no item ${item}.`, 'Defect');
  return found;
}

/** One entry of an execution's story as a line of the audit; its id makes writing it again harmless. */
function auditLine(execution: string, requester: string, { seq, at, kind, ...details }: Entry): AuditLine {
  const who = personIn(details);
  return {
    id: `${execution}/${seq}`,
    at,
    kind,
    execution,
    ...(kind === 'requested' ? { principal: requester } : {}),
    ...who,
    details,
  };
}

function personIn(details: object): Pick<AuditLine, 'principal' | 'actor'> {
  if ('vote' in details) {
    const { by, actor } = details.vote as { by: { id: string }; actor: AuditLine['actor'] };
    return { principal: by.id, ...(actor === undefined ? {} : { actor }) };
  }
  const { by, actor } = details as { by?: { id: string }; actor?: AuditLine['actor'] };
  return { ...(by === undefined ? {} : { principal: by.id }), ...(actor === undefined ? {} : { actor }) };
}

const HEARTBEAT = 1_500;

/** Says that this worker lives for as long as the work takes. */
async function whileBeating(work: () => Promise<void>): Promise<void> {
  const context = Context.current();
  const beating = setInterval(() => context.heartbeat(), HEARTBEAT);
  try {
    await work();
  } finally {
    clearInterval(beating);
  }
}

/** A chat that asks for a pause gets it, rather than the usual rhythm of tries. */
function rethrowBusy(error: unknown): never {
  if (!(error instanceof ChatBusy)) throw error;
  throw ApplicationFailure.create({
    message: error.message,
    type: 'ChatBusy',
    nextRetryDelay: error.retryAfterMs,
    cause: error,
  });
}
