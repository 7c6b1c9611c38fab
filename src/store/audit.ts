import type { Insertable, Selectable } from 'kysely';
import type { Actor } from '../../workflows/contract.ts';
import type { Audit, AuditLine } from '../core/ports.ts';
import { asNumber, type AuditTable, type Database } from './schema.ts';

/** Append only: nothing here changes or deletes a line. All lines of one call are written, or none. */
export function createAudit(db: Database): Audit {
  return {
    async write(lines) {
      if (lines.length === 0) return;
      await db
        .insertInto('audit')
        .values(lines.map(toColumns))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },

    async of(execution) {
      const found = await db
        .selectFrom('audit')
        .selectAll()
        .where('execution', '=', execution)
        .orderBy('at')
        .orderBy('seq')
        .orderBy('id')
        .execute();
      return found.map(toLine);
    },

    async last(kind) {
      const found = await db
        .selectFrom('audit')
        .selectAll()
        .where('kind', '=', kind)
        .orderBy('at', 'desc')
        .orderBy('seq', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return found && toLine(found);
    },
  };
}

function toColumns(line: AuditLine): Insertable<AuditTable> {
  return {
    id: line.id,
    at: line.at,
    seq: sequenceOf(line),
    kind: line.kind,
    execution: line.execution ?? null,
    principal: line.principal ?? null,
    actor: line.actor === undefined ? null : JSON.stringify(line.actor),
    details: JSON.stringify(line.details),
  };
}

function toLine(found: Selectable<AuditTable>): AuditLine {
  return {
    id: found.id,
    at: asNumber(found.at),
    kind: found.kind,
    ...(found.execution !== null && { execution: found.execution }),
    ...(found.principal !== null && { principal: found.principal }),
    ...(found.actor !== null && { actor: JSON.parse(found.actor) as Actor }),
    details: JSON.parse(found.details) as Record<string, unknown>,
  };
}

/** Entries of one instant are told in their own order, the tenth after the ninth. */
function sequenceOf({ id, execution }: AuditLine): number {
  if (execution === undefined || !id.startsWith(`${execution}/`)) return 0;
  const rest = id.slice(execution.length + 1);
  return /^[0-9]{1,9}$/.test(rest) ? Number(rest) : 0;
}
