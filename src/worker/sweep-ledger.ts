/**
 * The second net under every lease (P2): what the ledger has open although neither lease nor execution lives any
 * more is taken back here. That takes somebody who ended both by force; Elevate itself never leaves it so.
 */
import type { ProviderCall } from '../../workflows/contract.ts';
import type { JudgeDeps } from '../core/policy/judge.ts';
import type { Audit, Clock, Gateway, Ledger, Log, ReadModel } from '../core/ports.ts';
import { providerOf } from './access.ts';
import { fewAtATime } from './few-at-a-time.ts';
import { lifeOf } from './mend.ts';

export interface LedgerSweepDeps extends JudgeDeps {
  ledger: Ledger;
  executions: Pick<ReadModel, 'get'>;
  gateway: Pick<Gateway, 'describe' | 'leaseOpen'>;
  audit: Pick<Audit, 'write'>;
  log: Log;
  now: Clock;
}

type OpenRow = Awaited<ReturnType<Ledger['openRows']>>[number];

/** Younger rows may belong to a lease that is just being started. */
const SETTLED_AFTER = 30_000;

/** A grant that began before the row was barred is over this long after its provider's time-out (T26). */
const MARGIN = 5_000;

/** Beyond any sequence of a lease's own calls. */
const SEQUENCE = 1_000_000;

/** Looks once. One row that cannot be mended keeps none of the others from it. */
export async function sweepLedger(deps: LedgerSweepDeps, signal: AbortSignal): Promise<void> {
  const { ledger, now, log } = deps;
  const settled = (await ledger.openRows()).filter(({ openedAt }) => now() - openedAt >= SETTLED_AFTER);
  await fewAtATime(settled, signal, async (row) => {
    const { execution, item } = row;
    try {
      await mend(row, deps);
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      log.error({ alert: 'revoke', execution, item, why }, 'access that was left behind could not be taken back yet');
    }
  });
}

async function mend({ execution, item, barredAt }: OpenRow, deps: LedgerSweepDeps): Promise<void> {
  const { ledger, executions, gateway, audit, log, now } = deps;
  const row = await executions.get(execution);
  // Of the life that was asked for: a copy of its start, sent again since, hides nothing (T23).
  const described = await lifeOf(execution, await gateway.describe(execution), row, gateway);
  const request = described?.memo.input.request ?? row?.input.request;
  if (request === undefined) throw new Error('nothing is known of this execution any more');
  const { lease = '', timeoutMs = 0 } = request.items[item] ?? {};
  if (described?.open === true || (await gateway.leaseOpen(lease, execution, described?.run))) return;

  if (barredAt === undefined) return ledger.bar(execution, item, now());
  if (now() - barredAt < timeoutMs + MARGIN) return;
  const call: ProviderCall = { execution, item, sequence: SEQUENCE, request, until: now() };
  await providerOf(call, deps).revoke(call);
  await ledger.close(execution, item, now());
  const details = { item, why: 'execution and lease were both ended by force' };
  await audit.write([{ id: `${execution}/swept/${item}`, at: now(), kind: 'revoked', execution, details }]);
  log.warn({ execution, item }, 'access that was left behind was taken back');
}
