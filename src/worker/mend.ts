/** Makes the read model say of one execution what Temporal says. */
import { apply, begin } from '../../workflows/approval.ts';
import type { Person, Snapshot } from '../../workflows/contract.ts';
import type { Audit, AuditLine, Clock, Described, Gateway, Ledger, Limits, ReadModel, Row } from '../core/ports.ts';
import { auditLine } from './audit-line.ts';

export interface MendingDeps {
  executions: Pick<ReadModel, 'get' | 'put'>;
  audit: Pick<Audit, 'of' | 'write'>;
  limits: Pick<Limits, 'release'>;
  ledger: Pick<Ledger, 'openRows'>;
  gateway: Pick<Gateway, 'describe' | 'state' | 'leaseOpen' | 'closeOut' | 'closingOut'>;
  now: Clock;
}

/**
 * Adds the row of an execution that has none, and brings one up to date that is behind: with the audit lines and the
 * limits that go with it. An execution that was ended past Elevate is given its end by a CloseOut. A row is never
 * deleted, and never replaced by an older version. Mending what is right changes nothing.
 *
 * @returns whether something was put right, or is about to be
 * @throws `unavailable`; it may be called again
 */
export type Mend = (described: Described) => Promise<boolean>;

/** Who ends executions in Temporal itself is not known to Elevate. */
const somebody: Person = { id: 'somebody with access to Temporal', name: 'Somebody with access to Temporal' };

export function createMending(deps: MendingDeps): Mend {
  const { executions, audit, limits, gateway, now } = deps;

  return async (found) => {
    const { id } = found.memo.input.request;
    const row = await executions.get(id);
    const described = await lifeOf(id, found, row, gateway);
    // A row that is closed says all that there is to say, while the workflow may still be showing it to the chats.
    if (described === undefined || row?.state.phase === 'closed') return false;
    if (described.open) {
      // Without a worker there is nobody to say more than Temporal does.
      const known = await stateOf(described, row, gateway).catch(() => begun(described));
      return write(known, row, described);
    }

    if (described.status === 'terminated') return endInItsPlace(described, row);

    const answer = await answerOf(described, gateway);
    if (answer?.state.phase === 'closed') return write(answer, row, described);
    // Nobody can follow it any more, as after an upgrade: how it ended is not known, and nothing is made up.
    if (answer === undefined && row === undefined) return false;
    return endInItsPlace(described, row);
  };

  /** It could not end itself: a CloseOut does it, and where that is over already, what it left undone is done here. */
  async function endInItsPlace(described: Described, row: Row | undefined): Promise<boolean> {
    const { id } = described.memo.input.request;
    switch (await gateway.closingOut(id)) {
      case 'none':
        await gateway.closeOut({ execution: id, by: somebody, at: now() });
        return true;
      case 'running':
        return false;
      case 'over':
        return write(await forcedEnd(described, row, deps), row, described);
    }
  }

  /** The row comes last, since what is not written yet is found by it. */
  async function write(seen: Snapshot, row: Row | undefined, { status }: Described): Promise<boolean> {
    const { input, run, state, entries } = seen;
    const { id } = input.request;
    if (row !== undefined && row.state.version >= state.version) return false;
    const details = { row: row === undefined ? 'added' : 'corrected', phase: state.phase, temporal: status };
    const mended: AuditLine = {
      id: `${id}/mended/${state.version}`,
      at: now(),
      kind: 'mended',
      execution: id,
      details,
    };
    await audit.write([...entries.map((entry) => auditLine(id, entry)), mended]);
    if (state.phase === 'closed') await limits.release(id);
    await executions.put({ input, run, state, updatedAt: now() });
    return true;
  }
}

/** The life that our row tells of, whatever somebody started under the same id since. */
export async function lifeOf(
  execution: string,
  newest: Described | undefined,
  row: Pick<Row, 'run'> | undefined,
  gateway: Pick<Gateway, 'describe'>,
): Promise<Described | undefined> {
  if (row === undefined || newest?.firstRun === row.run) return newest;
  return gateway.describe(execution, row.run);
}

/**
 * As the workflow knows it; as it began, where nobody can be asked: it never took a step, or somebody else's worker
 * ended it in a way that ours cannot follow. The row may know more than that.
 */
export async function stateOf(
  described: Described,
  row: Row | undefined,
  gateway: Pick<Gateway, 'state'>,
): Promise<Snapshot> {
  const known = (await answerOf(described, gateway)) ?? begun(described);
  const rowKnowsMore = row?.run === described.firstRun && row.state.version > known.state.version;
  return rowKnowsMore ? { ...known, state: row.state } : known;
}

/** What the workflow of this very life says. */
async function answerOf(
  { memo, run, firstRun }: Described,
  gateway: Pick<Gateway, 'state'>,
): Promise<Snapshot | undefined> {
  const answer = await gateway.state(memo.input.request.id, run);
  return answer?.run === firstRun ? answer : undefined;
}

function begun({ memo, firstRun, startedAt }: Described): Snapshot {
  const life = { input: memo.input, run: firstRun };
  return { ...life, ...begin(life, startedAt) };
}

/** Ended by force, when it closed; over, as soon as nothing of it is held any more. */
async function forcedEnd(described: Described, row: Row | undefined, deps: MendingDeps): Promise<Snapshot> {
  const last = await stateOf(described, row, deps.gateway);
  const { request } = last.input;
  const at = described.closedAt ?? deps.now();
  const ended = apply(last, last.state, { kind: 'terminated', by: somebody }, at);
  const over = (await isHeld(request, described, deps))
    ? { ...ended, entries: [] }
    : apply(last, ended.state, { kind: 'leases_closed' }, at);
  const told = (await deps.audit.of(request.id)).findLast(({ kind }) => kind === 'closed');
  return {
    ...last,
    state: told === undefined ? over.state : asTold(over.state, told),
    entries: [...last.entries, ...ended.entries, ...over.entries],
  };
}

/** Who ended it, and when, in the words of the CloseOut that did. */
function asTold(state: Snapshot['state'], { at, details }: AuditLine): Snapshot['state'] {
  if (state.phase !== 'closed') return state;
  const { why } = details;
  return { ...state, closedAt: at, ...(typeof why === 'string' && { why }) };
}

/** By a lease that is still taking back, or by the ledger: nobody says "taken back" of that. */
async function isHeld(
  { id, items }: Snapshot['input']['request'],
  { run }: Described,
  { gateway, ledger }: MendingDeps,
): Promise<boolean> {
  const open = await ledger.openRows();
  if (open.some(({ execution }) => execution === id)) return true;
  for (const { lease } of items) if (await gateway.leaseOpen(lease, id, run)) return true;
  return false;
}
