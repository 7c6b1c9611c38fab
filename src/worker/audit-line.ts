/** An execution's story as lines of the audit. */
import type { Entry } from '../../workflows/contract.ts';
import type { AuditLine } from '../core/ports.ts';

/** Its id makes writing it again harmless. */
export function auditLine(execution: string, { seq, at, kind, ...details }: Entry): AuditLine {
  return { id: `${execution}/${seq}`, at, kind, execution, ...personIn(details), details };
}

function personIn(details: object): Pick<AuditLine, 'principal' | 'actor'> {
  if ('vote' in details) return personIn(details.vote as object);
  const { by, actor } = details as { by?: { id: string }; actor?: AuditLine['actor'] };
  return { ...(by === undefined ? {} : { principal: by.id }), ...(actor === undefined ? {} : { actor }) };
}
