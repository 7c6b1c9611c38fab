import { ElevateError } from '../core/errors.ts';
import type {
  Audit,
  Bindings,
  Cards,
  Ledger,
  Limits,
  Log,
  Marks,
  ReadModel,
  References,
  SignIns,
} from '../core/ports.ts';
import { createAudit } from './audit.ts';
import { createBindings } from './bindings.ts';
import { createCards } from './cards.ts';
import { createExecutions } from './executions.ts';
import { createLedger } from './ledger.ts';
import { createLimits } from './limits.ts';
import { createMarks } from './marks.ts';
import { isPostgres, openPostgres } from './open-postgres.ts';
import { openSqlite } from './open-sqlite.ts';
import { createReferences } from './references.ts';
import { createSignIns } from './sign-ins.ts';

/** Every method throws `unavailable` when the database does not answer, with its error as cause. */
export interface Store {
  executions: ReadModel;
  audit: Audit;
  bindings: Bindings;
  signIns: SignIns;
  limits: Limits;
  cards: Cards;
  references: References;
  ledger: Ledger;
  marks: Marks;
  /** The database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the store and brings its tables up to date.
 * @param url `sqlite:PATH`, `sqlite::memory:` for one that is gone with the process, or `postgres://…`
 * @param log is told of connections that were lost
 * @throws `invalid_input` for any other URL; `unavailable` if it cannot be opened or its tables not prepared
 */
export async function openStore(url: string, log?: Log): Promise<Store> {
  const db = await (isPostgres(url) ? openPostgres(url, log) : openSqlite(url));
  return {
    executions: translated(createExecutions(db)),
    audit: translated(createAudit(db)),
    bindings: translated(createBindings(db)),
    signIns: translated(createSignIns(db)),
    limits: translated(createLimits(db)),
    cards: translated(createCards(db)),
    references: translated(createReferences(db)),
    ledger: translated(createLedger(db)),
    marks: translated(createMarks(db)),
    ...translated({
      // Of a table, since SQLite answers `select 1` without looking at its file.
      ping: async () => void (await db.selectFrom('executions').select('id').limit(1).execute()),
      close: () => db.destroy(),
    }),
  };
}

/** The port, with everything that is not ours to say turned into `unavailable`. */
function translated<Port extends { [Name in keyof Port]: (...input: never[]) => Promise<unknown> }>(port: Port): Port {
  const methods = Object.entries<(...input: never[]) => Promise<unknown>>(port).map(([name, method]) => [
    name,
    (...input: never[]) => method(...input).catch(rethrow),
  ]);
  return Object.fromEntries(methods) as Port;
}

function rethrow(cause: unknown): never {
  if (cause instanceof ElevateError) throw cause;
  throw new ElevateError('unavailable', 'The store did not answer. Please try again in a moment.', { cause });
}
