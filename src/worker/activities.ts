/** The activities: what the workflows ask of the world, done with the ports. */
import { ApplicationFailure } from '@temporalio/activity';
import type { Activities, ShowInput } from '../../workflows/contract.ts';
import { judge } from '../core/policy/judge.ts';
import {
  type Audit,
  type Chat,
  ChatBusy,
  type Gateway,
  type Limits,
  type Log,
  type Marks,
  type ReadModel,
} from '../core/ports.ts';
import { type AccessDeps, createAccess } from './access.ts';
import { auditLine } from './audit-line.ts';
import { whileBeating } from './beating.ts';
import { lifeOf, stateOf } from './mend.ts';
import { createSweeping } from './sweep.ts';

export interface ActivitiesDeps extends AccessDeps {
  chats: Readonly<Record<string, Chat>>;
  executions: ReadModel;
  audit: Audit;
  limits: Limits;
  marks: Marks;
  gateway: Pick<Gateway, 'terminate' | 'state' | 'leaseOpen' | 'describe' | 'listed' | 'closeOut' | 'closingOut'>;
  log: Log;
}

export function createActivities(deps: ActivitiesDeps): Activities {
  const { chats, executions, audit, limits, ledger, gateway, log, now } = deps;

  return {
    ...createAccess(deps),
    ...createSweeping(deps),

    async show(shown) {
      if (shown.sink === 'index') {
        await index(shown);
        return [];
      }
      const chat = chats[shown.sink];
      // A chat that is not configured any more has nobody to show anything to.
      if (chat === undefined) {
        log.warn({ sink: shown.sink }, 'no such chat is configured; nothing was shown');
        return [];
      }
      return whileBeating(() => chat.show(shown)).catch(rethrowBusy);
    },

    judge: ({ input, votes }) => judge(input, votes, deps),

    async alert({ execution, item, what, why }) {
      log.error(
        { alert: what, execution, item, why },
        what === 'grant' ? 'a grant is delayed' : 'access could not be taken back yet',
      );
    },

    terminate: (input) => gateway.terminate(input),

    async lastState({ execution }) {
      const row = await executions.get(execution);
      const described = await lifeOf(execution, await gateway.describe(execution), row, gateway);
      return described && stateOf(described, row, gateway);
    },

    async awaitLeases({ request }) {
      for (const { lease } of request.items) {
        if (await gateway.leaseOpen(lease, request.id)) throw stillHeld('A lease is still open.');
      }
      // Nobody says "taken back" of what the ledger has open: the sweep takes it back.
      const open = await ledger.openRows();
      if (open.some(({ execution }) => execution === request.id)) throw stillHeld('The ledger is still open.');
    },
  };

  async function index({ input, state, events, run }: ShowInput): Promise<void> {
    await executions.put({ input, state, run, updatedAt: now() });
    await audit.write(events.map((entry) => auditLine(input.request.id, entry)));
    if (state.phase === 'closed') await limits.release(input.request.id);
  }
}

function stillHeld(why: string): ApplicationFailure {
  return ApplicationFailure.retryable(why, 'StillHeld');
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
