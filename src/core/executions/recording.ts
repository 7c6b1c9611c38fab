/** The audit of what the workflow never hears of. */
import type { Audit, AuditLine, Clock, Ids, Log, Principal } from '../ports.ts';

export interface RecordingDeps {
  audit: Audit;
  ids: Pick<Ids, 'hash'>;
  /** A name that nothing else has. */
  newId: () => string;
  now: Clock;
  log: Log;
}

export interface Recording {
  /** Writes down what a person did. A failing line never undoes what happened. */
  record(kind: string, execution: string, person: Principal, details: Record<string, unknown>): Promise<void>;
  /** Writes down what an auditor is about to read. @throws `unavailable`; then nothing is read (T33) */
  recordRead(person: Principal, what: { execution?: string } & Record<string, unknown>): Promise<void>;
}

export function createRecording({ audit, ids, newId, now, log }: RecordingDeps): Recording {
  return {
    async record(kind, execution, person, details) {
      const id = `${execution}/${kind}/${ids.hash([person.id, ...Object.values(details).map(String)])}`;
      const line: AuditLine = { id, at: now(), kind, execution, principal: person.id, actor: person.actor, details };
      await audit
        .write([line])
        .catch((error: unknown) => log.error({ why: String(error), line: id }, 'an audit line was not written'));
    },

    async recordRead(person, { execution, ...details }) {
      const about = execution === undefined ? {} : { execution };
      const line = {
        id: `read/${newId()}`,
        at: now(),
        kind: 'read',
        principal: person.id,
        actor: person.actor,
        details,
      };
      await audit.write([{ ...line, ...about }]);
    },
  };
}
